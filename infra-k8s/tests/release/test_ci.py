"""`make ci`, with a make that only writes down what it is told."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from release import ci

IMAGE = f"ghcr.io/owner/flask-app@sha256:{'a' * 64}"
STEPS = ("check", "test", "plan", "verify", "monitoring", "prove", "record")
DEPLOY = ("deploy", "gate")
ASKED, TESTED = "b" * 40, "c" * 40
Ci = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def made(image_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ci:
    """Run the chain where `plan` decides so and a step fails; return the exit status and what was made."""
    called = tmp_path / "called"

    def run(
        steps: Sequence[str] = STEPS, image: str = IMAGE, prove: str = "true", failing: str = ""
    ) -> tuple[int, list[str]]:
        stand_in = tmp_path / "make"
        stand_in.write_text(
            f"""#!/bin/sh
echo "$2 IMAGE=$IMAGE REVISION=$REVISION$MAKEFLAGS" >>{called}
[ "$2" != "{failing}" ] || exit 2
case $2 in
    plan) printf 'image={image}\\nrevision=\\nprove={prove}\\n' >>"$GITHUB_OUTPUT" ;;
    verify) echo revision={TESTED} >>"$GITHUB_OUTPUT"; echo "revision={ASKED} in a printed line decides nothing" ;;
    record) git commit --quiet --allow-empty --message Recorded ;;
esac
"""
        )
        stand_in.chmod(0o755)
        status = ci.main(["--steps", *steps, "--deploy", *DEPLOY])
        return status, called.read_text().splitlines()

    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("IMAGE", "")
    monkeypatch.setenv("REVISION", ASKED)
    monkeypatch.setenv("MAKEFLAGS", f" -- REVISION={ASKED}")  # as of `make ci REVISION=…`
    monkeypatch.setattr(ci, "ROOT", image_file.parents[2])
    return run


def steps(calls: list[str]) -> list[str]:
    return [call.split()[0] for call in calls]


def test_what_plan_and_verify_decide_is_what_the_others_are_told(made: Ci) -> None:
    status, calls = made()
    told = dict(call.split(" ", 1) for call in calls)
    assert status == 0
    assert steps(calls) == [*STEPS, *DEPLOY]
    assert told["plan"] == f"IMAGE= REVISION={ASKED}"
    assert told["verify"] == f"IMAGE={IMAGE} REVISION="
    assert told["record"] == told["gate"] == f"IMAGE={IMAGE} REVISION={TESTED}"


def test_rollback_is_not_proved_again(made: Ci) -> None:
    _, calls = made(prove="false")
    assert steps(calls) == [step for step in (*STEPS, *DEPLOY) if step != "prove"]


def test_nothing_is_deployed_before_anything_was_recorded(made: Ci, capsys: pytest.CaptureFixture[str]) -> None:
    status, calls = made(image="")
    assert (status, steps(calls)[-1]) == (0, "plan")
    assert "no image was ever recorded" in capsys.readouterr().out


@pytest.mark.parametrize("failing", STEPS)
def test_nothing_follows_a_step_that_failed(made: Ci, failing: str) -> None:
    status, calls = made(failing=failing)
    assert (status, steps(calls)[-1]) == (1, failing)


@pytest.mark.parametrize("failing", DEPLOY)
def test_what_was_recorded_is_withdrawn_where_it_does_not_stay(
    made: Ci, failing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, calls = made(failing=failing)
    assert (status, steps(calls)[-2:]) == (1, [failing, "withdraw"])
    assert f"ci: make {failing} failed" in capsys.readouterr().err


def test_nothing_is_withdrawn_that_was_recorded_before(made: Ci) -> None:
    _, calls = made(STEPS[:-1], failing="gate")
    assert steps(calls)[-1] == "gate"
