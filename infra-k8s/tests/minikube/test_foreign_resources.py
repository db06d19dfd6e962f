"""`make minikube-down`: only what is ours goes unasked."""

import json
import subprocess

import pytest

from minikube import chain
from tests.minikube.conftest import Laptop


def kubernetes(kind: str, name: str, namespace: str = "", owner: str = "") -> dict[str, object]:
    """Return an object as `kubectl get` does, as far as it is looked at."""
    metadata: dict[str, object] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if owner:
        metadata["ownerReferences"] = [{"name": owner}]
    return {"kind": kind, "metadata": metadata}


# What is there after `make minikube`.
USUALLY = [
    *(
        kubernetes("Namespace", name)
        for name in ("default", "flask-app", "kube-node-lease", "kube-system", "monitoring")
    ),
    kubernetes("Pod", "coredns-1", "kube-system", owner="coredns"),
    kubernetes("Pod", "storage-provisioner", "kube-system"),
    kubernetes("Deployment", "flask-app", "flask-app"),
    kubernetes("StatefulSet", "prometheus-0", "monitoring", owner="prometheus"),
]
GET = "kubectl --context minikube --request-timeout 10s get"
DELETE = ["minikube", "delete"]


def test_down_takes_the_cluster_away(laptop: Laptop) -> None:
    laptop.answers["helm list"] = (0, '[{"name": "flask-app"}, {"name": "monitoring"}]')
    laptop.answers[GET] = (0, json.dumps({"items": USUALLY}))
    assert laptop.run("down").returncode == 0
    assert laptop.commands[-1] == DELETE


@pytest.mark.parametrize(
    ("others", "releases", "named"),
    [
        ([], [{"name": "my-database"}], "release my-database"),
        ([kubernetes("Namespace", "shop"), kubernetes("Pod", "till", "shop")], [], "namespace shop"),
        (
            [kubernetes("Deployment", "web", "default"), kubernetes("Pod", "web-1", "default", owner="web")],
            [],
            "deployment web",
        ),
        ([kubernetes("PersistentVolumeClaim", "data", "default")], [], "persistentvolumeclaim data"),
    ],
)
def test_down_spares_a_cluster_that_others_live_in(
    laptop: Laptop, others: list[object], releases: list[object], named: str
) -> None:
    laptop.answers["helm list"] = (0, json.dumps(releases))
    laptop.answers[GET] = (0, json.dumps({"items": [*USUALLY, *others]}))
    done = laptop.run("down")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"as it also holds {named}: `make minikube-down FORCE=1`" in done.stderr
    assert DELETE not in laptop.commands


@pytest.mark.parametrize(
    ("begin", "answer"),
    [
        (GET, (1, "The connection to the server 127.0.0.1:32769 was refused")),
        ("helm list", (1, "Kubernetes cluster unreachable")),
        ("minikube profile list", (80, '{"error": {}}')),
    ],
)
def test_down_spares_a_cluster_that_does_not_answer(laptop: Laptop, begin: str, answer: tuple[int, str]) -> None:
    laptop.answers[begin] = answer
    done = laptop.run("down")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "`minikube start` makes it answer, `make minikube-down FORCE=1` deletes it without looking" in done.stderr
    assert DELETE not in laptop.commands


def test_down_by_force_asks_nobody(laptop: Laptop) -> None:
    (laptop.bin / "kubectl").unlink()
    assert laptop.run("down", "--force").returncode == 0
    assert laptop.commands == [DELETE]


@pytest.mark.parametrize(("force", "asked"), [("", ""), ("FORCE=0", ""), ("FORCE=1", "--force")])
def test_force_is_a_variable_of_make(force: str, asked: str) -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "minikube-down", *force.split()],
        cwd=chain.REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.rstrip().endswith(f"-m minikube down {asked}".rstrip())


def test_down_of_nothing_is_no_failure(laptop: Laptop) -> None:
    laptop.answers["minikube profile list"] = (0, '{"invalid": [], "valid": [{"Name": "another"}]}')
    done = laptop.run("down")
    assert (done.returncode, done.stdout) == (0, "there is no minikube: nothing to delete\n")
    assert DELETE not in laptop.commands
