import hashlib
from pathlib import Path

import pytest

from publish.git import Git
from publish.names import Names
from publish.refusal import Refusal
from publish.rewrite import rewrite
from tests.publish.conftest import save


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


def published(git: Git, scratch: Path, name: str = "shop") -> Git:
    """Return infra-k8s under a service's name, in a new repository."""
    scratch.mkdir(exist_ok=True)
    return rewrite(git, "infra-k8s", Names("ada", name), scratch / f"{len(list(scratch.iterdir()))}.git")


def test_a_folders_history_is_its_own_and_always_the_same(git: Git, scratch: Path) -> None:
    save(git, "flask-app/app.py", "")
    save(git, "infra-k8s/values.yaml", "")
    made = published(git, scratch)
    assert made("ls-tree", "-r", "--name-only", "main").split() == ["README.md", "helm/shop/Chart.yaml", "values.yaml"]
    assert made("log", "--format=%s", "main").splitlines() == [
        "Change infra-k8s/values.yaml",
        "Change infra-k8s/helm/shop/Chart.yaml",
    ]
    head = made("rev-parse", "main")
    assert head == published(git, scratch)("rev-parse", "main")
    save(git, "infra-k8s/more", "")
    assert published(git, scratch)("rev-parse", "main^") == head


def test_every_commit_has_the_names_in_texts_files_and_folders(git: Git, scratch: Path) -> None:
    chart = git.folder / "infra-k8s" / "helm" / "flask-app"
    (chart / "flask-app.png").write_bytes(b"\0flask-app")
    save(git, "infra-k8s/helm/flask-app/flask-app.json", '{"uid": "flask-app"}')
    save(git, "infra-k8s/helm/flask-app/flask-app.json", '{"uid": "your-github-name/flask-app"}')
    made = published(git, scratch)
    assert made("show", "main:helm/shop/shop.json") == '{"uid": "ada/shop"}'
    assert made("show", "main^:helm/shop/shop.json") == '{"uid": "shop"}'
    assert made("cat-file", "-p", "main:helm/shop/shop.png") == "\0flask-app"


def test_the_commit_that_is_checked_out_is_published(git: Git, scratch: Path) -> None:
    git("checkout", "--quiet", "-b", "work")
    save(git, "infra-k8s/values.yaml", "")
    assert "values.yaml" in published(git, scratch)("ls-tree", "--name-only", "main")


def test_a_name_that_is_taken_by_a_file_is_refused(git: Git, scratch: Path) -> None:
    for name in ("flask-app.json", "shop.json"):
        save(git, f"infra-k8s/{name}", name)
    with pytest.raises(Refusal, match=r"two files would be infra-k8s/shop\.json: choose another NAME"):
        published(git, scratch)


def test_code_is_in_style_under_a_name_of_another_length(git: Git, scratch: Path) -> None:
    arguments = ", ".join(["'flask-app'"] * 9)
    save(git, "infra-k8s/code.py", f"print(\n    {arguments.replace(chr(39), chr(34))}\n)\n")
    assert published(git, scratch)("show", "main:code.py").count("\n") == 0


def test_a_line_that_a_long_name_makes_too_long_is_marked(git: Git, scratch: Path) -> None:
    save(git, "infra-k8s/code.py", f'COMMAND = "{"x" * 80} helm upgrade flask-app helm/flask-app"\n')
    made = published(git, scratch, "much-longer-name")
    assert 'much-longer-name"  # noqa: E501' in made("show", "main:code.py")


def test_a_change_of_settings_changes_no_commit_that_was_published(git: Git, scratch: Path) -> None:
    save(git, "infra-k8s/code.py", "print('flask-app',\n  'flask-app')\n")
    before = published(git, scratch)("rev-parse", "main")
    save(git, "infra-k8s/pyproject.toml", "[tool.ruff]\nline-length = 20\n")
    assert published(git, scratch)("rev-parse", "main^") == before


def test_a_checksum_of_a_renamed_file_is_that_of_the_new_one(git: Git, scratch: Path) -> None:
    before, after = (hashlib.sha256(f"name: {name}\n".encode()).hexdigest() for name in ("flask-app", "shop"))
    other = hashlib.sha256(b"something else").hexdigest()
    save(git, "infra-k8s/golden.json", f'["{before}", "{other}"]')
    assert published(git, scratch)("show", "main:golden.json") == f'["{after}", "{other}"]'


def test_nothing_of_it_is_left_in_the_workspace(git: Git, scratch: Path) -> None:
    published(git, scratch)
    assert git("status", "--porcelain") == ""
    assert git("for-each-ref", "--format=%(refname)") == "refs/heads/main"
