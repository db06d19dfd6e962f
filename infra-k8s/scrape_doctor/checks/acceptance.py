"""The operator's acceptance: it leaves a monitor out, as a whole, whose fields or Secrets it rejects."""

from collections.abc import Iterator

from scrape_doctor.finding import Finding, broken, needs, ok
from scrape_doctor.resources import durations, regex, secrets
from scrape_doctor.resources.monitors import endpoints, pools_of
from scrape_doctor.resources.objects import Object, kind_word, name, namespace
from scrape_doctor.snapshot import Snapshot

NEEDS_TARGET_LABEL = {"replace", "hashmod", "lowercase", "uppercase", "keepequal", "dropequal"}


def check(snapshot: Snapshot) -> Finding:
    """Check each monitor as the operator does, then what the operator itself says."""
    for monitor in snapshot.subject.monitors:
        found = wrong_times(snapshot, monitor) or wrong_relabeling(monitor) or missing_secret(snapshot, monitor)
        if (found := found or rejected(snapshot, monitor)) is not None:
            return found
    return ok("nothing that it rejects")


def parts(monitor: Object) -> Iterator[tuple[str, Object]]:
    """Yield each endpoint with its path in a JSON Patch; a Probe is its own."""
    if monitor["kind"] == "Probe":
        yield "/spec", monitor["spec"]
    field = "podMetricsEndpoints" if monitor["kind"] == "PodMonitor" else "endpoints"
    for index, endpoint in enumerate(endpoints(monitor)):
        yield f"/spec/{field}/{index}", endpoint


def patch(monitor: Object, operation: str, path: str, value: str = "") -> str:
    """Return the command that changes one field of a monitor."""
    new = f',"value":"{value}"' if value else ""
    return (
        f"kubectl -n {namespace(monitor)} patch {kind_word(monitor)} {name(monitor)} --type=json "
        f'-p \'[{{"op":"{operation}","path":"{path}"{new}}}]\''
    )


def wrong_times(snapshot: Snapshot, monitor: Object) -> Finding | None:
    """Find a timeout that is longer than its interval, and what is no duration."""
    what = f"{monitor['kind']} {namespace(monitor)}/{name(monitor)}"
    for path, part in parts(monitor):
        given = {field: str(part[field]) for field in ("interval", "scrapeTimeout") if part.get(field)}
        for field, text in given.items():
            if durations.milliseconds(text) is None:
                return broken(
                    "monitor-duration",
                    f"{what} has {field} {text!r}, which is no duration",
                    fix=patch(monitor, "replace", f"{path}/{field}", f"{text}s" if text.isdigit() else "30s"),
                    about=monitor,
                )
        interval, timeout = given.get("interval") or default_interval(snapshot), given.get("scrapeTimeout")
        if timeout and interval and (durations.milliseconds(timeout) or 0) > (durations.milliseconds(interval) or 0):
            return broken(
                "monitor-timeout",
                f"{what} has scrapeTimeout {timeout}, longer than its interval {interval}: the operator rejects it",
                *([] if "interval" in given else ["the interval is Prometheus' own"]),
                fix=patch(monitor, "replace", f"{path}/scrapeTimeout", interval),
                about=monitor,
            )
    return None


def default_interval(snapshot: Snapshot) -> str:
    """Return the interval of the Prometheus that watches, empty where it does not tell."""
    return next(
        (str(w["spec"]["scrapeInterval"]) for w in snapshot.monitoring.watchers if "scrapeInterval" in w["spec"]), ""
    )


def wrong_relabeling(monitor: Object) -> Finding | None:
    """Find a relabeling whose regular expression does not compile, or that lacks the label that it sets."""
    for path, part in parts(monitor):
        for field in ("relabelings", "metricRelabelings"):
            for index, step in enumerate(part.get(field) or []):
                place, action = f"{path}/{field}/{index}", str(step.get("action") or "replace").lower()
                reason = regex.error(str(step.get("regex") or ""))
                if not reason and action in NEEDS_TARGET_LABEL and not step.get("targetLabel"):
                    reason = f"action {action} needs a targetLabel"
                if reason:
                    return broken(
                        "monitor-relabeling",
                        f"the operator rejects {monitor['kind']} {namespace(monitor)}/{name(monitor)}: "
                        f"{place[1:].replace('/', '.')}: {reason}",
                        *([f"regex: {step['regex']}"] if step.get("regex") else []),
                        fix=f"correct {place}, or: {patch(monitor, 'remove', place)}",
                        about=monitor,
                    )
    return None


def missing_secret(snapshot: Snapshot, monitor: Object) -> Finding | None:
    """Find a Secret, or a key of one, that a monitor names and that is not there."""
    place = namespace(monitor)
    for path, secret, key in secrets.references(monitor):
        if (place, secret) not in snapshot.secrets:
            if snapshot.scope.manifests or has_job(snapshot, monitor):
                continue
            return needs(f"get secrets in namespace {place}: {path} names {secret}")
        keys = snapshot.secrets[place, secret]
        if keys is None or key not in keys:
            lacks = f"there is no Secret {secret}" if keys is None else f"Secret {secret} has no key {key}"
            return broken(
                "monitor-secret",
                f"the operator rejects {monitor['kind']} {place}/{name(monitor)}: {lacks} in namespace {place}",
                f"{path} names it",
                *([f"its keys: {', '.join(sorted(keys))}"] if keys else []),
                fix=f"kubectl -n {place} create secret generic {secret} --from-literal={key}=<value>"
                if keys is None
                else f"name one of its keys in {path}, or add the key",
            )
    return None


def has_job(snapshot: Snapshot, monitor: Object) -> bool:
    """Tell whether Prometheus runs with the monitor, which was then accepted."""
    jobs = snapshot.prometheus.jobs or frozenset()
    return bool(snapshot.targets_of(monitor)) or not jobs.isdisjoint(pools_of(monitor))


def rejected(snapshot: Snapshot, monitor: Object) -> Finding | None:
    """Find an event by which the operator rejects a monitor that has no target."""
    complaints = snapshot.cluster.events(monitor, "InvalidConfiguration")
    if not complaints or snapshot.targets_of(monitor):
        return None
    return broken(
        "monitor-rejected",
        f"the operator rejects {monitor['kind']} {name(monitor)}",
        complaints[0],
        fix=f"kubectl -n {namespace(monitor)} edit {kind_word(monitor)} {name(monitor)}: correct what it names",
        about=monitor,
    )
