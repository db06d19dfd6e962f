import os
import sys
import uuid
from pathlib import Path

import pytest

from local.process_group import LINES_KEPT, ProcessGroup
from tests.local.conftest import MARK, left

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_first_process_that_ends_is_named_with_its_status_and_last_lines(tmp_path: Path) -> None:
    printing = f"import sys; [print(number) for number in range({LINES_KEPT + 5})]; sys.exit('the end')"
    with ProcessGroup() as processes:
        processes.start("endless", SLEEP, cwd=tmp_path, env=os.environ)
        assert processes.first_ended() is None
        processes.start("printing", [sys.executable, "-uc", printing], cwd=tmp_path, env=os.environ)
        assert processes.wait() == ("printing", 1)
    assert processes.tail("printing") == [*(str(number) for number in range(6, LINES_KEPT + 5)), "the end"]


def interrupted(tmp_path: Path, mark: str, error: type[BaseException]) -> None:
    with ProcessGroup() as processes:
        child = ["bash", "-c", "sleep 60 & sleep 60"]
        processes.start("with a child", child, cwd=tmp_path, env={**os.environ, MARK: mark})
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, TimeoutError])
def test_nothing_is_left_however_the_context_ends(tmp_path: Path, error: type[BaseException]) -> None:
    mark = uuid.uuid4().hex
    with pytest.raises(error):
        interrupted(tmp_path, mark, error)
    assert left(mark) == {}
