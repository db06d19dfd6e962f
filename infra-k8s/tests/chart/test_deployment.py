import pytest

from helm.render import Object, render
from helm.values_files import feature
from tests.chart.conftest import Find


def container(deployment: Object) -> Object:
    (found,) = deployment["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def environment(deployment: Object) -> dict[str, object]:
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container(deployment)["env"]}


def test_a_rollout_adds_a_pod_before_it_takes_one(find: Find) -> None:
    spec = find("Deployment")["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def test_replicas_are_left_to_the_autoscaler(find: Find) -> None:
    assert "replicas" not in find("Deployment", feature("autoscaling"))["spec"]


def test_strategy_can_be_recreate(find: Find) -> None:
    deployment = find("Deployment", feature("recreate"))
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    assert "lifecycle" not in container(deployment)


@pytest.mark.parametrize(
    ("image", "reference"),
    [
        ({}, "ghcr.io/your-github-name/flask-app:0.1.0"),
        ({"tag": "1.2.3"}, "ghcr.io/your-github-name/flask-app:1.2.3"),
        ({"repository": "127.0.0.1:5001/me/flask-app"}, "127.0.0.1:5001/me/flask-app:0.1.0"),
        (
            {"tag": "1.2.3", "digest": "sha256:" + "0a" * 32},
            "ghcr.io/your-github-name/flask-app@sha256:" + "0a" * 32,
        ),
    ],
)
def test_digest_wins_over_tag_over_app_version(find: Find, image: dict[str, str], reference: str) -> None:
    assert container(find("Deployment", {"image": image}))["image"] == reference
    assert find("Pod", {"image": image})["spec"]["containers"][0]["image"] == reference


def test_a_private_image_by_digest_is_pulled_with_its_secret(find: Find) -> None:
    deployment = find("Deployment", feature("digest"))
    digest = feature("digest")["image"]["digest"]
    assert container(deployment)["image"] == f"ghcr.io/your-github-name/flask-app@{digest}"
    assert deployment["metadata"]["labels"]["app.kubernetes.io/version"] == "1.2.3"
    for pod in (deployment["spec"]["template"], find("Pod", feature("digest"))):
        assert pod["spec"]["imagePullSecrets"] == [{"name": "registry"}]


def test_pods_have_an_identity_of_their_own_or_a_shared_one(find: Find) -> None:
    own, shared = find("Deployment"), find("Deployment", feature("service-account"))
    assert find("ServiceAccount")["metadata"]["name"] == "flask-app"
    assert own["spec"]["template"]["spec"]["serviceAccountName"] == "flask-app"
    assert shared["spec"]["template"]["spec"]["serviceAccountName"] == "shared"
    assert "ServiceAccount" not in {each["kind"] for each in render(feature("service-account"))}


def test_a_rollout_that_stands_still_is_called_failed(find: Find) -> None:
    assert find("Deployment")["spec"]["progressDeadlineSeconds"] == 600
    assert find("Deployment", {"progressDeadlineSeconds": 120})["spec"]["progressDeadlineSeconds"] == 120


@pytest.mark.parametrize(
    ("shutdown", "grace"),
    [({}, 35), ({"preStopSeconds": 10, "timeoutSeconds": 60, "marginSeconds": 2}, 72), ({"drainSeconds": 20}, 35)],
)
def test_grace_period_covers_pre_stop_and_the_whole_stop(find: Find, shutdown: dict[str, int], grace: int) -> None:
    pod = find("Deployment", {"shutdown": shutdown})["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == grace


def test_a_leaving_pod_sleeps_without_needing_a_binary(find: Find) -> None:
    assert container(find("Deployment"))["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}


def test_liveness_and_readiness_ask_different_things_by_port_name(find: Find) -> None:
    probes = container(find("Deployment"))
    asked = {name: probes[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert asked == {
        "startup": {"path": "/health", "port": "web"},
        "liveness": {"path": "/health", "port": "web"},
        "readiness": {"path": "/ready", "port": "web"},
    }


def test_settings_become_the_environment(find: Find) -> None:
    deployment = find("Deployment", feature("workers"))
    assert environment(deployment) == {
        "PORT": "8080",
        "WEB_CONCURRENCY": "4",
        "THREADS": "2",
        "LOG_LEVEL": "debug",
        "ACCESS_LOG": "false",
        "MAX_BODY_BYTES": "1048576",
        "SHUTDOWN_DRAIN_SECONDS": "5",
        "SHUTDOWN_TIMEOUT_SECONDS": "25",
        "FAULTS_ENABLED": "false",
    }
    assert container(deployment)["ports"] == [{"name": "web", "containerPort": 8080, "protocol": "TCP"}]


def test_trust_in_proxies_is_set_where_it_is_given_and_moves_no_other_release(find: Find) -> None:
    trust = {"TRUSTED_PROXIES": "1", "TRUSTED_PREFIX": "true"}
    assert environment(find("Deployment", feature("ingress"))).items() >= trust.items()
    assert not environment(find("Deployment")).keys() & trust.keys()


def test_extra_environment_comes_last(find: Find) -> None:
    found = container(find("Deployment", feature("extra-env")))
    assert [each["name"] for each in found["env"]][-2:] == ["TZ", "NODE"]
    assert found["envFrom"] == [{"configMapRef": {"name": "extra"}}]


def test_only_tmp_is_writable_and_it_is_memory(find: Find) -> None:
    pod = find("Deployment")["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "32Mi"}}]
    assert container(find("Deployment"))["volumeMounts"] == [{"name": "tmp", "mountPath": "/tmp"}]


def test_further_volumes_come_after_tmp(find: Find) -> None:
    values = feature("extra-volumes")
    deployment = find("Deployment", values)
    assert deployment["spec"]["template"]["spec"]["volumes"][1:] == values["extraVolumes"]
    assert container(deployment)["volumeMounts"][1:] == values["extraVolumeMounts"]


def test_there_is_a_memory_limit_and_no_cpu_limit(find: Find) -> None:
    resources = container(find("Deployment"))["resources"]
    assert resources["limits"].keys() == {"memory"}
    assert resources["requests"].keys() == {"cpu", "memory"}


def test_spread_compares_pods_of_one_revision(find: Find) -> None:
    (constraint,) = find("Deployment")["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert constraint["matchLabelKeys"] == ["pod-template-hash"]
    assert constraint["labelSelector"]["matchLabels"] == find("Deployment")["spec"]["selector"]["matchLabels"]
    assert constraint["whenUnsatisfiable"] == "ScheduleAnyway"


def test_no_spread_where_none_is_wanted(find: Find) -> None:
    pod = find("Deployment", feature("single-replica"))["spec"]["template"]["spec"]
    assert "topologySpreadConstraints" not in pod


def test_placement_is_handed_on(find: Find) -> None:
    values = feature("placement")
    pod = find("Deployment", values)["spec"]["template"]["spec"]
    tolerations = values.pop("tolerations")
    assert {key: pod[key] for key in values} == values
    assert pod["tolerations"][: len(tolerations)] == tolerations


@pytest.mark.parametrize(("values", "seconds"), [({}, 30), (feature("node-loss"), 60)])
def test_pods_of_a_lost_node_are_made_again_soon(find: Find, values: Object, seconds: int) -> None:
    pod = find("Deployment", values)["spec"]["template"]["spec"]
    assert {each["key"]: each["tolerationSeconds"] for each in pod["tolerations"]} == {
        "node.kubernetes.io/not-ready": seconds,
        "node.kubernetes.io/unreachable": seconds,
    }


def test_labels_reach_pods_but_no_selector(find: Find) -> None:
    deployment = find("Deployment", feature("labels"))
    template = deployment["spec"]["template"]["metadata"]
    assert deployment["metadata"]["name"] == "shop"
    assert template["labels"] == {
        "app.kubernetes.io/name": "web-shop",
        "app.kubernetes.io/instance": "flask-app",
        "team": "web",
        "tier": "front",
    }
    assert template["annotations"] == {"example.com/note": "hello"}
    assert not {"team", "tier"} & deployment["spec"]["selector"]["matchLabels"].keys()
