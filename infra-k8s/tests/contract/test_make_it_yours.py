"""The steps of the application's page "Make it yours" that belong to this repository, taken on a copy of it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
MADE = shutil.ignore_patterns(".git", ".venv", "build", "test-results", ".*_cache", "__pycache__")


class Copy:
    """A copy of this repository, with the documentation's runbooks beside it."""

    def __init__(self, folder: Path, page: str) -> None:
        self.folder = folder
        self._page = page
        shutil.copytree(ROOT, folder, ignore=MADE, symlinks=True)

    def take(self, heading: str) -> None:
        """Write the new files of a section, and apply its changes to others."""
        section = self._page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        for path, text in re.findall(r"^New file `(.+?)`:\n\n```\w+\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
            (self.folder / path).write_text(text)
        for change in re.findall(r"^--- a/.*?(?=^--- a/|^```)", section, re.MULTILINE | re.DOTALL):
            apply = ["git", "apply", "--recount", "-"]
            done = subprocess.run(apply, cwd=self.folder, input=change, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{heading}: {done.stderr}"

    def run(self, *arguments: str, **environ: str) -> str:
        """Run a module of the copy; return what it says if it fails, else ""."""
        environment = {key: value for key, value in os.environ.items() if key != "DOCS_DIR"} | environ
        command = [sys.executable, "-m", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        return done.stdout + done.stderr if done.returncode else ""

    def test(self, *tests: str, **environ: str) -> str:
        """Run tests of the copy; return what they say if they fail, else ""."""
        return self.run("pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *tests, **environ)


@pytest.fixture
def copy(app_dir: Path, tmp_path: Path) -> Copy:
    return Copy(tmp_path / "copy", (app_dir / "docs/make-it-yours.md").read_text(encoding="utf-8"))


def test_an_alert_asks_for_its_cases_and_its_runbook(copy: Copy, tmp_path: Path) -> None:
    if not os.environ.get("DOCS_DIR"):
        pytest.skip("DOCS_DIR is not set: the runbooks are a sibling's")
    copy.take("An alert")
    runbooks = tmp_path / "docs/runbooks"
    shutil.copytree(Path(os.environ["DOCS_DIR"], "runbooks"), runbooks)
    docs = {"DOCS_DIR": str(runbooks.parent)}
    rules = ("tests/monitoring/test_rules.py", "-k", "orders or runbook or promtool")
    assert "shopwithoutorders" in copy.test(*rules, **docs)
    (runbooks / "shopwithoutorders.md").write_text("# ShopWithoutOrders\n")
    assert copy.test(*rules, **docs) == ""
    (copy.folder / "tests/monitoring/rules/orders.yaml").unlink()
    assert "ShopWithoutOrders" in copy.test(*rules, **docs)


def test_a_panel_is_written_by_the_command_that_its_failure_names(copy: Copy) -> None:
    copy.take("A panel")
    dashboards = "tests/monitoring/test_dashboards.py"
    assert "stale: run `make dashboards`" in copy.test(dashboards)
    assert copy.run("monitoring.dashboards") == ""
    assert copy.test(dashboards) == ""
