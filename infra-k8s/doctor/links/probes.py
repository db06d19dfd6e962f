"""The probes: what the kubelet asks is what the container answers."""

import re

from doctor.evidence import Evidence, ProbeAnswer
from doctor.finding import Finding, broken, ok, skipped
from doctor.objects import Object, is_ready, name

KINDS = {"startup": "startupProbe", "liveness": "livenessProbe", "readiness": "readinessProbe"}


def check(evidence: Evidence) -> Finding:
    """Judge the probes that were asked; a pod can be Ready while its liveness path already fails."""
    if not evidence.probes:
        return skipped("no probe asks over HTTP")
    ready = {name(pod) for pod in evidence.pods() if is_ready(pod)}
    for asked in evidence.probes:
        # A process may listen where the kubelet reaches it and a port-forward does not.
        unheard = asked.pod in ready and not asked.answer.status
        if not asked.answer.good and asked.kind != "startup" and not unheard:
            return say(evidence, asked, ())
    return ok("each path asked answers", *sorted({f"{a.kind} {a.path} {a.answer.status}" for a in evidence.probes}))


def failing(evidence: Evidence, pod: Object) -> Finding | None:
    """Find the probe that keeps a running pod from being Ready: asked now, else by the kubelet's own events."""
    events = evidence.events(pod, "Unhealthy")
    asked = [a for a in evidence.probes if a.pod == name(pod) and not a.answer.good]
    # Until the startup probe has passed, the kubelet asks no other.
    asked.sort(key=lambda a: list(KINDS).index(a.kind))
    if asked:
        return say(evidence, asked[0], tuple(events[:1]))
    return by_event(evidence, pod, events)


def restarted(evidence: Evidence, pod: Object, container: str) -> Finding | None:
    """Find the liveness or startup probe for which the kubelet restarts a container."""
    texts = evidence.events(pod, "Killing") + evidence.events(pod, "Unhealthy")
    if not any(container in text and "failed" in text and "probe" in text for text in texts):
        return None
    return by_event(evidence, pod, [t for t in evidence.events(pod, "Unhealthy") if not t.startswith("Readiness")])


def by_event(evidence: Evidence, pod: Object, events: list[str]) -> Finding | None:
    """Read the kubelet's words: which probe, and the status or error that it met."""
    for text in events:
        found = re.match(r"(Startup|Liveness|Readiness) probe failed: (.*)", text, re.DOTALL)
        if not found:
            continue
        kind = found[1].lower()
        for container in pod["spec"]["containers"]:
            get = (container.get(KINDS[kind]) or {}).get("httpGet")
            if get:
                status = re.search(r"statuscode: (\d+)", text)
                return told(evidence, name(pod), kind, get.get("path", "/"), int(status[1]) if status else 0, found[2])
        return broken(
            "probe-failing",
            f"{kind} probe of pod {name(pod)} fails: {found[2].strip()}",
            mend="correct the probe's command or port, or what it asks",
        )
    return None


def say(evidence: Evidence, asked: ProbeAnswer, events: tuple[str, ...]) -> Finding:
    """Judge an answer that was had by asking."""
    status, reason = asked.answer.status, asked.answer.reason
    if status in (404, 405) and asked.others:
        here = f"{asked.others[0]} answers 200"
        return broken(
            "probe-path-wrong",
            f"the {asked.kind} probe asks {asked.path} on port {asked.port}, which answers {status}, while {here}",
            f"pod {asked.pod}, container {asked.container}",
            *events,
            mend=evidence.upgrade(f"{place(evidence, asked.kind, asked.path)}={asked.others[0]}"),
        )
    if status in (404, 405):
        return broken(
            "health-endpoint-missing",
            f"the {asked.kind} probe asks {asked.path} on port {asked.port}, which answers {status}; "
            "no usual health path answers either",
            f"pod {asked.pod}, container {asked.container}",
            *events,
            mend=f"let the application answer 200 on {asked.path}, or go back to a version that does: "
            f"helm rollback {evidence.names.release} -n {evidence.names.namespace}",
        )
    return told(evidence, asked.pod, asked.kind, asked.path, status, reason, *events)


def told(evidence: Evidence, pod: str, kind: str, path: str, status: int, reason: str, *saw: str) -> Finding:
    """Judge by status or error alone."""
    what = f"answers {status}" if status else reason.strip()
    if status == 404:
        cause, mend = "probe-path-wrong", evidence.upgrade(f"{place(evidence, kind, path)}=<a path that answers>")
    elif "refused" in reason:
        cause, mend = "probe-port-refused", "nothing listens on the probe's port: set it to the port the process opens"
    elif "deadline" in reason or "timeout" in reason.lower():
        cause, mend = "probe-timeout", "raise the probe's timeoutSeconds, or find what holds the application up"
    else:
        cause, mend = "probe-failing", f"kubectl -n {evidence.names.namespace} logs {pod}"
    return broken(cause, f"the {kind} probe of pod {pod} on {path}: {what}", *saw, mend=mend)


def place(evidence: Evidence, kind: str, path: str) -> str:
    """Return the chart value that holds a probe's path: one that names the kind if the path is set in several."""
    return evidence.value_path(path) or f"probes.{kind}.path"
