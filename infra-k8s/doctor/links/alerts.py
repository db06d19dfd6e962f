"""The alerts: of those that watch the release, none fires."""

from collections.abc import Iterator

from doctor.evidence import Evidence
from doctor.finding import Finding, broken, ok
from doctor.links.rules import from_object
from doctor.objects import Object, name


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
                mend=str(notes.get("runbook_url") or "follow the alert's description"),
            )
    pending = sorted({str(alert["labels"]["alertname"]) for alert in states})
    return ok(f"pending: {', '.join(pending)}" if pending else "none fires")


def ours(evidence: Evidence) -> Iterator[Object]:
    """Yield the active alerts that concern the release.

    Those without severity only show that alerting works; one of a pod that is gone is an echo, about to end.
    """
    living = {name(pod) for pod in evidence.all("pods")}
    things = evidence.owned("prometheusrules")
    for group in evidence.prometheus.groups:
        own = any(from_object(group, thing) for thing in things)
        for rule in group.get("rules") or []:
            for alert in rule.get("alerts") or []:
                labels = alert["labels"]
                concerns = labels.get("namespace", evidence.names.namespace if own else "") == evidence.names.namespace
                severe = labels.get("severity") not in (None, "none", "info")
                if concerns and severe and labels.get("pod", "") in living | {""}:
                    yield alert
