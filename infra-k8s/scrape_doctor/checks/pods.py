"""The pods: as many as wanted, scheduled, started, not killed, Ready."""

from datetime import datetime, timedelta

from scrape_doctor.checks import probes
from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.objects import Object, containers, is_ready, name, namespace, statuses

RECENT = timedelta(minutes=10)  # an older kill is history, not a cause


def check(evidence: Evidence) -> Finding:
    """Name the first reason for which a pod is not Ready."""
    # Those that are there first: a StatefulSet makes no second pod while its first one fails.
    for pod in evidence.pods():
        if (found := pending(evidence, pod) or killed(evidence, pod) or unready(evidence, pod)) is not None:
            return found
    for kind, workload in evidence.workloads():
        if (found := not_made(evidence, kind, workload)) is not None:
            return found
    if not evidence.pods():
        return asleep(evidence)
    return ok(f"{len(evidence.pods())} of {len(evidence.pods())} Ready")


def not_made(evidence: Evidence, kind: str, workload: Object) -> Finding | None:
    """Find pods that are wanted and were never made: quota, Pod Security, an admission webhook."""
    wanted = asked_for(kind, workload)
    if len(evidence.pods_of(workload)) >= wanted:
        return None
    creators = [workload, *(rs for rs in evidence.all("replicasets") if owner(rs) == name(workload))]
    complaints = [text for creator in creators for text in evidence.events(creator, "FailedCreate")]
    return broken(
        "pods-not-created",
        f"{kind[:-1]} {name(workload)} wants {wanted} pods and has {len(evidence.pods_of(workload))}",
        *complaints[:1],
        fix=f"kubectl -n {namespace(workload)} describe {kind[:-1]} {name(workload)}",
    )


def asked_for(kind: str, workload: Object) -> int:
    """Return how many pods a workload asks for; a DaemonSet's number depends on the nodes, and is its status's."""
    if kind == "daemonsets":
        return int((workload.get("status") or {}).get("desiredNumberScheduled", 0))
    return int(workload["spec"].get("replicas", 1))


def asleep(evidence: Evidence) -> Finding:
    """Say that the release runs nothing because it is asked to."""
    kind, workload = next(iter(evidence.workloads()))
    return broken(
        "scaled-to-zero",
        f"{kind[:-1]} {name(workload)} asks for no pod",
        fix=f"kubectl -n {namespace(workload)} scale {kind[:-1]} {name(workload)} --replicas=1"
        if kind != "daemonsets"
        else "loosen its nodeSelector, affinity or tolerations, or add a node",
    )


def owner(thing: Object) -> str:
    """Return the name of an object's owner."""
    owners = thing["metadata"].get("ownerReferences") or [{}]
    return str(owners[0].get("name", ""))


def pending(evidence: Evidence, pod: Object) -> Finding | None:
    """Find a pod that no node takes, or whose container cannot be made."""
    for condition in pod["status"].get("conditions") or []:
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return broken(
                "pod-unschedulable",
                f"no node takes pod {name(pod)}",
                str(condition.get("message", "")),
                fix="lower resources.requests, loosen nodeSelector, affinity or tolerations, or add a node",
            )
    for status in statuses(pod):
        waiting = status.get("state", {}).get("waiting") or {}
        text = str(waiting.get("message", ""))
        if waiting.get("reason") in ("CreateContainerConfigError", "CreateContainerError"):
            return broken(
                "pod-config",
                f"container {status['name']} of pod {name(pod)} cannot be made: {text}",
                str(waiting["reason"]),
                fix=f"make what is named there in namespace {namespace(pod)}, or correct the value that names it",
            )
        if "memory limit too low" in text or "oom" in text.lower():
            return out_of_memory(evidence, pod, status, text)
    return None


def killed(evidence: Evidence, pod: Object) -> Finding | None:
    """Find a container that dies: out of memory, or by its own exit."""
    for status in statuses(pod):
        last = status.get("lastState", {}).get("terminated") or status.get("state", {}).get("terminated")
        if not last:
            continue
        if last.get("reason") == "OOMKilled" and (not is_ready(pod) or recent(evidence, last)):
            return out_of_memory(evidence, pod, status, f"exit code {last.get('exitCode')}")
        if not is_ready(pod) and (status.get("state", {}).get("waiting") or {}).get("reason") == "CrashLoopBackOff":
            found = probes.restarted(evidence, pod, status["name"])
            return found or crashed(pod, status, last)
    return None


def recent(evidence: Evidence, end: Object) -> bool:
    """Tell whether a container ended a short while ago."""
    finished = datetime.fromisoformat(str(end["finishedAt"]).replace("Z", "+00:00"))
    return evidence.now - finished < RECENT


def out_of_memory(evidence: Evidence, pod: Object, status: Object, seen: str) -> Finding:
    """Say which limit was too small."""
    spec = next(c for c in containers(pod) if c["name"] == status["name"])
    limit = str(spec.get("resources", {}).get("limits", {}).get("memory", "none"))
    place = evidence.value_path(limit) or "resources.limits.memory"
    return broken(
        "out-of-memory",
        f"container {status['name']} of pod {name(pod)} was killed for want of memory: its limit is {limit}",
        f"OOMKilled, {status.get('restartCount', 0)} restarts, {seen}",
        fix=evidence.upgrade(f"{place}=<more than {limit}>"),
    )


def crashed(pod: Object, status: Object, last: Object) -> Finding:
    """Say how it ended and where its last words are."""
    return broken(
        "crash-loop",
        f"container {status['name']} of pod {name(pod)} exits with code {last.get('exitCode')} again and again",
        f"{last.get('reason')}, {status.get('restartCount', 0)} restarts {str(last.get('message', ''))[-300:]}".strip(),
        fix=f"kubectl -n {namespace(pod)} logs {name(pod)} -c {status['name']} --previous",
    )


def unready(evidence: Evidence, pod: Object) -> Finding | None:
    """Find why a running pod is not Ready."""
    if is_ready(pod):
        return None
    if (found := probes.failing(evidence, pod)) is not None:
        return found
    for status in statuses(pod):
        end = status.get("state", {}).get("terminated") or status.get("lastState", {}).get("terminated")
        if end and not status.get("ready"):
            return crashed(pod, status, end)
    return broken(
        "pod-not-ready",
        f"pod {name(pod)} is {pod['status'].get('phase')} and not Ready",
        *[text for reason in ("Unhealthy", "Failed", "FailedMount") for text in evidence.events(pod, reason)[:1]],
        fix=f"wait if it has just started; else kubectl -n {namespace(pod)} describe pod {name(pod)}",
    )
