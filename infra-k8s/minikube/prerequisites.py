"""What a laptop needs before minikube can start, and how to get what is missing."""

import platform
import shutil
import subprocess

INSTALL = {
    "docker": {
        "Darwin": "install Docker Desktop: https://docs.docker.com/desktop/setup/install/mac-install/",
        "Linux": "install Docker Engine: https://docs.docker.com/engine/install/",
    },
    "minikube": {"Darwin": "brew install minikube", "Linux": "https://minikube.sigs.k8s.io/docs/start/"},
    "kubectl": {
        "Darwin": "brew install kubectl",
        "Linux": "https://kubernetes.io/docs/tasks/tools/install-kubectl-linux/",
    },
    "helm": {"Darwin": "brew install helm", "Linux": "https://helm.sh/docs/intro/install/"},
}
START_DOCKER = {"Darwin": "start Docker Desktop", "Linux": "sudo systemctl start docker, as a member of group docker"}


def missing(tools: tuple[str, ...] = tuple(INSTALL)) -> list[str]:
    """Return a line for each of `tools` that is not there or does not answer: all at once, each with its remedy."""
    system = "Darwin" if platform.system() == "Darwin" else "Linux"
    lines = [f"{tool} is not on PATH: {INSTALL[tool][system]}" for tool in tools if shutil.which(tool) is None]
    if "docker" in tools and shutil.which("docker"):
        asked = subprocess.run(["docker", "info", "--format", "{{.ServerVersion}}"], capture_output=True, text=True)
        if asked.returncode != 0:
            lines.append(f"docker does not answer: {START_DOCKER[system]}")
    return lines
