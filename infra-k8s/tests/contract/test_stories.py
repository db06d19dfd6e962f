import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proofs.pipeline.repository import sources
from proofs.pipeline.stories import STORIES, Change, Story, Untold


@pytest.fixture
def clone(app_dir: Path, tmp_path: Path) -> Path:
    """The application's working copy, as far as stories change it."""
    for name in sources(app_dir):
        if name.startswith(("app/", "templates/")) or name == "pyproject.toml":
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(app_dir / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.message)
def test_every_story_can_be_told_of_the_application_as_it_is(story: Story, clone: Path, app_dir: Path) -> None:
    for change in story.changes:
        change.apply(clone)
    assert any((clone / change.path).read_text() != (app_dir / change.path).read_text() for change in story.changes)


@pytest.mark.parametrize("story", STORIES[1:], ids=lambda story: story.message)
def test_no_story_is_stopped_by_the_linter(story: Story, clone: Path) -> None:
    for change in story.changes:
        change.apply(clone)
    changed = sorted({change.path for change in story.changes if change.path.endswith(".py")})
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run([ruff, *command, "--no-cache", *changed], cwd=clone, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("text", ["", "twice twice"])
def test_a_change_without_its_one_place_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text(text)
    with pytest.raises(Untold, match=r"file holds \d times, not once: 'twice'"):
        Change("file", "twice", "once").apply(tmp_path)
