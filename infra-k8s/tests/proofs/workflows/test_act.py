import io
import json
import sys
from pathlib import Path

from proofs.workflows.act import Act, Outcome, Reader, run

JOBS: dict[str, object] = {"test": {}, "publish": {}}


def read(*lines: dict[str, object] | str) -> tuple[Outcome, str]:
    """Return what comes of act's lines, and the log for people."""
    log = io.StringIO()
    reader = Reader(JOBS, log)
    for line in lines:
        reader.read(line if isinstance(line, str) else json.dumps(line))
    return reader.outcome, log.getvalue()


def step(job: str, identity: str, **more: object) -> dict[str, object]:
    return {"jobID": job, "stage": "Main", "stepID": [identity], "step": "make check\nand more", "msg": "", **more}


def test_a_job_that_act_does_not_speak_of_was_skipped() -> None:
    outcome, _ = read({"jobID": "test", "jobResult": "success", "msg": "Job succeeded"})
    assert {name: job.result for name, job in outcome.jobs.items()} == {"test": "success", "publish": "skipped"}


def test_a_step_has_its_result_its_lines_and_its_outputs() -> None:
    outcome, log = read(
        step("test", "s", msg="Run"),
        step("test", "s", raw_output=True, msg="one\n"),
        step("test", "s", raw="::error::two\n", msg="  two"),
        step("test", "s", command="set-output", name="image", arg="a@b"),
        step("test", "s", stepResult="failure"),
        {"jobID": "test", "jobResult": "failure", "msg": "Job failed"},
    )
    job = outcome.jobs["test"]
    assert (job.steps["s"].name, job.steps["s"].result) == ("make check", "failure")
    assert job.steps["s"].lines == ["one", "::error::two"]
    assert job.outputs == {"s.image": "a@b"}
    assert outcome.failed == ["test/make check"]
    assert "test/make check:\n    one" in outcome.last_words()
    assert "test      | one" in log


def test_the_output_names_each_step_that_ran_a_command() -> None:
    checkout = {**step("test", "0"), "step": "actions/checkout@abc", "raw_output": True, "msg": "cloned\n"}
    outcome, _ = read(checkout, step("test", "1", raw_output=True, msg="one\n"), step("publish", "0", msg="Run"))
    assert outcome.output() == "$ test: make check\none\n"


def test_a_step_inside_of_an_action_is_that_actions() -> None:
    inner = {**step("test", "0"), "stepID": ["0", "inner"], "stepResult": "failure"}
    outcome, _ = read(step("test", "0"), inner, step("test", "0", stepResult="success"))
    assert [(each.name, each.result) for each in outcome.jobs["test"].steps.values()] == [("make check", "success")]


def test_acts_own_complaints_are_kept() -> None:
    outcome, _ = read("Error: no such workflow\n", {"level": "fatal", "msg": "cannot read\n"})
    assert outcome.complaints == ["Error: no such workflow", "cannot read"]


def test_an_action_is_mapped_by_its_repository_to_the_stand_ins_folder(tmp_path: Path) -> None:
    act = Act(Path("act"), tmp_path, {"REGISTRY": "r"}, {"TOKEN": "t"}, 2)
    actions = {"actions/checkout@abc", "anchore/scan-action/download-grype@def"}
    command = act.command("push", tmp_path / "w.yaml", tmp_path / "e.json", actions, tmp_path)
    assert f"actions/checkout@abc={tmp_path}/actions/checkout" in command
    assert f"anchore/scan-action@def={tmp_path}/anchore/scan-action" in command
    assert command[command.index("--var") + 1] == "REGISTRY=r"
    assert command[command.index("--secret") + 1] == "TOKEN=t"


def test_a_run_reads_to_the_end_and_may_be_interrupted(tmp_path: Path) -> None:
    script = "import json, time\nprint(json.dumps({'jobID': 'test', 'jobResult': 'success'}), flush=True)\n"
    command = [sys.executable, "-c", script]
    whole = run(command, tmp_path, {}, JOBS, tmp_path / "log")
    assert whole.passed
    assert whole.result("test") == "success"
    waiting = [sys.executable, "-c", f"{script}time.sleep(60)"]
    cut = run(waiting, tmp_path, {}, JOBS, tmp_path / "log", lambda seen: seen.result("test") == "success")
    assert not cut.passed
