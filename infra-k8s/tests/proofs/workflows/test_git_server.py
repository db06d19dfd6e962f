import os
import subprocess
from pathlib import Path

import pytest

from proofs.workflows.git_server import GitFailed, GitServer, commit, git, sources

ALLOW_PUSH = Path(__file__).resolve().parents[3] / "proofs/workflows/stand_ins/commands/allow-push"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A working copy with a committed file, a changed one, a new one and an ignored one."""
    folder = tmp_path / "source"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "source")
    for name in ("kept", "changed", "gone"):
        (folder / name).write_text("committed by your-github-name\n")
    (folder / "picture").write_bytes(b"\xff\xfeyour-github-name")
    (folder / ".gitignore").write_text("ignored\n")
    commit(folder, "all of it")
    (folder / "changed").write_text("changed since\n")
    (folder / "gone").unlink()
    (folder / "new").write_text("new\n")
    (folder / "ignored").write_text("ignored\n")
    return folder


@pytest.fixture
def server(tmp_path: Path, source: Path) -> GitServer:
    (tmp_path / "git").mkdir()
    made = GitServer(tmp_path / "git")
    made.publish("owner/app", source, {"your-github-name": "owner"})
    return made


@pytest.fixture
def job(tmp_path: Path, server: GitServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone as a job's checkout makes it, with the settings that every job has."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_SERVER", str(server.folder))
    monkeypatch.setenv("RUN_FOLDER", str(tmp_path))
    monkeypatch.setenv("GITHUB_JOB", "record")
    for name in ("GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    server.write_settings(tmp_path / ".gitconfig")
    plain(tmp_path, "clone", "--quiet", "https://github.com/owner/app", "job")
    return tmp_path / "job"


def plain(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git as a job's step does."""
    author = ("-c", "user.name=job", "-c", "user.email=job@localhost")
    return subprocess.run(["git", *author, *arguments], cwd=folder, env=os.environ, capture_output=True, text=True)


def test_sources_are_the_working_copy_as_it_is(source: Path) -> None:
    assert sources(source) == [".gitignore", "changed", "kept", "new", "picture"]


def test_a_published_repository_holds_one_commit_of_the_sources_with_names_replaced(server: GitServer) -> None:
    assert server.read("owner/app", "kept") == "committed by owner\n"
    assert server.read("owner/app", "changed") == "changed since\n"
    assert git(server.bare("owner/app"), "rev-list", "--count", "main") == "1"
    assert git(server.bare("owner/app"), "ls-tree", "--name-only", "main").split() == [
        *(".gitignore", "changed", "kept", "new", "picture")
    ]


def test_a_developer_may_push(tmp_path: Path, server: GitServer) -> None:
    clone = server.clone("owner/app", tmp_path / "developer")
    (clone / "new").write_text("newer\n")
    revision = commit(clone, "newer")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    assert server.at("owner/app") == revision


def test_a_job_reads_githubs_address_and_may_not_push(job: Path) -> None:
    plain(job, "commit", "--quiet", "--allow-empty", "--message", "empty")
    assert "no-right-to-push" in plain(job, "push", "origin", "HEAD:main").stderr


@pytest.mark.parametrize(("right", "pushes"), [("write", True), ("read", False)])
def test_a_job_pushes_after_the_token_was_set_up_if_it_has_the_right(
    tmp_path: Path, job: Path, server: GitServer, right: str, pushes: bool
) -> None:
    (tmp_path / "rights").write_text(f"record contents {right}\n")
    plain(job, "commit", "--quiet", "--allow-empty", "--message", "empty")
    done = subprocess.run([ALLOW_PUSH, "owner/app"], cwd=job, capture_output=True, text=True)
    assert (done.returncode == 0) is pushes
    plain(job, "push", "origin", "HEAD:main")
    assert (server.at("owner/app") == plain(job, "rev-parse", "HEAD").stdout.strip()) is pushes
    assert (tmp_path / "rights-used").exists() is pushes


def test_a_failure_of_git_says_so(server: GitServer) -> None:
    with pytest.raises(GitFailed, match="no-such-branch"):
        server.at("owner/app", "no-such-branch")
