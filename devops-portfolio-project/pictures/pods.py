"""Draw the pods of a real release, as kubectl prints them."""

import os
import shutil
import subprocess

from pictures import terminal
from pictures.picture import SCREENSHOTS, Skipped

PICTURES = (SCREENSHOTS / "k8s-pods-running.png",)


def take() -> None:
    """Draw kubectl's output; raise Skipped without kubectl, a cluster or a running pod of the release."""
    namespace = os.environ.get("NAMESPACE") or "flask-app"
    if shutil.which("kubectl") is None:
        raise Skipped("kubectl is not on PATH")
    commands = (
        f"kubectl get pods -n {namespace}",
        f"kubectl get service,servicemonitor,prometheusrule -n {namespace}",
        "kubectl get pods -n monitoring",
    )
    answers = [(command, answer(command)) for command in commands]
    if " Running " not in answers[0][1]:
        raise Skipped(f"no pod runs in namespace {namespace}: deploy first (make minikube), or set NAMESPACE")
    text = "\n".join(f"\x1b[32m$\x1b[0m \x1b[1m{command}\x1b[0m\n{output}" for command, output in answers)
    terminal.draw("kubectl", text, PICTURES[0])


def answer(command: str) -> str:
    """Return what a command printed; raise Skipped with its error otherwise."""
    done = subprocess.run(command.split(), capture_output=True, text=True)
    if done.returncode != 0:
        raise Skipped(f"{command}: {done.stderr.strip().splitlines()[-1:] or 'failed'}")
    return done.stdout
