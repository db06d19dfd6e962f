"""The pods: as many as wanted, scheduled, started, not killed, Ready."""

from datetime import datetime, timedelta

from scrape_doctor import fixes
from scrape_doctor.checks import probes
from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.resources.images import waiting
from scrape_doctor.resources.objects import Object, kind_word, name, namespace, owner
from scrape_doctor.resources.pods import containers, is_ready, statuses
from scrape_doctor.snapshot import Snapshot

RECENT = timedelta(minutes=10)  # an older kill is history, not a cause


def check(snapshot: Snapshot) -> Finding:
    """Name the first reason for which a pod is not Ready."""
    # Existing pods first: a StatefulSet makes no second pod while its first one fails.
    for pod in snapshot.subject.pods:
        if (found := pending(snapshot, pod) or killed(snapshot, pod) or unready(snapshot, pod)) is not None:
            return found
    for workload in snapshot.subject.workloads:
        if (found := not_created(snapshot, workload)) is not None:
            return found
    if not snapshot.subject.pods and not snapshot.subject.workloads:
        return skipped("no pod and no workload is selected")
    if not snapshot.subject.pods:
        return scaled_to_zero(snapshot)
    return ok(f"{len(snapshot.subject.pods)} of {len(snapshot.subject.pods)} Ready")


def not_created(snapshot: Snapshot, workload: Object) -> Finding | None:
    """Find pods that were never created: quota, Pod Security, an admission webhook."""
    wanted = desired_pods(workload)
    if len(snapshot.cluster.pods_of(workload)) >= wanted:
        return None
    creators = [workload, *(rs for rs in snapshot.cluster.all("replicasets") if owner(rs) == name(workload))]
    complaints = [text for creator in creators for text in snapshot.cluster.events(creator, "FailedCreate")]
    return broken(
        "pods-not-created",
        f"{kind_word(workload)} {name(workload)} wants {wanted} pods and has {len(snapshot.cluster.pods_of(workload))}",
        *complaints[:1],
        fix=f"kubectl -n {namespace(workload)} describe {kind_word(workload)} {name(workload)}",
    )


def desired_pods(workload: Object) -> int:
    """Return how many pods a workload asks for; a DaemonSet's number depends on the nodes and is in its status."""
    if workload["kind"] == "DaemonSet":
        return int((workload.get("status") or {}).get("desiredNumberScheduled", 0))
    return int(workload["spec"].get("replicas", 1))


def scaled_to_zero(snapshot: Snapshot) -> Finding:
    """Return that nothing runs because the workload asks for no pod."""
    workload = snapshot.subject.workloads[0]
    return broken(
        "scaled-to-zero",
        f"{kind_word(workload)} {name(workload)} asks for no pod",
        fix=f"kubectl -n {namespace(workload)} scale {kind_word(workload)} {name(workload)} --replicas=1"
        if workload["kind"] != "DaemonSet"
        else "loosen its nodeSelector, affinity or tolerations, or add a node",
        about=workload,
    )


def pending(snapshot: Snapshot, pod: Object) -> Finding | None:
    """Find a pod that fits no node, or whose container cannot be created."""
    for condition in pod["status"].get("conditions") or []:
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return broken(
                "pod-unschedulable",
                f"pod {name(pod)} fits no node",
                str(condition.get("message", "")),
                fix="lower resources.requests, loosen nodeSelector, affinity or tolerations, or add a node",
            )
    for status in statuses(pod):
        text = str(waiting(status).get("message", ""))
        if waiting(status).get("reason") in ("CreateContainerConfigError", "CreateContainerError"):
            return broken(
                "pod-config",
                f"container {status['name']} of pod {name(pod)} cannot be created: {text}",
                str(waiting(status)["reason"]),
                fix=f"create the object named there in namespace {namespace(pod)}, or correct the value that names it",
            )
        if "memory limit too low" in text or "oom" in text.lower():
            return out_of_memory(snapshot, pod, status, text)
    return None


def killed(snapshot: Snapshot, pod: Object) -> Finding | None:
    """Find a container that was killed for memory or that exits by itself."""
    for status in statuses(pod):
        last = status.get("lastState", {}).get("terminated") or status.get("state", {}).get("terminated")
        if not last:
            continue
        if last.get("reason") == "OOMKilled" and (not is_ready(pod) or recent(snapshot, last)):
            return out_of_memory(snapshot, pod, status, f"exit code {last.get('exitCode')}")
        if not is_ready(pod) and waiting(status).get("reason") == "CrashLoopBackOff":
            found = probes.restarted(snapshot, pod, status["name"])
            return found or crashed(pod, status, last)
    return None


def recent(snapshot: Snapshot, end: Object) -> bool:
    """Tell whether a container ended a short while ago."""
    finished = datetime.fromisoformat(str(end["finishedAt"]).replace("Z", "+00:00"))
    return snapshot.now - finished < RECENT


def out_of_memory(snapshot: Snapshot, pod: Object, status: Object, ending: str) -> Finding:
    """Name the limit that was too small."""
    spec = next(c for c in containers(pod) if c["name"] == status["name"])
    limit = str(spec.get("resources", {}).get("limits", {}).get("memory", "none"))
    place = fixes.value_path(snapshot, limit) or "resources.limits.memory"
    thing = fixes.workload_of(snapshot, pod) or pod
    by_hand = (
        f"kubectl -n {namespace(thing)} set resources {kind_word(thing)}/{name(thing)} -c {status['name']} "
        f"--limits=memory=<more than {limit}>"
    )
    return broken(
        "out-of-memory",
        f"container {status['name']} of pod {name(pod)} ran out of memory and was killed: its limit is {limit}",
        f"OOMKilled, {status.get('restartCount', 0)} restarts, {ending}",
        fix=fixes.set_value(snapshot, f"{place}=<more than {limit}>", by_hand),
        about=thing,
    )


def crashed(pod: Object, status: Object, last: Object) -> Finding:
    """Name how it ended and the command that prints its last log."""
    return broken(
        "crash-loop",
        f"container {status['name']} of pod {name(pod)} exits with code {last.get('exitCode')} again and again",
        f"{last.get('reason')}, {status.get('restartCount', 0)} restarts {str(last.get('message', ''))[-300:]}".strip(),
        fix=f"kubectl -n {namespace(pod)} logs {name(pod)} -c {status['name']} --previous",
    )


def unready(snapshot: Snapshot, pod: Object) -> Finding | None:
    """Find why a running pod is not Ready."""
    if is_ready(pod):
        return None
    if (found := probes.failing(snapshot, pod)) is not None:
        return found
    for status in statuses(pod):
        end = status.get("state", {}).get("terminated") or status.get("lastState", {}).get("terminated")
        if end and not status.get("ready"):
            return crashed(pod, status, end)
    reasons = ("Unhealthy", "Failed", "FailedMount")
    events = [text for reason in reasons for text in snapshot.cluster.events(pod, reason)[:1]]
    return broken(
        "pod-not-ready",
        f"pod {name(pod)} is {pod['status'].get('phase')} and not Ready",
        *events,
        fix=f"wait if it has just started; else kubectl -n {namespace(pod)} describe pod {name(pod)}",
    )
