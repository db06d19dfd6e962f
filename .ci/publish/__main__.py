"""`python -m publish`: show how the three folders go out as repositories of their own; with --go, publish them.

Exit status: 0 shown or done, 1 refused: nothing was changed, or as the lines above the last one say.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from publish.destination import Destination, Folder, GitHub
from publish.git import BRANCH, Git
from publish.names import REFERENCE, Names
from publish.publication import Publication, plan, require_clean
from publish.refusal import Refusal

WORKSPACE = Path(__file__).resolve().parents[2]
BUILD = Path("build", "publish")


def main(arguments: Sequence[str] | None = None) -> int:
    """Publish as asked and return the exit status."""
    options = parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="publish-") as scratch:
            publish(options, Path(scratch))
    except Refusal as refusal:
        print(f"publish: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="publish", description="Three folders as three repositories of their own.")
    made.add_argument("--owner", default="", help="your name on GitHub")
    made.add_argument("--name", default=REFERENCE, help=f"what your service is called in place of {REFERENCE}")
    made.add_argument("--to", default="", help="a folder for bare repositories, even where gh is logged in")
    made.add_argument("--go", action="store_true", help="do it; without, it is only shown")
    made.add_argument("--workspace", type=Path, default=WORKSPACE, help="the folder of the three")
    return made


def publish(options: argparse.Namespace, scratch: Path) -> None:
    """Show the plan, and carry it out if that is asked and nothing is in the way."""
    names = Names(options.owner, options.name)
    workspace = Git(options.workspace)
    require_clean(workspace)
    destination = choose(options, names)
    planned = []
    print(f"==> splitting and naming, for {BRANCH} of", flush=True)
    for each in plan(workspace, names, destination, scratch):
        print(f"    {each.address}", flush=True)
        planned.append(each)
    show(planned)
    if refused := [each for each in planned if each.refusal]:
        raise Refusal("\npublish: ".join(f"{each.address} {each.refusal}" for each in refused))
    if not options.go:
        print("Nothing was changed. The same with GO=1 does it.")
        return
    for each in planned:
        print(f"==> {each.address}: {each.step}", flush=True)
        each.carry_out(destination)
    if isinstance(destination, Folder):
        print(next_step(destination, names))
    if names.service != REFERENCE:
        print(f"Pictures still show {REFERENCE}: `make screenshots` in {names.repositories[-1]} takes them again.")


def choose(options: argparse.Namespace, names: Names) -> Destination:
    """Return GitHub where `gh` is logged in and no folder is asked for, otherwise a folder of the workspace."""
    if not options.to and GitHub.reachable():
        return GitHub(names.owner)
    return Folder((options.workspace / (options.to or BUILD)).resolve())


def show(planned: Sequence[Publication]) -> None:
    """Print the plan as a table."""
    table = Table()
    for heading in ("folder", "repository", "commits", "files renamed or changed", "what is done"):
        table.add_column(heading, justify="right" if heading.startswith(("commits", "files")) else "left")
    for each in planned:
        table.add_row(each.folder, each.repository, str(each.commits), str(each.changed), each.step)
    Console(width=120).print(table)


def next_step(folder: Folder, names: Names) -> str:
    """Say how bare repositories get to GitHub."""
    pushes = (
        f"git -C {folder.address(repository)} push {GitHub(names.owner).address(repository)} {BRANCH}"
        for repository in names.repositories
    )
    return "\n  ".join(
        ["To GitHub: `gh auth login` and the same again; or make them, empty, at https://github.com/new, then", *pushes]
    )


if __name__ == "__main__":
    sys.exit(main())
