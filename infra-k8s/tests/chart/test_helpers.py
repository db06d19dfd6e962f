"""The pods beside the application: the traffic generator and the test."""

from helm.render import CHART, notes, render
from helm.values_files import environment, feature
from tests.chart.conftest import Find


def test_traffic_not_rendered_when_disabled() -> None:
    names = {each["metadata"]["name"] for each in render()}
    assert not any(name.endswith("-traffic") for name in names)


def test_traffic_runs_the_load_script_against_the_service(find: Find) -> None:
    values = feature("traffic")
    (container,) = find("Deployment", values, ending="-traffic")["spec"]["template"]["spec"]["containers"]
    script = find("ConfigMap", values, ending="-traffic")["data"]["load.py"]
    assert container["args"][:3] == ["--url=http://flask-app:5000", "--rate=5", "--forever"]
    assert script.strip() == (CHART / "files" / "load.py").read_text().strip()


def test_the_test_is_a_hook_that_cleans_up_after_itself(find: Find) -> None:
    assert find("Pod")["metadata"]["annotations"] == {
        "helm.sh/hook": "test",
        "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    }


def test_the_test_asks_the_service_and_where_told_prometheus(find: Find) -> None:
    def asked(values: dict[str, object]) -> dict[str, str]:
        (container,) = find("Pod", values)["spec"]["containers"]
        return {each["name"]: each["value"] for each in container["env"]}

    assert asked({})["APP_URL"] == "http://flask-app:5000"
    assert asked({})["PROMETHEUS_URL"] == ""
    assert asked(environment("minikube"))["PROMETHEUS_URL"].endswith(":9090")


def test_notes_name_the_stack_that_the_chart_is_labelled_for() -> None:
    assert "-n monitoring svc/monitoring-grafana" in notes()
    shown = notes(feature("scrape") | {"networkPolicy": {"monitoringNamespace": "metrics"}})
    assert "-n metrics svc/observability-grafana" in shown
    assert "monitoring" not in shown


def test_notes_say_what_to_trust_behind_an_ingress_or_a_gateway() -> None:
    said = "--set app.trustedProxies=1"
    assert said not in notes()
    for front in ("ingress", "httpRoute"):
        assert said in notes({front: {"enabled": True}})
        assert said not in notes({front: {"enabled": True}, "app": {"trustedProxies": 1}})


def test_notes_name_the_placeholder_until_it_is_replaced() -> None:
    def shown(owner: str) -> str:
        return notes({"image": {"repository": f"ghcr.io/{owner}/flask-app"}})

    assert "placeholder" in shown("your-github-name")
    assert "placeholder" not in shown("me")
