"""The image: it exists, may be pulled, and was built for the nodes' architecture."""

import re

from scrape_doctor import fixes
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.resources.images import PLACEHOLDER, PULL_FAILURES, is_for_another_processor, waiting
from scrape_doctor.resources.objects import Object, kind_word, name, namespace
from scrape_doctor.resources.pods import containers, statuses
from scrape_doctor.snapshot import Snapshot

OTHER_PLATFORM = ("no match for platform", "no matching manifest", "does not match the specified platform")


def check(snapshot: Snapshot) -> Finding:
    """Check what the kubelets reported of pulling, and the registry's platforms of an image that did not start."""
    for pod in snapshot.subject.pods:
        for status in statuses(pod):
            if waiting(status).get("reason") in PULL_FAILURES:
                return not_pulled(snapshot, pod, status["image"], message(snapshot, pod, waiting(status)))
            if is_for_another_processor(status):
                return wrong_architecture(snapshot, pod, status["image"], "exec format error")
    pulled = [status for pod in snapshot.subject.pods for status in statuses(pod) if status.get("imageID")]
    return ok("pulled by every node that was asked to", *sorted({str(status["image"]) for status in pulled}))


def message(snapshot: Snapshot, pod: Object, state: Object) -> str:
    """Return the most complete message: a back-off says less than the failure before it."""
    events = snapshot.cluster.events(pod, "Failed")
    failed = [text for text in events if "pull" in text and "ImagePullBackOff" not in text]
    return failed[0] if failed else str(state.get("message") or state["reason"])


def not_pulled(snapshot: Snapshot, pod: Object, image: str, text: str) -> Finding:
    """Name the reason by the kubelet's message."""
    lowered = re.sub(r"sha256:[0-9a-f]+", "", text.lower())  # a digest may contain 401 or 403
    observations = (f"pod {name(pod)} on {pod['spec'].get('nodeName', '?')}: {text}",)
    if PLACEHOLDER.search(image):
        return broken(
            "image-placeholder",
            f"image {image} still has a placeholder for its owner and cannot be pulled",
            *observations,
            fix=fixes.set_value(
                snapshot, owner_setting(snapshot, image), set_image(snapshot, pod, image, "<registry>/<you>/<name>")
            ),
            about=fixes.workload_of(snapshot, pod),
        )
    if any(words in lowered for words in OTHER_PLATFORM) or lacks_platform(snapshot, pod, image):
        return wrong_architecture(snapshot, pod, image, text)
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
            fix=missing_fix(snapshot, pod, image),
            about=fixes.workload_of(snapshot, pod),
        )
    return broken(
        "image-not-pulled",
        f"image {image} cannot be pulled",
        *observations,
        fix="let the node reach the registry, or push the image to one that it reaches",
    )


def wrong_architecture(snapshot: Snapshot, pod: Object, image: str, text: str) -> Finding:
    """Name the architecture of the node and the command that builds for all nodes."""
    node = pod["spec"].get("nodeName", "?")
    nodes = snapshot.cluster.all("nodes")
    kinds = sorted({n["status"]["nodeInfo"]["architecture"] for n in nodes}) or ["amd64", "arm64"]
    built = snapshot.platforms.get(image)
    return broken(
        "image-architecture",
        f"image {image} was not built for node {node} ({architecture(snapshot, node)})",
        f"pod {name(pod)}: {text}",
        *([f"the registry has it for {', '.join(built)}"] if built else []),
        fix=f"docker buildx build --platform {','.join(f'linux/{kind}' for kind in kinds)} --push -t {image} .",
    )


def lacks_platform(snapshot: Snapshot, pod: Object, image: str) -> bool:
    """Tell whether the registry has the image, but not for the pod's node."""
    built = snapshot.platforms.get(image)
    return bool(built) and f"linux/{architecture(snapshot, pod['spec'].get('nodeName', '?'))}" not in (built or ())


def architecture(snapshot: Snapshot, node: str) -> str:
    """Return a node's architecture as the kubelet reports it."""
    for each in snapshot.cluster.all("nodes"):
        if name(each) == node:
            return str(each["status"]["nodeInfo"]["architecture"])
    return "architecture not readable"


def repository_value(snapshot: Snapshot, image: str) -> str:
    """Return the chart value that holds the image's repository, with its registry or without."""
    whole = repository(image)
    return fixes.value_path(snapshot, whole) or fixes.value_path(snapshot, whole.partition("/")[2])


def owner_setting(snapshot: Snapshot, image: str) -> str:
    """Return the `--set` that gives the image an owner, where the placeholder is set."""
    place = repository_value(snapshot, image)
    if place and not fixes.value_path(snapshot, repository(image)):
        return f"{place}=<you>/<name>"  # the registry is a value of its own
    return f"{place or fixes.value_path(snapshot, image) or 'image.repository'}=<registry>/<you>/<name>"


def repository(image: str) -> str:
    """Return an image reference without its tag and digest."""
    return re.sub(r":[^/:]+$", "", image.split("@")[0])


def tag_setting(snapshot: Snapshot, image: str) -> str:
    """Return the `--set` for another tag, next to where the repository is set; for a digest where that decides."""
    if whole := fixes.value_path(snapshot, image):
        return f"{whole}={repository(image)}:<tag>"
    digest = image.partition("@")[2]
    if digest and (place := fixes.value_path(snapshot, digest)):
        return f"{place}=<digest>"
    return f"{repository_value(snapshot, image).rpartition('.')[0] or 'image'}.tag=<tag>"


def missing_fix(snapshot: Snapshot, pod: Object, image: str) -> str:
    """Return how to let the pod run an image that exists."""
    by_hand = set_image(snapshot, pod, image, f"{repository(image)}:<tag>")
    setting = fixes.set_value(snapshot, tag_setting(snapshot, image), by_hand)
    back = fixes.rollback(snapshot, fixes.workload_of(snapshot, pod))
    return f"push it, or set one that exists: {setting}; or go back: {back}"


def set_image(snapshot: Snapshot, pod: Object, image: str, new: str) -> str:
    """Return the command that sets another image on the pod's workload."""
    container = next((c["name"] for c in containers(pod) if c["image"] == image), containers(pod)[0]["name"])
    thing = fixes.workload_of(snapshot, pod) or pod
    return f"kubectl -n {namespace(thing)} set image {kind_word(thing)}/{name(thing)} {container}={new}"
