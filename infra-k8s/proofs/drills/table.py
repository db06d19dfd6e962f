"""The drills as the README's table: `python -m proofs.drills.table` writes it, a test holds them equal."""

from proofs.drills.drills import DRILLS
from proofs.readme import README, replaced, table

BEGIN, END = "<!-- drills: made by `python -m proofs.drills.table` -->", "<!-- end of drills -->"
HEADINGS = ("what is broken", "what a person notices", "what the doctor says", "mend")


def written(readme: str) -> str:
    """Return the README with a row for each drill."""
    rows = [(drill.name, drill.symptom, f"{drill.link}: `{drill.cause}`", drill.mend) for drill in DRILLS]
    return replaced(readme, BEGIN, END, table(HEADINGS, rows))


if __name__ == "__main__":
    README.write_text(written(README.read_text()))
