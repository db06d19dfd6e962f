"""Whatever goes wrong, a revision of which nothing is known does not stay."""

import httpx
import kr8s
import pytest

from clients.helm import HelmFailed, Release
from release import rollback
from release.gate import step as gate
from release.inputs import Inputs
from release.refused import Refused
from scrape_doctor import temporary_files

ASKED = Inputs({"RELEASE": "shop", "NAMESPACE": "shops", "ROLLBACK": "1"})


@pytest.fixture
def rolled_back(monkeypatch: pytest.MonkeyPatch) -> list[Release]:
    releases: list[Release] = []

    def roll_back(release: Release) -> str:
        releases.append(release)
        return "shop is back to revision 1"

    monkeypatch.setattr(rollback, "roll_back", roll_back)
    monkeypatch.setattr(temporary_files, "delete_at_exit", lambda: None)
    return releases


def judging(monkeypatch: pytest.MonkeyPatch, verdict: str | Exception) -> None:
    def judged(release: Release, inputs: Inputs) -> str:
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    monkeypatch.setattr(gate, "judged", judged)


@pytest.mark.parametrize(
    "error",
    [
        Refused("no rollout"),
        HelmFailed("helm get: forbidden"),
        kr8s.ServerError("no"),
        kr8s.ConnectionClosedError("gone"),
        kr8s.APITimeoutError("late"),
        httpx.ConnectError("refused"),
        OSError("no route"),
        ValueError("not JSON"),
        KeyError("traffic"),
        HelmFailed("helm get: forbidden:\n  who\tare you"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_failure_to_judge_goes_back_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rolled_back: list[Release], error: Exception
) -> None:
    judging(monkeypatch, error)
    assert gate.run(ASKED) == 1
    assert rolled_back == [Release("shops", "shop")]
    assert (
        capsys.readouterr().err
        == f"gate: not passed: no data: {' '.join(str(error).split())}\ngate: shop is back to revision 1\n"
    )


@pytest.mark.parametrize(("verdict", "status", "back"), [("", 0, 0), ("5xx", 1, 1)])
def test_verdict_decides(
    monkeypatch: pytest.MonkeyPatch, rolled_back: list[Release], verdict: str, status: int, back: int
) -> None:
    judging(monkeypatch, verdict)
    assert gate.run(ASKED) == status
    assert len(rolled_back) == back


def test_failed_rollback_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], rolled_back: list[Release]
) -> None:
    def roll_back(release: Release) -> str:
        raise HelmFailed("there is none to go back to")

    judging(monkeypatch, "5xx")
    monkeypatch.setattr(rollback, "roll_back", roll_back)
    assert gate.run(ASKED) == 1
    assert "gate: not rolled back: there is none to go back to" in capsys.readouterr().err
