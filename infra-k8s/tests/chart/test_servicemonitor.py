from helm.render import render
from helm.values_files import feature
from tests.chart.conftest import Find


def test_not_rendered_when_disabled() -> None:
    kinds = {each["kind"] for each in render(feature("no-monitoring"))}
    assert not kinds & {"ServiceMonitor", "PrometheusRule", "ConfigMap"}


def test_carries_the_label_that_the_stack_selects_by(find: Find) -> None:
    assert find("ServiceMonitor")["metadata"]["labels"]["release"] == "monitoring"
    assert find("ServiceMonitor", feature("scrape"))["metadata"]["labels"]["release"] == "observability"


def test_finds_the_service_by_labels_and_port_name(find: Find) -> None:
    spec, service = find("ServiceMonitor")["spec"], find("Service")
    assert spec["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert (
        [each["port"] for each in spec["endpoints"]] == [each["name"] for each in service["spec"]["ports"]] == ["web"]
    )
    assert spec["endpoints"][0]["path"] == "/metrics"


def test_the_job_is_the_charts_name_whatever_the_release(find: Find) -> None:
    spec, service = find("ServiceMonitor", release="blue")["spec"], find("Service", release="blue")
    assert service["metadata"]["name"] == "blue-flask-app"
    assert service["metadata"]["labels"][spec["jobLabel"]] == "flask-app"


def test_two_releases_do_not_select_each_others_service(find: Find) -> None:
    selector = find("ServiceMonitor", release="blue")["spec"]["selector"]["matchLabels"]
    assert not selector.items() <= find("Service", release="green")["metadata"]["labels"].items()


def test_scrape_settings_are_handed_on(find: Find) -> None:
    given = feature("scrape")["serviceMonitor"]
    spec = find("ServiceMonitor", feature("scrape"))["spec"]
    assert spec["targetLabels"] == given["targetLabels"]
    assert spec["endpoints"] == [
        {"port": "web", "path": "/metrics"}
        | {key: given[key] for key in ("interval", "scrapeTimeout", "relabelings", "metricRelabelings")}
    ]


def test_the_timeout_is_prometheuss_own_and_so_never_longer_than_the_interval(find: Find) -> None:
    (endpoint,) = find("ServiceMonitor", {"serviceMonitor": {"interval": "5s"}})["spec"]["endpoints"]
    assert endpoint == {"port": "web", "path": "/metrics", "interval": "5s"}


def test_what_prometheus_selects_by_wins_over_common_labels(find: Find) -> None:
    for kind in ("ServiceMonitor", "PrometheusRule"):
        labels = find(kind, {"commonLabels": {"release": "ours", "team": "web"}})["metadata"]["labels"]
        assert (labels["release"], labels["team"]) == ("monitoring", "web")
