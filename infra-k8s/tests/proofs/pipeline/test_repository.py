from pathlib import Path

import pytest

from proofs.pipeline.repository import GitFailed, commit, fill, git, push, sources


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A working copy with a committed file, a changed one, a new one and an ignored one."""
    folder = tmp_path / "source"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "source")
    for name in ("kept", "changed", "gone"):
        (folder / name).write_text("committed\n")
    (folder / ".gitignore").write_text("ignored\n")
    commit(folder, "all of it")
    (folder / "changed").write_text("changed since\n")
    (folder / "gone").unlink()
    (folder / "new").write_text("new\n")
    (folder / "ignored").write_text("ignored\n")
    return folder


@pytest.fixture
def clone(tmp_path: Path, source: Path) -> Path:
    fill(tmp_path / "app.git", source)
    git(tmp_path, "clone", "--quiet", "app.git", "clone")
    return tmp_path / "clone"


def test_sources_are_the_working_copy_as_it_is(source: Path) -> None:
    assert sources(source) == [".gitignore", "changed", "kept", "new"]


def test_a_filled_repository_holds_one_commit_of_the_sources(clone: Path) -> None:
    assert git(clone, "ls-files").split() == [".gitignore", "changed", "kept", "new"]
    assert (clone / "changed").read_text() == "changed since\n"
    assert git(clone, "rev-list", "--count", "main") == "1"


def test_a_push_runs_the_hook_with_its_variables_and_shows_what_it_prints(
    tmp_path: Path, clone: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hook = tmp_path / "app.git" / "hooks" / "post-receive"
    hook.write_text('#!/bin/sh\nread old new reference; echo "$GREETING for $new"\n')
    hook.chmod(0o755)
    (clone / "new").write_text("newer\n")
    revision = commit(clone, "newer")
    push(clone, {"PATH": "/usr/bin:/bin", "GREETING": "hello"})
    assert f"remote: hello for {revision}" in capfd.readouterr().err


def test_a_refused_push_says_so(tmp_path: Path, clone: Path) -> None:
    hook = tmp_path / "app.git" / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    (clone / "new").write_text("newer\n")
    commit(clone, "newer")
    with pytest.raises(GitFailed, match="push"):
        push(clone, {"PATH": "/usr/bin:/bin"})


def test_the_users_own_git_settings_do_not_count(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "somebody")
    commit(source, "more")
    assert git(source, "log", "-1", "--format=%an") == "pipeline"
