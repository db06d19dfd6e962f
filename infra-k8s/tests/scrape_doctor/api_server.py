"""An API server with the objects of several worlds: it lists, proxies to the pods, and allows what it is told to."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
import kr8s
from kr8s.asyncio import Api

from scrape_doctor.resources.monitors import MONITORS, pools_of
from scrape_doctor.resources.objects import Object, name, namespace
from scrape_doctor.snapshot import PrometheusAnswers
from tests.scrape_doctor.world import World

Allowed = Callable[[str, str, str], bool]
OF_NO_NAMESPACE = {"nodes", "namespaces"}


def everything(verb: str, resource: str, place: str) -> bool:
    """Allow everything; a place is a namespace, empty where all of them are meant."""
    return True


class ApiServer:
    """Answers as the API server does, and counts the requests by path."""

    def __init__(self, worlds: Sequence[World], allowed: Allowed = everything) -> None:
        self.worlds, self.allowed = worlds, allowed
        self.asked: Counter[str] = Counter()
        self.extra: dict[str, list[Object]] = {}
        self.unreachable: set[str] = set()  # pods that the API server does not reach
        self.slow: set[str] = set()  # pods that do not answer in time through the proxy
        self.not_served: set[str] = set()
        self.versions: list[str] = []  # in which the operator's kinds are served
        self.prefix = ""  # of the paths on which Prometheus answers
        self.credentials = False  # whether Prometheus asks for some
        self.left = 10**6  # requests until the API server dies

    @property
    def api(self) -> Api:
        """Return what the doctor takes it for."""
        return cast(Api, self)

    @asynccontextmanager
    async def call_api(
        self, method: str, *, url: str, namespace: str | None = None, json: Any = None, **_: Any
    ) -> AsyncIterator[httpx.Response]:
        """Answer one request."""
        path = urlsplit(url).path
        self.left -= 1
        if self.left < 0:
            raise httpx.ReadError("connection lost")
        self.asked[f"{namespace}/{path}" if "/proxy/" in path else path] += method == "GET"
        if path == "monitoring.coreos.com":
            found = {"versions": [{"version": version} for version in self.versions]}
            yield httpx.Response(200, json=found) if self.versions else status(404, "not found")
        elif method == "POST":
            yield self.review(json, path)
        elif "/proxy/" in path:
            yield self.proxied(url, namespace or "")
        elif path.startswith("secrets/"):
            yield self.secret(path.partition("/")[2], namespace or "")
        elif "/" in path:
            yield self.single(path)
        else:
            yield self.listed(path, namespace)

    def listed(self, plural: str, place: str | None) -> httpx.Response:
        """Return the objects of a kind, of one namespace or of all."""
        if plural in self.not_served:
            return status(404, "the server could not find the requested resource")
        if not self.allowed("list", plural, place or ""):
            return status(403, f"{plural} is forbidden in {place or 'every namespace'}")
        things = self.extra.get(plural, []) + [thing for world in self.worlds for thing in world.all(plural)]
        mine = [thing for thing in things if not place or namespace(thing) == place]
        return httpx.Response(200, json={"items": mine})

    def single(self, path: str) -> httpx.Response:
        """Return one namespace."""
        wanted = path.partition("/")[2]
        found = [each for world in self.worlds for each in world.all("namespaces") if name(each) == wanted]
        if not found or not self.allowed("get", "namespaces", wanted):
            return status(403, f"namespaces {wanted} is forbidden")
        return httpx.Response(200, json=found[0])

    def secret(self, wanted: str, place: str) -> httpx.Response:
        """Return one Secret of those that the worlds have by their keys."""
        if not self.allowed("get", "secrets", place):
            return status(403, f"secrets {wanted} is forbidden")
        for world in self.worlds:
            if (keys := world.secrets.get((place, wanted))) is not None:
                return httpx.Response(200, json={"data": dict.fromkeys(keys, "eA==")})
        return status(404, f"secrets {wanted} not found")

    def review(self, body: Any, path: str) -> httpx.Response:
        """Answer whether something is allowed: us, or Prometheus, which is allowed everything."""
        if path == "selfsubjectaccessreviews":
            asked = body["spec"]["resourceAttributes"]
            resource = "/".join(filter(None, (asked["resource"], asked.get("subresource"))))
            granted = self.allowed(asked["verb"], resource, asked["namespace"])
            return httpx.Response(201, json={"status": {"allowed": granted}})
        if not self.allowed("create", "subjectaccessreviews", ""):
            return status(403, "subjectaccessreviews is forbidden")
        return httpx.Response(201, json={"status": {"allowed": True}})

    def proxied(self, url: str, place: str) -> httpx.Response:
        """Answer for a pod: Prometheus' API by what its world reports, anything else with 200."""
        plural, target, _, rest = url.split("/", 3)
        if not self.allowed("get", f"{plural}/proxy", place):
            return status(403, f"{plural}/proxy is forbidden in {place}")
        pod = target.split(":")[1]
        if pod in self.slow:
            raise kr8s.APITimeoutError("no answer")
        if pod in self.unreachable:
            return status(503, "error trying to reach service: dial tcp 10.0.0.1: connect: connection refused")
        split = urlsplit(f"/{rest}")
        if self.credentials and "/api/v1/" in split.path:
            return httpx.Response(401, text="Unauthorized")
        if "/api/v1/" in split.path and not split.path.startswith(f"{self.prefix}/api/v1/"):
            return httpx.Response(404, text="404 page not found")
        for world in self.worlds:
            things = (*world.all("prometheuses"), *world.all("prometheusagents"))
            if any(namespace(thing) == place for thing in things) and "/api/v1/" in split.path:
                query = {key: values[0] for key, values in parse_qs(split.query).items()}
                jobs = world.prometheus.jobs
                if jobs is None:
                    jobs = frozenset(pools(world))
                return answer(replace(world.prometheus, jobs=jobs), split.path.partition("/api/v1/")[2], query)
        return httpx.Response(200, text="ok")


def status(code: int, message: str) -> httpx.Response:
    """Return an error of the API server itself."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return httpx.Response(code, json=body)


def answer(reported: PrometheusAnswers, path: str, query: Mapping[str, str]) -> httpx.Response:
    """Return Prometheus' answer on one path of its API."""
    samples = [
        {"metric": {"job": job, "instance": instance}, "value": [0, str(value)]}
        for (job, instance), value in reported.samples.items()
    ]
    jobs = "".join(f"- job_name: {job}\n" for job in sorted(reported.jobs or ()))
    data: dict[str, Any] = {
        "targets": targets(reported, query),
        "rules": {"groups": [{**group, "rules": rules(group)} for group in reported.groups]},
        "query": {"result": samples},
        "status/runtimeinfo": {
            "reloadConfigSuccess": reported.reloaded,
            "lastConfigTime": reported.loaded_at.isoformat() if reported.loaded_at else None,
        },
        "status/config": {"yaml": f"scrape_configs:\n{jobs}"},
        "label/__name__/values": sorted(reported.metrics),
        "targets/metadata": [],
        "format_query": query.get("query", ""),
    }
    return httpx.Response(200, text=json.dumps({"status": "success", "data": data[path]}))


def pools(world: World) -> Iterator[str]:
    """Yield the scrape pools of a world's monitors, which its Prometheus has loaded unless it is told otherwise."""
    for kind in (*MONITORS, "probes"):
        yield from (pool for monitor in world.all(kind) for pool in pools_of(monitor))


def targets(reported: PrometheusAnswers, query: Mapping[str, str]) -> dict[str, list[Object]]:
    """Return the active targets, or the dropped ones of a scrape pool."""
    if query.get("state") != "dropped":
        return {"activeTargets": list(reported.targets), "droppedTargets": []}
    dropped = [target for target in reported.dropped if target["scrapePool"] == query["scrapePool"]]
    return {"activeTargets": [], "droppedTargets": dropped}


def rules(group: Object) -> list[Object]:
    """Return a group's rules as Prometheus does, each with its type."""
    return [{"type": "alerting", **rule} for rule in group["rules"]]
