"""What a step hands on to the steps after it: `name=value` lines in the file that GITHUB_OUTPUT names.

On GitHub they are a step's outputs; `make ci` gives each step a file of its own.
"""

from collections.abc import Mapping
from pathlib import Path


def write(outputs: Mapping[str, str], file: str) -> None:
    """Append the outputs to the file; without a file nobody reads them."""
    if file:
        with Path(file).open("a", encoding="utf-8") as lines:
            lines.writelines(f"{name}={value}\n" for name, value in outputs.items())


def read(file: Path) -> dict[str, str]:
    """Return the outputs that a step wrote."""
    return dict(line.partition("=")[::2] for line in file.read_text(encoding="utf-8").splitlines())
