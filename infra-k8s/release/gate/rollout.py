"""The two revisions of a rollout: which pods are new, which were there before, and since when."""

from dataclasses import dataclass
from datetime import datetime

from kr8s.objects import Deployment, Pod, ReplicaSet, Service

from clients.helm import Release
from clients.kubernetes import SELECTOR, ready
from release.refused import Refused

REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class Rollout:
    """A Deployment after its rollout.

    `new` and `old` are names of ReplicaSets, `old` empty on a first install: a changed value makes a new revision as
    much as a new image does, and only the ReplicaSet tells the two apart. `pods` are those of `new` that are ready,
    `begun` is when the first of them was made, in seconds since the epoch.
    """

    namespace: str
    image: str
    url: str
    wanted: int
    new: str
    old: str
    pods: tuple[str, ...]
    begun: float

    def selector(self, replica_set: str) -> str:
        """Return the label matchers of a ReplicaSet's pods, deleted ones included."""
        return f'namespace="{self.namespace}",pod=~"{replica_set}-[a-z0-9]{{5}}"'


def find(release: Release) -> Rollout:
    """Read the release's rollout from the cluster; raise Refused where there is none."""
    labels = {**SELECTOR, "app.kubernetes.io/instance": release.name}
    where = {"namespace": release.namespace, "label_selector": labels}
    deployments = [each for each in Deployment.list(**where) if isinstance(each, Deployment)]
    services = [each for each in Service.list(**where) if isinstance(each, Service)]
    sets = [each for each in ReplicaSet.list(**where) if isinstance(each, ReplicaSet)]
    sets.sort(key=lambda each: int(each.annotations.get(REVISION, 0)), reverse=True)
    if not (deployments and services and sets):
        raise Refused(f"namespace {release.namespace} has no rollout of release {release.name}: deploy it first")
    new, *old = sets
    pods = [each for each in Pod.list(**where) if isinstance(each, Pod) and each.name.startswith(f"{new.name}-")]
    ports = services[0].spec["ports"]
    return Rollout(
        namespace=release.namespace,
        image=new.spec["template"]["spec"]["containers"][0]["image"],
        url=f"http://{services[0].name}:{ports[0]['port']}",
        wanted=deployments[0].spec["replicas"],
        new=new.name,
        old=old[0].name if old else "",
        pods=tuple(sorted(pod.name for pod in pods if ready(pod))),
        begun=min((created(pod) for pod in pods), default=created(new)),
    )


def created(thing: Pod | ReplicaSet) -> float:
    """Return when an object was made, in seconds since the epoch."""
    return datetime.fromisoformat(thing.metadata["creationTimestamp"]).timestamp()
