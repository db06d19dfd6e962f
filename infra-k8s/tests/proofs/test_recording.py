"""The record of a run of proofs: one row for each, in order, on one process or several."""

import json
from typing import Any

import pytest

pytest_plugins = ["pytester"]

CONFTEST = """
from pathlib import Path
from proofs.recording import ProofRecorder

def pytest_configure(config):
    config.pluginmanager.register(ProofRecorder("make drills", Path(config.rootpath, "build", "drills.json")))
"""
PROOFS = '''
import time, pytest

def test_slow(proof):
    """the slow one passes.

    Its details are not its name.
    """
    proof.note("42 of 42")
    time.sleep(0.3)

@pytest.mark.parametrize("number", [1, 2])
def test_named(proof, number):
    """Replaced."""
    proof.name = f"number {number}"
    assert number == 1

def test_without_a_record():
    pass

@pytest.mark.skip(reason="not on this cluster")
def test_skipped(proof):
    """A skipped proof."""
'''


def recorded(pytester: pytest.Pytester, *arguments: str) -> list[dict[str, Any]]:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(PROOFS)
    result = pytester.runpytest("-p", "no:randomly", *arguments)
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["make drills*", "*the slow one passes*42 of 42*proven*", "*number 2*FAILED*"])
    found: list[dict[str, Any]] = json.loads((pytester.path / "build" / "drills.json").read_text())
    return found


@pytest.mark.timeout(300)  # two workers start slowly beside other work
@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_each_proof_has_a_row_in_the_order_of_collection(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    rows = recorded(pytester, *arguments)
    assert [(row["name"], row["passed"]) for row in rows] == [
        ("the slow one passes", True),
        ("number 1", True),
        ("number 2", False),
    ]
    assert rows[0]["numbers"] == ["42 of 42"]
    assert rows[0]["seconds"] >= 0.3


@pytest.mark.parametrize("when", ["setup", "teardown"])
def test_a_fixture_that_fails_is_a_failed_row(pytester: pytest.Pytester, when: str) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        test_one=f'''
import pytest

@pytest.fixture
def namespace():
    assert "{when}" != "setup"
    yield
    assert "{when}" != "teardown"

def test_in_it(namespace, proof):
    """It passes."""
'''
    )
    pytester.runpytest().assert_outcomes(errors=1, passed=0 if when == "setup" else 1)
    rows = json.loads((pytester.path / "build" / "drills.json").read_text())
    assert (rows[-1]["name"], rows[-1]["passed"]) == (f"test_one.py::test_in_it: {when}", False)


def test_a_run_without_proofs_leaves_the_last_record(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile("def test_nothing(): pass")
    file = pytester.mkdir("build") / "drills.json"
    file.write_text("the last one")
    assert pytester.runpytest().ret == 0
    assert file.read_text() == "the last one"
