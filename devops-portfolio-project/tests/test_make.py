"""What make says where something is missing or fails."""

import json
import shutil
import subprocess
from pathlib import Path

from checks.repositories import HERE
from tests.conftest import skip_without_tool


def test_a_failing_npm_says_why(tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        skip_without_tool("npm is missing")
    for name in ("Makefile", "package.json", "package-lock.json"):
        shutil.copy(HERE / name, tmp_path)
    package = json.loads((tmp_path / "package.json").read_text())
    package["devDependencies"]["left-out-of-the-lock"] = "1.0.0"
    (tmp_path / "package.json").write_text(json.dumps(package))
    done = subprocess.run(["make", "node"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "left-out-of-the-lock" in done.stderr
    assert "npm ci failed" in done.stderr
