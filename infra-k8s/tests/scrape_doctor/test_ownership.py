"""Fixes for the tool that owns the object, then the command that tries them."""

from typing import Any

import pytest
from rich.console import Console

from scrape_doctor import report
from scrape_doctor.chain import diagnosis, walk
from scrape_doctor.examination import Examination
from scrape_doctor.finding import Finding
from tests.scrape_doctor.faults import Fault, both, first, put, scrape, waiting
from tests.scrape_doctor.test_resolution import applied
from tests.scrape_doctor.world import World, healthy

FLUX = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
NO_LABELS = put("servicemonitors", "metadata", "labels", value={})


def found(world: World) -> Finding:
    first_broken = diagnosis(walk(world.snapshot()))
    assert first_broken is not None
    return first_broken.finding


def marked(kind: str, **metadata: dict[str, str]) -> Fault:
    def fault(world: World) -> None:
        for key, marks in metadata.items():
            first(world, kind)["metadata"].setdefault(key, {}).update(marks)

    return fault


def tracked(kind: str, word: str) -> Fault:
    """Mark an object as Argo CD does by default."""

    def fault(world: World) -> None:
        metadata: dict[str, Any] = first(world, kind)["metadata"]
        tracking = f"shop:group/{word}:{metadata['namespace']}/{metadata['name']}"
        metadata["annotations"] = {"argocd.argoproj.io/tracking-id": tracking}

    return fault


@pytest.mark.parametrize(
    ("chart", "entry", "fault", "lasting"),
    [
        (
            "ledger",
            "statefulsets",
            both(NO_LABELS, tracked("servicemonitors", "ServiceMonitor")),
            "change ServiceMonitor observability/ledger in git: Argo CD application shop would undo a kubectl patch",
        ),
        (
            "ledger",
            "statefulsets",
            both(scrape("server returned HTTP status 404"), marked("servicemonitors", labels=FLUX)),
            "change ServiceMonitor observability/ledger in git: "
            "Flux Kustomization flux-system/apps would undo a kubectl patch",
        ),
        (
            "choosy",
            "deployments",
            both(waiting("ErrImagePull", "choosy:2: not found"), tracked("deployments", "Deployment")),
            "change Deployment store/choosy in git: Argo CD application shop would undo a kubectl patch",
        ),
        ("ledger", "statefulsets", NO_LABELS, ""),
    ],
)
def test_the_owners_fix_comes_before_the_command(chart: str, entry: str, fault: Fault, lasting: str) -> None:
    world = applied(chart, entry)
    fault(world)
    finding = found(world)
    assert finding.lasting_fix == lasting
    assert "kubectl -n" in finding.fix
    console = Console(record=True, width=300)
    report.show(console, Examination(world.snapshot().scope, walk(world.snapshot())))
    printed = console.export_text()
    expected = [f"fix: {lasting}", f"to try it: {finding.fix}"] if lasting else [f"fix: {finding.fix}"]
    assert [line.strip() for line in printed.splitlines() if "fix: " in line or "to try it: " in line] == expected


def test_a_helm_command_is_the_owners_own_fix() -> None:
    world = healthy("choosy")
    waiting("ErrImagePull", "choosy:2: not found")(world)
    assert "helm upgrade shop <chart>" in found(world).fix
    assert found(world).lasting_fix == ""


def test_a_kubectl_patch_of_what_helm_made_belongs_into_its_values() -> None:
    world = healthy("ledger")
    NO_LABELS(world)
    assert found(world).lasting_fix == (
        "change ServiceMonitor observability/ledger in the chart or values of Helm release bank/books: "
        "the next helm upgrade would undo a kubectl patch"
    )


def test_flux_undoes_a_helm_upgrade_too() -> None:
    world = healthy("courier")
    waiting("ImagePullBackOff", "Back-off pulling image")(world)
    marks = {"helm.toolkit.fluxcd.io/name": "post", "helm.toolkit.fluxcd.io/namespace": "flux-system"}
    marked("daemonsets", labels=marks)(world)
    assert found(world).fix.startswith("helm upgrade post ")
    assert found(world).lasting_fix.endswith(
        "Flux HelmRelease flux-system/post would undo a kubectl patch and a helm upgrade"
    )
