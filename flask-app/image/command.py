"""Run docker's buildx and cosign, which read registries, build, sign and verify."""

import shutil
import subprocess


class Refused(ValueError):
    """The step must not continue; the message is one line that says why."""


def run(*command: str, seconds: float = 120) -> str:
    """Return what `command` prints; raise Refused with its own error message."""
    if shutil.which(command[0]) is None:
        raise Refused(f"{command[0]} is not on PATH: install it, or nothing can be verified")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Refused(f"{command[0]} gave no answer within {seconds:.0f} s") from None
    if done.returncode != 0:
        raise Refused(reason(done.stderr) or f"{command[0]} ended with {done.returncode} and gave no reason")
    return done.stdout


def reason(stderr: str) -> str:
    """Return the most useful line of a tool's error output: its first error, or else its last line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip() and not line.startswith("WARNING")]
    return next((line for line in lines if line.lower().startswith("error")), lines[-1] if lines else "")
