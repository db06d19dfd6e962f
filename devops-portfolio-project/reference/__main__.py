"""Write REFERENCE.md from the repositories that it describes: `python -m reference`."""

import sys

from pages.repositories import HERE, Absent
from reference import alerts, endpoints, metrics, recordings, settings, targets, values, variables
from reference.table import Reference

PAGE = HERE / "REFERENCE.md"
BEGINNING = """\
# Reference

Every setting, endpoint, metric, alert, recording rule, chart value, variable and make target there is. Made by
`make reference` from the sources that each section names; a test fails where this page and they differ.
"""


def references() -> tuple[Reference, ...]:
    """Read all tables; raise Absent where a repository is not at hand."""
    one_each = (settings, endpoints, metrics, alerts, recordings, values, variables)
    return (*(module.read() for module in one_each), *targets.read())


def page() -> str:
    """Return the whole page."""
    return "\n".join([BEGINNING, *(reference.markdown() for reference in references())])


def main() -> int:
    """Write the page and return the exit status."""
    try:
        PAGE.write_text(page(), encoding="utf-8")
    except Absent as absent:
        print(f"make reference: {absent}", file=sys.stderr)
        return 2
    print(f"wrote {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
