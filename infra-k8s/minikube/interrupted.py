"""A release that an interrupted helm left behind: helm refuses to go on with it, so it is freed first."""

import json
import subprocess

from minikube import chain
from minikube.steps import Step

# Of a helm that is gone: nobody else works on this cluster.
STUCK = ("pending-install", "pending-upgrade", "pending-rollback", "uninstalling")


def freed(release: str, namespace: str) -> list[Step]:
    """Return what frees the release: back to what is deployed, or away where nothing ever was; mostly nothing."""
    where = ("--kube-context", chain.CONTEXT, "-n", namespace)
    asked = subprocess.run(
        ["helm", "history", release, *where, "--output", "json"],
        capture_output=True,
        text=True,
    )
    # A first install has no history; should helm have another reason, the install is about to tell it.
    history = json.loads(asked.stdout) if asked.returncode == 0 else []
    if not history or history[-1]["status"] not in STUCK:
        return []
    purpose = f"free {release}, {history[-1]['status']} since helm was interrupted"
    advice = f"See what holds it: helm history {release} -n {namespace}; make minikube-down starts over"
    deployed = [str(each["revision"]) for each in history if each["status"] == "deployed"]
    if deployed and history[-1]["status"] != "uninstalling":
        return [Step(purpose, ("helm", "rollback", release, deployed[-1], *where), advice)]
    return [Step(purpose, ("helm", "uninstall", release, *where, "--wait"), advice)]
