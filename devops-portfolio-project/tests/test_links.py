"""Every link resolves: to a page, a heading, a picture, a file of a sibling; and so does every file named in code."""

import re
from pathlib import Path

import pytest

from checks.blocks import name
from checks.markdown import anchors, inline_code, links
from checks.repositories import HERE, NAMES, WORKSPACE, folder, pages, sibling_pages
from tests.conftest import require

# A sibling is a neighbouring folder here and, as `make publish` writes it, a repository of the same owner on GitHub.
SIBLING = re.compile(
    r"(?:\.\./|https://github\.com/[\w-]+/)(flask-app|infra-k8s)(?:/(?:blob|tree)/main)?(?:/([^#]*))?(?:#(.+))?"
)
KNOWN_AS_FILE = re.compile(r"(?!/)[\w./-]+\.(py|md|mmd|ya?ml|json|png|svg|toml|txt|in|tpl|conf|mjs)")
PAGES = pages()


def broken(page: Path, root: Path = HERE) -> list[str]:
    """Return the targets that do not resolve inside this repository."""
    found = []
    for target in links(page):
        if re.match(r"[a-z]+:", target) or SIBLING.fullmatch(target):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if not path.is_relative_to(root) or not path.exists() or (anchor and anchor not in anchors(path)):
            found.append(target)
    return found


def broken_in_siblings(page: Path) -> list[str]:
    """Return the links to a sibling's file or heading that do not resolve; raise MissingRepository without it."""
    found = []
    for target in links(page):
        if sibling := SIBLING.fullmatch(target):
            repository, path, anchor = sibling.groups()
            file = folder(repository) / (path or "README.md")
            if not file.exists() or (anchor and anchor not in anchors(file)):
                found.append(target)
    return found


def unknown_files(page: Path) -> list[str]:
    """Return the files and folders named in code that do not exist; raise MissingRepository without a sibling."""
    found = []
    for text in inline_code(page):
        first, _, rest = text.partition("/")
        if first == ".ci":
            path = folder(WORKSPACE) / text
        elif first in NAMES and re.fullmatch(r"[\w./…-]*", rest):
            path = folder(first) / rest
        elif KNOWN_AS_FILE.fullmatch(text):
            path = HERE / text
        else:
            continue
        if not path.exists():
            found.append(text)
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_resolve(page: Path) -> None:
    assert broken(page) == []


def test_links_of_the_sibling_pages_resolve() -> None:
    require("workspace", "flask-app", "infra-k8s")
    for page, repository in sibling_pages():
        assert broken(page, folder(repository)) == [], page


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_into_siblings_resolve(page: Path) -> None:
    require("flask-app", "infra-k8s")
    assert broken_in_siblings(page) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_named_in_code_exist(page: Path) -> None:
    require("flask-app", "infra-k8s", "workspace")
    assert unknown_files(page) == []


def test_what_does_not_resolve_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Here\n\n[a](#here) [b](#nowhere) [c](missing.md) [d](../x) `missing.py` `README.md`\n")
    assert broken(page, tmp_path) == ["#nowhere", "missing.md", "../x"]
    assert unknown_files(page) == ["missing.py"]


@pytest.mark.parametrize("address", ["../flask-app", "https://github.com/somebody/flask-app/blob/main"])
def test_what_a_sibling_does_not_have_is_found(address: str, tmp_path: Path) -> None:
    require("flask-app")
    page = tmp_path / "page.md"
    page.write_text(f"[a]({address}/README.md#settings) [b]({address}/missing.py) `flask-app/missing`\n")
    assert broken_in_siblings(page) == [f"{address}/missing.py"]
    assert unknown_files(page) == ["flask-app/missing"]
