"""What a commit on the application's main branch starts: its `make ci`, then the hand-over of the digest to infra."""

import json
import os
from pathlib import Path

from proofs.pipeline.chain import Chain
from proofs.pipeline.forge import Forge
from proofs.pipeline.repository import commit, git, push


def start(forge: Forge, revision: str) -> None:
    """Run the chain for a commit; where all of it passes, its image's digest becomes a commit in infra."""
    checkout = forge.checkout("app", revision)
    chain = Chain("ci", forge.logs, forge.journal)
    if chain.run(checkout, ("make", "ci"), variables(forge, revision)):
        promote(forge, chain, revision, built(checkout))


def variables(forge: Forge, revision: str) -> dict[str, str]:
    """Return what the application's make targets are told, as its workflow tells them."""
    place = forge.place
    return {
        "IMAGE": place.image,
        "TAG": revision,
        "PLATFORMS": place.platforms,
        "BASE_IMAGE": place.base_image,
        "SCAN": place.scan,
        "COSIGN_KEY": str(forge.key),
        "COSIGN_PUBLIC_KEY": str(forge.public_key),
        "COSIGN_PASSWORD": "",
    }


def built(checkout: Path) -> str:
    """Return the digest of the image that was built last in a checkout."""
    return str(json.loads((checkout / "build" / "image.json").read_text())["containerimage.digest"])


def promote(forge: Forge, chain: Chain, revision: str, digest: str) -> None:
    """Verify an image, write its digest into infra's environment, and push that as a commit: it starts the deploy."""
    place, clone = forge.place, forge.promotion
    git(clone, "pull", "--quiet", "--ff-only", "origin", "main")
    forge.lend("infra", clone)
    told = {
        "IMAGE": f"{place.image}@{digest}",
        "ENVIRONMENT": place.environment,
        "REVISION": revision,
        "COSIGN_PUBLIC_KEY": str(forge.public_key),
    }
    if chain.run(clone, ("make", "promote"), told):
        commit(
            clone, f"Deploy flask-app {revision[:12]} to {place.environment}\n\nDigest: {digest}\nRevision: {revision}"
        )
        push(clone, os.environ)
