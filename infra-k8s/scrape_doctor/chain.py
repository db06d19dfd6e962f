"""The chain from the target to its alerts: one list, in the order in which it is checked."""

from collections.abc import Callable
from dataclasses import dataclass

from scrape_doctor.checks import (
    acceptance,
    alerts,
    dashboard_metrics,
    dashboards,
    discovery,
    grafana,
    image,
    monitor,
    monitor_selection,
    network_policy,
    pods,
    port_name,
    probes,
    prometheus,
    prometheus_selection,
    release,
    rights,
    rules,
    samples,
    service,
    target,
)
from scrape_doctor.finding import Finding, State, needs
from scrape_doctor.scope import WATCHERS
from scrape_doctor.snapshot import Snapshot


@dataclass(frozen=True)
class Link:
    """One link: its name, what holds when it is whole, the links it depends on, and the check."""

    name: str
    title: str
    needs: tuple[str, ...]
    check: Callable[[Snapshot], Finding]


# Without the right to check one of these, what follows can still be checked.
UNHINDERED = ("probes", "discovery", "network-policy", "acceptance")
CHAIN = (
    Link("release", "target is there", (), release.check),
    Link("image", "image exists for the nodes", ("release",), image.check),
    Link("pods", "pods are Ready", ("image",), pods.check),
    Link("probes", "probe paths answer", ("pods",), probes.check),
    Link("service", "Service selects the pods", ("release",), service.check),
    Link("monitor", "a monitor exists", ("release",), monitor.check),
    Link("acceptance", "operator accepts the monitor", ("monitor",), acceptance.check),
    Link("port-name", "port has the monitor's name", ("service", "monitor"), port_name.check),
    Link("prometheus", "Prometheus answers", (), prometheus.check),
    Link("prometheus-selection", "Prometheus selects the monitor", ("monitor",), prometheus_selection.check),
    Link("monitor-selection", "monitor selects the Service", ("monitor", "service"), monitor_selection.check),
    Link("discovery", "Prometheus may look there", ("monitor",), discovery.check),
    Link("network-policy", "NetworkPolicy lets Prometheus in", ("monitor-selection", "pods"), network_policy.check),
    Link(
        "target",
        "target is up",
        (
            *("probes", "acceptance", "port-name", "prometheus", "prometheus-selection", "monitor-selection"),
            *("discovery", "network-policy"),
        ),
        target.check,
    ),
    Link("samples", "metrics arrive", ("target",), samples.check),
    Link("rules", "rules are loaded", ("release", "prometheus"), rules.check),
    Link("dashboards", "dashboards are loaded", ("release",), dashboards.check),
    Link("dashboard-metrics", "dashboards' metrics exist", ("samples", "rules", "dashboards"), dashboard_metrics.check),
    Link("grafana", "Grafana answers", (), grafana.check),
    Link("alerts", "no alert fires", ("samples", "rules"), alerts.check),
)

# What there is to check of a target that is not scraped.
PARTS = {
    **{kind: {"release", "prometheus"} for kind in WATCHERS},
    "prometheusrule": {"release", "prometheus", "rules"},
    "configmap": {"release", "dashboards", "grafana"},
}
DECIDED_BY_MANIFESTS = {
    *("release", "probes", "service", "monitor", "acceptance", "port-name", "prometheus-selection"),
    *("monitor-selection", "rules", "dashboards"),
}


@dataclass(frozen=True)
class Examined:
    """A link and its finding."""

    link: Link
    finding: Finding


def walk(snapshot: Snapshot) -> list[Examined]:
    """Check every link in order; a link is not checked where one that it depends on is broken or not checked."""
    states: dict[str, State] = {}
    examined = []
    for link in CHAIN:
        if link.name not in PARTS.get(target_kind(snapshot), {link.name}):
            continue
        unmet = [need for need in link.needs if states.get(need) in (State.BROKEN, State.NOT_CHECKED)]
        if reason := undecided(snapshot, link):
            finding = Finding(State.NOT_CHECKED, reason)
        elif unmet:
            finding = Finding(State.NOT_CHECKED, f"depends on: {', '.join(unmet)}")
        elif right := rights.missing(snapshot, link.name):
            finding = needs(right)
        else:
            finding = link.check(snapshot)
        # What only a cluster decides does not keep a link from being checked that manifests decide.
        unhindered = undecided(snapshot, link) or (finding.right and link.name in UNHINDERED)
        states[link.name] = State.SKIPPED if unhindered else finding.state
        examined.append(Examined(link, finding))
    return examined


def target_kind(snapshot: Snapshot) -> str:
    """Return the kind of the target, empty for a release by its name."""
    return snapshot.scope.target.kind if snapshot.scope.target else ""


def undecided(snapshot: Snapshot, link: Link) -> str:
    """Return why a link cannot be decided: manifests do not, or the doctor does not know the target's kind."""
    if target_kind(snapshot) == "scrapeconfig" and link.name != "release":
        return "ScrapeConfigs are listed and not examined: what they discover is not Kubernetes' alone"
    if not snapshot.scope.manifests:
        blind = link.name in ("prometheus-selection", "discovery") and not snapshot.monitoring.prometheuses
        return "depends on: prometheus" if blind else ""
    if link.name == "prometheus-selection" and not snapshot.monitoring.prometheuses:
        return "needs a cluster, a Prometheus among the manifests, or --prometheus-selector"
    if link.name in ("rules", "dashboards") and not (snapshot.subject.rules or snapshot.subject.configmaps):
        return "needs a cluster: which of them belong to the target"
    return "" if link.name in DECIDED_BY_MANIFESTS else "needs a cluster"


def diagnosis(examined: list[Examined]) -> Examined | None:
    """Return the first broken link, None if the chain is whole."""
    return next((each for each in examined if each.finding.state is State.BROKEN), None)


def unsettled(examined: list[Examined]) -> list[Examined]:
    """Return the links that could be decided, but later or with more rights."""
    return [each for each in examined if each.finding.is_unsettled]


def is_unexamined(examined: list[Examined]) -> bool:
    """Tell whether nothing but the target's being there was checked."""
    return all(each.finding.state is State.NOT_CHECKED for each in examined if each.link.name != "release")
