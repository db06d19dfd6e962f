"""Ask what only a running process can tell: probes' paths, Prometheus, Grafana, registries. Every question is a GET."""

import asyncio
import re
from collections import ChainMap
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Protocol

import httpx
import kr8s
from kr8s.asyncio import Api
from kr8s.asyncio.objects import Pod
from kr8s.asyncio.portforward import PortForward

from scrape_doctor import registry
from scrape_doctor.checks.dashboards import files, looks_like_dashboard
from scrape_doctor.checks.image import not_started
from scrape_doctor.checks.probes import KINDS
from scrape_doctor.evidence import Answer, Evidence, ProbeAnswer, PrometheusAnswers
from scrape_doctor.objects import Object, is_ready, name, namespace

USUAL = ("/health", "/healthz", "/ready", "/readyz", "/livez", "/health/live", "/health/ready", "/-/healthy", "/ping")
BUILT_IN = {"up", "ALERTS", "ALERTS_FOR_STATE", "scrape_duration_seconds", "scrape_samples_scraped"}
METADATA_SUFFIXES = ("", "_total", "_bucket", "_sum", "_count", "_created", "_info")
FORWARD_ERRORS = (kr8s.ServerError, kr8s.ConnectionClosedError, OSError, ExceptionGroup)
PATIENCE = 5.0  # seconds for one answer
FORWARDS = 4  # at once, to probes


class Question(Protocol):
    """Asks one path of Prometheus' API and returns its `data`."""

    def __call__(self, path: str, **params: str) -> Awaitable[Any]:
        """Ask."""


async def ask(api: Api, evidence: Evidence) -> None:
    """Add the answers to the evidence."""
    probed, evidence.prometheus, evidence.grafana, evidence.platforms = await asyncio.gather(
        probes(api, evidence),
        prometheus(api, evidence),
        grafana(api, evidence),
        registry.platforms(not_started(evidence)),
    )
    evidence.probes = tuple(probed)


@asynccontextmanager
async def browser(api: Api, pod: Object, port: int, scheme: str = "http") -> AsyncIterator[httpx.AsyncClient]:
    """Open an HTTP client whose base is a pod's port, over a port-forward on 127.0.0.1."""
    async with AsyncExitStack() as stack:
        base = f"{scheme.lower()}://127.0.0.1:{await opened(stack, Pod(pod, api=api), port)}"
        # As the kubelet does, a probe's certificate is not checked.
        yield await stack.enter_async_context(
            httpx.AsyncClient(base_url=base, timeout=PATIENCE, verify=False, trust_env=False)
        )


async def opened(stack: AsyncExitStack, pod: Pod, port: int) -> int:
    """Open a port-forward and return its local port; one that is taken by now costs another of ten tries."""
    for _ in range(9):
        with suppress(OSError):
            return await stack.enter_async_context(PortForward(pod, remote_port=port, local_port="auto"))
    return await stack.enter_async_context(PortForward(pod, remote_port=port, local_port="auto"))


async def get(client: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None) -> Answer:
    """Ask one path."""
    try:
        response = await client.get(path, headers=headers)
    except httpx.TimeoutException:
        return Answer(0, f"timeout: no answer within {PATIENCE:.0f} s")
    except httpx.HTTPError as error:
        return Answer(0, f"connection refused or cut: {type(error).__name__}")
    return Answer(response.status_code, response.reason_phrase)


async def probes(api: Api, evidence: Evidence) -> list[ProbeAnswer]:
    """Ask one pod of each workload, one that is not Ready if there is any, on the paths of its HTTP probes."""
    chosen = []
    for _, workload in evidence.workloads():
        running = [pod for pod in evidence.pods_of(workload) if pod.get("status", {}).get("phase") == "Running"]
        chosen += sorted(running, key=is_ready)[:1]
    few = asyncio.Semaphore(FORWARDS)
    found = await asyncio.gather(
        *(one_probe(api, few, pod, *probe) for pod in chosen for probe in http_probes(pod)),
    )
    return [answer for answer in found if answer]


def http_probes(pod: Object) -> Iterator[tuple[Object, str, Object]]:
    """Yield the HTTP probes of a pod's containers that run."""
    running = {s["name"] for s in pod["status"].get("containerStatuses") or [] if "running" in s.get("state", {})}
    for container in pod["spec"]["containers"]:
        for kind, field in KINDS.items():
            probe = (container.get(field) or {}).get("httpGet")
            if probe and container["name"] in running:
                yield container, kind, probe


async def one_probe(
    api: Api, few: asyncio.Semaphore, pod: Object, container: Object, kind: str, probe: Object
) -> ProbeAnswer | None:
    """Ask a probe's path, few at a time; None without a port-forward, where the kubelet's events have to do."""
    async with few:
        try:
            return await asked(api, pod, container, kind, probe)
        except FORWARD_ERRORS:
            return None


async def asked(api: Api, pod: Object, container: Object, kind: str, probe: Object) -> ProbeAnswer:
    """Ask a probe's path; where there is nothing, find out which of the usual paths answers."""
    port, path = number(container, probe["port"]), str(probe.get("path") or "/")
    headers = {str(header["name"]): str(header["value"]) for header in probe.get("httpHeaders") or []}
    async with browser(api, pod, port, str(probe.get("scheme", "http"))) as client:
        answer = await get(client, path, headers)
        others: list[str] = []
        if answer.status in (404, 405):
            fitting = sorted(USUAL, key=lambda usual: ("ready" in usual) != (kind == "readiness"))
            others = [usual for usual in fitting if usual != path and (await get(client, usual)).status == 200]
    return ProbeAnswer(name(pod), str(container["name"]), kind, path, port, answer, tuple(others))


def number(container: Object, port: object) -> int:
    """Return the number of a port that may be given by the container's name for it."""
    for each in container.get("ports") or []:
        if each.get("name") == port:
            return int(each["containerPort"])
    return int(str(port)) if str(port).isdigit() else 0


async def prometheus(api: Api, evidence: Evidence) -> PrometheusAnswers:
    """Ask one pod of each Prometheus and shard that may watch the release, and lay their answers together."""
    ready = [(thing, next(filter(is_ready, pods))) for thing, pods in evidence.shards() if any(map(is_ready, pods))]
    if not ready:
        return PrometheusAnswers(error="no Ready pod to ask")
    return together(await asyncio.gather(*(one_prometheus(api, evidence, *each) for each in ready)))


def together(answers: Sequence[PrometheusAnswers]) -> PrometheusAnswers:
    """Join what several servers know; if one could not be asked, none of it can be relied on."""
    return PrometheusAnswers(
        error=next((each.error for each in answers if each.error), ""),
        reloaded=all(each.reloaded for each in answers),
        targets=tuple(target for each in answers for target in each.targets),
        groups=tuple(group for each in answers for group in each.groups),
        metrics=frozenset().union(*(each.metrics for each in answers)),
        samples=ChainMap(*(dict(each.samples) for each in answers)),
        parse_errors=answers[0].parse_errors,
    )


async def one_prometheus(api: Api, evidence: Evidence, thing: Object, pod: Object) -> PrometheusAnswers:
    """Ask a pod of a Prometheus for its targets, rules and metrics."""
    spec = thing["spec"]
    prefix = str(spec.get("routePrefix") or "/").rstrip("/")
    scheme = "https" if (spec.get("web") or {}).get("tlsConfig") else "http"
    container = next(c for c in pod["spec"]["containers"] if c["name"] == "prometheus")
    try:
        async with browser(api, pod, number(container, spec.get("portName") or "web") or 9090, scheme) as client:
            return await everything(client, prefix + "/api/v1/", evidence)
    except (httpx.HTTPError, *FORWARD_ERRORS) as error:
        return PrometheusAnswers(error=f"{type(error).__name__} {error}".strip())


async def everything(client: httpx.AsyncClient, base: str, evidence: Evidence) -> PrometheusAnswers:
    """Ask Prometheus each question once."""

    async def data(path: str, **params: str) -> Any:
        response = await client.get(base + path, params=params)
        response.raise_for_status()
        return response.json()["data"]

    groups = (await data("rules"))["groups"]
    counts = (await data("query", query="scrape_samples_post_metric_relabeling"))["result"]
    return PrometheusAnswers(
        reloaded=bool((await data("status/runtimeinfo"))["reloadConfigSuccess"]),
        targets=tuple((await data("targets", state="active"))["activeTargets"]),
        groups=tuple(groups),
        metrics=await metrics(data, groups, evidence),
        samples={(c["metric"].get("job", ""), c["metric"].get("instance", "")): float(c["value"][1]) for c in counts},
        parse_errors=await parse_errors(client, base, evidence),
    )


async def metrics(data: Question, groups: list[Object], evidence: Evidence) -> frozenset[str]:
    """Return every metric that has samples within the hour, or metadata from a target, or a rule that records it.

    A counter without a first event has metadata and no samples: it is exported all the same.
    """
    if not any(looks_like_dashboard(thing) and any(files(thing)) for thing in evidence.owned("configmaps")):
        return frozenset()
    start = str(evidence.now.timestamp() - 3600)
    names = set(await data("label/__name__/values", start=start))
    known = {each["metric"] for each in await data("targets/metadata")}
    recorded = {rule["name"] for group in groups for rule in group["rules"] if rule["type"] == "recording"}
    return frozenset(names | {m + suffix for m in known for suffix in METADATA_SUFFIXES} | recorded | BUILT_IN)


async def parse_errors(client: httpx.AsyncClient, base: str, evidence: Evidence) -> dict[str, str]:
    """Let Prometheus parse each expression of the release's rules; return what it says of those that it cannot."""
    rules = [
        rule
        for thing in evidence.owned("prometheusrules")
        for group in thing["spec"].get("groups") or []
        for rule in group.get("rules") or []
    ]
    errors: dict[str, str] = {}
    for expression in {str(rule.get("expr")) for rule in rules}:
        response = await client.get(base + "format_query", params={"query": expression})
        if response.status_code == 400:
            words = str(response.json().get("error", ""))
            errors[expression] = re.sub(r'^invalid parameter "query": ', "", words)
    return errors


async def grafana(api: Api, evidence: Evidence) -> Answer | None:
    """Ask the Grafana of the monitoring namespace for its health; None if there is none running."""
    for pod in evidence.all("pods"):
        for container in pod["spec"]["containers"] if namespace(pod) == evidence.names.monitoring_namespace else []:
            if container["name"] == "grafana" and pod["status"].get("phase") == "Running":
                port = number(container, "grafana") or number(container, "http-web") or 3000
                try:
                    async with browser(api, pod, port) as client:
                        return await get(client, "/api/health")
                except FORWARD_ERRORS as error:
                    return Answer(0, f"no port-forward: {type(error).__name__}")
    return None


async def patiently(api: Api, evidence: Evidence, seconds: float) -> None:
    """Ask within a time limit for all answers together.

    Raises:
        TimeoutError: if that is not enough.
    """
    await asyncio.wait_for(ask(api, evidence), seconds)
