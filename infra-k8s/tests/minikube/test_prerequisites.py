"""What is missing, too little or too old is named with its remedy, before anything is started."""

from pathlib import Path

import pytest

from minikube.prerequisites import INSTALL
from tests.minikube.conftest import TOOLS, Laptop


def started(laptop: Laptop) -> bool:
    """Tell whether anything was done beyond asking for versions."""
    return any(command[1] not in ("info", "version") for command in laptop.commands)


def test_all_missing_tools_are_named_at_once(laptop: Laptop, app: Path) -> None:
    for tool in ("minikube", "kubectl", "helm"):
        (laptop.bin / tool).unlink()
    done = laptop.run("up", "--app-dir", str(app))
    assert done.returncode == 2
    assert [line.split()[0] for line in done.stderr.splitlines()[1:]] == ["minikube", "kubectl", "helm"]
    assert not started(laptop)


def test_docker_that_does_not_answer_is_named(laptop: Laptop, app: Path) -> None:
    laptop.answers["docker info"] = (1, "Cannot connect to the Docker daemon")
    done = laptop.run("up", "--app-dir", str(app))
    assert done.returncode == 2
    assert "docker does not answer: " in done.stderr
    assert not started(laptop)


@pytest.mark.parametrize(
    ("tool", "answer", "said"),
    [
        (
            "docker info",
            str(4 * 2**30 - 1),
            "docker has 4095 MiB of memory, minikube needs 4096: Docker Desktop, Settings",
        ),
        ("helm version", "v3.7.2+g663a896", "helm is v3.7.2+g663a896, 3.8 or newer is needed: "),
        ("helm version", "", "helm is of no version, 3.8 or newer is needed: "),
    ],
)
def test_too_little_or_too_old_is_named_with_its_remedy(
    laptop: Laptop, app: Path, tool: str, answer: str, said: str
) -> None:
    laptop.answers[tool] = (0, answer)
    done = laptop.run("up", "--app-dir", str(app))
    assert done.returncode == 2
    assert said in done.stderr
    assert not started(laptop)


def test_the_least_that_suffices_is_enough(laptop: Laptop, app: Path) -> None:
    laptop.answers |= {"docker info": (0, str(4 * 2**30)), "helm version": (0, "v3.8.0+gd141386")}
    assert laptop.run("up", "--app-dir", str(app)).returncode == 0


def test_every_tool_has_a_remedy() -> None:
    assert set(INSTALL) == set(TOOLS) - {"make"}
