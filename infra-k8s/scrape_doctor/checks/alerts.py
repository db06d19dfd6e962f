"""The alerts: of those that watch the release, none fires."""

from collections.abc import Iterator, Mapping

from scrape_doctor.checks.rules import from_object
from scrape_doctor.checks.target import of_monitors
from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok
from scrape_doctor.objects import Object, name


def check(evidence: Evidence) -> Finding:
    """Judge the alerts of the release's own rules, and any other that carries its namespace."""
    states = list(ours(evidence))
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


def ours(evidence: Evidence) -> Iterator[Object]:
    """Yield the active alerts that concern the release: of its own rules, or of others' about something of it.

    Those without severity only show that alerting works; one of a pod that is gone is an echo, about to end.
    """
    things, pods = evidence.owned("prometheusrules"), {name(pod) for pod in evidence.pods()}
    for group in evidence.prometheus.groups:
        own = any(from_object(group, thing) for thing in things)
        for rule in group.get("rules") or []:
            for alert in rule.get("alerts") or []:
                labels = alert["labels"]
                here = labels.get("namespace", evidence.names.namespace if own else "") == evidence.names.namespace
                severe = labels.get("severity") not in (None, "none", "info")
                living = labels.get("pod", "") in pods | {""}
                if here and severe and living and (own or about(evidence, labels)):
                    yield alert


def about(evidence: Evidence, labels: Mapping[str, str]) -> bool:
    """Tell whether an alert of somebody else's rule names a thing of the release; others live in its namespace too."""
    workloads = {name(workload) for _, workload in evidence.workloads()}
    subjects = {
        "pod": {name(pod) for pod in evidence.pods()},
        "service": {name(service) for service in evidence.services()},
        "job": {str(target["labels"].get("job")) for target in of_monitors(evidence)},
        **dict.fromkeys(("deployment", "statefulset", "daemonset", "horizontalpodautoscaler"), workloads),
    }
    return any(labels.get(subject) in names for subject, names in subjects.items())
