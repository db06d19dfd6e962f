import subprocess
from pathlib import Path

import pytest

from tests.executables import install

CI = Path(__file__).resolve().parents[1]
# Answers as a Python of this version does, or as pyenv's shim of one that is not chosen.
PYTHON = """#!/bin/sh
case $2 in *print*) echo $0 ;; *"'{version}'.split"*) ;; *) exit 1 ;; esac
"""
SHIM = "#!/bin/sh\necho 'pyenv: command not found' >&2; exit 127\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project for Python 3.91 and newer, with workflows that run 3.93."""
    install(tmp_path / ".ci" / "python", (CI / "python").read_text())
    install(tmp_path / "app" / "pyproject.toml", 'requires-python = ">=3.91"\n')
    install(tmp_path / "app" / ".github" / "workflows" / "ci.yaml", '          python-version: "3.93"\n')
    return tmp_path


def find(project: Path, which: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{project / 'bin'}:/usr/bin:/bin", "HOME": str(project)}
    return subprocess.run((project / ".ci" / "python", which), env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(("which", "version"), [("oldest", "3.91"), ("workflows", "3.93")])
@pytest.mark.parametrize("place", ["bin/python{}", ".pyenv/versions/{}.7/bin/python"])
@pytest.mark.parametrize("shimmed", [True, False])
def test_the_declared_python_is_found_on_path_and_among_pyenvs(
    project: Path, which: str, version: str, place: str, shimmed: bool
) -> None:
    if shimmed:
        install(project / "bin" / f"python{version}", SHIM)
    made = install(project / place.format(version), PYTHON.format(version=version))
    assert find(project, which).stdout == f"{made}\n"


def test_a_python_of_another_version_is_not_taken(project: Path) -> None:
    install(project / "bin" / "python3.91", PYTHON.format(version="3.90"))
    missing = find(project, "oldest")
    assert missing.returncode == 1
    assert missing.stderr.count("\n") == 1
    assert "no Python 3.91 (requires-python of pyproject.toml)" in missing.stderr


def test_workflows_that_differ_are_refused(project: Path) -> None:
    install(project / "docs" / ".github" / "workflows" / "ci.yaml", '          python-version: "3.94"\n')
    refused = find(project, "workflows")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "python: python-version of the workflows must name one version: 3.93 and 3.94\n"
