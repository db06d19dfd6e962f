"""Query Prometheus for its targets, rules and metrics."""

import asyncio
import re
from collections import ChainMap
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import httpx
from kr8s.asyncio import Api

from scrape_doctor.cluster import Cluster
from scrape_doctor.monitoring import Monitoring
from scrape_doctor.read.pod_client import FORWARD_ERRORS, Denied, http_client
from scrape_doctor.resources.changes import parsed
from scrape_doctor.resources.dashboards import files, is_dashboard
from scrape_doctor.resources.monitors import PROMETHEUSES, pools_of, scrape_pool
from scrape_doctor.resources.objects import Object, name, namespace
from scrape_doctor.resources.pods import is_ready, port_number
from scrape_doctor.snapshot import PrometheusAnswers
from scrape_doctor.subject import Subject

BUILT_IN = {"up", "ALERTS", "ALERTS_FOR_STATE", "scrape_duration_seconds", "scrape_samples_scraped"}
METADATA_SUFFIXES = ("", "_total", "_bucket", "_sum", "_count", "_created", "_info")
JOB_NAME = re.compile(r"^\s*-?\s*job_name: (\S+)", re.MULTILINE)
ASKS_FOR_CREDENTIALS = "it asks for credentials (HTTP status 401), of which the doctor has none"
SECONDS = 20.0  # for one answer: the targets of a large cluster are many megabytes
POOLS_ASKED = 100  # for their dropped targets, of those without any other
RECENT_SECONDS = 3600  # a metric without a sample for longer is not exported any more


class Query(Protocol):
    """Queries one path of Prometheus' API and returns its `data`."""

    def __call__(self, path: str, **params: str) -> Awaitable[Any]:
        """Query."""


async def query(
    api: Api, cluster: Cluster, monitoring: Monitoring, subject: Subject, now: datetime
) -> PrometheusAnswers:
    """Query one pod of each Prometheus and shard that may watch the subject, and join their answers."""
    servers = []
    for thing, pods in monitoring.shards():
        if cluster.may_not_list("pods", namespace(thing)):
            pods = [unseen_pod(thing)]
        if pod := next(filter(is_ready, pods), None):
            servers.append((thing, pod, services_of(cluster, thing)))
    if not servers:
        return PrometheusAnswers(error="no Ready pod to ask")
    return joined(await asyncio.gather(*(query_one(api, subject, now, *each) for each in servers)))


def unseen_pod(thing: Object) -> Object:
    """Return what stands for the pod of a Prometheus where we may not list pods: only its Service leads to it."""
    port = {"name": thing["spec"].get("portName") or "web", "containerPort": 9090}
    spec = {"containers": [{"name": "prometheus", "ports": [port]}]}
    return {"metadata": {"name": name(thing), "namespace": namespace(thing)}, "spec": spec}


def services_of(cluster: Cluster, thing: Object) -> tuple[str, ...]:
    """Return the Service that the operator makes, if it leads to this Prometheus alone and to every shard of it."""
    others = [each for kind in PROMETHEUSES for each in cluster.in_namespace(kind, namespace(thing))]
    spec = thing["spec"]
    if len(others) > 1 or int(spec.get("shards") or 1) > 1 or spec.get("mode") == "DaemonSet":
        return ()
    usual = "prometheus-agent-operated" if thing["kind"] == "PrometheusAgent" else "prometheus-operated"
    return (str(spec.get("serviceName") or usual),)


def joined(answers: Sequence[PrometheusAnswers]) -> PrometheusAnswers:
    """Join the answers of several servers; if one could not be asked, none of them can be relied on."""
    return PrometheusAnswers(
        error=next((each.error for each in answers if each.error), ""),
        right=next((each.right for each in answers if each.right), ""),
        asks_for_credentials=any(each.asks_for_credentials for each in answers),
        reloaded=all(each.reloaded for each in answers),
        jobs=None
        if any(each.jobs is None for each in answers)
        else frozenset().union(*(a.jobs or () for a in answers)),
        loaded_at=min((each.loaded_at for each in answers if each.loaded_at), default=None),
        targets=tuple(target for each in answers for target in each.targets),
        dropped=tuple(target for each in answers for target in each.dropped),
        groups=tuple(group for each in answers for group in each.groups),
        metrics=frozenset().union(*(each.metrics for each in answers)),
        samples=ChainMap(*(dict(each.samples) for each in answers)),
        parse_errors=ChainMap(*(dict(each.parse_errors) for each in answers)),
    )


async def query_one(
    api: Api, subject: Subject, now: datetime, thing: Object, pod: Object, services: Sequence[str]
) -> PrometheusAnswers:
    """Query a pod of one Prometheus object."""
    spec = thing["spec"]
    prefix = str(spec.get("routePrefix") or "/").rstrip("/")
    scheme = "https" if (spec.get("web") or {}).get("tlsConfig") else "http"
    container = next(c for c in pod["spec"]["containers"] if c["name"] == "prometheus")
    port = port_number(container, spec.get("portName") or "web") or 9090
    try:
        async with http_client(api, pod, port, scheme, services, SECONDS) as client:
            base = prefix + "/api/v1/"
            if thing["kind"] == "PrometheusAgent":
                return await query_agent(client, base, subject)
            return await query_all(client, base, subject, now)
    except Denied as denied:
        return PrometheusAnswers(error=f"needs the right to {denied}", right=str(denied))
    except httpx.HTTPStatusError as error:
        if error.response.status_code == 401:
            return PrometheusAnswers(error=ASKS_FOR_CREDENTIALS, asks_for_credentials=True)
        return PrometheusAnswers(error=f"{error.request.url.path} answers {error.response.status_code}")
    except (httpx.HTTPError, *FORWARD_ERRORS) as error:
        return PrometheusAnswers(error=f"{type(error).__name__} {error}".strip())


async def query_agent(client: httpx.AsyncClient, base: str, subject: Subject) -> PrometheusAnswers:
    """Query an agent, which knows its targets and has neither samples nor rules to ask for."""
    data = partial(get_data, client, base)
    return await targets_of(data, subject, await configuration(data))


async def configuration(data: Query) -> PrometheusAnswers:
    """Return what a server says of the configuration that it runs with: its jobs, and when it loaded them.

    The names are searched for, because to parse the configuration of a thousand monitors takes many seconds.
    """
    runtime = await data("status/runtimeinfo")
    text = str((await data("status/config")).get("yaml", ""))
    loaded_at = runtime.get("lastConfigTime")
    return PrometheusAnswers(
        reloaded=bool(runtime["reloadConfigSuccess"]),
        jobs=frozenset(name.strip("'\"") for name in JOB_NAME.findall(text)),
        loaded_at=parsed(loaded_at) if loaded_at else None,
    )


async def targets_of(data: Query, subject: Subject, answers: PrometheusAnswers) -> PrometheusAnswers:
    """Return the answers with the active targets, and with the dropped ones of each scrape pool that has no other.

    A pool drops everything else in its namespace: asked for all of them at once, a Prometheus with some hundred
    monitors in one namespace would send tens of thousands.
    """
    active = (await data("targets", state="active"))["activeTargets"]
    scraped = {scrape_pool(target) for target in active}
    pools = [pool for monitor in subject.monitors for pool in pools_of(monitor) if pool not in scraped]
    loaded = [pool for pool in pools if answers.jobs is None or pool in answers.jobs]
    dropped: list[Object] = []
    for pool in loaded[:POOLS_ASKED]:
        found = (await data("targets", state="dropped", scrapePool=pool)).get("droppedTargets") or []
        dropped += [target for target in found if scrape_pool(target) == pool]
    return replace(answers, targets=tuple(active), dropped=tuple(dropped))


async def get_data(client: httpx.AsyncClient, base: str, path: str, **params: str) -> Any:
    """Return the data of an answer of Prometheus' API.

    Raises:
        httpx.HTTPError: if it does not answer, or with an error.
    """
    response = await client.get(base + path, params=params)
    response.raise_for_status()
    return response.json()["data"]


async def query_all(client: httpx.AsyncClient, base: str, subject: Subject, now: datetime) -> PrometheusAnswers:
    """Send each query once."""
    data = partial(get_data, client, base)
    groups = (await data("rules"))["groups"]
    counts = (await data("query", query="scrape_samples_post_metric_relabeling"))["result"]
    return replace(
        await targets_of(data, subject, await configuration(data)),
        groups=tuple(groups),
        metrics=await metrics(data, groups, subject, now),
        samples={(c["metric"].get("job", ""), c["metric"].get("instance", "")): float(c["value"][1]) for c in counts},
        parse_errors=await parse_errors(client, base, subject),
    )


async def metrics(data: Query, groups: list[Object], subject: Subject, now: datetime) -> frozenset[str]:
    """Return every metric that has recent samples, or metadata from a target, or a rule that records it.

    A counter without a first event has metadata and no samples: it is exported nevertheless. Empty where the subject
    has no dashboard whose metrics could be looked up.
    """
    if not any(is_dashboard(thing) and any(files(thing)) for thing in subject.configmaps):
        return frozenset()
    start = str(now.timestamp() - RECENT_SECONDS)
    names = set(await data("label/__name__/values", start=start))
    known = {each["metric"] for each in await data("targets/metadata")}
    recorded = {rule["name"] for group in groups for rule in group["rules"] if rule["type"] == "recording"}
    return frozenset(names | {m + suffix for m in known for suffix in METADATA_SUFFIXES} | recorded | BUILT_IN)


async def parse_errors(client: httpx.AsyncClient, base: str, subject: Subject) -> dict[str, str]:
    """Let Prometheus parse each expression of the subject's rules; return the errors by expression."""
    rules = [
        rule
        for thing in subject.rules
        for group in thing["spec"].get("groups") or []
        for rule in group.get("rules") or []
    ]
    errors: dict[str, str] = {}
    for expression in {str(rule.get("expr")) for rule in rules}:
        response = await client.get(base + "format_query", params={"query": expression})
        if response.status_code == 400:
            error = str(response.json().get("error", ""))
            errors[expression] = re.sub(r'^invalid parameter "query": ', "", error)
    return errors
