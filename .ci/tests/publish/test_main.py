import os
from pathlib import Path

import pytest

from publish.__main__ import main
from publish.git import Git
from publish.names import REPOSITORIES
from tests.publish.conftest import save

Output = pytest.CaptureFixture[str]


def publish(git: Git, *arguments: str) -> int:
    return main(["--owner", "ada", "--workspace", str(git.folder), *arguments])


def log(repository: Path) -> list[str]:
    return Git(repository)("log", "--format=%s", "main").splitlines()


def test_without_go_it_is_only_shown(git: Git, tmp_path: Path, capsys: Output) -> None:
    assert publish(git, "--to", str(tmp_path / "out"), "--name", "shop") == 0
    output = capsys.readouterr().out
    assert output.count("create and push") == 3
    assert "GO=1 does it" in output
    assert not (tmp_path / "out").exists()


def test_published_once_and_again_after_a_commit(git: Git, tmp_path: Path, capsys: Output) -> None:
    out = tmp_path / "out"
    assert publish(git, "--to", str(out), "--name", "shop", "--go") == 0
    assert f"git -C {out}/shop.git push https://github.com/ada/shop.git main" in capsys.readouterr().out
    assert log(out / "shop.git") == ["Change infra-k8s/helm/shop/Chart.yaml"]
    assert Git(out / "infra-k8s.git")("show", "main:helm/shop/Chart.yaml") == "name: shop"

    head = Git(out / "infra-k8s.git")("rev-parse", "main")
    save(git, "infra-k8s/more", "")
    assert publish(git, "--to", str(out), "--name", "shop", "--go") == 0
    output = capsys.readouterr().out
    assert (output.count("│ up to date"), output.count("│ fast-forward")) == (2, 1)
    assert Git(out / "infra-k8s.git")("rev-parse", "main^") == head


@pytest.mark.parametrize("file", ["README.md", "flask-app/README.md", "infra-k8s/new"])
def test_a_dirty_tree_is_refused(git: Git, file: str, capsys: Output) -> None:
    (git.folder / file).write_text("half a thought")
    assert publish(git, "--go") == 1
    assert capsys.readouterr().err == f"publish: not everything is committed ({file}): commit it first\n"


def test_one_refusal_leaves_all_three_as_they_were(git: Git, tmp_path: Path, capsys: Output) -> None:
    other = Git(tmp_path / "out" / "infra-k8s.git")
    other.folder.mkdir(parents=True)
    other("init", "--quiet", "--bare")
    other("fetch", "--quiet", str(git.folder), "main:main")
    assert publish(git, "--to", str(tmp_path / "out"), "--go") == 1
    assert f"publish: {other.folder} holds another history, which is left alone" in capsys.readouterr().err
    assert os.listdir(tmp_path / "out") == ["infra-k8s.git"]


def test_on_github_the_repositories_are_made_by_gh(git: Git, github: Path, capsys: Output) -> None:
    assert publish(git, "--go") == 0
    asked = (github / "record").read_text().splitlines()
    created = [line for line in asked if line.startswith("repo create")]
    assert created == [f"repo create ada/{name} --public" for name in REPOSITORIES]
    assert log(github / "ada" / "flask-app.git") == ["Change infra-k8s/helm/flask-app/Chart.yaml"]
    assert "https://github.com/ada/flask-app.git: create and push" in capsys.readouterr().out


def test_without_gh_they_are_put_into_the_build_folder(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publish.__main__.GitHub.reachable", lambda: False)
    (git.folder / ".gitignore").write_text("build/\n")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Ignore what is built")
    assert publish(git, "--go") == 0
    assert (git.folder / "build" / "publish" / "flask-app.git").is_dir()
