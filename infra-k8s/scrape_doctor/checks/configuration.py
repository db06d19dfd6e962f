"""Prometheus' own configuration: whether it has loaded what the operator makes of a monitor."""

from datetime import datetime, timedelta

from scrape_doctor.finding import Finding, broken, waits
from scrape_doctor.resources.changes import changed_at
from scrape_doctor.resources.monitors import pools_of
from scrape_doctor.resources.objects import Object, name, namespace
from scrape_doctor.snapshot import Snapshot

# The operator writes a Secret, the kubelet carries it into the pod once in a minute or so, the reloader then reloads.
DELAY = timedelta(minutes=2)


def not_loaded(snapshot: Snapshot) -> Finding | None:
    """Find a monitor that Prometheus has not loaded: yet, which is to be waited for, or at all.

    Prometheus itself says both what it has loaded and when; one that does not is taken to have loaded everything.
    """
    for monitor in snapshot.subject.monitors:
        if (found := waiting(snapshot, monitor) or missing(snapshot, monitor)) is not None:
            return found
    return None


def waiting(snapshot: Snapshot, monitor: Object) -> Finding | None:
    """Find a monitor that was changed a short while ago, and after Prometheus loaded its configuration."""
    changed, loaded = last_change(snapshot, monitor), snapshot.prometheus.loaded_at
    if loaded is None or snapshot.now - changed > DELAY or (loaded >= changed and not lacking(snapshot, monitor)):
        return None
    ago = max(snapshot.now - changed, timedelta())
    seconds = max(1, round((DELAY - ago).total_seconds()))
    return waits(
        f"Prometheus has not loaded {monitor['kind']} {namespace(monitor)}/{name(monitor)} yet: it was changed "
        f"{ago.total_seconds():.0f} s ago, the configuration loaded at {loaded:%H:%M:%S} UTC; "
        f"ask again in {seconds} s, or with --wait",
        seconds,
    )


def missing(snapshot: Snapshot, monitor: Object) -> Finding | None:
    """Find a monitor that the configuration does not have though there was time enough."""
    lacks = lacking(snapshot, monitor)
    if not lacks or snapshot.targets_of(monitor):
        return None
    place = snapshot.scope.monitoring_namespace
    loaded = snapshot.prometheus.loaded_at
    return broken(
        "monitor-not-loaded",
        f"{monitor['kind']} {namespace(monitor)}/{name(monitor)} is selected, but Prometheus' configuration does not "
        f"have it: no job {lacks[0]}",
        *([f"the configuration was loaded at {loaded:%Y-%m-%d %H:%M:%S} UTC"] if loaded else []),
        fix="see whether the operator runs and why it leaves the monitor out: "
        f"kubectl -n {place} logs deploy/<operator> | grep -e {name(monitor)} -e level=error",
    )


def lacking(snapshot: Snapshot, monitor: Object) -> list[str]:
    """Return the scrape pools of a monitor that Prometheus' configuration does not have; none if that is not known."""
    if snapshot.prometheus.jobs is None:
        return []
    return [pool for pool in pools_of(monitor) if pool not in snapshot.prometheus.jobs]


def last_change(snapshot: Snapshot, monitor: Object) -> datetime:
    """Return when something was last changed that the configuration is made of."""
    spaces = [each for each in snapshot.cluster.all("namespaces") if name(each) == namespace(monitor)]
    return max(changed_at(thing) for thing in (monitor, *snapshot.monitoring.watchers, *spaces))
