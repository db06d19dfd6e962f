"""A release that an interrupted helm left pending: helm refuses to upgrade it until it is freed."""

import json
import subprocess

from minikube import chain
from minikube.steps import Step

# Left by a helm that was interrupted: nobody else works on this cluster.
STUCK = ("pending-install", "pending-upgrade", "pending-rollback", "uninstalling")


def steps_to_free(release: str, namespace: str) -> list[Step]:
    """Return the steps that free the release: a rollback, or an uninstall where nothing was deployed; usually none."""
    where = ("--kube-context", chain.CONTEXT, "-n", namespace)
    asked = subprocess.run(
        ["helm", "history", release, *where, "--output", "json"],
        capture_output=True,
        text=True,
    )
    # A first install has no history; any other error will fail the install that follows.
    history = json.loads(asked.stdout) if asked.returncode == 0 else []
    if not history or history[-1]["status"] not in STUCK:
        return []
    purpose = f"free {release}, {history[-1]['status']} since helm was interrupted"
    advice = f"See what holds it: helm history {release} -n {namespace}; make minikube-down starts over"
    deployed = [str(each["revision"]) for each in history if each["status"] == "deployed"]
    if deployed and history[-1]["status"] != "uninstalling":
        return [Step(purpose, ("helm", "rollback", release, deployed[-1], *where), advice)]
    return [Step(purpose, ("helm", "uninstall", release, *where, "--wait"), advice)]
