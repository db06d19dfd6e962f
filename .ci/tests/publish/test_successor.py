import pytest

from publish.git import Git
from publish.refusal import Refusal
from publish.successor import precedes, successor
from tests.publish.conftest import save


def on_remote(git: Git, head: str, path: str, text: str) -> str:
    """Commit something on top of what was published."""
    git("checkout", "--quiet", "--detach", head)
    commit = save(git, path, text)
    git("checkout", "--quiet", "main")
    return commit


@pytest.fixture
def first(git: Git) -> str:
    return git("rev-parse", "HEAD")


def test_the_first_publication_is_the_history_itself(git: Git, first: str) -> None:
    assert successor(git, None, first) == first


def test_publishing_again_changes_nothing(git: Git, first: str) -> None:
    assert successor(git, first, first) == first


def test_an_update_is_a_fast_forward_to_the_new_commits(git: Git, first: str) -> None:
    later = save(git, "more", "")
    assert successor(git, first, later) == later


def test_what_was_committed_on_the_remote_is_kept(git: Git, first: str) -> None:
    remote = on_remote(git, first, "digest", "sha256:1")
    assert successor(git, remote, first) == remote
    later = save(git, "more", "")
    after = successor(git, remote, later)
    assert precedes(git, remote, after)
    assert precedes(git, later, after)
    assert {"digest", "more"} <= set(git("ls-tree", "--name-only", after).split())
    again = successor(git, on_remote(git, after, "digest", "sha256:2"), save(git, "still", "more"))
    assert git("show", f"{again}:digest", f"{again}:still") == "sha256:2more"


def test_a_merge_is_by_the_author_of_the_newest_commit(git: Git, first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    remote, later = on_remote(git, first, "digest", "sha256:1"), save(git, "more", "")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    merged = successor(git, remote, later)
    assert git("log", "-1", "--format=%an <%ae> %cn", merged) == "Ada <ada@example.org> Ada"


def test_changes_that_conflict_are_refused_by_file(git: Git, first: str) -> None:
    remote = on_remote(git, first, "digest", "theirs")
    with pytest.raises(Refusal, match=r"has commits that conflict with those made here: .* \(digest\)$"):
        successor(git, remote, save(git, "digest", "ours"))


def test_another_history_is_refused(git: Git, first: str) -> None:
    foreign = git("commit-tree", f"{first}^{{tree}}", "-m", "Initial commit")
    with pytest.raises(Refusal, match="another history, which is left alone"):
        successor(git, foreign, first)


def test_a_workspace_that_is_behind_publishes_nothing(git: Git, first: str) -> None:
    ahead = save(git, "more", "")
    assert successor(git, ahead, first) == ahead
