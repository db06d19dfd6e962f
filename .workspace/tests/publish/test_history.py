import pytest

from publish import history
from publish.git import Git
from publish.refusal import Refusal
from tests.publish.conftest import save


def tree(git: Git, commit: str) -> str:
    return git("rev-parse", f"{commit}^{{tree}}")


def successor(git: Git, head: str | None, split: str) -> str:
    """Publish the files of `split` as they are."""
    return history.successor(git, head, split, tree(git, split), "Publish")


def is_ancestor(git: Git, earlier: str, later: str) -> bool:
    return git.run("merge-base", "--is-ancestor", earlier, later).returncode == 0


def on_remote(git: Git, head: str, path: str, text: str) -> str:
    """Commit something on top of what was published."""
    git("checkout", "--quiet", "--detach", head)
    commit = save(git, path, text)
    git("checkout", "--quiet", "main")
    return commit


@pytest.fixture
def first(git: Git) -> str:
    return git("rev-parse", "HEAD")


def test_a_folders_history_is_its_own_and_always_the_same(git: Git) -> None:
    save(git, "flask-app/app.py", "")
    save(git, "infra-k8s/values.yaml", "")
    split = history.split(git, "flask-app")
    assert git("ls-tree", "-r", "--name-only", split).split() == ["README.md", "app.py"]
    assert git("log", "--format=%s", split).splitlines()[0] == "Change flask-app/app.py"
    assert split == history.split(git, "flask-app")


def test_the_first_publication_is_one_commit_on_top(git: Git, first: str) -> None:
    made = successor(git, None, first)
    assert git("rev-parse", f"{made}^") == first
    assert made == successor(git, None, first)


def test_publishing_again_changes_nothing(git: Git, first: str) -> None:
    made = successor(git, None, first)
    assert successor(git, made, first) == made


def test_a_history_that_was_pushed_by_hand_is_continued(git: Git, first: str) -> None:
    later = save(git, "more", "")
    assert git("rev-parse", f"{successor(git, first, later)}^") == later


def test_an_update_is_a_fast_forward_with_the_new_commits(git: Git, first: str) -> None:
    before = successor(git, None, first)
    later = save(git, "more", "")
    after = successor(git, before, later)
    assert git("rev-parse", f"{after}^1", f"{after}^2").split() == [before, later]
    assert tree(git, after) == tree(git, later)


def test_other_names_are_an_update_too(git: Git, first: str) -> None:
    before = successor(git, None, first)
    renamed = tree(git, save(git, "renamed", ""))
    after = history.successor(git, before, first, renamed, "Publish")
    assert git("log", "-1", "--format=%P", after) == before


def test_what_was_committed_on_the_remote_is_kept(git: Git, first: str) -> None:
    remote = on_remote(git, successor(git, None, first), "digest", "sha256:1")
    later = save(git, "more", "")
    after = successor(git, remote, later)
    assert is_ancestor(git, remote, after)
    assert is_ancestor(git, later, after)
    assert {"digest", "more"} <= set(git("ls-tree", "--name-only", after).split())
    again = successor(git, on_remote(git, after, "digest", "sha256:2"), save(git, "still", "more"))
    assert git("show", f"{again}:digest", f"{again}:still") == "sha256:2more"


def test_changes_that_meet_are_refused_by_file(git: Git, first: str) -> None:
    remote = on_remote(git, successor(git, None, first), "digest", "theirs")
    with pytest.raises(Refusal, match=r"has commits of its own that meet those made here: .* \(digest\)$"):
        successor(git, remote, save(git, "digest", "ours"))


def test_another_history_is_refused(git: Git, first: str) -> None:
    stranger = git("commit-tree", tree(git, first), "-m", "Initial commit")
    with pytest.raises(Refusal, match="another history, which is left alone"):
        successor(git, stranger, first)


def test_a_workspace_that_is_behind_is_refused(git: Git, first: str) -> None:
    ahead = successor(git, None, save(git, "more", ""))
    with pytest.raises(Refusal, match="was published from commits that are not here"):
        successor(git, ahead, first)
