"""The distribution: one package, the dependencies that it imports, two executables that run where nothing else is."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from scrape_doctor.__main__ import RUN_AGAINST
from tests.scrape_doctor.test_dependencies import DEPENDENCIES

INFRA = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
PROJECT = tomllib.loads((INFRA / "pyproject.toml").read_text())["project"]
EXECUTABLES = ["scrape-doctor", "kubectl-scrape_doctor"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = (UV, "build", "--quiet", "--offline", "--wheel", "--out-dir", folder, INFRA)
    subprocess.run(command, check=True, capture_output=True, text=True)
    (built,) = folder.glob("*.whl")
    return built


def installed(wheel: Path, environment: Path, *options: str | Path) -> Path:
    """Return the executables' folder of a new environment with the wheel."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([UV, "pip", "install", "--quiet", "--python", python, *options, wheel], check=True)
    return environment / "bin"


def output(*command: str | Path) -> str:
    # An empty environment: no PYTHONPATH, no kubeconfig, a folder without our modules.
    done = subprocess.run(command, cwd="/", env={"HOME": "/nonexistent"}, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_wheel_holds_one_package_and_no_test(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"scrape_doctor", f"scrape_doctor-{PROJECT['version']}.dist-info"}
    assert "scrape_doctor/checks/target.py" in names


def test_the_dependencies_are_what_the_package_imports() -> None:
    named = {re.split(r"[^\w-]", each)[0].replace("-", "_") for each in PROJECT["dependencies"]}
    declared = {"yaml" if name == "PyYAML" else name for name in named}
    assert declared == DEPENDENCIES


def test_both_executables_are_installed(wheel: Path, tmp_path: Path) -> None:
    executables = installed(wheel, tmp_path / "env", "--offline", "--no-deps")
    assert all((executables / name).is_file() for name in EXECUTABLES)


def test_the_repositorys_own_environment_has_the_command() -> None:
    command = Path(sys.executable).with_name("scrape-doctor")
    assert output(command, "--version") == f"scrape-doctor {PROJECT['version']}, {RUN_AGAINST}\n"


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_wheel_runs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    locked = re.findall(r"^([\w.-]+==[^\s;]+)", (INFRA / "requirements.txt").read_text(), re.MULTILINE)
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("\n".join(locked))
    executables = installed(wheel, tmp_path / "env", "--constraint", constraints)
    for name in EXECUTABLES:
        assert output(executables / name, "--version") == f"scrape-doctor {PROJECT['version']}, {RUN_AGAINST}\n"
    refused = output(executables / "scrape-doctor", "--namespace", "x")
    assert refused.startswith("doctor: ")
    assert refused.count("\n") == 1
