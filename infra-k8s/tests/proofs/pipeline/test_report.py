import io
import json
from pathlib import Path

from rich.console import Console

from proofs.pipeline import report
from proofs.pipeline.chain import Outcome
from proofs.pipeline.telling import Told


def told(folder: Path) -> list[Told]:
    """Two tellings, of which the second is not what it had to be, with the output of their steps."""
    steps = [
        Outcome("ci", "test", "make test", 0, 61.4, True, "12 passed", "01-ci-test.log"),
        Outcome("ci", "scan", "make scan", 61, 0, True, "scan: NOT RUN", "03-ci-scan.log"),
        Outcome("ci", "sign", "make sign", 61, 1, True, f"signed {'c' * 64}", "04-ci-sign.log"),
        Outcome("cd", "gate", "make gate SECONDS=60", 61, 70, True, "[gate] passed", "02-cd-gate.log"),
    ]
    for step in steps:
        (folder / step.log).write_text(f"all of {step.step}\n")
    return [
        Told("A good commit", "a" * 40, steps, ["live: everywhere"], 150.2, ""),
        Told("A bad commit", "b" * 40, [], [], 0, "stopped at nothing"),
    ]


def test_the_table_names_every_step_its_time_and_what_is_wrong(tmp_path: Path) -> None:
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(report.table(told(tmp_path)))
    text = console.export_text()
    for expected in ("ci test", "61", "12 passed", "[gate] passed", "150", "live: everywhere", "stopped at nothing"):
        assert expected in text
    assert (text.count("passed"), text.count("not run"), text.count("c" * 12 + "…")) == (5, 1, 1)
    assert (text.count("proven"), text.count("FAILED")) == (1, 1)


def test_what_was_told_is_written_with_its_output(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    build = tmp_path / "build"
    (build / "pipeline").mkdir(parents=True)
    (build / "pipeline" / "of-yesterday.log").touch()
    report.write(told(tmp_path / "logs"), tmp_path / "logs", build)
    stories = json.loads((build / "pipeline.json").read_text())
    assert [story["passed"] for story in stories] == [True, False]
    assert stories[0]["outcomes"][0]["seconds"] == 61.4
    kept = build / "pipeline"
    assert (kept / "03-ci-scan.log").exists()
    assert not (kept / "of-yesterday.log").exists()
    assert (kept / "ci.log").read_text().startswith("$ make test\nall of test\n\n$ make scan\nall of scan\n")
    assert (kept / "cd.log").read_text() == "$ make gate SECONDS=60\nall of gate\n"
