"""Write the examples and the table of causes into docs/doctor.md: `python -m tests.scrape_doctor.page`.

An example is what the command prints, a row of the table what the doctor says of one case of
tests/scrape_doctor/cases.py; a test compares both.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from proofs.page import markdown_table, replace_between
from scrape_doctor.chain import diagnosis, walk
from tests.scrape_doctor.cases import CASES
from tests.scrape_doctor.world import healthy

PAGE = Path(__file__).resolve().parents[2] / "docs" / "doctor.md"
BEGIN, END = "<!-- causes: written by `python -m tests.scrape_doctor.page` -->", "<!-- end of causes -->"
BEGIN_EXAMPLES = "<!-- examples: written by `python -m tests.scrape_doctor.page` -->"
END_EXAMPLES = "<!-- end of examples -->"
EXAMPLES = (
    "--manifests proofs/drills/plain/flux.yaml -n web",
    "--manifests proofs/drills/plain/whole.yaml -n web --prometheus-selector release=prometheus",
    "--manifests proofs/drills/plain/timeout-over-interval.yaml -n web --output markdown",
)
COLUMNS = "100"
HEADINGS = ("link", "cause", "what the doctor says, of one of its tests", "fix")


def rows() -> Iterator[tuple[str, ...]]:
    """Yield each cause once, in the chain's order of the cases: link, cause, message and fix."""
    known: set[str] = set()
    for chart, link, cause, fault in CASES:
        if cause not in known:
            known.add(cause)
            world = healthy(chart)
            fault(world)
            found = diagnosis(walk(world.snapshot()))
            assert found is not None
            yield link, f"`{cause}`", cell(found.finding.message), cell(found.finding.fix)


def cell(text: str) -> str:
    """Return a text that a table's cell can hold; placeholders and globs must not be read as markup."""
    return text.replace("|", r"\|").replace("<", r"\<").replace("*", r"\*")


def examples() -> Iterator[str]:
    """Yield each example with what it prints, as one block; a block within it needs a longer fence."""
    command = [sys.executable, "-m", "scrape_doctor"]
    environment = {**os.environ, "COLUMNS": COLUMNS}
    for arguments in EXAMPLES:
        done = subprocess.run(
            [*command, *arguments.split()],
            cwd=PAGE.parents[1],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        printed = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
        yield f"`scrape-doctor {arguments}`\n\n````text\n{printed}\n````"


def with_examples(page: str) -> str:
    """Return the page with its examples."""
    return replace_between(page, BEGIN_EXAMPLES, END_EXAMPLES, "\n{}\n".format("\n\n".join(examples())))


def with_table(page: str) -> str:
    """Return the page with its table of causes."""
    in_order = sorted(rows(), key=lambda row: list(dict.fromkeys(link for _, link, _, _ in CASES)).index(row[0]))
    return replace_between(page, BEGIN, END, markdown_table(HEADINGS, in_order))


if __name__ == "__main__":
    PAGE.write_text(with_table(with_examples(PAGE.read_text())))
