"""Read a page as GitHub does: headings with their anchors, links, code."""

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

_NOT_IN_AN_ANCHOR = re.compile(r"[^\w\- ]")
_HTML_TARGET = re.compile(r'(?:src|srcset|href)="([^"]+)"')


def tokens(page: Path) -> list[Token]:
    """Parse a page; inline tokens carry children."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    parsed = tokens(page)
    found: set[str] = set()
    for number, token in enumerate(parsed):
        if token.type == "heading_open":
            text = "".join(child.content for child in parsed[number + 1].children or [])
            anchor = _NOT_IN_AN_ANCHOR.sub("", text.lower()).replace(" ", "-")
            copies = sum(known == anchor or known.startswith(f"{anchor}-") for known in found)
            found.add(f"{anchor}-{copies}" if anchor in found else anchor)
    return found


def links(page: Path) -> Iterator[str]:
    """Yield every target of a link or picture, also those in HTML."""
    for token in tokens(page):
        if token.type == "html_block":
            yield from _HTML_TARGET.findall(token.content)
        for child in token.children or []:
            target = child.attrGet("href") or child.attrGet("src")
            if target:
                yield str(target)
            if child.type == "html_inline":
                yield from _HTML_TARGET.findall(child.content)


def inline_code(page: Path) -> Iterator[str]:
    """Yield what a page sets in code within its text."""
    for token in tokens(page):
        yield from (child.content for child in token.children or [] if child.type == "code_inline")


def tables(page: Path) -> dict[str, list[list[str]]]:
    """Return the tables of a page by the heading above each: rows of cells as they were written, header row first."""
    found: dict[str, list[list[str]]] = {}
    heading, parsed = "", tokens(page)
    for number, token in enumerate(parsed):
        if token.type == "heading_open":
            heading = parsed[number + 1].content
        elif token.type == "tr_open":
            found.setdefault(heading, []).append([])
        elif token.type in ("th_open", "td_open"):
            found[heading][-1].append(parsed[number + 1].content)
    return found
