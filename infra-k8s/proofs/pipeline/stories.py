"""Four commits and what has to become of each, in the order in which they are told: the later ones break the first."""

from dataclasses import dataclass
from pathlib import Path


class Untold(ValueError):
    """A story cannot be told of the application as it is now; the message says which and why."""


@dataclass(frozen=True)
class Change:
    """An edit of one file: `before` stands in it exactly once."""

    path: str
    before: str
    after: str

    def apply(self, clone: Path) -> None:
        """Make the edit; raise Untold where the file has no single place for it."""
        file = clone / self.path
        text = file.read_text() if file.is_file() else ""
        if text.count(self.before) != 1:
            raise Untold(f"{self.path} holds {text.count(self.before)} times, not once: {self.before.strip()!r}")
        file.write_text(text.replace(self.before, self.after))


@dataclass(frozen=True)
class Story:
    """A commit on the application's main branch, and the chain and step that stop it; nothing stops a good one."""

    name: str
    message: str
    changes: tuple[Change, ...]
    stops_at: tuple[str, str] | None

    @property
    def goes_live(self) -> bool:
        return self.stops_at is None

    @property
    def is_published(self) -> bool:
        return self.stops_at is None or self.stops_at[0] == "cd"


GOOD = Story(
    "A good commit goes live",
    "Describe the page to search engines",
    (
        Change(
            "templates/index.html",
            "<title>",
            '<meta name="description" content="How this very instance is doing, live.">\n<title>',
        ),
    ),
    None,
)

TESTS = Story(
    "A commit that breaks the tests stops before the registry",
    "Answer 500 while unready",
    (Change("app/health.py", '"reasons": reasons}, 503', '"reasons": reasons}, 500'),),
    ("ci", "test"),
)

# It is true on every machine that a developer has, and in the image; not under the chart's read-only root file system.
READINESS = Story(
    "A commit that breaks readiness is rolled back, and the digest in git is put back",
    "Take traffic only where a cache can be kept",
    (
        Change("app/health.py", "from collections.abc import", "import os\nfrom collections.abc import"),
        Change(
            "app/health.py",
            "    health = Health()\n",
            "    health = Health()\n"
            '    health.checks.append(lambda: None if os.access("/var/tmp", os.W_OK) else "no place for a cache")\n',
        ),
    ),
    ("cd", "deploy"),
)

# The first forty-nine visitors see a page: tests, probes and `helm test` do. Then the root file system is read-only.
ERRORS = Story(
    "A commit whose probes pass while it serves errors is rolled back by the gate",
    "Remember the visitors, fifty at a time",
    (
        Change(
            "app/views/dashboard.py",
            "from flask import Blueprint",
            "from pathlib import Path\n\nfrom flask import Blueprint",
        ),
        Change("app/views/dashboard.py", "render_template\n", "render_template, request\n"),
        Change(
            "app/views/dashboard.py",
            'bp = Blueprint("dashboard", __name__)\n',
            'bp = Blueprint("dashboard", __name__)\n'
            "visitors: list[str] = []\n"
            "\n"
            "\n"
            "def _remember() -> None:\n"
            '    visitors.append(f"{request.remote_addr}\\n")\n'
            "    if len(visitors) >= 50:\n"
            '        with Path("visitors.txt").open("a") as book:\n'
            "            book.writelines(visitors)\n"
            "        visitors.clear()\n",
        ),
        Change(
            "app/views/dashboard.py",
            "    stats = statistics(current_app)\n",
            "    _remember()\n    stats = statistics(current_app)\n",
        ),
    ),
    ("cd", "gate"),
)

STORIES = (GOOD, TESTS, READINESS, ERRORS)
