"""Take every picture of the documentation from the real thing: `python -m pictures [NAME …]`.

Every picture shows the real thing. One that cannot be taken here stays as it was, and a line says what is missing.
Exit status: 0 all were taken (Grafana is optional unless it is named), 1 some were skipped, 2 unknown name.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from pictures import dashboard, grafana, page, pods, workflows
from pictures.picture import Skipped

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
    """Take the named ones, or all; return the exit status."""
    if unknown := set(names) - set(ALL):
        print(f"screenshots: no picture {', '.join(sorted(unknown))}; there are {', '.join(ALL)}", file=sys.stderr)
        return 2
    console, skipped = Console(highlight=False, soft_wrap=True), set()
    for name in names or ALL:
        files, take = ALL[name]
        shown = ", ".join(file.name for file in files)
        try:
            with console.status(f"taking {shown}"):
                take()
        except Skipped as reason:
            skipped.add(name)
            console.print(f"[yellow]skipped[/]  {shown}: {reason}")
        else:
            console.print(f"[green]taken[/]    {shown}")
    return 1 if skipped - (OPTIONAL - set(names)) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
