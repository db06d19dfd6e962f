"""`scripts/setup`, of which every folder has the same text."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.executables import install

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / ".ci" / "scripts" / "setup"
UV = f'#!/bin/sh\nexec {sys.executable} -m uv --offline "$@"\n'
OTHER = f'#!/bin/sh\ncase $* in *base_prefix*) echo other ;; *) exec {sys.executable} "$@" ;; esac\n'
PIP = """case "$1 $2" in "-m pip") shift 2; exec {python} -c "{pip}" "$@" ;; *) exec {python} "$@" ;; esac
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project that locks no packages, beside a folder `bin` with uv in it."""
    project = tmp_path / "project"
    install(tmp_path / "bin" / "uv", UV)
    install(project / "scripts" / "setup", SCRIPT.read_text())
    (project / "pyproject.toml").write_text('[tool.ruff]\ntarget-version = "py311"\n')
    (project / "requirements.txt").write_text("# nothing\n")
    return project


def setup(project: Path, path: str | None = None, **environment: str) -> bool:
    """Run the script and tell whether it made an environment."""
    path = path or f"{project.parent / 'bin'}:{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "VENV", "LOCK")}
    done = subprocess.run(
        (project / "scripts" / "setup",), env=kept | {"PATH": path} | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert (project / ".venv" / "bin" / "python").exists()
    return "==> project: installing" in done.stderr


def test_every_folder_has_the_same() -> None:
    folders = ("flask-app", "infra-k8s", "devops-portfolio-project")
    assert {(ROOT / folder / "scripts" / "setup").read_text() for folder in folders} == {SCRIPT.read_text()}


def test_a_complete_environment_is_left_as_it_is(project: Path) -> None:
    assert setup(project, PYTHON=sys.executable)
    assert not setup(project)
    assert not setup(project, PYTHON=sys.executable)


def test_an_environment_of_another_lock_is_made_again(project: Path) -> None:
    setup(project)
    (project / "requirements.txt").write_text("# still nothing\n")
    assert setup(project)


def test_an_incomplete_environment_is_made_again(project: Path) -> None:
    setup(project)
    (project / ".venv" / ".ready").unlink()
    (project / ".venv" / "left").touch()
    assert setup(project)
    assert not (project / ".venv" / "left").exists()


def test_an_environment_whose_python_is_gone_is_made_again(project: Path) -> None:
    setup(project)
    (project / ".venv" / "bin" / "python").unlink()
    assert setup(project)


def test_an_environment_of_another_python_is_made_again_where_one_is_given(project: Path) -> None:
    other = str(install(project.parent / "other", OTHER))
    setup(project)
    assert setup(project, PYTHON=other)


def test_pip_installs_where_uv_finds_nothing(project: Path) -> None:
    install(project.parent / "bin" / "uv", "#!/bin/sh\nexit 1\n")
    assert setup(project, PYTHON=recorded(project, "sys.exit(0)"))
    assert "install" in (project.parent / "pip").read_text()
    assert not list((project / ".venv" / "bin").glob("pip*"))


def test_an_environment_gets_a_pip_where_the_python_has_none(project: Path) -> None:
    install(project.parent / "bin" / "uv", "#!/bin/sh\nexit 1\n")
    assert setup(project, PYTHON=recorded(project, "sys.exit('No module named pip')"))
    assert list((project / ".venv" / "bin").glob("pip*"))


def recorded(project: Path, end: str) -> str:
    """Return a Python whose pip writes down how it was called, beside the project, and ends so."""
    pip = f"import sys; print(*sys.argv, file=open('{project.parent / 'pip'}', 'a')); {end}"
    return str(install(project.parent / "python", "#!/bin/sh\n" + PIP.format(python=sys.executable, pip=pip)))


def test_another_lock_makes_a_smaller_environment_without_the_package(project: Path) -> None:
    with (project / "pyproject.toml").open("a") as settings:
        settings.write('[build-system]\nbuild-backend = "none"\n')
    (project / "requirements-up.txt").write_text("# less\n")
    assert setup(project, LOCK="requirements-up.txt")
    assert not setup(project, LOCK="requirements-up.txt")


def test_an_older_python_is_refused_in_one_line(project: Path) -> None:
    (project / "pyproject.toml").write_text('target-version = "py399"\n')
    done = subprocess.run((project / "scripts" / "setup",), capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("project needs Python 3.99 or newer, found 3.")
