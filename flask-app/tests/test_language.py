"""The field's words are used, and none of those that readers had to look up twice."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXTS = {".py", ".md", ".sh", ".yaml", ".toml", ".json", ".html", ".js", ".css", ""}
# Made by tools, or with names that others chose.
SKIPPED = {
    ".venv",
    ".venv-run",
    ".git",
    "build",
    "test-results",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    ".schemathesis",
}
# What is right instead stands behind each; words of one line have the same reason.
NEVER = {
    "fault, fault injection": "blow blows struck strikes victim ballast wish patient patients ward wards",
    "claim a slot, release a dead slot, header, record": "buried ledger inhabitants",
    "message, description, output": "complaint complaints teller untold untrue unexaminable",
    "in any case, or nothing": "anyhow",
    "excluded": "spared spares",
    "timeout": "patience patiently",
    "again; running; takes traffic": "anew living welcome",
}
WORDS = {word: instead for instead, words in NEVER.items() for word in words.split()}


def texts() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        if path.is_file() and path.suffix in TEXTS and SKIPPED.isdisjoint(inside.parts) and path != Path(__file__):
            yield path


def words(text: str) -> set[str]:
    """Return the words of a text, of its identifiers too: `last_word`, `LastWord` and `LAST_WORD` have two each."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", text)}


def test_no_word_is_used_that_is_never_right_here() -> None:
    for path in texts():
        found = words(path.name + "\n" + path.read_text(errors="replace")) & WORDS.keys()
        assert {word: WORDS[word] for word in found} == {}, path


def test_words_are_found_within_identifiers() -> None:
    assert words("def buried_ledger(): return TheWish") >= {"buried", "ledger", "wish"}
