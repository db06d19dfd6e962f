"""Rights, as the API server judges them. Asking changes nothing, though the question is a POST."""

from typing import Any

from kr8s.asyncio import Api

LOOKED_UP = (("", "pods"), ("", "services"), ("discovery.k8s.io", "endpointslices"))


async def may_forward(api: Api, namespace: str) -> bool:
    """Tell whether we may forward a port to a pod; yes if that cannot be asked."""
    wanted = {"namespace": namespace, "verb": "create", "resource": "pods", "subresource": "portforward"}
    return await judged(api, "SelfSubjectAccessReview", {"resourceAttributes": wanted}) is not False


async def denied(api: Api, account: str, namespace: str) -> tuple[str, ...] | None:
    """Return what a service account, `namespace:name`, may not list of what Prometheus looks up; None if unknown.

    Endpoints and EndpointSlices serve the same end: the role that the operator was given names one of them.
    """
    everybody = ["system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{account.split(':')[0]}"]
    verdicts = {}
    for group, resource in (*LOOKED_UP, ("", "endpoints")):
        wanted = {"namespace": namespace, "verb": "list", "group": group, "resource": resource}
        spec = {"user": f"system:serviceaccount:{account}", "groups": everybody, "resourceAttributes": wanted}
        verdicts[resource] = await judged(api, "SubjectAccessReview", spec)
    if None in verdicts.values():
        return None
    verdicts["endpointslices"] = verdicts["endpointslices"] or verdicts.pop("endpoints")
    return tuple(resource for _, resource in LOOKED_UP if not verdicts[resource])


async def judged(api: Api, kind: str, spec: dict[str, Any]) -> bool | None:
    """Return the API server's verdict, None if we may not even ask."""
    version = "authorization.k8s.io/v1"
    body = {"apiVersion": version, "kind": kind, "spec": spec}
    async with api.call_api(
        "POST", version=version, url=f"{kind.lower()}s", json=body, raise_for_status=False
    ) as answer:
        return None if answer.is_error else bool(answer.json()["status"]["allowed"])
