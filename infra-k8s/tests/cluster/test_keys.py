import os
import subprocess
import sys
from pathlib import Path

INFRA = Path(__file__).resolve().parents[2]
# As kr8s does it: a file that nobody deletes.
LEAVING = "from cluster import keys; import tempfile; {}; print(tempfile.NamedTemporaryFile(delete=False).name)"


def left_by(first: str, folder: Path) -> list[str]:
    command = [sys.executable, "-c", LEAVING.format(first)]
    subprocess.run(command, cwd=INFRA, env={**os.environ, "TMPDIR": str(folder)}, check=True, capture_output=True)
    return os.listdir(folder)


def test_a_temporary_file_that_is_never_deleted_goes_with_the_process(tmp_path: Path) -> None:
    assert left_by("keys.leave_none()", tmp_path) == []


def test_it_would_stay_otherwise(tmp_path: Path) -> None:
    assert len(left_by("pass", tmp_path)) == 1
