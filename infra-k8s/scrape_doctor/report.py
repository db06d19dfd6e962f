"""Report the findings: a table for people, JSON for programs."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scrape_doctor.chain import Examined
from scrape_doctor.examination import Examination
from scrape_doctor.finding import Finding, State
from scrape_doctor.scope import WATCHERS

SCHEMA_VERSION = 1  # of the JSON document; a key that is renamed or taken away raises it
COLOURS = {State.OK: "green", State.BROKEN: "bold red", State.SKIPPED: "yellow", State.NOT_CHECKED: "dim"}


def as_json(examinations: Sequence[Examination]) -> str:
    """Return one JSON document: an examination, or a list of several under `examinations`."""
    if len(examinations) == 1:
        document = {"schemaVersion": SCHEMA_VERSION, **examination_as_dict(examinations[0])}
    else:
        whole = all(each.is_whole for each in examinations)
        document = {"schemaVersion": SCHEMA_VERSION, "whole": whole}
        document["examinations"] = [examination_as_dict(each) for each in examinations]
    return json.dumps(document, indent=2)


def examination_as_dict(examination: Examination) -> dict[str, object]:
    """Return one target as plain data: its diagnosis, null if the chain is whole, and every link."""
    scope, first = examination.scope, examination.diagnosis
    return {
        "target": str(scope.target or f"release/{scope.release}"),
        "release": scope.release,
        "namespace": scope.namespace,
        "whole": examination.is_whole,
        "wait": max((each.finding.wait for each in examination.examined), default=0),
        "diagnosis": as_dict(first) if first else None,
        "links": [as_dict(each) for each in examination.examined],
    }


def error_as_json(reason: str) -> str:
    """Return the JSON document of an examination that could not be made."""
    return json.dumps({"schemaVersion": SCHEMA_VERSION, "error": reason})


def as_dict(examined: Examined) -> dict[str, object]:
    """Return one link as plain data."""
    finding = examined.finding
    return {
        "link": examined.link.name,
        "state": finding.state.value,
        "cause": finding.cause,
        "message": finding.message,
        "observations": list(finding.observations),
        "fix": finding.fix,
        "lastingFix": finding.lasting_fix,
    }


def in_order(examinations: Sequence[Examination]) -> list[Examination]:
    """Return the examinations with the broken ones first, then what could not be checked or is not examined."""
    return sorted(examinations, key=lambda each: (each.diagnosis is None, each.is_whole, each.is_unexamined))


def title(examination: Examination) -> str:
    """Return what was examined and where."""
    scope = examination.scope
    return f"{scope.target or scope.release} in {scope.namespace}"


def verdict(examination: Examination) -> tuple[str, str, State]:
    """Return one line on a target: the cause or state, what was found, and the state that it is shown as."""
    if (first := examination.diagnosis) is not None:
        return first.finding.cause, first.finding.message, State.BROKEN
    if examination.is_unexamined:
        return "not examined", examination.examined[-1].finding.message, State.NOT_CHECKED
    if examination.unsettled:
        return "not checked", examination.unsettled[0].finding.message, State.SKIPPED
    if examination.scope.manifests:
        return "ok", "whole as far as manifests tell", State.OK
    is_prometheus = examination.scope.target is not None and examination.scope.target.kind in WATCHERS
    return "ok", examination.examined[-1].finding.message if is_prometheus else "the chain is whole", State.OK


def show_all(console: Console, examinations: Sequence[Examination]) -> None:
    """Print one line for each target, the broken ones first, and below them each cause with its fix."""
    table = Table(title=f"{len(examinations)} target{'s' * (len(examinations) > 1)}", title_justify="left")
    table.add_column("target", overflow="fold")
    table.add_column("cause", no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for each in in_order(examinations):
        word, message, state = verdict(each)
        table.add_row(escape(title(each)), f"[{COLOURS[state]}]{escape(word)}[/]", escape(message))
    console.print(table)
    for each in in_order(examinations):
        if (first := each.diagnosis) is not None:
            console.print(f"\n[bold red]{escape(each.scope.title)}:[/] {escape(first.finding.message)}", soft_wrap=True)
            show_fix(console, first.finding)


def show_fix(console: Console, finding: Finding) -> None:
    """Print what to do: where a tool owns the object, for that tool first, then the command that tries it."""
    if finding.lasting_fix:
        console.print(f"  [bold]fix:[/] {escape(finding.lasting_fix)}", soft_wrap=True)
    word = "to try it:" if finding.lasting_fix else "fix:"
    console.print(f"  [bold]{word}[/] {escape(finding.fix)}", soft_wrap=True)


def show(console: Console, examination: Examination) -> None:
    """Print the chain as a table and, below it, each broken link with its observations and its fix."""
    scope, examined = examination.scope, examination.examined
    what = scope.title if scope.target else scope.release
    watcher = f", watched by {scope.monitoring_release}" if scope.monitoring_release else ""
    table = Table(title=f"{what} in {scope.namespace}{watcher}", title_justify="left")
    table.add_column("link", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for each in examined:
        colour = COLOURS[each.finding.state]
        table.add_row(
            each.link.title,
            f"[{colour}]{each.finding.state}[/]",
            escape(each.finding.message),
            style="dim" * (colour == "dim"),
        )
    console.print(table)
    for each in examined:
        if each.finding.state is State.BROKEN:
            console.print(f"\n[bold red]broken:[/] {escape(each.finding.message)} [dim]({each.finding.cause})[/]")
            for line in each.finding.observations:
                console.print(f"  [bold]observed:[/] {escape(line)}", soft_wrap=True)
            show_fix(console, each.finding)
    if examination.is_whole:
        console.print("[green]The chain is whole.[/]")
    elif examination.diagnosis is None:
        left = ", ".join(each.link.name for each in examination.unsettled)
        console.print(f"[yellow]No link is broken, but these could not be checked: {left}.[/]")
