"""values.yaml, its schema and its table say the same, and a mistake in a value is named."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python import HelmError

from helm.reference import README, SCHEMA, VALUES, completed, described, table, values, with_table, written
from helm.render import CHART, render
from helm.values_files import ALL, FEATURES, feature
from tests.chart.conftest import Find

LEFT_OPEN = {".global"}  # Helm's own: a chart that this one is part of may put anything there
SCHEMA_NOW: dict[str, Any] = json.loads(SCHEMA.read_text())
COMMENTED = values(VALUES.read_text())


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every property of the schema, lists' items included."""
    for name, node in schema.get("properties", {}).items():
        yield f"{path}.{name}", node
        yield from nodes(node, f"{path}.{name}")
        yield from nodes(node.get("items", {}), f"{path}.{name}[]")


def test_schema_carries_the_comments() -> None:
    assert described(SCHEMA_NOW, COMMENTED) == SCHEMA_NOW, "stale: make values"


def test_readme_carries_the_table() -> None:
    readme = README.read_text()
    assert table(COMMENTED) in readme, "stale: make values"
    assert with_table(readme, COMMENTED) == readme


def test_every_value_is_commented() -> None:
    free = {name for name, node in nodes(SCHEMA_NOW) if "properties" not in node}
    uncommented = {f".{each}" for each in paths(yaml.safe_load(VALUES.read_text()))} - {f".{v.name}" for v in COMMENTED}
    whole = {".resources", ".strategy"}  # commented as one
    assert {name for name in uncommented if not any(name.startswith(f"{each}.") for each in free | whole)} == set()


def paths(tree: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in tree.items():
        yield f"{path}{key}"
        if isinstance(value, dict):
            yield from paths(value, f"{path}{key}.")


def test_every_property_is_described() -> None:
    assert [name for name, node in nodes(SCHEMA_NOW) if not node.get("description")] == []


def subschemas(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema within a schema."""
    yield path, node
    for keyword in ("properties", "definitions"):
        for name, inner in node.get(keyword, {}).items():
            yield from subschemas(inner, f"{path}.{name}")
    for keyword in ("items", "additionalProperties", "not"):
        if isinstance(inner := node.get(keyword), dict):
            yield from subschemas(inner, f"{path}.{keyword}")
    for keyword in ("allOf", "anyOf", "oneOf"):
        for inner in node.get(keyword, []):
            yield from subschemas(inner, f"{path}.{keyword}")


def closed(node: dict[str, Any]) -> bool:
    """Tell whether a schema that takes an object takes only what it names, or only a map of things of one kind."""
    others = node.get("additionalProperties")
    return others is False or (isinstance(others, dict) and bool({"type", "$ref"} & others.keys()))


def takes_objects(node: dict[str, Any]) -> bool:
    """Tell whether a schema takes an object: by its type, or because it has none."""
    return "object" in node.get("type", "") or not {"type", "enum", "$ref", "allOf"} & node.keys()


def test_schema_is_closed_at_every_level() -> None:
    objects = {path: node for path, node in subschemas(SCHEMA_NOW) if takes_objects(node) or "properties" in node}
    assert {path for path, node in objects.items() if not closed(node)} == LEFT_OPEN
    assert len(objects) > 80


def test_schema_carries_kubernetes_own_definitions() -> None:
    assert completed(SCHEMA_NOW) == SCHEMA_NOW, "stale: make values"


@pytest.mark.parametrize("given", [{"a": [1, "ü"]}, {"long": ["x" * 90, {"y" * 90: {}}], "short": [{}]}, []])
def test_schema_is_written_as_json(given: Any) -> None:
    assert json.loads(written(given)) == given


SECTIONS = ["", *(name for name, node in nodes(SCHEMA_NOW) if "properties" in node)]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_typo_is_named(section: str) -> None:
    given: dict[str, Any] = {"typoo": 1}
    for key in reversed(section.split(".")[1:]):
        given = {key: given}
    with pytest.raises(HelmError, match="additional properties 'typoo' not allowed"):
        render(given)


@pytest.mark.parametrize(
    ("given", "typo"),
    [
        ({"podSecurityContext": {"runAsNonRot": True}}, "runAsNonRot"),
        ({"securityContext": {"capabilities": {"dropp": ["ALL"]}}}, "dropp"),
        ({"affinity": {"nodeAfinity": {}}}, "nodeAfinity"),
        ({"affinity": {"podAntiAffinity": {"requiredDuringScheduling": []}}}, "requiredDuringScheduling"),
        ({"tolerations": [{"key": "spot", "operater": "Exists"}]}, "operater"),
        ({"topologySpreadConstraints": [{"topologyKeys": "zone"}]}, "topologyKeys"),
        ({"autoscaling": {"behavior": {"scaleUpp": {}}}}, "scaleUpp"),
        ({"autoscaling": {"behavior": {"scaleDown": {"policies": [{"period": 1}]}}}}, "period"),
        ({"extraEnv": [{"name": "A", "valueFrom": {"secretKeyReff": {}}}]}, "secretKeyReff"),
        ({"extraEnv": [{"name": "A", "valueFrom": {"secretKeyRef": {"keyy": "a"}}}]}, "keyy"),
        ({"extraEnvFrom": [{"configMapRef": {"nam": "a"}}]}, "nam"),
        ({"extraEnvFrom": [{"secretRef": {"nam": "a"}}]}, "nam"),
        ({"extraVolumes": [{"name": "a", "configMap": {"item": []}}]}, "item"),
        ({"extraVolumes": [{"name": "a", "hostPath": {"path": "/"}}]}, "hostPath"),
        ({"extraVolumeMounts": [{"mountPat": "/a"}]}, "mountPat"),
        ({"imagePullSecrets": [{"nam": "a"}]}, "nam"),
        ({"resources": {"limit": {}}}, "limit"),
        ({"strategy": {"rollingUpdate": {"maxSurgee": 1}}}, "maxSurgee"),
        ({"serviceMonitor": {"relabelings": [{"sourceLabel": ["a"]}]}}, "sourceLabel"),
        ({"serviceMonitor": {"metricRelabelings": [{"acton": "drop"}]}}, "acton"),
        ({"prometheusRule": {"slo": {"windows": [{"longg": "1h"}]}}}, "longg"),
        ({"networkPolicy": {"extraIngress": [{"namespaceSelectr": {}}]}}, "namespaceSelectr"),
        ({"networkPolicy": {"extraIngress": [{"podSelector": {"matchLabel": {}}}]}}, "matchLabel"),
        ({"networkPolicy": {"extraEgress": [{"from": []}]}}, "from"),
        ({"httpRoute": {"parentRefs": [{"nam": "a"}]}}, "nam"),
        ({"httpRoute": {"paths": [{"pathh": "/"}]}}, "pathh"),
        ({"ingress": {"paths": [{"pathh": "/"}]}}, "pathh"),
    ],
)
def test_a_typo_in_what_kubernetes_reads_is_named(given: dict[str, Any], typo: str) -> None:
    with pytest.raises(HelmError, match=f"additional properties '{typo}' not allowed"):
        render(given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"nameOverride": "a" * 56}, "/nameOverride"),
        ({"fullnameOverride": "Shop_1"}, "/fullnameOverride"),
        ({"fullnameOverride": "a" * 47}, "/fullnameOverride"),
        ({"image": {"tag": ".x"}}, "/image/tag"),
        ({"image": {"digest": "sha256:12"}}, "/image/digest"),
        ({"image": {"tag": "a tag"}}, "/image/tag"),
        ({"service": {"type": "Nodeport"}}, "/service/type"),
        ({"replicaCount": "two"}, "/replicaCount"),
        ({"podDisruptionBudget": {"maxUnavailable": 0}}, "/podDisruptionBudget/maxUnavailable"),
        ({"podDisruptionBudget": {"maxUnavailable": "0%"}}, "/podDisruptionBudget/maxUnavailable"),
        ({"podLabels": {"app.kubernetes.io/name": "x"}}, "app.kubernetes.io/name"),
        ({"faults": {"token": "short"}}, "/faults/token"),
        ({"faults": {"enabled": True}}, "faults.enabled needs faults.token .* or faults.existingSecret.name"),
        ({"faults": {"token": "a" * 16, "existingSecret": {"name": "x"}}}, "both set: set one"),
        ({"extraEnv": [{"name": "PORT", "value": "1"}]}, "extraEnv sets PORT, which the chart sets itself"),
        ({"app": {"trustedPrefix": True}}, "app.trustedPrefix needs app.trustedProxies of 1 or more"),
        ({"app": {"trustedProxies": True}}, "/app/trustedProxies"),
        ({"serviceMonitor": {"interval": "15"}}, "/serviceMonitor/interval"),
        ({"serviceMonitor": {"relabelings": [{"action": "dropp"}]}}, "/serviceMonitor/relabelings/0/action"),
        ({"serviceMonitor": {"interval": "5s", "scrapeTimeout": "10s"}}, "Timeout .10s. exceeds .*interval .5s."),
        ({"serviceMonitor": {"interval": "1m", "scrapeTimeout": "1m1ms"}}, "Timeout .1m1ms. exceeds .*interval .1m."),
        ({"strategy": {"rollingUpdate": {"maxSurge": "one"}}}, "/strategy/rollingUpdate/maxSurge"),
        ({"strategy": {"rollingUpdate": {"maxSurge": 0}}}, "maxSurge and maxUnavailable are both 0"),
        ({"strategy": {"rollingUpdate": {"maxSurge": "0%"}}}, "maxSurge and maxUnavailable are both 0"),
        ({"progressDeadlineSeconds": 3}, "progressDeadlineSeconds .3. must be more than minReadySeconds .3."),
        ({"shutdown": {"drainSeconds": 25}}, "shutdown.drainSeconds .25. must be less than"),
        ({"autoscaling": {"enabled": True, "minReplicas": 9}}, "minReplicas .9. exceeds autoscaling.maxReplicas .6."),
        (
            {"autoscaling": {"enabled": True}, "resources": {"requests": {"cpu": None}}},
            "autoscaling.enabled needs resources.requests.cpu",
        ),
    ],
)
def test_a_bad_value_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(HelmError, match=message):
        render(given)


@pytest.mark.parametrize(
    "given",
    [
        {"serviceMonitor": {"interval": "1m", "scrapeTimeout": "60s"}},
        {"serviceMonitor": {"interval": "2s", "scrapeTimeout": "900ms"}},
        {"serviceMonitor": {"interval": "", "scrapeTimeout": "10s"}},
        {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}},
        {"autoscaling": {"enabled": True}, "resources": {"requests": {"cpu": None}, "limits": {"cpu": 1}}},
        {"podSecurityContext": {"runAsUser": None}},  # as where OpenShift chooses the user
    ],
)
def test_what_agrees_is_taken(given: dict[str, Any]) -> None:
    assert render(given)


def test_the_placeholder_owner_of_the_image_is_written_once_beside_artifact_hubs_copy() -> None:
    written = [
        file.name
        for file in CHART.rglob("*.yaml")
        for line in file.read_text().splitlines()
        if re.search(r"ghcr\.io/your-github-name/", line)
    ]
    assert sorted(written) == ["Chart.yaml", "values.yaml"]


def test_artifact_hub_is_told_the_image_that_runs_by_default(find: Find) -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    (told,) = yaml.safe_load(chart["annotations"]["artifacthub.io/images"])
    (container,) = find("Deployment")["spec"]["template"]["spec"]["containers"]
    assert told == {"name": container["name"], "image": container["image"]}


def test_every_values_file_is_read_by_a_test_of_its_own() -> None:
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    assert set(re.findall(r'\bfeature\("([^"]+)"\)', tests)) == set(FEATURES)


def test_the_first_values_file_is_what_all_tests_without_values_render() -> None:
    assert feature("default") == {}


def test_every_feature_renders() -> None:
    assert len(ALL) > 15
    assert all(render(given) for given in ALL.values())
