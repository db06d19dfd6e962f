"""The cases that kubectl applies, no Helm: a file each in plain/, whose monitor has the cause as an annotation."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "plain"
CAUSE = "drills/cause"  # the annotation of a monitor; empty where its chain is whole
MONITORS = {"ServiceMonitor", "PodMonitor", "Probe"}
SERVER = "server"  # the file without a monitor
WHOLE = "whole"
EVERY = 10  # of many monitors, one in so many is broken

Object = dict[str, Any]


def objects(namespace: str, image: str) -> list[Object]:
    """Return the objects of every case, the server first, in a namespace and with the image that runs the server."""
    names = sorted(file.stem for file in FOLDER.glob("*.yaml"))
    return [thing for name in [SERVER, *(n for n in names if n != SERVER)] for thing in case(name, namespace, image)]


def case(name: str, namespace: str, image: str = "IMAGE") -> list[Object]:
    """Return the objects of one case; one that names a namespace of its own keeps it."""
    text = (FOLDER / f"{name}.yaml").read_text().replace("NAMESPACE", namespace).replace("IMAGE", image)
    found = list(yaml.safe_load_all(text))
    for thing in found:
        thing["metadata"].setdefault("namespace", namespace)
    return found


def causes(things: list[Object]) -> dict[str, str]:
    """Return the cause that is to be named, by target; empty for a whole one."""
    monitors = (thing for thing in things if thing["kind"] in MONITORS)
    return {f"{m['kind'].lower()}/{m['metadata']['name']}": m["metadata"]["annotations"][CAUSE] for m in monitors}


def many(count: int, namespace: str) -> list[Object]:
    """Return so many monitors, each with a Service of its own before the same server: one in EVERY is broken.

    The broken ones are the cases of one ServiceMonitor with a Service in its own namespace, each in turn.
    """
    faults = cycle(copyable(namespace))
    return [
        thing
        for number in range(count)
        for thing in renamed(next(faults) if number % EVERY == EVERY - 1 else case(WHOLE, namespace), number)
    ]


def copyable(namespace: str) -> Iterator[list[Object]]:
    """Yield the broken cases that can be there many times."""
    for file in sorted(FOLDER.glob("*.yaml")):
        things = case(file.stem, namespace)
        (cause,) = causes(things).values() or ("",)
        kinds = [thing["kind"] for thing in things]
        if cause and kinds == ["Service", "ServiceMonitor"] and things[1]["metadata"]["namespace"] == namespace:
            yield things


def renamed(things: list[Object], number: int) -> list[Object]:
    """Return a Service and its monitor under a name of their own, by which the monitor also selects."""
    service, monitor = deepcopy(things)
    old = monitor["metadata"]["name"]
    name = f"{old}-{number}"
    for thing in (service, monitor):
        thing["metadata"]["name"] = name
    for labels in (service["metadata"]["labels"], monitor["spec"]["selector"]["matchLabels"]):
        if labels.get("case") == old:
            labels["case"] = name
    annotations: Mapping[str, str] = monitor["metadata"]["annotations"]
    tracked = f"/{old}"
    monitor["metadata"]["annotations"] = {
        key: f"{value.removesuffix(tracked)}/{name}" if value.endswith(tracked) else value
        for key, value in annotations.items()
    }
    return [service, monitor]


def differences(expected: dict[str, str], found: dict[str, dict[str, Any]]) -> str:
    """Return where the doctor names another cause than a case's, or leaves one undecided."""
    wrong = []
    for target, cause in expected.items():
        if target not in found:
            wrong.append(f"{target}: not examined")
            continue
        diagnosis = found[target]["diagnosis"] or {}
        if diagnosis.get("cause", "") != cause or not (cause or found[target]["whole"]):
            wrong.append(f"{target}: {diagnosis.get('cause') or 'not whole'} in place of {cause or 'whole'}")
    return "; ".join(wrong)
