"""Container images that did not start, as the kubelet reports them."""

import re
from collections.abc import Iterable

from scrape_doctor.resources.objects import Object
from scrape_doctor.resources.pods import statuses

PLACEHOLDER = re.compile(r"/(your[-_]|change-?me|placeholder|owner/|username/)|<", re.IGNORECASE)
PULL_FAILURES = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}


def waiting(status: Object) -> Object:
    """Return why a container waits: a reason and a message; empty if it does not."""
    found: Object = status.get("state", {}).get("waiting") or {}
    return found


def is_for_another_processor(status: Object) -> bool:
    """Tell whether a container could not start because its binary is for another processor."""
    ends = [status.get(when, {}).get("terminated") or {} for when in ("state", "lastState")]
    return any("exec format error" in str(end.get("message", "")) for end in ends)


def failed_images(pods: Iterable[Object]) -> set[str]:
    """Return the images that could not be pulled or not be run, but for those of a placeholder owner."""
    found = {
        str(status["image"])
        for pod in pods
        for status in statuses(pod)
        if waiting(status).get("reason") in PULL_FAILURES or is_for_another_processor(status)
    }
    return {image for image in found if not PLACEHOLDER.search(image)}
