import pytest

from helm.render import Object, render
from helm.values_files import environment, feature
from tests.chart.conftest import Find


def kinds(values: Object | None = None) -> set[str]:
    return {each["kind"] for each in render(values)}


def test_autoscaler_not_rendered_when_disabled() -> None:
    assert "HorizontalPodAutoscaler" not in kinds()


def test_autoscaler_goes_up_at_once_and_down_slowly(find: Find) -> None:
    spec = find("HorizontalPodAutoscaler", feature("autoscaling"))["spec"]
    assert spec["scaleTargetRef"]["name"] == find("Deployment")["metadata"]["name"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (3, 9)
    assert spec["behavior"]["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert spec["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 300


@pytest.mark.parametrize(
    "values",
    [
        {"podDisruptionBudget": {"enabled": False}},
        {"replicaCount": 1},
        {"autoscaling": {"enabled": True, "minReplicas": 1}},
    ],
)
def test_budget_not_rendered_when_disabled_or_for_one_pod(values: Object) -> None:
    assert "PodDisruptionBudget" not in kinds(values)


def test_budget_can_never_block_a_drain_for_good(find: Find) -> None:
    spec = find("PodDisruptionBudget")["spec"]
    assert spec["maxUnavailable"] == 1
    assert "minAvailable" not in spec
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert spec["selector"]["matchLabels"] == find("Deployment")["spec"]["selector"]["matchLabels"]


def test_a_drained_node_is_no_domain_of_a_strict_spread(find: Find) -> None:
    pod = find("Deployment", environment("cluster"))["spec"]["template"]["spec"]
    strict = [each for each in pod["topologySpreadConstraints"] if each["whenUnsatisfiable"] == "DoNotSchedule"]
    assert strict
    assert all(each["nodeTaintsPolicy"] == "Honor" for each in strict)
