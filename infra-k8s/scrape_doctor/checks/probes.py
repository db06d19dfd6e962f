"""The probes: what the kubelet asks is what the container answers."""

import re
from collections.abc import Collection

from scrape_doctor.evidence import Evidence, ProbeAnswer
from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.objects import Object, containers, is_ready, name, namespace, statuses

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
    asked = [a for a in evidence.probes if a.pod == name(pod) and not a.answer.good]
    # Until the startup probe has passed, the kubelet asks no other.
    asked.sort(key=lambda a: list(KINDS).index(a.kind))
    if asked:
        return say(evidence, asked[0], tuple(evidence.events(pod, "Unhealthy", asked[0].container)[:1]))
    waiting = {str(status["name"]) for status in statuses(pod) if not status.get("ready")}
    return by_event(evidence, pod, waiting, tuple(KINDS))


def restarted(evidence: Evidence, pod: Object, container: str) -> Finding | None:
    """Find the liveness or startup probe for which the kubelet restarts a container."""
    texts = evidence.events(pod, "Killing", container) + evidence.events(pod, "Unhealthy", container)
    if not any(container in text and "failed" in text and "probe" in text for text in texts):
        return None
    return by_event(evidence, pod, {container}, ("startup", "liveness"))


def by_event(evidence: Evidence, pod: Object, names: Collection[str], kinds: Collection[str]) -> Finding | None:
    """Read what the kubelet said of the named containers: which probe failed, and the status or error that it met."""
    for container in containers(pod):
        for text in evidence.events(pod, "Unhealthy", container["name"]) if container["name"] in names else []:
            found = re.match(r"(Startup|Liveness|Readiness) probe failed: (.*)", text, re.DOTALL)
            kind = found[1].lower() if found else ""
            if found and kind in kinds and KINDS[kind] in container:
                return by_words(evidence, pod, kind, container[KINDS[kind]], found[2].strip())
    return None


def by_words(evidence: Evidence, pod: Object, kind: str, probe: Object, words: str) -> Finding:
    """Judge a probe by the kubelet's words."""
    if "httpGet" in probe:
        status = re.search(r"statuscode: (\d+)", words)
        path = str(probe["httpGet"].get("path") or "/")
        return told(evidence, name(pod), kind, path, int(status[1]) if status else 0, words)
    return broken(
        "probe-failing",
        f"{kind} probe of pod {name(pod)} fails: {words}",
        fix="correct the probe's command or port, or what it asks",
    )


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
            fix=redirect(evidence, asked.pod, asked.kind, asked.path, asked.others[0]),
        )
    if status in (404, 405):
        return broken(
            "health-endpoint-missing",
            f"the {asked.kind} probe asks {asked.path} on port {asked.port}, which answers {status}; "
            "no usual health path answers either",
            f"pod {asked.pod}, container {asked.container}",
            *events,
            fix=f"let the application answer 200 on {asked.path}, or go back to a version that does: "
            f"{evidence.rollback()}",
        )
    return told(evidence, asked.pod, asked.kind, asked.path, status, reason, *events)


def told(evidence: Evidence, pod: str, kind: str, path: str, status: int, reason: str, *observations: str) -> Finding:
    """Judge by status or error alone."""
    what = f"answers {status}" if status else reason.strip()
    if status == 404:
        cause, fix = "probe-path-wrong", redirect(evidence, pod, kind, path, "<a path that answers>")
    elif "refused" in reason:
        cause, fix = "probe-port-refused", "nothing listens on the probe's port: set it to the port the process opens"
    elif "deadline" in reason or "timeout" in reason.lower():
        cause, fix = "probe-timeout", "raise the probe's timeoutSeconds, or find what holds the application up"
    else:
        cause, fix = "probe-failing", f"kubectl -n {evidence.names.namespace} logs {pod}"
    return broken(cause, f"the {kind} probe of pod {pod} on {path}: {what}", *observations, fix=fix)


def redirect(evidence: Evidence, pod: str, kind: str, old: str, new: str) -> str:
    """Return the command that lets a probe ask another path: by the value that sets it, else on the workload."""
    if place := evidence.value_path(old, kind):
        return evidence.upgrade(f"{place}={new}")
    thing = next(each for each in evidence.pods() if name(each) == pod)
    plural, workload = evidence.workload_of(thing)
    asking = [(c.get(KINDS[kind]) or {}).get("httpGet", {}).get("path") == old for c in thing["spec"]["containers"]]
    path = f"/spec/template/spec/containers/{asking.index(True) if True in asking else 0}/{KINDS[kind]}/httpGet/path"
    patch = f'[{{"op":"replace","path":"{path}","value":"{new}"}}]'
    return f"kubectl -n {namespace(thing)} patch {plural[:-1]} {name(workload)} --type=json -p '{patch}'"
