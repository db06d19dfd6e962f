from pathlib import Path

import pytest

from publish.destination import Folder, GitHub, fetch_head, push
from publish.git import Git
from publish.refusal import Refusal
from tests.publish.conftest import save


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "out")


def test_a_new_repository_is_empty_and_then_at_what_was_pushed(git: Git, folder: Folder) -> None:
    assert fetch_head(git, folder, "shop") is None
    folder.create("shop")
    assert fetch_head(git, folder, "shop") is None
    commit = git("rev-parse", "HEAD")
    push(git, folder, "shop", commit)
    assert fetch_head(git, folder, "shop") == commit


def test_git_itself_refuses_to_go_back(git: Git, folder: Folder) -> None:
    folder.create("shop")
    before, after = git("rev-parse", "HEAD"), save(git, "more", "")
    push(git, folder, "shop", after)
    with pytest.raises(Refusal, match="rejected"):
        push(git, folder, "shop", before)


def test_a_repository_of_other_branches_is_refused(git: Git, folder: Folder) -> None:
    folder.create("shop")
    git("push", "--quiet", folder.address("shop"), "main:master")
    with pytest.raises(Refusal, match="has no branch main but others"):
        fetch_head(git, folder, "shop")


def test_github_knows_what_it_has(github: Path) -> None:
    place = GitHub("ada")
    assert GitHub.reachable()
    assert not place.has("shop")
    place.create("shop")
    assert place.has("shop")


def test_a_refusal_of_github_is_handed_on(github: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (github.parent / "bin" / "gh").write_text("#!/bin/sh\necho 'HTTP 401: Bad credentials' >&2\nexit 1\n")
    assert not GitHub.reachable()
    for ask in (GitHub("ada").has, GitHub("ada").create):
        with pytest.raises(Refusal, match="HTTP 401: Bad credentials"):
            ask("shop")
