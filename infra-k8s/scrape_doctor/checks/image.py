"""The image: it exists, may be pulled, and was built for the nodes' architecture."""

import re

from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.objects import Object, name, namespace, statuses

PLACEHOLDER = re.compile(r"/(your[-_]|change-?me|placeholder|owner/|username/)|<", re.IGNORECASE)
OTHER_PLATFORM = ("no match for platform", "no matching manifest", "does not match the specified platform")
WAITING = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}


def check(evidence: Evidence) -> Finding:
    """Judge what the kubelets said when they pulled, and what the registry says of an image that did not start."""
    for pod in evidence.pods():
        for status in statuses(pod):
            waiting = status.get("state", {}).get("waiting") or {}
            if waiting.get("reason") in WAITING:
                return refused(evidence, pod, status["image"], message(evidence, pod, waiting))
            if wrong_machine(status):
                return wrong_architecture(evidence, pod, status["image"], "exec format error")
    images = sorted({status["image"] for pod in evidence.pods() for status in statuses(pod) if status.get("imageID")})
    return ok("pulled by every node that was asked to", *images)


def not_started(evidence: Evidence) -> set[str]:
    """Return the images that could not be pulled, or not be run once they were; a placeholder is nobody's image."""
    found = {
        str(status["image"])
        for pod in evidence.pods()
        for status in statuses(pod)
        if (status.get("state", {}).get("waiting") or {}).get("reason") in WAITING or wrong_machine(status)
    }
    return {image for image in found if not PLACEHOLDER.search(image)}


def message(evidence: Evidence, pod: Object, waiting: Object) -> str:
    """Return the fullest text: a back-off says less than the failure that led to it."""
    failed = [text for text in evidence.events(pod, "Failed") if "pull" in text and "ImagePullBackOff" not in text]
    return failed[0] if failed else str(waiting.get("message") or waiting["reason"])


def wrong_machine(status: Object) -> bool:
    """Tell whether a container could not start because its binary is for another processor."""
    ends = [status.get(when, {}).get("terminated") or {} for when in ("state", "lastState")]
    return any("exec format error" in str(end.get("message", "")) for end in ends)


def refused(evidence: Evidence, pod: Object, image: str, text: str) -> Finding:
    """Name the reason in the kubelet's words."""
    lowered = re.sub(r"sha256:[0-9a-f]+", "", text.lower())  # whose digits mean nothing
    observations = (f"pod {name(pod)} on {pod['spec'].get('nodeName', '?')}: {text}",)
    if PLACEHOLDER.search(image):
        return broken(
            "image-placeholder",
            f"image {image} still has a placeholder for its owner and cannot be pulled",
            *observations,
            fix=evidence.upgrade(owned(evidence, image)),
        )
    if any(words in lowered for words in OTHER_PLATFORM) or lacks_platform(evidence, pod, image):
        return wrong_architecture(evidence, pod, image, text)
    if "errimageneverpull" in lowered or ("never" in lowered and "is not present" in lowered):
        return broken(
            "image-never-pulled",
            f"image {image} is not on the node, which may not pull it (imagePullPolicy Never)",
            *observations,
            fix=f"load it into the node (minikube image load {image}), or let it be pulled",
        )
    if any(words in lowered for words in ("unauthorized", "forbidden", "denied", "401", "403")):
        return broken(
            "image-denied",
            f"the registry does not let the node pull {image}",
            *observations,
            fix=f"kubectl -n {namespace(pod)} create secret docker-registry pull --docker-server=<registry> "
            "--docker-username=<you> --docker-password=<token>, then name it under imagePullSecrets",
        )
    if any(words in lowered for words in ("not found", "manifest unknown", "name unknown", "invalid reference")):
        return broken(
            "image-missing",
            f"image {image} does not exist",
            *observations,
            fix=f"push it, or set one that exists: {evidence.upgrade(setting(evidence, image))}; "
            f"or go back: {evidence.rollback()}",
        )
    return broken(
        "image-not-pulled",
        f"image {image} cannot be pulled",
        *observations,
        fix="let the node reach the registry, or push the image to one that it reaches",
    )


def wrong_architecture(evidence: Evidence, pod: Object, image: str, text: str) -> Finding:
    """Say which architecture is wanted and how to build for all."""
    node = pod["spec"].get("nodeName", "?")
    kinds = sorted({n["status"]["nodeInfo"]["architecture"] for n in evidence.all("nodes")}) or ["amd64", "arm64"]
    built = evidence.platforms.get(image)
    return broken(
        "image-architecture",
        f"image {image} was not built for node {node} ({architecture(evidence, node)})",
        f"pod {name(pod)}: {text}",
        *([f"the registry has it for {', '.join(built)}"] if built else []),
        fix=f"docker buildx build --platform {','.join(f'linux/{kind}' for kind in kinds)} --push -t {image} .",
    )


def lacks_platform(evidence: Evidence, pod: Object, image: str) -> bool:
    """Tell whether the registry has the image, and not for the pod's node."""
    built = evidence.platforms.get(image)
    return bool(built) and f"linux/{architecture(evidence, pod['spec'].get('nodeName', '?'))}" not in (built or ())


def architecture(evidence: Evidence, node: str) -> str:
    """Return a node's architecture as the kubelet reports it."""
    for each in evidence.all("nodes"):
        if name(each) == node:
            return str(each["status"]["nodeInfo"]["architecture"])
    return "architecture not readable"


def value(evidence: Evidence, image: str) -> str:
    """Return the chart value that holds the image's repository, with its registry or without."""
    whole = repository(image)
    return evidence.value_path(whole) or evidence.value_path(whole.partition("/")[2])


def owned(evidence: Evidence, image: str) -> str:
    """Return the `--set` that gives the image an owner, where the placeholder is set."""
    place = value(evidence, image)
    if place and not evidence.value_path(repository(image)):
        return f"{place}=<you>/<name>"  # its registry is set by itself
    return f"{place or evidence.value_path(image) or 'image.repository'}=<registry>/<you>/<name>"


def repository(image: str) -> str:
    """Return an image reference without its tag and digest."""
    return re.sub(r":[^/:]+$", "", image.split("@")[0])


def setting(evidence: Evidence, image: str) -> str:
    """Return the `--set` for another tag, next to where the repository is set; for a digest where that decides."""
    if whole := evidence.value_path(image):
        return f"{whole}={repository(image)}:<tag>"
    digest = image.partition("@")[2]
    if digest and (place := evidence.value_path(digest)):
        return f"{place}=<digest>"
    return f"{value(evidence, image).rpartition('.')[0] or 'image'}.tag=<tag>"
