"""A recorder on PATH in place of what a laptop has: it notes each command and answers as the real one would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TOOLS = ("docker", "minikube", "kubectl", "helm", "make")
IMAGE_ID = "sha256:" + "a" * 64

RECORDER = f"""#!{sys.executable}
import json, os, pathlib, sys
command = [pathlib.Path(sys.argv[0]).name, *sys.argv[1:]]
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
    answers: dict[str, tuple[int, str]] = field(default_factory=lambda: {"docker image inspect": (0, IMAGE_ID)})

    def run(self, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
        """Run `python -m minikube` there, with `path` behind the recorders."""
        env = {
            "PATH": f"{self.bin}{os.pathsep}{path}" if path else str(self.bin),
            "RECORD": str(self.record),
            "ANSWERS": json.dumps(self.answers),
        }
        return subprocess.run(
            [sys.executable, "-m", "minikube", *arguments],
            cwd=REPOSITORY,
            env=env | {"HOME": os.environ.get("HOME", "/"), "MINIKUBE_PROFILE": "somebody-elses"},
            capture_output=True,
            text=True,
            timeout=60,
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
