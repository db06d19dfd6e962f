"""Examine targets: read the cluster into one Snapshot of each, then walk the chain."""

import asyncio
import logging
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx
import kr8s

from scrape_doctor.chain import Examined, diagnosis, is_unexamined, unsettled, walk
from scrape_doctor.errors import CannotExamine
from scrape_doctor.progress import Progress, no_progress
from scrape_doctor.read import manifests
from scrape_doctor.read.snapshot import read
from scrape_doctor.scope import Scope
from scrape_doctor.snapshot import Snapshot

LOOK_AGAIN_SECONDS = 5.0
QUERY_SECONDS = 90.0  # for all queries about one target


@dataclass(frozen=True)
class Examination:
    """One target, with the names that were found for it, and the finding of every link."""

    scope: Scope
    examined: list[Examined]

    @property
    def diagnosis(self) -> Examined | None:
        """Return the first broken link, None if the chain is whole."""
        return diagnosis(self.examined)

    @property
    def unsettled(self) -> list[Examined]:
        """Return the links that could be decided, but later or with more rights."""
        return unsettled(self.examined)

    @property
    def is_whole(self) -> bool:
        """Tell whether no link is broken, and none is left that a later look or a right could find broken."""
        return self.diagnosis is None and not self.unsettled

    @property
    def is_unexamined(self) -> bool:
        """Tell whether the target is only listed: it is of a kind that the doctor does not know."""
        return is_unexamined(self.examined)


def examine(scope: Scope, context: str | None = None) -> list[Examined]:
    """Return the finding of every link of one target, in the chain's order.

    Raises:
        CannotExamine: if there is no cluster or no target, or we may not read it; with one line for people.
    """
    return examine_all([scope], context)[0].examined


def examine_all(
    scopes: Sequence[Scope], context: str | None = None, progress: Progress = no_progress
) -> list[Examination]:
    """Return an examination of each target that the scopes name; a scope without one is each of its namespace.

    Raises:
        CannotExamine: if there is no cluster or a target is not there, or we may not read it; with one line for people.
    """
    return [Examination(snapshot.scope, walk(snapshot)) for snapshot in take_snapshots(scopes, context, progress)]


def examine_when_loaded(
    scopes: Sequence[Scope], context: str | None = None, progress: Progress = no_progress, seconds: float = 0
) -> list[Examination]:
    """Return the examinations as soon as none has to wait for Prometheus, at the latest after some seconds.

    Raises:
        CannotExamine: as examine_all.
    """
    deadline = time.monotonic() + seconds
    while True:
        examinations = examine_all(scopes, context, progress)
        waits = [each.finding.wait for one in examinations for each in one.unsettled if each.finding.wait]
        left = deadline - time.monotonic()
        if not waits or left <= 0:
            return examinations
        progress(f"waiting for Prometheus to load its configuration, {left:.0f} s at most")
        time.sleep(min(LOOK_AGAIN_SECONDS, left))


def examine_manifests(path: str, namespace: str, prometheus_selector: str) -> list[Examination]:
    """Return an examination of each monitor in a file, or stdin for `-`, by what manifests alone decide.

    Raises:
        CannotExamine: if it cannot be read or is no manifest; with one line for people.
    """
    text = manifests.read(path, sys.stdin)
    return examine_text(text, manifests.source_of(path), namespace, prometheus_selector)


def examine_text(text: str, source: str, namespace: str, prometheus_selector: str) -> list[Examination]:
    """Return an examination of each monitor, rule and dashboard of a YAML text; `source` is its name in errors.

    Raises:
        CannotExamine: if it is no manifest; with one line for people.
    """
    pairs = [pair.partition("=") for pair in prometheus_selector.split(",") if pair]
    if not all(key and sign and value for key, sign, value in pairs):
        raise CannotExamine(f"--prometheus-selector {prometheus_selector!r} is not KEY=VALUE[,KEY=VALUE…]")
    scope = Scope("", namespace, everywhere=True, manifests=True)
    snapshots = manifests.snapshots(text, source, scope, {key: value for key, _, value in pairs})
    return [Examination(snapshot.scope, walk(snapshot)) for snapshot in snapshots]


def take_snapshots(
    scopes: Sequence[Scope], context: str | None = None, progress: Progress = no_progress
) -> list[Snapshot]:
    """Return everything that the checks need, read from the cluster of a kubeconfig's context.

    Raises:
        CannotExamine: if there is no cluster or a target is not there, or we may not read it; with one line for people.
    """
    try:
        return asyncio.run(_read(scopes, context, progress))
    except kr8s.ServerError as error:
        raise CannotExamine(f"the cluster refuses: {error}") from error
    except TimeoutError as error:
        raise CannotExamine(f"no answer within {QUERY_SECONDS:.0f} s") from error
    except (httpx.HTTPError, kr8s.APITimeoutError, kr8s.ConnectionClosedError, OSError) as error:
        raise CannotExamine(f"the cluster cannot be reached: {str(error) or type(error).__name__}") from error


async def _read(scopes: Sequence[Scope], context: str | None, progress: Progress) -> list[Snapshot]:
    asyncio.get_running_loop().set_exception_handler(_log_quietly)
    # The client is used for plain lists alone, which every version serves.
    warnings.filterwarnings("ignore", message="Kubernetes version .* is not supported")
    try:
        api = await kr8s.asyncio.api(context=context)
    except (ValueError, KeyError) as error:
        raise CannotExamine(f"no usable kubeconfig: {error}; set KUBECONFIG or --context") from error
    here = str(api.namespace or "default")
    placed = [scope if scope.everywhere else replace(scope, namespace=scope.namespace or here) for scope in scopes]
    return await read(api, placed, QUERY_SECONDS, progress)


def _log_quietly(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log an error behind the queries for debugging alone.

    A port-forward's connection ends with one when it is cancelled or its pod closes it; the query itself gets an answer
    or an error of its own, so that nothing is lost.
    """
    logging.getLogger("scrape_doctor").debug("%s", context.get("message"), exc_info=context.get("exception"))
