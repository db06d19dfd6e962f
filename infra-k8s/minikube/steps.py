"""Commands run one after the other in the open, so that each can be repeated by hand."""

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass

from local import children


class StepFailed(RuntimeError):
    """A command failed; the message names it and what to do."""


@dataclass(frozen=True)
class Step:
    """One command, what it is for, and what to do when it fails."""

    purpose: str
    command: tuple[str, ...]
    advice: str
    stdin: str = ""

    def run(self) -> None:
        """Run it with its output in sight; raise StepFailed if it fails."""
        done = children.run(self.command, stdin=self.stdin)
        if done.returncode != 0:
            raise StepFailed(
                f"{self.purpose} failed (exit {done.returncode}): {shlex.join(self.command)}\n{self.advice}"
            )


def run(steps: Sequence[Step]) -> None:
    """Run the steps in order each named and timed; raise StepFailed at the first that fails."""
    for step in steps:
        print(f"\n==> {step.purpose}\n    {shlex.join(step.command)}", flush=True)
        begin = time.monotonic()
        step.run()
        print(f"    done in {time.monotonic() - begin:.0f} s", flush=True)
