"""The report as Markdown, for an issue, a pull request or a job's summary."""

from collections.abc import Iterator, Sequence

from scrape_doctor.examination import Examination
from scrape_doctor.finding import Finding, State
from scrape_doctor.report import in_order, title, verdict


def as_markdown(examinations: Sequence[Examination], *, together: bool) -> str:
    """Return the findings as tables: one line for each target where they are shown together, else one for each link."""
    lines = list(lines_of_all(in_order(examinations))) if together else [*lines_of_each(examinations)]
    return "\n".join(lines).rstrip()


def lines_of_all(examinations: Sequence[Examination]) -> Iterator[str]:
    """Yield a line for each target, and below them each cause with its fix."""
    yield from table(
        ("target", "cause", "what was found"), [(title(each), *verdict(each)[:2]) for each in examinations]
    )
    for each in examinations:
        if (first := each.diagnosis) is not None:
            yield from broken_lines(f"### {title(each)}", first.finding)


def lines_of_each(examinations: Sequence[Examination]) -> Iterator[str]:
    """Yield the links of each target, and below them each broken one with its observations and its fix."""
    for examination in examinations:
        yield f"## {title(examination)}"
        yield ""
        rows = [(each.link.title, each.finding.state.value, each.finding.message) for each in examination.examined]
        yield from table(("link", "state", "what was found"), rows)
        for each in examination.examined:
            if each.finding.state is State.BROKEN:
                yield from broken_lines(f"### broken: {each.link.title}", each.finding)
        if examination.is_whole:
            yield "The chain is whole."
            yield ""


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{' --- |' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(cell(text) for text in row)} |"
    yield ""


def cell(text: str) -> str:
    """Return a text that a cell can hold on one line, its placeholders not read as HTML."""
    return " ".join(text.split()).replace("|", r"\|").replace("<", r"\<")


def broken_lines(heading: str, finding: Finding) -> Iterator[str]:
    """Yield what was found and observed, and the fix as text that can be copied."""
    yield from (heading, "", f"{cell(finding.message)} (`{finding.cause}`)", "")
    for text in finding.observations:
        yield f"- observed: {cell(text)}"
    if finding.lasting_fix:
        yield f"- fix: {cell(finding.lasting_fix)}"
    yield "- to try it:" if finding.lasting_fix else "- fix:"
    yield from ("", "  ```", *(f"  {line}" for line in finding.fix.splitlines()), "  ```", "")
