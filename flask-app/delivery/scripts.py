"""Hold the shell scripts in workflows to shellcheck, which does not read YAML: `make check`."""

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


def complaint(script: str) -> str:
    """Return what shellcheck has to say about a script; nothing where it is content."""
    asked = [str(SHELLCHECK), "--shell", "bash", "--format", "gcc", "-"]
    done = subprocess.run(asked, input=f"{script.strip()}\n", text=True, capture_output=True)
    return (done.stdout or done.stderr).strip()


def main() -> int:
    """Print every complaint about the workflows that the command line names; 0 where there is none."""
    status = 0
    for workflow in map(Path, sys.argv[1:]):
        for name, script in scripts(workflow):
            if said := complaint(script):
                print(f"{workflow}: {name}:\n{said}", file=sys.stderr)
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
