"""Run shellcheck, which does not read YAML, on the shell code in workflows: part of `make check`."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

SHELLCHECK = Path(sys.executable).with_name("shellcheck")


def scripts(workflow: Path) -> Iterator[tuple[str, str]]:
    """Yield each script of a workflow after the name of its job and step."""
    for job, described in yaml.safe_load(workflow.read_text())["jobs"].items():
        for number, step in enumerate(described.get("steps", []), start=1):
            if "run" in step:
                yield f"{job}, {step.get('name', f'step {number}')}", step["run"]


def findings(script: str) -> str:
    """Return the findings of shellcheck in a script; "" if there are none."""
    command = [str(SHELLCHECK), "--shell", "bash", "--format", "gcc", "-"]
    done = subprocess.run(command, input=f"{script.strip()}\n", text=True, capture_output=True)
    return (done.stdout or done.stderr).strip()


def main() -> int:
    """Print the findings in the workflows that the command line names; return 0 if there are none."""
    status = 0
    for workflow in map(Path, sys.argv[1:]):
        for name, script in scripts(workflow):
            if found := findings(script):
                print(f"{workflow}: {name}:\n{found}", file=sys.stderr)
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
