"""What infra-k8s itself runs on minikube, tells its user to type, and calls its Services."""

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pages.repositories import INFRA, Absent, folder

# Asked of its own interpreter: this repository neither has its packages nor repeats what they know.
ASK = """
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
    "told": chain.OPENED,
    "objects": [f"{object['kind'].lower()}/{object['metadata']['name']}" for object in objects],
}))
"""


@dataclass(frozen=True)
class Known:
    """The commands of `make minikube`, the text that it ends with, and the objects that the chart makes there."""

    steps: tuple[tuple[str, ...], ...]
    told: str
    objects: frozenset[str]


def known() -> Known:
    """Return what infra-k8s knows; raise Absent where it or its virtual environment is not at hand."""
    return _known(folder(INFRA).resolve())


@cache
def _known(infra: Path) -> Known:
    python = infra / ".venv" / "bin" / "python"
    if not (infra / ".venv" / ".ready").exists():
        raise Absent(f"INFRA_DIR={infra} has no finished virtual environment: make -C {infra} setup")
    done = subprocess.run([python, "-c", ASK], cwd=infra, capture_output=True, text=True)
    if done.returncode != 0:
        raise LookupError(f"{infra}/minikube no longer has the form that is read here: {done.stderr}")
    said = json.loads(done.stdout)
    return Known(tuple(map(tuple, said["steps"])), said["told"], frozenset(said["objects"]))
