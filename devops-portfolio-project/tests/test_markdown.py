from pathlib import Path

import pytest

from checks import markdown


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.md"
    file.write_text(
        '# A `b` — c!\n\n## Twice\n\n## Twice\n\n[l](x.md) ![p](p.png) `code` <img src="i.png" alt="">\n\n'
        "| a | b |\n| --- | --- |\n| `1` | 2 \\| 3 |\n"
    )
    return file


def test_anchors_are_githubs(page: Path) -> None:
    assert markdown.anchors(page) == {"a-b--c", "twice", "twice-1"}


def test_links_and_pictures_are_found_in_markdown_and_html(page: Path) -> None:
    assert sorted(markdown.links(page)) == ["i.png", "p.png", "x.md"]


def test_inline_code_is_found(page: Path) -> None:
    assert list(markdown.inline_code(page)) == ["b", "code", "1"]


def test_tables_are_read_by_heading(page: Path) -> None:
    assert markdown.tables(page) == {"Twice": [["a", "b"], ["`1`", "2 | 3"]]}
