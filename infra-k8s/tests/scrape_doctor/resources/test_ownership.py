"""Owners, by the marks that each tool's own documentation gives."""

from typing import Any

import pytest

from scrape_doctor.resources.ownership import owner

ARGO = {"argocd.argoproj.io/tracking-id": "shop:monitoring.coreos.com/ServiceMonitor:web/shop"}
HELM = {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "web"}
FLUX_HELM = {"helm.toolkit.fluxcd.io/name": "shop", "helm.toolkit.fluxcd.io/namespace": "flux-system"}
FLUX = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
CONTROLLER = [{"kind": "Kafka", "name": "orders", "controller": True}]


def thing(**metadata: Any) -> dict[str, Any]:
    return {"kind": "ServiceMonitor", "metadata": {"name": "shop", "namespace": "web", **metadata}}


@pytest.mark.parametrize(
    ("metadata", "title"),
    [
        ({"annotations": ARGO}, "Argo CD application shop"),
        ({"labels": {"argocd.argoproj.io/instance": "shop"}}, "Argo CD application shop"),
        ({"annotations": HELM}, "Helm release web/shop"),
        ({"annotations": HELM, "labels": FLUX_HELM}, "Flux HelmRelease flux-system/shop"),
        ({"labels": FLUX}, "Flux Kustomization flux-system/apps"),
        ({"annotations": {**ARGO, **HELM}}, "Argo CD application shop"),
        ({"labels": {"app.kubernetes.io/managed-by": "kustomize-v5.7.1"}}, "kustomize"),
        ({"annotations": {"config.kubernetes.io/origin": "path: shop.yaml"}}, "kustomize"),
        ({"ownerReferences": CONTROLLER, "annotations": HELM}, "Kafka orders"),
    ],
)
def test_the_owner_is_read_from_the_marks(metadata: dict[str, Any], title: str) -> None:
    found = owner(thing(**metadata))
    assert found is not None
    assert found.title == title
    assert found.lasting_fix(thing()).startswith("change ServiceMonitor web/shop in ")
    assert found.lasting_fix(thing()).endswith(
        "would undo a kubectl patch" + " and a helm upgrade" * ("HelmR" in title)
    )


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"labels": {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "shop"}},
        {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:web/other"}},  # copied by an operator
        {"ownerReferences": [{"kind": "Kafka", "name": "orders"}]},  # not the controller
    ],
)
def test_without_a_mark_of_its_own_an_object_has_no_owner(metadata: dict[str, Any]) -> None:
    assert owner(thing(**metadata)) is None
