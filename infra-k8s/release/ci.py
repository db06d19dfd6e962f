"""All steps of a release in order, each with what the ones before decided: `python -m release.ci`.

Exit status: 0 all passed, or nothing was ever recorded; 1 a step failed, and what it had recorded is withdrawn.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from clients.git import GitFailed, git
from release import outputs

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
WITHOUT_IMAGE = ("plan", "check", "test")


class Decisions:
    """What was decided so far, by the names of the outputs."""

    def __init__(self, image: str, revision: str) -> None:
        self.decided = {"image": image, "revision": revision, "prove": "true"}

    def make(self, step: str) -> None:
        """Make a step with what was decided, and take in what it decides; raise CalledProcessError if it fails."""
        if step == "prove" and self.decided["prove"] != "true":
            return  # a rollback has to be quick: its image was proved before
        print(f"\n==> make {step}", flush=True)
        # What the outer make was called with is in the environment; in its flags too, where it would win.
        outer = {name: value for name, value in os.environ.items() if name not in FLAGS}
        inputs = {name.upper(): self.decided[name] for name in ("image", "revision")}
        with tempfile.NamedTemporaryFile() as decided:
            environment = {**outer, **inputs, "GITHUB_OUTPUT": decided.name}
            subprocess.run(["make", "--silent", step], cwd=ROOT, env=environment, check=True)
            self.decided |= outputs.read(Path(decided.name))


def run(decisions: Decisions, steps: Sequence[str], deploy: Sequence[str]) -> int:
    """Make all steps and return the exit status; where one of `deploy` fails, withdraw what was recorded before it."""
    before = git(ROOT, "rev-parse", "HEAD")
    try:
        for step in steps:
            if step not in WITHOUT_IMAGE and not decisions.decided["image"]:
                print("ci: nothing to deploy: no image was ever recorded; name one with IMAGE")
                return 0
            decisions.make(step)
        recorded = git(ROOT, "rev-parse", "HEAD")
        try:
            for step in deploy:
                decisions.make(step)
        except subprocess.CalledProcessError:
            if recorded != before:
                decisions.make("withdraw")
            raise
    except subprocess.CalledProcessError as failure:
        print(f"ci: make {failure.cmd[-1]} failed; what follows it was not run", file=sys.stderr)
        return 1
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Read what is to be done from the environment, as every step does, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m release.ci", description=__doc__)
    parser.add_argument("--steps", nargs="*", default=[], help="the make targets up to the record")
    parser.add_argument("--deploy", nargs="*", default=[], help="those after it")
    asked = parser.parse_args(arguments)
    try:
        return run(Decisions(os.environ.get("IMAGE", ""), os.environ.get("REVISION", "")), asked.steps, asked.deploy)
    except GitFailed as failure:
        print(f"ci: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
