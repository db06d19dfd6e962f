"""Commits to the application: a good one, and those that must not stay.

What breaks only where the release runs cannot be seen by tests, nor in the namespace in which an image is proved.
"""

from dataclasses import dataclass
from pathlib import Path


class DoesNotApply(ValueError):
    """A change cannot be made to the application as it is now; the message says which and why."""


@dataclass(frozen=True)
class Change:
    """An edit of one file, in which `before` occurs exactly once; with an empty `before` the file is new."""

    path: str
    before: str
    after: str

    def apply(self, clone: Path, namespace: str) -> None:
        """Make the edit; raise DoesNotApply where the file has no single place for it."""
        file, after = clone / self.path, self.after.replace("NAMESPACE", namespace)
        text = file.read_text() if file.is_file() else ""
        if not self.before and not text:
            file.write_text(after)
        elif self.before and text.count(self.before) == 1:
            file.write_text(text.replace(self.before, after))
        else:
            raise DoesNotApply(f"{self.path} holds {text.count(self.before)} times, not once: {self.before.strip()!r}")


@dataclass(frozen=True)
class Commit:
    """A commit message and the edits of the commit."""

    message: str
    changes: tuple[Change, ...]


GOOD = Commit(
    "Describe the page to search engines",
    (
        Change(
            "templates/index.html",
            "<title>",
            '<meta name="description" content="How this very instance is doing, live.">\n<title>',
        ),
    ),
)

FAILING_TESTS = Commit(
    "Answer 500 while unready",
    (Change("app/health.py", '"reasons": reasons}, 503', '"reasons": reasons}, 500'),),
)

NEVER_READY = Commit(
    "Take traffic only where a cache can be kept",
    (
        Change(
            "app/health.py",
            "from collections.abc import Callable, Iterator\n",
            "from collections.abc import Callable, Iterator\nfrom pathlib import Path\n",
        ),
        Change(
            "app/health.py",
            "    health = Health()\n",
            "    health = Health()\n"
            '    names = Path("/etc/resolv.conf")\n'
            '    here = names.exists() and "NAMESPACE.svc." in names.read_text()\n'
            '    health.checks.append(lambda: "no place for a cache" if here else None)\n',
        ),
    ),
)

# The first forty-nine visitors see a page: probes and `helm test` do. Then the root file system is read-only.
ERRORS = Commit(
    "Remember the visitors, fifty at a time",
    (
        Change(
            "app/visitors.py",
            "",
            '"""Remember the visitors, fifty at a time."""\n\n'
            "from pathlib import Path\n\n"
            "from flask import Flask, request\n\n\n"
            "def init_app(app: Flask) -> None:\n"
            '    """Write down who asked for the page."""\n'
            '    names = Path("/etc/resolv.conf")\n'
            '    here = names.exists() and "NAMESPACE.svc." in names.read_text()\n'
            "    visitors: list[str] = []\n\n"
            "    @app.before_request\n"
            "    def remember() -> None:\n"
            '        if here and request.endpoint and request.path == "/":\n'
            '            visitors.append(f"{request.remote_addr}\\n")\n'
            "        if len(visitors) >= 50:\n"
            '            with Path("visitors.txt").open("a") as book:\n'
            "                book.writelines(visitors)\n"
            "            visitors.clear()\n",
        ),
        Change(
            "app/app.py",
            "from app import health, metrics, views\n",
            "from app import health, metrics, views, visitors\n",
        ),
        Change("app/app.py", "    return app\n", "    visitors.init_app(app)\n    return app\n"),
    ),
)
