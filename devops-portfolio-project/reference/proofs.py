"""Write PROOFS.md from what the proofs' last runs recorded of themselves: `python -m reference.proofs`.

The page shows whole runs: a record with a failure in it is refused, and what stood there before stays.
Exit status: 0 all were taken, 1 some were refused, 2 no repository at hand.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pages.repositories import HERE, Absent, folder
from reference.table import Reference, sentence

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
    """A file that a proof leaves, and the command that makes it."""

    command: str
    repository: str
    file: str
    what: str


RECORDS = (
    Record("make e2e", "infra-k8s", "build/e2e.json", "the chain from source to target UP"),
    Record("make drills", "infra-k8s", "build/drills.json", "each link broken, diagnosed and mended"),
    Record("make chaos", "infra-k8s", "build/chaos.json", "steady load under disturbance"),
    Record("make -C infra-k8s delivery", "infra-k8s", "build/delivery.json", "what is refused, and what is taken back"),
    Record("make pipeline", "workspace", ".workspace/build/pipeline.json", "four commits, and what became of each"),
)


def read(record: Record) -> Reference:
    """Return the table of a record; raise Refused where there is none or where it holds a failure."""
    path = folder(record.repository) / record.file
    if not path.is_file():
        raise Refused(f"{record.command} has left no {path}: run it first")
    found = json.loads(path.read_text())
    failed = [each.get("name") or each["story"] for each in found if not each["passed"]]
    if failed or not found:
        raise Refused(f"{record.command}: {', '.join(failed) or 'nothing was proven'}: mend it and run it again")
    when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    rows = tuple(row for each in found for row in (story(each) if "story" in each else proof(each)))
    source = f"{record.what}, {when:%Y-%m-%d}"
    return Reference(f"`{record.command}`", source, ("what was proven", "what was seen", "s"), rows)


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
    heading = f"## `{record.command}`\n"
    page = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    _, found, rest = page.partition(heading)
    return found + rest.partition("\n## ")[0].rstrip() + "\n" if found else f"{heading}\nNo whole run is on record.\n"


def main() -> int:
    """Write the page and return the exit status."""
    sections, refusals = [], []
    for record in RECORDS:
        try:
            sections.append(read(record).markdown())
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
