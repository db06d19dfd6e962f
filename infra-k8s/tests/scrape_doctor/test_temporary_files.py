"""A temporary file that is never deleted, as kr8s leaves one with the kubeconfig's keys."""

import os
import subprocess
import sys
from pathlib import Path

INFRA = Path(__file__).resolve().parents[2]
# As kr8s does it: a file that is never deleted.
LEAVE = "from scrape_doctor import temporary_files; import tempfile; {}; tempfile.NamedTemporaryFile(delete=False)"


def left_by(first: str, folder: Path) -> list[str]:
    command = [sys.executable, "-c", LEAVE.format(first)]
    subprocess.run(command, cwd=INFRA, env={**os.environ, "TMPDIR": str(folder)}, check=True, capture_output=True)
    return os.listdir(folder)


def test_it_is_deleted_with_the_process(tmp_path: Path) -> None:
    assert left_by("temporary_files.delete_at_exit()", tmp_path) == []


def test_it_would_stay_otherwise(tmp_path: Path) -> None:
    assert len(left_by("pass", tmp_path)) == 1
