"""The tools that a laptop needs before minikube can start, and how to install them."""

import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator

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
# Docker Desktop keeps some of what it is given to itself, so that 4 GB there are too few.
MORE_MEMORY = {
    "Darwin": "Docker Desktop, Settings, Resources: 5 GB or more",
    "Linux": "Docker Desktop, Settings, Resources: 5 GB or more; with Docker Engine it is the machine's own",
}
MEMORY = 4096  # MiB: what minikube is started with, and it refuses with less
UPGRADE_HELM = {"Darwin": "brew upgrade helm", "Linux": INSTALL["helm"]["Linux"]}
HELM = (3, 8)  # charts out of a registry are no experiment since


def missing(tools: Iterable[str]) -> list[str]:
    """Return a line for each of `tools` that is missing, with how to install it."""
    return [f"{tool} is not on PATH: {INSTALL[tool][_system()]}" for tool in tools if shutil.which(tool) is None]


def unfit() -> list[str]:
    """Return a line for each tool that is too small, too old or not running, with what to do."""
    checks = {"docker": _docker, "helm": _helm}
    return [line for tool, check in checks.items() if shutil.which(tool) for line in check()]


def _docker() -> Iterator[str]:
    done = subprocess.run(["docker", "info", "--format", "{{.MemTotal}}"], capture_output=True, text=True)
    if done.returncode != 0:
        yield f"docker does not answer: {START_DOCKER[_system()]}"
    elif (available := int(done.stdout) // 2**20) < MEMORY:
        yield f"docker has {available} MiB of memory, minikube needs {MEMORY}: {MORE_MEMORY[_system()]}"


def _helm() -> Iterator[str]:
    version = subprocess.run(["helm", "version", "--short"], capture_output=True, text=True).stdout.strip()
    found = re.search(r"v(\d+)\.(\d+)", version)
    if not found or (int(found[1]), int(found[2])) < HELM:
        needed = ".".join(map(str, HELM))
        yield f"helm is {version or 'of no version'}, {needed} or newer is needed: {UPGRADE_HELM[_system()]}"


def _system() -> str:
    return "Darwin" if platform.system() == "Darwin" else "Linux"
