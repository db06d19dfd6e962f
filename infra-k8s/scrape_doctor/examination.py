"""Examine a release: read the cluster into one Snapshot, then walk the chain."""

import asyncio
import warnings

import httpx
import kr8s

from scrape_doctor.chain import Examined, walk
from scrape_doctor.errors import CannotExamine
from scrape_doctor.read.snapshot import read
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import Snapshot

QUERY_SECONDS = 90.0  # for all queries of one examination


def examine(scope: Scope, context: str | None = None) -> list[Examined]:
    """Return the finding of every link, in the chain's order.

    Raises:
        CannotExamine: if there is no cluster or no release, or we may not read it; with one line for people.
    """
    return walk(take_snapshot(scope, context))


def take_snapshot(scope: Scope, context: str | None = None) -> Snapshot:
    """Return everything that the checks need, read from the cluster of a kubeconfig's context.

    Raises:
        CannotExamine: if there is no cluster or no release, or we may not read it; with one line for people.
    """
    try:
        return asyncio.run(_read(scope, context))
    except kr8s.ServerError as error:
        raise CannotExamine(f"the cluster refuses: {error}") from error
    except TimeoutError as error:
        raise CannotExamine(f"no answer within {QUERY_SECONDS:.0f} s") from error
    except (httpx.HTTPError, kr8s.APITimeoutError, kr8s.ConnectionClosedError, OSError) as error:
        raise CannotExamine(f"the cluster cannot be reached: {str(error) or type(error).__name__}") from error


async def _read(scope: Scope, context: str | None) -> Snapshot:
    # The client is used for plain lists alone, which every version serves.
    warnings.filterwarnings("ignore", message="Kubernetes version .* is not supported")
    try:
        api = await kr8s.asyncio.api(context=context)
    except (ValueError, KeyError) as error:
        raise CannotExamine(f"no usable kubeconfig: {error}; set KUBECONFIG or --context") from error
    return await read(api, scope, QUERY_SECONDS)
