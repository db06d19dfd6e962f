"""How far an examination is, told while it runs: on stderr, and only where that is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

Progress = Callable[[str], None]


def no_progress(_: str) -> None:
    """Tell nothing."""


@contextmanager
def shown(console: Console) -> Iterator[Progress]:
    """Show what is told on one line that is cleared at the end; nothing where nobody looks."""
    if not console.is_terminal:
        yield no_progress
        return
    with console.status("scrape-doctor") as status:
        yield lambda text: status.update(text)
