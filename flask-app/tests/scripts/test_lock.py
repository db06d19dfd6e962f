"""Both locks agree after `make lock`, whatever they held before; of packages that are made here, without an index."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.test_requirements import locked

ROOT = Path(__file__).parent.parent.parent


def wheel(folder: Path, name: str, version: str, *requires: str) -> None:
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of what locks, with packages of two versions in a folder."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/lock", tmp_path / "scripts")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/uv").symlink_to(Path(sys.prefix) / "bin/uv")
    (tmp_path / "wheels").mkdir()
    for version in ("1", "2"):
        for name, requires in {"tea": (), "milk": (), "breakfast": ("tea",)}.items():
            wheel(tmp_path / "wheels", name, version, *requires)
    (tmp_path / "requirements.in").write_text("milk\n")
    (tmp_path / "requirements-dev.in").write_text("-r requirements.in\nbreakfast\n")
    return tmp_path


def lock(copy: Path, **environ: str) -> tuple[dict[str, str], dict[str, str]]:
    offline = {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(copy / "wheels"), "UV_OFFLINE": "1", "UV_NO_CONFIG": "1"}
    subprocess.run([copy / "scripts/lock"], env={**os.environ, **offline, **environ}, check=True, timeout=60)
    first, second = (locked(str(copy / f"{name}.txt")) for name in ("requirements", "requirements-dev"))
    assert first.items() <= second.items()
    return first, second


def pin(copy: Path, *pins: str) -> None:
    """Write locks that hold these."""
    for name in ("requirements", "requirements-dev"):
        (copy / f"{name}.txt").write_text("".join(f"{each}\n" for each in pins))


def test_package_that_only_the_tests_had_ships_as_it_is_tested(copy: Path) -> None:
    pin(copy, "milk==1")
    (copy / "requirements-dev.txt").write_text("milk==1\ntea==1\nbreakfast==1\n")
    (copy / "requirements.in").write_text("milk\ntea\n")
    assert lock(copy)[0] == {"milk": "1", "tea": "2"}


def test_pins_that_fit_are_kept(copy: Path) -> None:
    pin(copy, "milk==1", "tea==1", "breakfast==1")
    assert lock(copy) == ({"milk": "1"}, {"milk": "1", "tea": "1", "breakfast": "1"})


def test_newest_are_taken_when_told(copy: Path) -> None:
    pin(copy, "milk==1", "tea==1", "breakfast==1")
    assert lock(copy, UPGRADE="1") == ({"milk": "2"}, {"milk": "2", "tea": "2", "breakfast": "2"})
