"""The alerts: of those that watch the release, none fires."""

from collections.abc import Iterator, Mapping

from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.resources.objects import Object, name
from scrape_doctor.resources.rules import is_loaded_from
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check the alerts of the subject's own rules, and those of other rules about something of it."""
    states = list(alerts_about_subject(snapshot))
    for alert in states:
        if alert["state"] == "firing":
            notes = alert.get("annotations") or {}
            return broken(
                "alert-firing",
                f"{alert['labels']['alertname']} fires since {str(alert.get('activeAt', ''))[:19]}: "
                f"{notes.get('summary') or notes.get('description') or notes.get('message', '')}",
                ", ".join(f"{key}={value}" for key, value in sorted(alert["labels"].items())),
                fix=str(notes.get("runbook_url") or "follow the alert's description"),
            )
    pending = sorted({str(alert["labels"]["alertname"]) for alert in states})
    return ok(f"pending: {', '.join(pending)}" if pending else "none fires")


def alerts_about_subject(snapshot: Snapshot) -> Iterator[Object]:
    """Yield the active alerts of the subject's own rules, and those of other rules about something of it.

    Alerts without severity only show that alerting works; an alert about a pod that is gone is about to end.
    """
    namespace, rules = snapshot.scope.namespace, snapshot.subject.rules
    pods = {name(pod) for pod in snapshot.subject.pods}
    for group in snapshot.prometheus.groups:
        own = any(is_loaded_from(group, thing) for thing in rules)
        for rule in group.get("rules") or []:
            for alert in rule.get("alerts") or []:
                labels = alert["labels"]
                in_namespace = labels.get("namespace", namespace if own else "") == namespace
                severe = labels.get("severity") not in (None, "none", "info")
                present = labels.get("pod", "") in pods | {""}
                if in_namespace and severe and present and (own or is_about_subject(snapshot, labels)):
                    yield alert


def is_about_subject(snapshot: Snapshot, labels: Mapping[str, str]) -> bool:
    """Tell whether an alert names a workload, pod, Service or job of the subject; others are in its namespace too."""
    workloads = {name(workload) for workload in snapshot.subject.workloads}
    subjects = {
        "pod": {name(pod) for pod in snapshot.subject.pods},
        "service": {name(service) for service in snapshot.subject.all_services},
        "job": {str(target["labels"].get("job")) for target in snapshot.targets()},
        **dict.fromkeys(("deployment", "statefulset", "daemonset", "horizontalpodautoscaler"), workloads),
    }
    return any(labels.get(subject) in names for subject, names in subjects.items())
