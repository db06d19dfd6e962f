"""The commands that `make minikube` runs and prints, and the objects that it makes."""

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from checks.repositories import INFRA, MissingRepository, folder

# Runs in the environment of infra-k8s: this one does not have its packages.
SCRIPT = """
import json
from pathlib import Path
import yaml
from minikube import chain
steps = [*chain.start(), *chain.monitor(), *chain.build(Path("flask-app")), *chain.deploy("id"), *chain.remove()]
with chain.Chart.load(chain.CHART) as chart:
    made = chart.render(yaml.safe_load(chain.VALUES.read_text()), name=chain.RELEASE, namespace=chain.NAMESPACE)
files = [text for file, text in made.items() if file.endswith(".yaml")]
objects = [object for text in files for object in yaml.safe_load_all(text) if object]
print(json.dumps({
    "steps": [step.command for step in steps],
    "printed": chain.OPENED,
    "objects": [f"{object['kind'].lower()}/{object['metadata']['name']}" for object in objects],
}))
"""


@dataclass(frozen=True)
class MinikubeChain:
    """The commands of `make minikube`, the text that it prints last, and the objects of the chart."""

    steps: tuple[tuple[str, ...], ...]
    printed: str
    objects: frozenset[str]


def chain() -> MinikubeChain:
    """Read the chain from infra-k8s; raise MissingRepository where it or its virtual environment is missing."""
    return _chain(folder(INFRA).resolve())


@cache
def _chain(infra: Path) -> MinikubeChain:
    python = infra / ".venv" / "bin" / "python"
    if not (infra / ".venv" / ".ready").exists():
        raise MissingRepository(f"INFRA_DIR={infra} has no finished virtual environment: make -C {infra} setup")
    done = subprocess.run([python, "-c", SCRIPT], cwd=infra, capture_output=True, text=True)
    if done.returncode != 0:
        raise LookupError(f"{infra}/minikube no longer has the form that is read here: {done.stderr}")
    answer = json.loads(done.stdout)
    return MinikubeChain(tuple(map(tuple, answer["steps"])), answer["printed"], frozenset(answer["objects"]))
