"""The rights: Prometheus' own account may look up Services, endpoints and pods where the release is."""

from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.objects import name


def check(evidence: Evidence) -> Finding:
    """Judge what the API server said that the account may do."""
    if evidence.denied is None:
        return skipped("whether Prometheus' account may look there could not be asked: no right to ask")
    # A PodMonitor's targets are looked up as pods alone.
    by_service = any(monitor["kind"] == "ServiceMonitor" for monitor in evidence.monitors())
    denied = [resource for resource in evidence.denied if by_service or resource == "pods"]
    if not denied:
        return ok(f"its account may list pods{', Services and endpoints' * by_service} there")
    names, account = evidence.names, evidence.account
    return broken(
        "prometheus-rights",
        f"Prometheus {name(evidence.watchers()[0])} may not list {', '.join(denied)} "
        f"in namespace {names.namespace}, and so finds no target there",
        f"its account is {account}",
        fix=f"kubectl -n {names.namespace} create rolebinding prometheus --clusterrole=view --serviceaccount={account}",
    )
