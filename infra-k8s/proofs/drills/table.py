"""Write the drills as the page's table: `python -m proofs.drills.table`; a test compares them."""

from proofs.drills.drills import DRILLS
from proofs.page import PAGE, markdown_table, replace_between

BEGIN, END = "<!-- drills: written by `python -m proofs.drills.table` -->", "<!-- end of drills -->"
HEADINGS = ("fault", "symptom", "what the doctor names", "fix")


def with_table(page: str) -> str:
    """Return the page with its table of the drills."""
    rows = [(drill.name, drill.symptom, f"{drill.link}: `{drill.cause}`", drill.fix) for drill in DRILLS]
    return replace_between(page, BEGIN, END, markdown_table(HEADINGS, rows))


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
