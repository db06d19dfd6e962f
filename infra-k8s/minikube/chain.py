"""The chain on a laptop: the commands that set it up, in order, and that delete it."""

from pathlib import Path
from typing import Any

import yaml
from helm_python.chart import Chart

from minikube.prerequisites import MEMORY
from minikube.steps import Step
from monitoring import stack

REPOSITORY = Path(__file__).parents[1]
CHART = REPOSITORY / "helm" / "flask-app"
VALUES = REPOSITORY / "environments" / "minikube" / "values.yaml"
RELEASE = NAMESPACE = "flask-app"
MONITORING = "monitoring"
# Every command names the cluster: another one may be the current context.
CONTEXT = "minikube"

PASSWORD = (
    f'kubectl get secret -n {MONITORING} monitoring-grafana -o jsonpath="{{.data.admin-password}}" | base64 -d ; echo'
)
OPENED = f"""\
The application:  minikube service {RELEASE} -n {NAMESPACE}
Prometheus:       kubectl port-forward -n {MONITORING} svc/monitoring-kube-prometheus-prometheus 9090
                  http://localhost:9090/targets: {RELEASE} is UP
Grafana:          kubectl port-forward -n {MONITORING} svc/monitoring-grafana 3000:80
                  http://localhost:3000, user admin, password:
                  {PASSWORD}
Delete it all:    make minikube-down"""


def image() -> tuple[str, str]:
    """Return repository and tag that the chart runs on minikube: its own defaults, so that nothing is set twice."""
    with Chart.load(CHART) as chart:
        manifest = chart.render(yaml.safe_load(VALUES.read_text()), name=RELEASE, namespace=NAMESPACE)
    deployment = yaml.safe_load(manifest["flask-app/templates/deployment.yaml"])
    repository, _, tag = deployment["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")
    return repository, tag


def namespaces() -> str:
    """Write both namespaces; the application's admits only pods of the `restricted` Pod Security Standard."""
    return yaml.safe_dump_all([_namespace(MONITORING), _namespace(NAMESPACE, enforce="restricted")], sort_keys=False)


def _namespace(name: str, enforce: str = "") -> dict[str, Any]:
    labels = {"pod-security.kubernetes.io/enforce": enforce} if enforce else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def start() -> list[Step]:
    """Start the cluster."""
    return [
        Step(
            "start minikube",
            ("minikube", "start", "--driver=docker", f"--memory={MEMORY}", "--cpus=2"),
            "Give Docker 4 GiB and 2 CPUs (Docker Desktop: Settings, Resources); minikube delete resets a broken one",
        ),
        Step(
            "make the namespaces",
            ("kubectl", "--context", CONTEXT, "apply", "-f", "-"),
            "Ask the cluster how it is: minikube status",
            stdin=namespaces(),
        ),
    ]


def monitor() -> list[Step]:
    """Install the monitoring stack."""
    return [
        Step(
            f"install kube-prometheus-stack {stack.VERSION}",
            (
                *("helm", "upgrade", "--install", MONITORING, stack.CHART, "--version", stack.VERSION),
                *("--kube-context", CONTEXT, "-n", MONITORING, "-f", str(stack.VALUES)),
                *("--wait", "--timeout", "15m"),
            ),
            f"See what is not ready: kubectl get pods -n {MONITORING}; then run make minikube again",
        )
    ]


def build(app_dir: Path) -> list[Step]:
    """Build the image and bring it into the cluster."""
    repository, tag = image()
    return [
        Step(
            "build the image",
            ("make", "--no-print-directory", "-C", str(app_dir), "image", f"IMAGE={repository}", f"TAG={tag}"),
            "The builder's words are above; docker buildx version must answer",
        ),
        Step(
            "load the image into minikube",
            ("minikube", "image", "load", f"{repository}:{tag}"),
            "Is the disk full? docker system df; minikube ssh df",
        ),
    ]


def deploy(image_id: str) -> list[Step]:
    """Install the chart; `image_id` makes the pods follow an image that was built again under the same name."""
    return [
        Step(
            "install the application",
            (
                *("helm", "upgrade", "--install", RELEASE, str(CHART), "--kube-context", CONTEXT, "-n", NAMESPACE),
                *("-f", str(VALUES), "--set-string", f"podAnnotations.image-id={image_id}"),
                *("--wait", "--timeout", "5m"),
            ),
            f"Let the doctor look: make doctor; or kubectl get pods -n {NAMESPACE}",
        )
    ]


def remove() -> list[Step]:
    """Delete the cluster with everything in it."""
    return [Step("delete minikube", ("minikube", "delete"), "Ask it why: minikube delete --alsologtostderr")]
