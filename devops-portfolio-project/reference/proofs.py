"""Write PROOFS.md from what the proofs' last runs recorded of themselves: `python -m reference.proofs`.

The page shows whole runs: a record with a failure in it is refused, and what stood there before stays.
Exit status: 0 all were taken, 1 some were refused, 2 no repository at hand.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pages.repositories import HERE, Absent, folder
from reference.table import sentence, table

PAGE = HERE / "PROOFS.md"
ADDRESS = re.compile(r"https?://[^\s)>,;]*[^\s)>,;:.…]")
TEMPORARY = re.compile(r"/tmp/[\w.-]+/")
BEGINNING = """\
# Proofs

What the proofs' last whole runs on a cluster recorded of themselves, written by `make proofs`. The cluster: Kubernetes
with two nodes on one machine of two cores, Prometheus scraping every 5 s, load from inside through the Service. Every
attempt counts and nothing is sent twice.
"""


class Refused(ValueError):
    """A record is not that of a whole run; the message names it and what to do."""


@dataclass(frozen=True)
class Record:
    """A file that a proof leaves, the command that makes it, and what it proves, as the headline of its section."""

    command: str
    repository: str
    file: str
    headline: str


RECORDS = (
    Record("make e2e", "infra-k8s", "build/e2e.json", "The whole chain works, from source to a target that is UP"),
    Record("make drills", "infra-k8s", "build/drills.json", "The doctor names each broken link and how to fix it"),
    Record("make chaos", "infra-k8s", "build/chaos.json", "What is lost under load while pods, workers and nodes die"),
    Record("make -C infra-k8s delivery", "infra-k8s", "build/delivery.json", "A bad release is refused or taken back"),
    Record("make pipeline", "infra-k8s", "build/pipeline.json", "What becomes of a good commit and of three bad"),
)


def read(record: Record) -> str:
    """Return the section of a record; raise Refused where there is none or where it holds a failure."""
    path = folder(record.repository) / record.file
    if not path.is_file():
        raise Refused(f"{record.command} has left no {path}: run it first")
    found = json.loads(path.read_text())
    failed = [each.get("name") or each["story"] for each in found if not each["passed"]]
    if failed or not found:
        raise Refused(f"{record.command}: {', '.join(failed) or 'nothing was proven'}: mend it and run it again")
    when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    rows = tuple(row for each in found for row in (story(each) if "story" in each else proof(each)))
    return section(record, when, rows)


def section(record: Record, when: datetime, rows: Iterable[tuple[str, ...]]) -> str:
    """Return the headline of a record, its command with the day of its last run, and the table of its rows."""
    beginning = (f"## {record.headline}", "", f"Command: `{record.command}`. Last whole run: {when:%Y-%m-%d}.", "")
    return "\n".join([*beginning, *table(("claim", "what was seen", "seconds"), rows)]) + "\n"


def proof(recorded: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the row of a proof."""
    yield sentence(recorded["name"]), told(recorded["numbers"]), f"{recorded['seconds']:.0f}"


def story(recorded: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the row of a commit's story, then one for each step of it."""
    yield f"**{sentence(recorded['story'])}**", told(recorded["seen"]), f"{recorded['lead_seconds']:.0f}"
    for step in recorded["outcomes"]:
        verdict = "" if step["passed"] else "stopped: "
        yield f"{step['chain']} {step['step']}", verdict + said(step["said"]), f"{step['seconds']:.0f}"


def told(numbers: list[str]) -> str:
    """Return numbers as the lines of one cell."""
    return "<br>".join(said(number) for number in numbers)


def said(text: str) -> str:
    """Return what a proof said as a page may show it: without a temporary folder's name, addresses as such."""
    return ADDRESS.sub(r"<\g<0>>", sentence(TEMPORARY.sub("…/", text)))


def before(record: Record) -> str:
    """Return the section that the page has of a record by now; a page without one says so."""
    heading = f"## {record.headline}\n"
    page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    _, found, rest = page.partition(heading)
    if not found:
        return f"{heading}\nNo whole run of `{record.command}` is on record.\n"
    return found + rest.partition("\n## ")[0].rstrip() + "\n"


def main() -> int:
    """Write the page and return the exit status."""
    sections, refusals = [], []
    for record in RECORDS:
        try:
            sections.append(read(record))
        except Absent as absent:
            print(f"make proofs: {absent}", file=sys.stderr)
            return 2
        except Refused as refused:
            refusals.append(f"make proofs: left as it was: {refused}")
            sections.append(before(record))
    PAGE.write_text("\n".join([BEGINNING, *sections]), encoding="utf-8")
    print("\n".join([*refusals, f"wrote {PAGE.name}"]))
    return 1 if refusals else 0


if __name__ == "__main__":
    sys.exit(main())
