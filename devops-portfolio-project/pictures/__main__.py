"""Take every picture of the documentation from the real thing: `python -m pictures [NAME …]`.

Nothing is mocked up: what cannot be taken here is left as it was, with one line that says what is missing.
Exit status: 0 all that was asked for was taken (Grafana aside where none is named), 1 something was left.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from pictures import dashboard, grafana, page, pods, workflows
from pictures.picture import Left

Taking = tuple[tuple[Path, ...], Callable[[], None]]

ALL: dict[str, Taking] = {
    "page": (page.PICTURES, page.take),
    "ci": (workflows.PICTURES[:1], workflows.take_ci),
    "cd": (workflows.PICTURES[1:], workflows.take_cd),
    "pods": (pods.PICTURES, pods.take),
    "dashboard": (dashboard.PICTURES, dashboard.take),
    "grafana": (grafana.PICTURES, grafana.take),
}
OPTIONAL = {"grafana"}


def main(names: list[str]) -> int:
    """Take those that were named, or all; return the exit status."""
    if unknown := set(names) - set(ALL):
        print(f"screenshots: no picture {', '.join(sorted(unknown))}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    console, left = Console(highlight=False, soft_wrap=True), set()
    for name in names or ALL:
        files, take = ALL[name]
        shown = ", ".join(file.name for file in files)
        try:
            with console.status(f"taking {shown}"):
                take()
        except Left as reason:
            left.add(name)
            console.print(f"[yellow]left as it was[/]  {shown}: {reason}")
        else:
            console.print(f"[green]taken[/]           {shown}")
    return 1 if left - (OPTIONAL - set(names)) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
