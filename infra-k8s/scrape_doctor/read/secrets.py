"""Get the keys of the Secrets that monitors name; the values are dropped at once."""

from collections.abc import Iterable

from kr8s.asyncio import Api

from scrape_doctor.read.api import CORE
from scrape_doctor.resources.objects import Object, namespace
from scrape_doctor.resources.secrets import references


async def keys_of(api: Api, monitors: Iterable[Object]) -> dict[tuple[str, str], frozenset[str] | None]:
    """Return the keys of each Secret that a monitor names: None if it is not there, nothing if it may not be read."""
    found: dict[tuple[str, str], frozenset[str] | None] = {}
    for place, secret in {(namespace(monitor), secret) for monitor in monitors for _, secret, _ in references(monitor)}:
        async with api.call_api(
            "GET", version=CORE, namespace=place, url=f"secrets/{secret}", raise_for_status=False
        ) as answer:
            if answer.status_code == 404:
                found[place, secret] = None
            elif not answer.is_error:
                content = answer.json()
                found[place, secret] = frozenset({**(content.get("data") or {}), **(content.get("stringData") or {})})
    return found
