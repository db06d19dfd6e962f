"""Every object, of every values file, before every schema that it will meet."""

import json
from typing import Any

import jsonschema
import pytest

from helm.kubernetes import VERSIONS
from helm.render import Object, complaints, render
from helm.values_files import ALL
from tests.chart.custom import SCHEMAS
from tests.chart.kubernetes import violations


def unique() -> list[Object]:
    """Return what all values files render, each object once."""
    rendered = {json.dumps(each, sort_keys=True): each for values in ALL.values() for each in render(values)}
    return list(rendered.values())


OBJECTS = unique()
BUILT_IN = [each for each in OBJECTS if each["kind"] not in SCHEMAS]
CUSTOM = [each for each in OBJECTS if each["kind"] in SCHEMAS]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid_in_kubernetes(version: str) -> None:
    assert [error for each in BUILT_IN for error in violations(version, each)] == []


def test_the_versions_reach_from_the_oldest_supported_to_the_newest_known() -> None:
    assert VERSIONS[0].startswith("1.30")
    assert len(VERSIONS) >= 8


def test_an_unknown_field_is_seen() -> None:
    broken = json.loads(json.dumps(next(each for each in BUILT_IN if each["kind"] == "Deployment")))
    broken["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    assert "livenesProbe" in violations(VERSIONS[-1], broken)[0]


def test_every_custom_resource_is_valid() -> None:
    assert {each["kind"] for each in CUSTOM} == set(SCHEMAS)
    for each in CUSTOM:
        jsonschema.validate(each, SCHEMAS[each["kind"]])


@pytest.mark.parametrize("name", ALL)
def test_helm_lint_strict_has_nothing_to_say(name: str) -> None:
    assert complaints(ALL[name]) == []


@pytest.mark.parametrize("name", ALL)
def test_two_renders_are_the_same(name: str) -> None:
    assert render(ALL[name]) == render(ALL[name])


@pytest.mark.parametrize("name", ALL)
def test_every_object_is_labelled_and_in_the_releases_namespace(name: str) -> None:
    for each in render(ALL[name], release="shop"):
        labels: dict[str, Any] = each["metadata"]["labels"]
        assert each["metadata"]["namespace"] == "shop"
        assert labels["app.kubernetes.io/instance"] == "shop"
        assert {"helm.sh/chart", "app.kubernetes.io/managed-by", "app.kubernetes.io/part-of"} <= labels.keys()
