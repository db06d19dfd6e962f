"""Measure side by side and print tables: `python -m benchmarks [--short] [--json FILE] [PART …]`."""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.budget import BudgetError
from benchmarks.calls import calls
from benchmarks.comparison import Row, cost, neighbour, paths, recycled, settings

PARTS = ("calls", "cost", "paths", "recycled", "settings", "neighbour")


def _progress(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def measure(parts: list[str], short: bool, rounds: int) -> dict[str, list[Row]]:
    """Run the parts; `short` takes about a minute and a half for all, and is only a glance."""
    rounds, seconds = (1, 2.0) if short else (rounds, 2.5)
    results: dict[str, list[Row]] = {}
    if "calls" in parts:
        results["What measuring adds to a call, no server"] = calls(rounds, _progress)
    if "cost" in parts:
        results["What measuring costs"] = [
            row for workers in (1, 2) for row in cost(workers, rounds, seconds, _progress)
        ]
    if "paths" in parts:
        results["A scrape, by distinct paths"] = paths((1, 1000) if short else (1, 1000, 10000), _progress)
    if "recycled" in parts:
        results["A scrape, by recycled workers"] = recycled((0, 5) if short else (0, 50, 500), _progress)
    try:
        if "settings" in parts:
            for cpus in (1, 2):
                results[f"Server settings on {cpus} CPU"] = settings(cpus, rounds, seconds, _progress)
        if "neighbour" in parts:
            results["Server settings beside a busy neighbour"] = neighbour(rounds, seconds, _progress)
    except BudgetError as error:
        _progress(str(error))
    return results


def _show(title: str, rows: list[Row]) -> None:
    table = Table(title=title)
    for column in rows[0]:
        table.add_column(column, justify="right" if isinstance(rows[0][column], int | float) else "left")
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console(width=120).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; all if none")
    parser.add_argument("--short", action="store_true", help="a glance: one short round of each")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured, in turns (default 3)")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the figures go as JSON too")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    results = measure(options.parts or list(PARTS), options.short, options.rounds)
    for title, rows in results.items():
        _show(title, rows)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
