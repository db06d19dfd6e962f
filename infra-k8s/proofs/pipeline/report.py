"""What became of every story, with the time of every step: a table for people, a file for programs, the real output."""

import json
import re
import shutil
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from proofs.pipeline.chain import Outcome
from proofs.pipeline.telling import Told

CHAINS = ("ci", "cd")
HASH = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{28,}\b")


def table(tellings: list[Told]) -> Table:
    """Return all stories as one table."""
    made = Table(title="make pipeline", title_justify="left", expand=True)
    made.add_column("story", ratio=3, overflow="fold")
    made.add_column("step", ratio=2)
    made.add_column("s", justify="right")
    made.add_column("what was seen", ratio=6, overflow="fold")
    made.add_column("")
    for told in tellings:
        _rows(made, told)
    return made


def _rows(made: Table, told: Told) -> None:
    story = f"{told.story}\n{told.commit[:12]}"
    for outcome in told.outcomes:
        said = Text(HASH.sub(r"\1…", outcome.said), no_wrap=True, overflow="ellipsis")
        made.add_row(story, f"{outcome.chain} {outcome.step}", f"{outcome.seconds:.0f}", said, verdict(outcome))
        story = ""
    whole = "[red]FAILED[/]" if told.complaint else "[green]proven[/]"
    seen = Text("\n".join([*told.seen, *([told.complaint] if told.complaint else [])]))
    made.add_row(story, "the whole", f"{told.lead_seconds:.0f}", seen, whole, end_section=True)


def verdict(outcome: Outcome) -> str:
    """Return what became of a step, as the table says it: one that leaves its work out says so itself."""
    if not outcome.passed:
        return "[yellow]stopped[/]"
    return "[yellow]not run[/]" if "NOT RUN" in outcome.said else "[green]passed[/]"


def write(tellings: list[Told], logs: Path, build: Path) -> None:
    """Write pipeline.json, each step's output, and the first story's chains as ci.log and cd.log."""
    build.mkdir(parents=True, exist_ok=True)
    stories = [{**asdict(told), "passed": not told.complaint} for told in tellings]
    (build / "pipeline.json").write_text(json.dumps(stories, indent=2) + "\n")
    kept = build / "pipeline"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(logs, kept)
    for chain in CHAINS:
        steps = [outcome for outcome in tellings[0].outcomes if outcome.chain == chain]
        (kept / f"{chain}.log").write_text(
            "\n".join(f"$ {step.command}\n{(logs / step.log).read_text()}" for step in steps)
        )


def show(tellings: list[Told]) -> None:
    """Print the table."""
    Console(width=140).print(table(tellings))
