"""Names and labels that Kubernetes takes and alerts find, whatever the release is called."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from helm_python import HelmError

from helm.kubernetes import VERSIONS
from helm.render import Object, render
from helm.values_files import ALL, feature
from tests.chart.conftest import Find
from tests.chart.custom import SCHEMAS
from tests.chart.kubernetes import violations

LABEL = re.compile(r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?")
POD_BASE = 63 - 5  # Kubernetes cuts the name that a pod is generated from, so that five characters of its own fit


def texts(objects: list[Object]) -> Iterator[Any]:
    """Yield what must be text: names, namespaces, labels, and the environment."""
    for each in objects:
        metadata = each["metadata"]
        yield from (metadata["name"], metadata["namespace"], *metadata["labels"].values())
        pod = each["spec"] if each["kind"] == "Pod" else each.get("spec", {}).get("template", {}).get("spec", {})
        for container in pod.get("containers", []):
            yield from (variable["value"] for variable in container.get("env", []) if "value" in variable)


@pytest.mark.parametrize("release", ["a" * 53, f"flask-app-{'b' * 53}"[:53]])
def test_no_pods_name_is_cut_where_an_alert_looks_for_it(find: Find, release: str) -> None:
    name = find("Deployment", release=release)["metadata"]["name"]
    assert len(f"{name}-") + len("0123456789-") <= POD_BASE
    assert find("Service", release=release)["metadata"]["name"] == name


@pytest.mark.parametrize("release", ["123", "1e3", "true", "null"])
@pytest.mark.parametrize("name", ["faults", "http-route", "environment cluster", "environment minikube"])
def test_a_release_named_like_a_number_is_text_everywhere(name: str, release: str) -> None:
    given = ALL[name] | {"fullnameOverride": "no", "nameOverride": "0x1f"}
    objects = render(given, release=release)
    assert [each for each in texts(objects) if not isinstance(each, str)] == []
    built_in = [each for each in objects if each["kind"] not in SCHEMAS]
    assert [error for each in built_in for error in violations(VERSIONS[-1], each)] == []


@pytest.mark.parametrize("release", ["123", "my.app"])
def test_a_release_whose_name_no_service_may_have_is_told_the_way_out(release: str) -> None:
    with pytest.raises(HelmError, match=f"release {release} makes the name .*: set fullnameOverride"):
        render(release=release)
    assert render({"fullnameOverride": "shop"}, release=release)


@pytest.mark.parametrize(
    "values",
    [
        {"nameOverride": "a" * 55},
        {"image": {"tag": "_x"}},
        {"image": {"tag": "1.2.3-_"}},
        {"image": {"tag": "a" * 62 + "-" + "b" * 65}},
    ],
)
def test_every_label_is_one(values: Object) -> None:
    for each in render(values | feature("traffic")):
        labels = each["metadata"]["labels"].values()
        assert [label for label in labels if not LABEL.fullmatch(label)] == []


def test_common_annotations_are_on_every_object_and_take_the_place_of_none() -> None:
    values = feature("labels") | feature("traffic") | {"service": {"annotations": {"example.com/owner": "ops"}}}
    objects = render(values)
    owners = {each["kind"]: each["metadata"]["annotations"]["example.com/owner"] for each in objects}
    assert owners.pop("Service") == "ops"
    assert set(owners.values()) == {"web"}
    (test,) = [each for each in objects if each["kind"] == "Pod"]
    assert test["metadata"]["annotations"]["helm.sh/hook"] == "test"
