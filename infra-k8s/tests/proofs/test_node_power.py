from pathlib import Path

import pytest

from proofs.chaos import disturbances
from proofs.chaos.disturbances import NodePower


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the user's commands were called with; the node is Ready unless it was stopped last."""
    called = tmp_path / "called"
    called.write_text("start node-2\n")
    monkeypatch.setattr(disturbances, "node_ready", lambda _: called.read_text().splitlines()[-1].startswith("start"))
    return called


def power(called: Path, notes: list[str]) -> NodePower:
    stop, start = (f"sh -c 'echo {command} $0 >>{called}'" for command in ("stop", "start"))
    return NodePower("node-2", stop, start, notes.append)


def test_power_is_cut_until_the_pods_have_moved_and_then_restored(commands: Path) -> None:
    notes: list[str] = []
    power(commands, notes).cut(until_moved=lambda: notes.append(commands.read_text().splitlines()[-1]))
    assert notes == [
        "the control plane marked the node NotReady after 0 s",
        "stop node-2",
        "every pod Ready again after 0 s, on the other node",
        "the node was Ready 0 s after its power was restored",
    ]


def test_power_is_restored_where_the_pods_do_not_move(commands: Path) -> None:
    def stuck() -> None:
        raise TimeoutError("pods on the other node")

    with pytest.raises(TimeoutError, match="pods on the other node"):
        power(commands, []).cut(until_moved=stuck)
    assert commands.read_text().splitlines()[-1] == "start node-2"
