"""What a commit on infra's main branch starts: the image that it records is verified, deployed and watched."""

import yaml

from proofs.pipeline.chain import Chain
from proofs.pipeline.forge import Forge
from proofs.pipeline.place import Place
from proofs.pipeline.repository import git

# As with a workflow's own token on GitHub: what a chain pushes to its own repository does not start it again.
OWN_PUSH = "PIPELINE_OWN_PUSH"


def start(forge: Forge, commit: str) -> None:
    """Run the targets of infra's workflow for a commit; where one fails, take the digest out of git again."""
    place = forge.place
    checkout = forge.checkout("infra", commit)
    told = {
        "IMAGE": recorded((checkout / place.record).read_text()),
        "ENVIRONMENT": place.environment,
        "NAMESPACE": place.namespace,
        "REVISION": git(checkout, "log", "-1", "--format=%(trailers:key=Revision,valueonly)"),
        "COSIGN_PUBLIC_KEY": str(forge.public_key),
    }
    chain = Chain("cd", forge.logs, forge.journal)
    if not all(chain.run(checkout, target, told) for target in targets(place)):
        chain.run(checkout, ("make", "withdraw", "PUSH=origin"), told | {OWN_PUSH: "infra"})


def targets(place: Place) -> list[tuple[str, ...]]:
    """Return what infra's `make ci` does with a recorded image, in its order."""
    return [
        ("make", "verify"),
        ("make", "deploy", f"DEPLOY_TIMEOUT={place.deploy_timeout}"),
        ("make", "gate", f"SECONDS={place.gate_seconds}"),
    ]


def recorded(file: str) -> str:
    """Return the image that an environment's image.yaml records, as repository@digest."""
    image = yaml.safe_load(file)["image"]
    return f"{image.get('repository', '')}@{image['digest']}"
