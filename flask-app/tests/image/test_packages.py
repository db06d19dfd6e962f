"""A package that has no wheel for the image's platform is told as that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from image import packages

ROOT = Path(__file__).parent.parent.parent
LOCK = "shopping==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"


def install(folder: Path, architecture: str = "arm64", **environ: str) -> subprocess.CompletedProcess[str]:
    """Install a lock of one package whose only source is the folder, as the Dockerfile does."""
    (folder / "requirements.txt").write_text(LOCK)
    index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, ROOT / "image/packages.py", folder / "packages"],
        cwd=folder,
        env={**os.environ, **index, "TARGETARCH": architecture, **environ},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("there", ["shopping-1.0.tar.gz", "shopping-1.0-cp313-cp313-macosx_14_0_arm64.whl"])
def test_package_without_a_wheel_is_named_with_what_to_do(tmp_path: Path, there: str) -> None:
    (tmp_path / there).touch()
    done = install(tmp_path)
    assert done.returncode != 0
    (told,) = done.stderr.splitlines()
    assert told.startswith("flask-app: shopping==1.0 has no wheel for linux/arm64 and Python 3.")
    assert "`make lock`" in told


def test_index_out_of_reach_is_no_missing_wheel() -> None:
    output = "WARNING: Retrying (Retry(total=0\nERROR: No matching distribution found for shopping==1.0\n"
    assert packages.explanation(output, "amd64") == ""


def test_other_failures_speak_for_themselves(tmp_path: Path) -> None:
    (tmp_path / "shopping-1.0-py3-none-any.whl").write_bytes(b"no wheel")
    done = install(tmp_path)
    assert done.returncode != 0
    assert "has no wheel" not in done.stderr
    assert done.stdout


def test_other_platform_is_refused(tmp_path: Path) -> None:
    done = install(tmp_path, "riscv64")
    assert (done.returncode, done.stderr) == (1, "flask-app: no wheels for riscv64\n")
