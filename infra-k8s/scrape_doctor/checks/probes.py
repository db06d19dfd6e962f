"""The probes: the container answers on the paths that the kubelet asks."""

import difflib
import re
from collections.abc import Collection

from scrape_doctor import fixes
from scrape_doctor.finding import Finding, broken, needs, ok, skipped
from scrape_doctor.resources.objects import Object, kind_word, name, namespace
from scrape_doctor.resources.pods import containers, is_ready, statuses
from scrape_doctor.resources.probes import PROBE_FIELDS
from scrape_doctor.snapshot import ProbeAnswer, Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check the answers on the probes' paths; a pod can be Ready while its liveness path already fails."""
    for pod in snapshot.subject.pods:
        if (found := undeclared_port(snapshot, pod)) is not None:
            return found
    if snapshot.scope.manifests:
        return ok("each names a port that its container declares, or a number")
    if snapshot.scope.everywhere:
        return skipped("not asked where the whole cluster is examined: name the target to ask its probes")
    if snapshot.probes_right:
        return needs(snapshot.probes_right)
    if not snapshot.probes:
        return skipped("no probe asks over HTTP")
    ready = {name(pod) for pod in snapshot.subject.pods if is_ready(pod)}
    for probe in snapshot.probes:
        # A process may listen where the kubelet reaches it and a port-forward does not.
        unreachable = probe.pod in ready and not probe.answer.status
        if not probe.answer.healthy and probe.kind != "startup" and not unreachable:
            return by_answer(snapshot, probe, ())
    answers = {f"{probe.kind} {probe.path} {probe.answer.status}" for probe in snapshot.probes}
    return ok("each path that is probed answers", *sorted(answers))


def undeclared_port(snapshot: Snapshot, pod: Object) -> Finding | None:
    """Find a probe that names a port which its container does not declare: the kubelet cannot ask it."""
    for index, container in enumerate(pod["spec"]["containers"]):
        declared = {str(port["name"]) for port in container.get("ports") or [] if port.get("name")}
        for kind, field in PROBE_FIELDS.items():
            probe = container.get(field) or {}
            port = (probe.get("httpGet") or probe.get("tcpSocket") or {}).get("port")
            if isinstance(port, str) and not port.isdigit() and port not in declared:
                thing = fixes.workload_of(snapshot, pod) or pod
                near = difflib.get_close_matches(port, declared, n=1, cutoff=0) or ["<port>"]
                way = "httpGet" if "httpGet" in probe else "tcpSocket"
                path = f"/spec/template/spec/containers/{index}/{field}/{way}/port"
                patch = f'[{{"op":"replace","path":"{path}","value":"{near[0]}"}}]'
                place = f"-n {namespace(thing)} patch {kind_word(thing)} {name(thing)}"
                return broken(
                    "probe-port-name",
                    f"the {kind} probe of container {container['name']} names port {port}, which it does not declare",
                    f"container ports: {', '.join(sorted(declared)) or 'none named'}",
                    fix=f"kubectl {place} --type=json -p '{patch}'",
                    about=thing,
                )
    return None


def failing(snapshot: Snapshot, pod: Object) -> Finding | None:
    """Find the probe that keeps a running pod from being Ready: by its answer, else by the kubelet's own events."""
    if (found := undeclared_port(snapshot, pod)) is not None:
        return found
    failed = [a for a in snapshot.probes if a.pod == name(pod) and not a.answer.healthy]
    # Until the startup probe has passed, the kubelet asks no other.
    failed.sort(key=lambda a: list(PROBE_FIELDS).index(a.kind))
    if failed:
        events = snapshot.cluster.events(pod, "Unhealthy", failed[0].container)
        return by_answer(snapshot, failed[0], tuple(events[:1]))
    waiting = {str(status["name"]) for status in statuses(pod) if not status.get("ready")}
    return by_event(snapshot, pod, waiting, tuple(PROBE_FIELDS))


def restarted(snapshot: Snapshot, pod: Object, container: str) -> Finding | None:
    """Find the liveness or startup probe for which the kubelet restarts a container."""
    texts = snapshot.cluster.events(pod, "Killing", container) + snapshot.cluster.events(pod, "Unhealthy", container)
    if not any(container in text and "failed" in text and "probe" in text for text in texts):
        return None
    return by_event(snapshot, pod, {container}, ("startup", "liveness"))


def by_event(snapshot: Snapshot, pod: Object, names: Collection[str], kinds: Collection[str]) -> Finding | None:
    """Read the kubelet's events of the named containers: which probe failed, with which status or error."""
    for container in containers(pod):
        for text in snapshot.cluster.events(pod, "Unhealthy", container["name"]) if container["name"] in names else []:
            found = re.match(r"(Startup|Liveness|Readiness) probe failed: (.*)", text, re.DOTALL)
            kind = found[1].lower() if found else ""
            if found and kind in kinds and PROBE_FIELDS[kind] in container:
                return by_message(snapshot, pod, kind, container[PROBE_FIELDS[kind]], found[2].strip())
    return None


def by_message(snapshot: Snapshot, pod: Object, kind: str, probe: Object, message: str) -> Finding:
    """Return what the kubelet's message says of a probe."""
    if "httpGet" in probe:
        status = re.search(r"statuscode: (\d+)", message)
        path = str(probe["httpGet"].get("path") or "/")
        return by_status(snapshot, name(pod), kind, path, int(status[1]) if status else 0, message)
    return broken(
        "probe-failing",
        f"{kind} probe of pod {name(pod)} fails: {message}",
        fix="correct the probe's command or port, or what it asks",
    )


def by_answer(snapshot: Snapshot, probe: ProbeAnswer, events: tuple[str, ...]) -> Finding:
    """Return what an answer on the probe's path says."""
    status, reason = probe.answer.status, probe.answer.reason
    asked = f"the {probe.kind} probe asks {probe.path} on port {probe.port}, which answers {status}"
    if status in (404, 405) and probe.alternatives:
        return broken(
            "probe-path-wrong",
            f"{asked}, while {probe.alternatives[0]} answers 200",
            f"pod {probe.pod}, container {probe.container}",
            *events,
            fix=set_path(snapshot, probe.pod, probe.kind, probe.path, probe.alternatives[0]),
            about=workload_of_pod(snapshot, probe.pod),
        )
    if status in (404, 405):
        return broken(
            "health-endpoint-missing",
            f"{asked}; no usual health path answers either",
            f"pod {probe.pod}, container {probe.container}",
            *events,
            fix=f"let the application answer 200 on {probe.path}, or go back to a version that does: "
            f"{fixes.rollback(snapshot, workload_of_pod(snapshot, probe.pod))}",
        )
    return by_status(snapshot, probe.pod, probe.kind, probe.path, status, reason, *events)


def by_status(
    snapshot: Snapshot, pod: str, kind: str, path: str, status: int, reason: str, *observations: str
) -> Finding:
    """Return what a status or error alone says."""
    what = f"answers {status}" if status else reason.strip()
    if status == 404:
        cause, fix = "probe-path-wrong", set_path(snapshot, pod, kind, path, "<a path that answers>")
    elif "refused" in reason:
        cause, fix = "probe-port-refused", "nothing listens on the probe's port: set it to the port the process opens"
    elif "deadline" in reason or "timeout" in reason.lower():
        cause, fix = "probe-timeout", "raise the probe's timeoutSeconds, or find out what delays the application"
    else:
        cause, fix = "probe-failing", f"kubectl -n {snapshot.scope.namespace} logs {pod}"
    return broken(cause, f"the {kind} probe of pod {pod} on {path}: {what}", *observations, fix=fix)


def set_path(snapshot: Snapshot, pod: str, kind: str, old: str, new: str) -> str:
    """Return the command that lets a probe ask another path: by the value that sets it, else on the workload."""
    if place := fixes.value_path(snapshot, old, kind):
        return fixes.set_value(snapshot, f"{place}={new}", "")
    thing = next(each for each in snapshot.subject.pods if name(each) == pod)
    workload = fixes.workload_of(snapshot, thing)
    if workload is None:
        return f"set the {kind} probe's path to {new} where pod {pod} is defined"
    field = PROBE_FIELDS[kind]
    asking = [(c.get(field) or {}).get("httpGet", {}).get("path") == old for c in thing["spec"]["containers"]]
    index = asking.index(True) if True in asking else 0
    path = f"/spec/template/spec/containers/{index}/{field}/httpGet/path"
    patch = f'[{{"op":"replace","path":"{path}","value":"{new}"}}]'
    return f"kubectl -n {namespace(thing)} patch {kind_word(workload)} {name(workload)} --type=json -p '{patch}'"


def workload_of_pod(snapshot: Snapshot, pod: str) -> Object | None:
    """Return the workload of the pod with that name."""
    return next((fixes.workload_of(snapshot, each) for each in snapshot.subject.pods if name(each) == pod), None)
