"""List requests to the API server, and its own message where it refuses one."""

from collections.abc import Mapping

import httpx
from kr8s.asyncio import Api

from scrape_doctor.resources.objects import Object

CORE, APPS = "v1", "apps/v1"


class Refused(Exception):
    """The API server does not list a kind: 403 if we may not, 404 if it knows no such kind, 429 if it is too busy."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def list_objects(
    api: Api, plural: str, version: str, namespace: str | None, params: Mapping[str, str] | None = None
) -> list[Object]:
    """Return the items of one list request.

    Raises:
        Refused: if the API server answers with an error.
    """
    # Asked to raise, the client would log in again at each refusal and cut off the requests beside it.
    async with api.call_api(
        "GET", version=version, namespace=namespace, url=plural, params=params, raise_for_status=False
    ) as answer:
        if answer.is_error:
            raise Refused(answer.status_code, message(answer))
        items: list[Object] = answer.json().get("items") or []
        return items


def message(answer: httpx.Response) -> str:
    """Return the API server's own message."""
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError):
        return f"HTTP status {answer.status_code}"
