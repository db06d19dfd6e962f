"""The cluster's objects as they were listed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scrape_doctor.resources.objects import Object, labels, name, namespace
from scrape_doctor.resources.pods import is_ending
from scrape_doctor.resources.selectors import matches


@dataclass(frozen=True)
class Cluster:
    """Objects by the plural of their kind.

    `forbidden` are the kinds that we may list nowhere, `forbidden_in` the kinds and namespaces in which we may not,
    `not_served` the kinds that the cluster does not know, each with the API server's message.
    """

    objects: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    forbidden: Mapping[str, str] = field(default_factory=dict)
    not_served: Mapping[str, str] = field(default_factory=dict)
    forbidden_in: Mapping[tuple[str, str], str] = field(default_factory=dict)
    _by_namespace: dict[str, dict[str, list[Object]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def all(self, kind: str) -> list[Object]:
        """Return every object of the kind that was listed."""
        return list(self.objects.get(kind, ()))

    def may_not_list(self, kind: str, place: str) -> bool:
        """Tell whether we may not list a kind in a namespace."""
        return kind in self.forbidden or (kind, place) in self.forbidden_in

    def in_namespace(self, kind: str, wanted: str) -> list[Object]:
        """Return the objects of the kind in a namespace."""
        if kind not in self._by_namespace:
            # Grouped once: in a large cluster each target would search them all.
            groups: dict[str, list[Object]] = {}
            for thing in self.all(kind):
                groups.setdefault(namespace(thing), []).append(thing)
            self._by_namespace[kind] = groups
        return self._by_namespace[kind].get(wanted, [])

    def pods_of(self, workload: Object) -> list[Object]:
        """Return the pods that a workload selects and that are not ending."""
        return [
            pod
            for pod in self.in_namespace("pods", namespace(workload))
            if matches(workload["spec"]["selector"], labels(pod)) and not is_ending(pod)
        ]

    def pods_behind(self, service: Object) -> list[Object]:
        """Return the pods that a Service selects and that are not being deleted."""
        wanted = service["spec"].get("selector")
        return [
            pod
            for pod in self.in_namespace("pods", namespace(service))
            if wanted and matches({"matchLabels": wanted}, labels(pod)) and "deletionTimestamp" not in pod["metadata"]
        ]

    def events(self, thing: Object, reason: str, container: str = "") -> list[str]:
        """Return the messages of an object's events with that reason, newest first; a pod's of one container only."""
        found = [
            event
            for event in self.all("events")
            if event.get("reason") == reason and _is_about(event["involvedObject"], thing, container)
        ]
        found.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""), reverse=True)
        return [str(event.get("message", "")) for event in found]

    def namespace_labels(self, wanted: str) -> dict[str, str]:
        """Return a namespace's labels; the name, which every namespace carries, if they could not be read."""
        for thing in self.all("namespaces"):
            if name(thing) == wanted:
                return labels(thing)
        return {"kubernetes.io/metadata.name": wanted}

    def knows_labels_of(self, wanted: str) -> bool:
        """Tell whether a namespace's labels could be read."""
        return any(name(thing) == wanted for thing in self.all("namespaces"))


def _is_about(involved: Object, thing: Object, container: str) -> bool:
    """Tell whether an event's object is this one; with a container's name, whether it is that container."""
    return (
        involved.get("name") == name(thing)
        and involved.get("namespace", namespace(thing)) == namespace(thing)
        and involved.get("kind") == thing.get("kind", involved.get("kind"))
        and (not container or str(involved.get("fieldPath", f"{{{container}}}")).endswith(f"{{{container}}}"))
    )
