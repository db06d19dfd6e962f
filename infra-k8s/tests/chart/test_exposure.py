"""Who may come in, and how: NetworkPolicy, Ingress, HTTPRoute."""

from helm.render import Object, render
from helm.values_files import feature
from tests.chart.conftest import Find

# The page and its API; neither probes nor metrics.
PUBLIC = [("/", "Exact"), ("/api", "Prefix"), ("/static", "Prefix"), ("/openapi.json", "Exact")]


def kinds(values: Object | None = None) -> set[str]:
    return {each["kind"] for each in render(values)}


def test_not_rendered_when_disabled() -> None:
    assert not kinds() & {"NetworkPolicy", "Ingress", "HTTPRoute"}


def test_policy_lets_in_prometheus_the_controller_and_this_namespace_on_web_only(find: Find) -> None:
    spec = find("NetworkPolicy", {"networkPolicy": {"enabled": True}}, ending="flask-app")["spec"]
    (rule,) = spec["ingress"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert [port["port"] for port in rule["ports"]] == ["web"]
    assert rule["from"] == [
        {"podSelector": {}},
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
        },
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}},
    ]


def test_policy_lets_only_dns_out(find: Find) -> None:
    (rule,) = find("NetworkPolicy", {"networkPolicy": {"enabled": True}}, ending="flask-app")["spec"]["egress"]
    assert {(port["port"], port["protocol"]) for port in rule["ports"]} == {(53, "UDP"), (53, "TCP")}
    assert rule["to"] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ]


def test_policy_selects_the_application_not_its_helpers(find: Find) -> None:
    values = feature("network-policy")
    selector = find("NetworkPolicy", values, ending="flask-app")["spec"]["podSelector"]["matchLabels"]
    labels = find("Deployment", values, ending="traffic")["spec"]["template"]["metadata"]["labels"]
    assert selector == find("Service", values)["spec"]["selector"]
    assert not selector.items() <= labels.items()


def test_helpers_reach_dns_the_application_and_prometheus_and_nobody_reaches_them(find: Find) -> None:
    values = feature("network-policy")
    spec = find("NetworkPolicy", values, ending="-helpers")["spec"]
    (components,) = spec["podSelector"]["matchExpressions"]
    helpers = [find("Deployment", values, ending="-traffic")["spec"]["template"], find("Pod", values)]
    assert all(each["metadata"]["labels"]["app.kubernetes.io/component"] in components["values"] for each in helpers)
    assert "ingress" not in spec
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    _, application, prometheus = spec["egress"]
    assert application["to"][0]["podSelector"]["matchLabels"] == find("Service", values)["spec"]["selector"]
    assert prometheus["to"][0]["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "prometheus"}


def test_helpers_reach_no_prometheus_that_they_do_not_ask(find: Find) -> None:
    spec = find("NetworkPolicy", {"networkPolicy": {"enabled": True}}, ending="-helpers")["spec"]
    assert len(spec["egress"]) == 2


def test_policy_takes_further_peers(find: Find) -> None:
    peers = find("NetworkPolicy", feature("network-policy"), ending="flask-app")["spec"]["ingress"][0]["from"]
    assert peers[-1] == feature("network-policy")["networkPolicy"]["extraIngress"][0]


def test_policy_lets_in_the_namespaces_of_the_routes_gateways_once(find: Find) -> None:
    def namespaces(*parents: str | None, enabled: bool = True) -> list[str]:
        references = [{"name": "gateway"} | ({"namespace": parent} if parent else {}) for parent in parents]
        given = {"networkPolicy": {"enabled": True}, "httpRoute": {"enabled": enabled, "parentRefs": references}}
        peers = find("NetworkPolicy", given, ending="flask-app")["spec"]["ingress"][0]["from"]
        assert peers[0] == {"podSelector": {}}  # a gateway in the release's own namespace comes in by this
        return [each["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for each in peers[2:]]

    assert namespaces("edge", "gateways", None, "edge") == ["ingress-nginx", "edge", "gateways"]
    assert namespaces("edge", enabled=False) == ["ingress-nginx"]


def test_policy_takes_further_ways_out(find: Find) -> None:
    _, further = find("NetworkPolicy", feature("network-policy"), ending="flask-app")["spec"]["egress"]
    assert further == feature("network-policy")["networkPolicy"]["extraEgress"][0]


def test_ingress_leads_to_port_web(find: Find) -> None:
    spec = find("Ingress", feature("ingress"))["spec"]
    (rule,) = spec["rules"]
    assert rule["host"] == "flask-app.example.com"
    paths = rule["http"]["paths"]
    assert all(each["backend"]["service"] == {"name": "flask-app", "port": {"name": "web"}} for each in paths)
    assert [(each["path"], each["pathType"]) for each in paths] == PUBLIC
    assert spec["ingressClassName"] == "nginx"
    assert spec["tls"] == [{"secretName": "flask-app-tls", "hosts": ["flask-app.example.com"]}]


def test_route_leads_to_the_services_port(find: Find) -> None:
    spec = find("HTTPRoute", feature("http-route"))["spec"]
    (rule,) = spec["rules"]
    assert rule["backendRefs"] == [{"name": "flask-app", "port": 5000}]
    assert [(each["path"]["value"], each["path"]["type"].removeprefix("Path")) for each in rule["matches"]] == PUBLIC
    assert spec["parentRefs"] == feature("http-route")["httpRoute"]["parentRefs"]
