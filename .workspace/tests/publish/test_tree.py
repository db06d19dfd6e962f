from pathlib import Path

import pytest

from publish.git import Git
from publish.names import Names
from publish.refusal import Refusal
from publish.rules import table
from publish.tree import published, rename
from tests.publish.conftest import save

SHOP = table(Names("ada", "shop"))


def test_texts_files_and_folders_are_renamed(tmp_path: Path) -> None:
    chart = tmp_path / "helm" / "flask-app"
    chart.mkdir(parents=True)
    (chart / "flask-app.json").write_text('{"uid": "flask-app"}')
    (chart / "flask-app.png").write_bytes(b"\0flask-app")
    rename(tmp_path, SHOP)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["helm", "shop", "shop.json", "shop.png"]
    assert (tmp_path / "helm" / "shop" / "shop.json").read_text() == '{"uid": "shop"}'
    assert (tmp_path / "helm" / "shop" / "shop.png").read_bytes() == b"\0flask-app"


def test_a_name_that_is_taken_by_a_file_is_refused(tmp_path: Path) -> None:
    for name in ("flask-app.json", "shop.json"):
        (tmp_path / name).touch()
    with pytest.raises(Refusal, match=r"flask-app\.json cannot become shop\.json, which exists"):
        rename(tmp_path, SHOP)


def test_code_is_in_style_under_a_name_of_another_length(git: Git) -> None:
    arguments = ", ".join(["'flask-app'"] * 9)
    save(git, "code.py", f"print(\n    {arguments.replace(chr(39), chr(34))}\n)\n")
    tree = published(git, "HEAD", SHOP)
    assert git("show", f"{tree}:code.py").count("\n") == 0


def test_a_line_that_a_long_name_makes_too_long_is_marked(git: Git) -> None:
    save(git, "pyproject.toml", "[tool.ruff]\nline-length = 40\n")
    save(git, "code.py", 'COMMAND = "helm upgrade flask-app helm/flask-app"\n')
    tree = published(git, "HEAD", table(Names("ada", "much-longer-name")))
    assert 'much-longer-name"  # noqa: E501' in git("show", f"{tree}:code.py")


def test_nothing_of_it_is_left_in_the_workspace(git: Git) -> None:
    published(git, "HEAD", SHOP)
    assert git("status", "--porcelain") == ""
