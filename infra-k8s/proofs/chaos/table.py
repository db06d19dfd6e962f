"""Write what `make chaos` measured last as the page's table: `python -m proofs.chaos.table`."""

import json
import sys
from pathlib import Path
from typing import Any

from proofs.page import PAGE, markdown_table, replace_between

MEASURED = Path(__file__).resolve().parents[2] / "build" / "chaos.json"
BEGIN, END = "<!-- chaos: written by `python -m proofs.chaos.table` after `make chaos` -->", "<!-- end of chaos -->"


def with_table(page: str, proofs: list[dict[str, Any]]) -> str:
    """Return the page with a row for each disturbance; raise ValueError if a proof failed."""
    if failed := [proof["name"] for proof in proofs if not proof["passed"]]:
        raise ValueError(f"not every proof passed: {', '.join(failed)}")
    rows = [(proof["name"], "<br>".join(proof["numbers"])) for proof in proofs]
    return replace_between(page, BEGIN, END, markdown_table(("disturbance", "measurement"), rows))


def main() -> int:
    """Write the table; return 1, with one line, if there is nothing to write."""
    try:
        PAGE.write_text(with_table(PAGE.read_text(), json.loads(MEASURED.read_text())))
    except (OSError, ValueError) as error:
        print(f"chaos: {error}; run `make chaos` first", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
