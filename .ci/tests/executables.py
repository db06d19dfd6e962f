"""Programs that a test puts in a folder of its own, in the place of real ones."""

from pathlib import Path


def install(path: Path, text: str) -> Path:
    """Write an executable file, with its folders, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path
