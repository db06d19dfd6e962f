"""Write the drills as the README's table: `python -m proofs.drills.table`; a test compares them."""

from proofs.drills.drills import DRILLS
from proofs.readme import README, markdown_table, replace_between

BEGIN, END = "<!-- drills: written by `python -m proofs.drills.table` -->", "<!-- end of drills -->"
HEADINGS = ("fault", "symptom", "what the doctor names", "fix")


def with_table(readme: str) -> str:
    """Return the README with its table of the drills."""
    rows = [(drill.name, drill.symptom, f"{drill.link}: `{drill.cause}`", drill.fix) for drill in DRILLS]
    return replace_between(readme, BEGIN, END, markdown_table(HEADINGS, rows))


if __name__ == "__main__":
    README.write_text(with_table(README.read_text()))
