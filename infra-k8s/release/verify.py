"""Verify an image before it is deployed: whose it is, who signed it, which commit was tested."""

from clients import cosign
from clients.image_reference import ImageReference
from release.refused import Refused


def verify(image: ImageReference, public_key: str = "", revision: str = "", trusted: str = "") -> str:
    """Return the commit that was tested; raise Refused or ClientFailed where signature or attestation do not hold.

    With `revision` the tested commit must be that one. Anybody can sign his own image without a key: there `trusted`
    has to name the repository whose images may be deployed. The image has to have been started on every platform of
    its index.
    """
    if trusted:
        require_trusted(image, trusted)
    elif not public_key:
        raise Refused("TRUSTED_IMAGE is not set: without a key, say whose images are trusted, as registry/owner/name")
    commits = cosign.verify(image, public_key)
    if revision and revision not in commits:
        raise Refused(f"{image}: attestation: commit {', '.join(sorted(commits))} was tested, not {revision}")
    return revision or sorted(commits)[0]


def require_trusted(image: ImageReference, trusted: str) -> None:
    """Raise Refused unless the image is in `trusted`, the only repository whose images may be deployed."""
    if image.repository != trusted.lower():
        raise Refused(f"{image}: only images of {trusted} are trusted here (TRUSTED_IMAGE)")
