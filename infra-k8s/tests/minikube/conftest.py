"""A recorder on PATH in place of what a laptop has: it notes each command and answers as the real one would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from minikube import chain

REPOSITORY = chain.REPOSITORY
IMAGE = "ghcr.io/your-github-name/flask-app"
STACK = "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack"
TOOLS = ("docker", "minikube", "kubectl", "helm", "make")
IMAGE_ID = "sha256:" + "a" * 64
USUAL = {
    "docker info": (0, str(8 * 2**30)),
    "docker image inspect": (0, IMAGE_ID),
    "helm version": (0, "v4.2.3+g1a2b3c4"),
    "helm history": (1, "Error: release: not found"),
    "helm list": (0, "[]"),
    "kubectl --context minikube --request-timeout 10s get": (0, '{"items": []}'),
    "minikube profile list": (0, '{"invalid": [], "valid": [{"Name": "minikube"}]}'),
}

RECORDER = f"""#!{sys.executable} -IS
import json, os, sys
command = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
with open(os.environ["RECORD"], "a") as record:
    stdin = sys.stdin.read() if command[-2:] == ["-f", "-"] else ""
    record.write(json.dumps({{"command": command, "stdin": stdin, "profile": os.environ["MINIKUBE_PROFILE"]}}) + "\\n")
answers = json.loads(os.environ["ANSWERS"])
for begin, (status, said) in answers.items():
    if " ".join(command).startswith(begin):
        print(said, file=sys.stderr if status else sys.stdout)
        sys.exit(status)
"""


@dataclass
class Laptop:
    """A machine whose tools are recorders."""

    bin: Path
    record: Path
    answers: dict[str, tuple[int, str]] = field(default_factory=USUAL.copy)

    def run(self, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
        """Run `python -m minikube` there to its end, with `path` behind the recorders."""
        process = self.start(*arguments, path=path)
        out, errors = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, errors)

    def start(self, *arguments: str, path: str = "") -> subprocess.Popen[str]:
        """Start it."""
        env = {
            "PATH": f"{self.bin}{os.pathsep}{path}" if path else str(self.bin),
            "RECORD": str(self.record),
            "ANSWERS": json.dumps(self.answers),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "minikube", *arguments],
            cwd=REPOSITORY,
            env=env | {"HOME": os.environ.get("HOME", "/"), "MINIKUBE_PROFILE": "somebody-elses"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def calls(self) -> list[dict[str, object]]:
        """Return what was called, in order."""
        return [json.loads(line) for line in self.record.read_text().splitlines()] if self.record.exists() else []

    @property
    def commands(self) -> list[list[str]]:
        """Return the commands that were called, in order."""
        return [call["command"] for call in self.calls]  # type: ignore[misc]


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """Return a laptop that has every tool."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).write_text(RECORDER)
        (folder / tool).chmod(0o755)
    return Laptop(folder, tmp_path / "record")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Return a folder that looks like the application's."""
    folder = tmp_path / "flask-app"
    folder.mkdir()
    (folder / "Dockerfile").touch()
    return folder


def expected(app: Path) -> list[list[str]]:
    """Write down what a person would type."""
    return [
        line.split()
        for line in (
            "docker info --format {{.MemTotal}}",
            "helm version --short",
            "minikube start --driver=docker --memory=4096 --cpus=2",
            "kubectl --context minikube apply -f -",
            "helm history monitoring --kube-context minikube -n monitoring --output json",
            f"helm upgrade --install monitoring {STACK} --version 88.5.3 --kube-context minikube -n monitoring"
            f" -f {REPOSITORY}/monitoring/kube-prometheus-stack.yaml --wait --timeout 15m",
            f"make --no-print-directory -C {app} image IMAGE={IMAGE} TAG=0.1.0",
            f"minikube image load {IMAGE}:0.1.0",
            f"docker image inspect --format {{{{.Id}}}} {IMAGE}:0.1.0",
            "helm history flask-app --kube-context minikube -n flask-app --output json",
            f"helm upgrade --install flask-app {REPOSITORY}/helm/flask-app --kube-context minikube -n flask-app"
            f" -f {REPOSITORY}/environments/minikube/values.yaml --set-string podAnnotations.image-id={IMAGE_ID}"
            " --wait --timeout 5m",
        )
    ]
