"""Make one Snapshot of each target: list the objects, find the subjects among them, query what runs."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from kr8s.asyncio import Api

from scrape_doctor.cluster import Cluster
from scrape_doctor.progress import Progress, no_progress
from scrape_doctor.read import cluster, grafana, helm_release, probes, prometheus, registry, rights, secrets
from scrape_doctor.read.pod_client import Denied
from scrape_doctor.resolution import resolve, targets_of
from scrape_doctor.resources.images import failed_images
from scrape_doctor.resources.monitors import MONITORS
from scrape_doctor.resources.objects import name, namespace
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import PrometheusAnswers, Snapshot
from scrape_doctor.subject import Subject

Answer = TypeVar("Answer")


async def read(api: Api, scopes: Sequence[Scope], seconds: float, progress: Progress = no_progress) -> list[Snapshot]:
    """Return everything that the checks need, of each target that the scopes name; tell how far it is.

    Raises:
        CannotExamine: if a target is not there, or we may not read it.
        TimeoutError: if the queries of one target take longer than `seconds` together.
    """
    progress("listing the cluster's objects")
    listed = await cluster.read(api, scopes)
    targets = [target for scope in scopes for target in targets_of(listed, scope)]
    if any(scope.everywhere for scope in scopes):
        return await read_everywhere(api, listed, targets, seconds, progress)
    found = []
    for count, target in enumerate(targets, 1):
        progress(f"{count} of {len(targets)}: {target.title}")
        found.append(await with_timeout(api, await read_target(api, listed, target), seconds))
    return found


async def read_everywhere(
    api: Api, listed: Cluster, targets: Sequence[Scope], seconds: float, progress: Progress
) -> list[Snapshot]:
    """Return a snapshot of each target of a cluster; every Prometheus, Grafana, account and release is asked once.

    Raises:
        CannotExamine: if we may not read something that every diagnosis needs.
        TimeoutError: if one query takes longer than `seconds`.
    """
    once = Once(seconds)
    monitors = Subject(monitors=tuple(monitor for kind in (*MONITORS, "probes") for monitor in listed.all(kind)))
    found = []
    for count, target in enumerate(targets, 1):
        progress(f"{count} of {len(targets)}: {target.title} in {target.namespace}")
        found.append(await read_once(api, once, listed, target, monitors))
    return found


async def read_once(api: Api, once: "Once", listed: Cluster, target: Scope, monitors: Subject) -> Snapshot:
    """Return the snapshot of one target of many, with answers that were had before wherever they are the same.

    Raises:
        CannotExamine: if we may not read something that every diagnosis needs.
        TimeoutError: if one query takes too long.
    """
    found = resolve(listed, target)
    scope, watching, now = found.scope, found.monitoring, datetime.now(UTC)
    helm, denied = None, None
    if scope.release:
        key = ("helm", scope.release, scope.namespace)
        helm = await once.answer(key, partial(helm_release.read, api, scope, found.subject))
    if watching.watchers:
        key = ("denied", watching.account, scope.namespace)
        denied = await once.answer(key, partial(rights.denied, api, watching.account, scope.namespace))
    reported = [
        await once.answer(
            ("prometheus", namespace(one), name(one)), partial(prometheus.query, api, listed, alone, monitors, now)
        )
        for one in watching.watchers
        for alone in [watching.only(one)]
    ]
    servers = [(namespace(one), name(one)) for one in watching.watchers]
    key = ("grafana", scope.monitoring_namespace, "")
    return Snapshot(
        scope=scope,
        cluster=listed,
        subject=found.subject,
        monitoring=watching,
        helm=helm,
        denied=denied,
        prometheus=await once.answer(("joined", *servers), partial(join, reported)),
        **await once.answer(key, partial(query_grafana, api, listed, scope)),
        platforms=await registry.platforms(failed_images(found.subject.pods)),
        secrets=await once.answer(("secrets", "", ""), partial(secrets.keys_of, api, monitors.monitors)),
        now=now,
    )


async def join(reported: Sequence[PrometheusAnswers]) -> PrometheusAnswers:
    """Return the answers of several servers as one."""
    return prometheus.joined(reported) if reported else PrometheusAnswers(error="no Prometheus to ask")


class Once:
    """Keeps the answer to each query, so that it is sent once."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.answers: dict[Hashable, Any] = {}

    async def answer(self, key: Hashable, query: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer, from the first time that it was asked for."""
        if key not in self.answers:
            self.answers[key] = await asyncio.wait_for(query(), self.seconds)
        found: Answer = self.answers[key]
        return found


async def read_target(api: Api, listed: Cluster, scope: Scope) -> Snapshot:
    """Return what the API server alone tells of a target.

    Raises:
        CannotExamine: if the target is not there, or we may not read it.
    """
    found = resolve(listed, scope)
    watching, namespace = found.monitoring, found.scope.namespace
    return Snapshot(
        scope=found.scope,
        cluster=listed,
        subject=found.subject,
        monitoring=watching,
        helm=await helm_release.read(api, found.scope, found.subject) if found.scope.release else None,
        denied=await rights.denied(api, watching.account, namespace) if watching.prometheuses else None,
        secrets=await secrets.keys_of(api, found.subject.monitors),
        now=datetime.now(UTC),
    )


async def with_timeout(api: Api, objects: Snapshot, seconds: float) -> Snapshot:
    """Return the snapshot with all answers added, within a time limit for all queries together.

    Raises:
        TimeoutError: if that is not enough.
    """
    return await asyncio.wait_for(query_all(api, objects), seconds)


async def query_all(api: Api, objects: Snapshot) -> Snapshot:
    """Return the snapshot with the answers of probes, Prometheus, Grafana and registries. Every query is a GET."""
    probed, reported, health, platforms = await asyncio.gather(
        query_probes(api, objects.cluster, objects.subject),
        prometheus.query(api, objects.cluster, objects.monitoring, objects.subject, objects.now),
        query_grafana(api, objects.cluster, objects.scope),
        registry.platforms(failed_images(objects.subject.pods)),
    )
    return replace(objects, prometheus=reported, platforms=platforms, **probed, **health)


async def query_probes(api: Api, listed: Cluster, subject: Subject) -> dict[str, Any]:
    """Return what the probes' paths answer, or the right that is missing to ask."""
    try:
        return {"probes": await probes.query(api, listed, subject)}
    except Denied as denied:
        return {"probes_right": str(denied)}


async def query_grafana(api: Api, listed: Cluster, scope: Scope) -> dict[str, Any]:
    """Return what Grafana answers, or the right that is missing to ask."""
    if listed.may_not_list("pods", scope.monitoring_namespace):
        return {"grafana_right": f"list pods in namespace {scope.monitoring_namespace}"}
    try:
        return {"grafana": await grafana.query(api, listed, scope)}
    except Denied as denied:
        return {"grafana_right": str(denied)}
