"""Reading the cluster: what may not be read, what is not served, and what says nothing about either."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import pytest
from kr8s.asyncio import Api

from scrape_doctor.errors import CannotExamine
from scrape_doctor.read import cluster
from scrape_doctor.read.snapshot import read_target
from scrape_doctor.resources.objects import Object, labels
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import Snapshot

SCOPE = Scope("shop", "store", "stack", "mon")
MARKS = {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "store"}
DEPLOYMENT: Object = {"metadata": {"name": "shop", "namespace": "store", "annotations": MARKS}, "spec": {}}


class Server:
    """An API server that holds one Deployment and refuses some paths with a status."""

    def __init__(self, refusals: Mapping[str, int]) -> None:
        self.refusals = refusals

    @asynccontextmanager
    async def call_api(self, method: str, *, url: str, **_: Any) -> AsyncIterator[httpx.Response]:
        if url in self.refusals:
            yield httpx.Response(self.refusals[url], json={"message": f"{url}: {self.refusals[url]}"})
        elif method == "POST":
            yield httpx.Response(201, json={"status": {"allowed": True}})
        elif url.startswith("namespaces/"):
            metadata = {"name": url.partition("/")[2], "labels": {"team": "a"}}
            yield httpx.Response(200, json={"metadata": metadata})
        else:
            yield httpx.Response(200, json={"items": [dict(DEPLOYMENT)] if url == "deployments" else []})


async def read_objects(api: Api) -> Snapshot:
    return await read_target(api, await cluster.read(api, [SCOPE]), SCOPE)


def examined(refusals: Mapping[str, int]) -> Snapshot:
    return asyncio.run(read_objects(cast(Api, Server(refusals))))


def test_forbidden_and_unserved_kinds_are_noted() -> None:
    listed = examined({"configmaps": 403, "servicemonitors": 404}).cluster
    assert listed.forbidden == {"configmaps": "configmaps: 403"}
    assert listed.not_served == {"servicemonitors": "servicemonitors: 404"}


@pytest.mark.parametrize(
    ("refusals", "words"),
    [
        ({"pods": 500}, "the cluster does not list pods: pods: 500"),
        ({"configmaps": 429}, "the cluster does not list configmaps: configmaps: 429"),
        ({"networkpolicies": 500}, "the cluster does not list networkpolicies: networkpolicies: 500"),
        ({"secrets": 503}, "the cluster does not list Helm's records: secrets: 503"),
    ],
)
def test_a_cluster_that_cannot_be_read_is_not_examined(refusals: Mapping[str, int], words: str) -> None:
    with pytest.raises(CannotExamine, match=words):
        examined(refusals)


def test_helms_records_may_be_forbidden_where_objects_carry_its_annotations() -> None:
    helm = examined({"secrets": 403}).helm
    assert helm is not None
    assert helm.status == "unknown: Helm's records may not be read"


def test_a_namespace_is_read_by_itself_where_the_list_is_forbidden() -> None:
    listed = examined({"namespaces": 403}).cluster
    assert [labels(each) for each in listed.all("namespaces")] == [{"team": "a"}, {"team": "a"}]
