"""Drill the doctor on what kubectl applied: every case at once, and two hundred monitors, examined by one `--all`."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from clients.kubernetes import kubectl
from clients.namespaces import temporary_namespace
from clients.prometheus import CONFIGURED, until
from proofs.drills import cases
from proofs.image import Image
from proofs.recording import Proof

ALONE = pytest.mark.xdist_group("plain")  # one after the other: both add what the other's Prometheus has to load
DOCTOR = Path(sys.executable).with_name("scrape-doctor")
COUNTS = (20, 200)


@contextmanager
def applied(things: list[cases.Object]) -> Iterator[None]:
    """Apply objects as a user does; those outside of the temporary namespace are deleted afterwards."""
    outside = [thing for thing in things if thing["metadata"]["namespace"] == "monitoring"]
    try:
        kubectl("apply", "-f", "-", given={"apiVersion": "v1", "kind": "List", "items": things})
        yield
    finally:
        if outside:
            given = {"apiVersion": "v1", "kind": "List", "items": outside}
            kubectl("delete", "--ignore-not-found", "-f", "-", given=given)


def examined() -> tuple[dict[str, dict[str, Any]], float, int]:
    """Run `scrape-doctor --all` and return each examination by its target, the seconds and the exit status."""
    begin = time.monotonic()
    done = subprocess.run([DOCTOR, "--all", "--output", "json"], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    if "error" in found:  # a namespace may end just then
        return {}, seconds, done.returncode
    return {each["target"]: each for each in found.get("examinations", [found])}, seconds, done.returncode


def complaint(expected: dict[str, str]) -> str:
    """Return where the doctor differs from the cases now."""
    return cases.differences(expected, examined()[0])


@ALONE
@pytest.mark.timeout(900)
def test_every_case_is_named_and_no_whole_one_blamed(image: Image, proof: Proof) -> None:
    """One --all names the cause of every case that kubectl applied, and blames no whole one."""
    with temporary_namespace("drills-plain") as namespace:
        things = cases.objects(namespace, f"{image.repository}@{image.digest}")
        expected = cases.causes(things)
        with applied(things):
            until(CONFIGURED, "the cause of every case", partial(complaint, expected))
            found, seconds, status = examined()
    assert status == 1
    assert "Argo CD application shop" in found["servicemonitor/argocd"]["diagnosis"]["lastingFix"]
    assert "Flux Kustomization flux-system/apps" in found["servicemonitor/flux"]["diagnosis"]["lastingFix"]
    for target, cause in sorted(expected.items()):
        proof.note(f"{target}: {found[target]['diagnosis']['message'] if cause else 'whole'}")
    proof.note(f"{len(expected)} cases, {len(found)} targets in {seconds:.1f} s")


@ALONE
@pytest.mark.timeout(1500)
def test_the_broken_ones_of_two_hundred_are_named(image: Image, proof: Proof) -> None:
    """One --all names the broken ones of 200 monitors; its seconds beside those for 20."""
    for count in COUNTS:
        with temporary_namespace("drills-many") as namespace:
            server = cases.case(cases.SERVER, namespace, f"{image.repository}@{image.digest}")
            things = [*server, *cases.many(count, namespace)]
            expected = cases.causes(things)
            with applied(things):
                until(CONFIGURED, f"the causes among {count}", partial(complaint, expected))
                found, seconds, _ = examined()
        wrong = len([cause for cause in expected.values() if cause])
        proof.note(f"{count} monitors, {wrong} broken: {len(found)} targets examined in {seconds:.1f} s")
