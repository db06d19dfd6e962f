from pathlib import Path

import pytest

from proofs.pipeline.forge import Forge
from proofs.pipeline.place import Place
from proofs.pipeline.repository import commit, git

LOCKED, STAMP = "requirements-dev.txt", ".venv/.ready"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An application whose environment was made after it was locked."""
    source = tmp_path / "source"
    (source / ".venv").mkdir(parents=True)
    (source / LOCKED).write_text("flask==3\n")
    (source / STAMP).touch()
    return source


@pytest.fixture
def forge(tmp_path: Path, source: Path) -> Forge:
    return Forge(tmp_path, Place(source, source, "image", "linux/amd64", "", "flask-app", "minikube", "2m", "60", "0"))


@pytest.fixture
def checkout(tmp_path: Path, source: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "checkout")
    (tmp_path / "checkout" / LOCKED).write_text((source / LOCKED).read_text())
    commit(tmp_path / "checkout", "all of it")
    return tmp_path / "checkout"


def test_an_environment_is_lent_and_neither_stale_nor_part_of_the_commit(forge: Forge, checkout: Path) -> None:
    for _ in range(2):
        forge.lend("app", checkout)
        assert (checkout / ".venv").is_symlink()
        assert (checkout / LOCKED).stat().st_mtime <= (checkout / STAMP).stat().st_mtime
        assert git(checkout, "status", "--porcelain") == ""


def test_an_environment_of_other_packages_is_not_lent(forge: Forge, checkout: Path, source: Path) -> None:
    forge.lend("app", checkout)
    (checkout / LOCKED).write_text("flask==4\n")
    forge.lend("app", checkout)
    assert not (checkout / ".venv").exists()
    assert (source / STAMP).exists()


def test_an_environment_that_is_there_is_left_alone(forge: Forge, checkout: Path) -> None:
    (checkout / ".venv").mkdir()
    forge.lend("app", checkout)
    assert not (checkout / ".venv").is_symlink()
