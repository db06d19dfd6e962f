from helm.render import render
from helm.values_files import ALL, environment, feature
from tests.chart.conftest import Find


def test_port_is_5000_and_named_web(find: Find) -> None:
    spec = find("Service")["spec"]
    assert spec["type"] == "ClusterIP"
    assert spec["ports"] == [{"name": "web", "port": 5000, "targetPort": "web", "protocol": "TCP"}]


def test_node_port_is_fixed_only_where_there_is_one(find: Find) -> None:
    assert find("Service", feature("node-port"))["spec"]["ports"][0]["nodePort"] == 30500
    assert "nodePort" not in find("Service", {"service": {"nodePort": 30500}})["spec"]["ports"][0]


def test_callers_are_kept_on_their_node_only_when_asked(find: Find) -> None:
    assert "trafficDistribution" not in find("Service")["spec"]
    assert find("Service", feature("node-loss"))["spec"]["trafficDistribution"] == "PreferSameNode"


def test_minikube_opens_a_node_port(find: Find) -> None:
    assert find("Service", environment("minikube"))["spec"]["type"] == "NodePort"


def test_service_selects_the_applications_pods_and_no_others() -> None:
    for values in ALL.values():
        objects = render(values)
        selector = next(each for each in objects if each["kind"] == "Service")["spec"]["selector"]
        pods = [each["spec"]["template"] for each in objects if each["kind"] == "Deployment"]
        pods += [each for each in objects if each["kind"] == "Pod"]
        selected = [selector.items() <= pod["metadata"]["labels"].items() for pod in pods]
        assert selected.count(True) == 1, [pod["metadata"] for pod in pods]
