"""Ask the API server for rights. That changes nothing, though the request is a POST."""

from typing import Any

from kr8s.asyncio import Api

DISCOVERED = (("", "pods"), ("", "services"), ("discovery.k8s.io", "endpointslices"))


async def may_forward(api: Api, namespace: str) -> bool:
    """Tell whether we may forward a port to a pod; yes if that cannot be asked."""
    wanted = {"namespace": namespace, "verb": "create", "resource": "pods", "subresource": "portforward"}
    return await _allowed(api, "SelfSubjectAccessReview", {"resourceAttributes": wanted}) is not False


async def denied(api: Api, account: str, namespace: str) -> tuple[str, ...] | None:
    """Return what a service account, `namespace:name`, may not list of what Prometheus discovers; None if unknown.

    Endpoints and EndpointSlices serve the same end: the role that the operator was given names one of them.
    """
    groups = ["system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{account.split(':')[0]}"]
    allowed = {}
    for group, resource in (*DISCOVERED, ("", "endpoints")):
        wanted = {"namespace": namespace, "verb": "list", "group": group, "resource": resource}
        spec = {"user": f"system:serviceaccount:{account}", "groups": groups, "resourceAttributes": wanted}
        allowed[resource] = await _allowed(api, "SubjectAccessReview", spec)
    if None in allowed.values():
        return None
    allowed["endpointslices"] = allowed["endpointslices"] or allowed.pop("endpoints")
    return tuple(resource for _, resource in DISCOVERED if not allowed[resource])


async def _allowed(api: Api, kind: str, spec: dict[str, Any]) -> bool | None:
    """Return the API server's answer, None if we may not even ask."""
    version = "authorization.k8s.io/v1"
    body = {"apiVersion": version, "kind": kind, "spec": spec}
    async with api.call_api(
        "POST", version=version, url=f"{kind.lower()}s", json=body, raise_for_status=False
    ) as answer:
        return None if answer.is_error else bool(answer.json()["status"]["allowed"])
