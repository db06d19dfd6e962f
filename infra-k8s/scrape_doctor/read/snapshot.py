"""Make one Snapshot of each target: list the objects, find the subjects among them, query what runs."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from kr8s.asyncio import Api

from scrape_doctor.cluster import Cluster
from scrape_doctor.read import cluster, grafana, helm_release, probes, prometheus, registry, rights
from scrape_doctor.resolution import resolve, targets_of
from scrape_doctor.resources.images import failed_images
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import Snapshot


async def read(api: Api, scopes: Sequence[Scope], seconds: float) -> list[Snapshot]:
    """Return everything that the checks need, of each target that the scopes name.

    Raises:
        CannotExamine: if a target is not there, or we may not read it.
        TimeoutError: if the queries of one target take longer than `seconds` together.
    """
    listed = await cluster.read(api, scopes)
    targets = [target for scope in scopes for target in targets_of(listed, scope)]
    return [await with_timeout(api, await read_target(api, listed, target), seconds) for target in targets]


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
        probes.query(api, objects.cluster, objects.subject),
        prometheus.query(api, objects.monitoring, objects.subject, objects.now),
        grafana.query(api, objects.cluster, objects.scope),
        registry.platforms(failed_images(objects.subject.pods)),
    )
    return replace(objects, probes=probed, prometheus=reported, grafana=health, platforms=platforms)
