"""Write the generated tables of the README, each between two marks."""

from collections.abc import Iterable
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"


def replace_between(readme: str, begin: str, end: str, text: str) -> str:
    """Return the README with the text between two marks replaced; raise ValueError if it lacks one of them."""
    before, found, rest = readme.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise ValueError(f"{README} has no place between {begin} and {end}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def markdown_table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return the rows as a Markdown table."""
    headings = list(headings)
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
