"""Write PROOFS.md, and its summary into the READMEs, from the records of the last runs: `python -m checks.proofs`.

Only whole runs are shown: a record with a failure is refused, and the page keeps the section of the run before.
Exit status: 0 all records were read, 1 some were refused, 2 a repository is missing.
"""

import json
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks.repositories import HERE, MissingRepository, folder, whole_tree

PAGE = HERE / "PROOFS.md"
ADDRESS = re.compile(r"https?://[^\s)>,;]*[^\s)>,;:.…]")
TEMPORARY = re.compile(r"/tmp/[\w.-]+/")
SECTION = re.compile(
    r"^## (?P<claim>.+)\n\nCommand: (?P<command>`.+`)\. Last whole run: (?P<day>\S+)\.\n\n"
    r"(?:\|.+\n){2}(?P<rows>(?:\|.+\n?)+)",
    re.MULTILINE,
)
SUMMARY = re.compile(r"(<!-- proofs: .*-->\n)[^<]*(<!-- end of proofs -->)")
COLUMNS = ("claim", "what was seen", "seconds")
BEGINNING = """\
# Proofs

What each proof saw in its last whole run, written by `make proofs`.

The cluster: Kubernetes with two nodes on one machine with two cores. Prometheus scrapes every 5 s. The load comes from
inside the cluster, through the Service. Every request is counted and none is retried.
"""


class IncompleteRun(ValueError):
    """A record is not that of a whole run; the message names it and what to do."""


@dataclass(frozen=True)
class Record:
    """A file that a proof writes, the command that runs the proof, and the headline of its section."""

    command: str
    repository: str
    file: str
    headline: str


RECORDS = (
    Record("make e2e", "infra-k8s", "build/e2e.json", "The whole chain works, from source to a target that is UP"),
    Record("make drills", "infra-k8s", "build/drills.json", "The doctor names each broken link and how to fix it"),
    Record(
        "make chaos",
        "infra-k8s",
        "build/chaos.json",
        "A pod deletion or a node drain loses no request; what a crash loses is counted",
    ),
    Record("make delivery", "infra-k8s", "build/delivery.json", "A bad release is refused or rolled back"),
    Record(
        "make workflows", "infra-k8s", "build/workflows.json", "The workflow files deploy, refuse and roll back by act"
    ),
)


def read(record: Record) -> str:
    """Return the section of a record; raise IncompleteRun where it is missing or holds a failure."""
    path = folder(record.repository) / record.file
    if not path.is_file():
        raise IncompleteRun(f"{record.command} has left no {path}: run it first")
    entries = json.loads(path.read_text())
    failed = [entry["name"] for entry in entries if not entry["passed"]]
    if failed or not entries:
        raise IncompleteRun(f"{record.command}: {', '.join(failed) or 'nothing was proven'}: fix it and run it again")
    day = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    rows = [proof(entry) for entry in entries]
    header = (f"## {record.headline}", "", f"Command: `{record.command}`. Last whole run: {day:%Y-%m-%d}.", "")
    return "\n".join([*header, line(COLUMNS), line("---" for _ in COLUMNS), *map(line, rows)]) + "\n"


def proof(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return the row of a proof."""
    return text(entry["name"]), lines(entry["numbers"]), f"{entry['seconds']:.0f}"


def lines(values: list[str]) -> str:
    """Return several texts as the lines of one cell."""
    return "<br>".join(map(text, values))


def text(value: str) -> str:
    """Return a text for a cell: on one line, without its full stop and the names of temporary folders.

    Addresses become links; outside code `<` is escaped.
    """
    parts = " ".join(TEMPORARY.sub("…/", value).split()).rstrip(".").split("`")
    escaped = "`".join(part if number % 2 else part.replace("<", r"\<") for number, part in enumerate(parts))
    return ADDRESS.sub(r"<\g<0>>", escaped)


def line(cells: Iterable[str]) -> str:
    """Return a row of a Markdown table."""
    escaped = (cell.replace("|", r"\|") for cell in cells)
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in escaped)


def previous(record: Record) -> str:
    """Return the section that the page already has for a record; without one, a section that says so."""
    heading = f"## {record.headline}\n"
    page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    _, found, rest = page.partition(heading)
    if not found:
        return f"{heading}\nNo whole run of `{record.command}` is on record.\n"
    return found + rest.partition("\n## ")[0].rstrip() + "\n"


def summary(page: str) -> str:
    """Return a table of commands, what each proves, what its last run saw and when, from the sections of the page."""
    columns = ("command", "claim", "what was seen", "date")
    rows = [
        (found["command"], found["claim"], f"{count} of {count} proofs passed", found["day"])
        for found in SECTION.finditer(page)
        for count in [len(found["rows"].splitlines())]
    ]
    return "\n".join([line(columns), line("---" for _ in columns), *map(line, rows)]) + "\n"


def readmes() -> list[Path]:
    """Return the READMEs that hold the summary: this repository's, and that of the whole tree where there is one."""
    with suppress(MissingRepository):
        return [HERE / "README.md", whole_tree() / "README.md"]
    return [HERE / "README.md"]


def write(page: str) -> None:
    """Write the page, and its summary between the marks in each README."""
    PAGE.write_text(page, encoding="utf-8")
    for readme in readmes():
        text = readme.read_text(encoding="utf-8")
        readme.write_text(SUMMARY.sub(lambda marks: f"{marks[1]}\n{summary(page)}\n{marks[2]}", text), encoding="utf-8")


def main() -> int:
    """Write the page and return the exit status."""
    sections, refusals = [], []
    for record in RECORDS:
        try:
            sections.append(read(record))
        except MissingRepository as missing:
            print(f"make proofs: {missing}", file=sys.stderr)
            return 2
        except IncompleteRun as incomplete:
            refusals.append(f"make proofs: section unchanged: {incomplete}")
            sections.append(previous(record))
    body = "\n".join(sections)
    write("\n".join([BEGINNING, summary(body), body]))
    print("\n".join([*refusals, f"wrote {PAGE.name}"]))
    return 1 if refusals else 0


if __name__ == "__main__":
    sys.exit(main())
