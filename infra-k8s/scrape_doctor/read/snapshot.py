"""Make the one Snapshot: list the objects, find the subject among them, query what runs."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from kr8s.asyncio import Api

from scrape_doctor import monitoring, subject
from scrape_doctor.read import cluster, grafana, helm_release, probes, prometheus, registry, rights
from scrape_doctor.resources.images import failed_images
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import Snapshot


async def read(api: Api, scope: Scope, seconds: float) -> Snapshot:
    """Return everything that the checks need.

    Raises:
        CannotExamine: if there is no such release, or we may not read it.
        TimeoutError: if the queries take longer than `seconds` together.
    """
    return await with_timeout(api, await read_objects(api, scope), seconds)


async def read_objects(api: Api, scope: Scope) -> Snapshot:
    """Return what the API server alone tells.

    Raises:
        CannotExamine: if there is no such release, or we may not read it.
    """
    listed = await cluster.read(api, scope)
    examined = subject.of_release(listed, scope)
    watching = monitoring.of_scope(listed, scope, examined)
    return Snapshot(
        scope=scope,
        cluster=listed,
        subject=examined,
        monitoring=watching,
        helm=await helm_release.read(api, scope, examined),
        denied=await rights.denied(api, watching.account, scope.namespace) if watching.prometheuses else None,
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
