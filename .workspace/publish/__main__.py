"""`python -m publish`: show how the three folders go out as repositories of their own; with --go, do it.

Exit status: 0 shown or done, 1 refused: nothing was changed, or as the lines above the last one say.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from publish import publication
from publish.git import Git
from publish.names import REFERENCE, Names
from publish.places import BRANCH, Folder, GitHub, Place
from publish.publication import Publication
from publish.refusal import Refusal

WORKSPACE = Path(__file__).resolve().parents[2]
BUILD = Path("build", "publish")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked and return the exit status."""
    options = parser().parse_args(arguments)
    try:
        publish(options)
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


def publish(options: argparse.Namespace) -> None:
    """Show the plan, and carry it out if that is asked and nothing is in the way."""
    names = Names(options.owner, options.name)
    git = Git(options.workspace)
    publication.require_clean(git)
    place = destination(options, names)
    planned = []
    print(f"==> splitting and naming, for {BRANCH} of", flush=True)
    for each in publication.plan(git, names, place):
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
        publication.carry_out(git, place, each)
    if isinstance(place, Folder):
        print(onward(place, names))
    if names.service != REFERENCE:
        print(f"Pictures still show {REFERENCE}: `make screenshots` in {names.repositories[-1]} takes them anew.")


def destination(options: argparse.Namespace, names: Names) -> Place:
    """Return GitHub where `gh` is logged in and no folder is asked for, otherwise a folder of the workspace."""
    if not options.to and GitHub.reachable():
        return GitHub(names.owner)
    return Folder((options.workspace / (options.to or BUILD)).resolve())


def show(planned: Sequence[Publication]) -> None:
    """Print the plan as a table."""
    made = Table()
    for heading in ("folder", "repository", "commits", "files renamed or changed", "what is done"):
        made.add_column(heading, justify="right" if heading.startswith(("commits", "files")) else "left")
    for each in planned:
        made.add_row(each.folder, each.repository, str(each.commits), str(each.renamed), each.step)
    Console(width=120).print(made)


def onward(place: Folder, names: Names) -> str:
    """Say how bare repositories get to GitHub."""
    pushes = (
        f"git -C {place.address(repository)} push {GitHub(names.owner).address(repository)} {BRANCH}"
        for repository in names.repositories
    )
    return "\n  ".join(
        [
            "To GitHub: `gh auth login` and the same again; or make them, empty, at https://github.com/new, then",
            *pushes,
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
