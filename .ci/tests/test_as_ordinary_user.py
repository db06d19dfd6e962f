import os
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.executables import install

CI = Path(__file__).resolve().parents[1]


def run(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command, environment = (CI / "as-ordinary-user", "bash", "-c", script), {**os.environ, **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def test_the_command_has_a_terminal_and_its_exit_status_is_kept() -> None:
    assert run("test -t 0 && test -t 1 && test -t 2 && tput cols && exit 7").returncode == 7


def test_it_runs_as_nobody_special_in_a_clone_with_an_empty_home() -> None:
    done = run('id -u; ls -A "$HOME"; git status --porcelain; echo "CI=${CI-}"; touch here')
    user, *others = done.stdout.split()
    assert user != "0"
    assert others == ["project", "CI="]
    assert done.returncode == 0


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes a user and ends what it started")
def test_what_it_started_and_its_user_are_gone_afterwards() -> None:
    user, process = run("id -un; setsid sleep 60 >/dev/null 2>&1 & echo $!").stdout.split()
    assert subprocess.run(("id", user), capture_output=True).returncode == 1
    assert not psutil.pid_exists(int(process)) or psutil.Process(int(process)).status() == psutil.STATUS_ZOMBIE


def test_who_is_granted_a_cluster_has_its_variables(tmp_path: Path) -> None:
    grant = install(
        tmp_path / "grant", "#!/bin/bash\nprintf 'export KUBECONFIG=%q PATH=/clients:$PATH\\n' \"/of/$1\"\n"
    )
    done = run('echo "$KUBECONFIG"; echo "$PATH"; id -un', GRANT=str(grant))
    kubeconfig, path, user = done.stdout.split()
    assert kubeconfig == f"/of/{user}"
    assert path.startswith("/clients:/")


@pytest.mark.skipif(
    subprocess.run((CI / "python", "workflows"), capture_output=True).returncode != 0,
    reason="there is no such Python here to be copied",
)
def test_the_workflows_python_is_his_own_where_it_is_asked_for() -> None:
    done = run(
        'python=$(.ci/python workflows) && "$python" -c "import ssl, sys; print(sys.version_info[:2])"',
        WORKFLOWS_PYTHON="1",
    )
    assert done.stdout.startswith("(3, "), done.stdout
    assert done.returncode == 0
