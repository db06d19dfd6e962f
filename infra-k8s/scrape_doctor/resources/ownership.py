"""The tool that owns an object and would undo what others change on it, as its labels and annotations say."""

from dataclasses import dataclass

from scrape_doctor.resources.objects import Object, annotations, labels, name, namespace

HELM = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
FLUX_HELM = "helm.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/namespace"
FLUX_KUSTOMIZE = "kustomize.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/namespace"
ARGO_TRACKING, ARGO_INSTANCE = "argocd.argoproj.io/tracking-id", "argocd.argoproj.io/instance"
KUSTOMIZE_ORIGIN, MANAGED_BY = "config.kubernetes.io/origin", "app.kubernetes.io/managed-by"


@dataclass(frozen=True)
class Owner:
    """An owner in words, the place where a lasting change belongs, and what undoes any other change."""

    title: str
    place: str
    undone_by: str

    def lasting_fix(self, thing: Object) -> str:
        """Return where to change an object so that it stays so."""
        where = f"{namespace(thing)}/{name(thing)}" if namespace(thing) else name(thing)
        return f"change {thing['kind']} {where} in {self.place}: {self.undone_by}"


def owner(thing: Object) -> Owner | None:
    """Return the owner of an object, None where nothing tells that it has one.

    An object's controller comes first, then what runs continuously (Flux, Argo CD), then Helm and kustomize, which the
    others may have used.
    """
    marks, notes = labels(thing), annotations(thing)
    for reference in thing["metadata"].get("ownerReferences") or []:
        if reference.get("controller"):
            title = f"{reference['kind']} {reference['name']}"
            return Owner(title, title, f"{title} made it and would undo a kubectl patch")
    if FLUX_HELM[0] in marks:
        title = f"HelmRelease {marks.get(FLUX_HELM[1], namespace(thing))}/{marks[FLUX_HELM[0]]}"
        place = f"git, by spec.values of {title}"
        return Owner(f"Flux {title}", place, f"Flux {title} would undo a kubectl patch and a helm upgrade")
    if FLUX_KUSTOMIZE[0] in marks:
        title = f"Flux Kustomization {marks.get(FLUX_KUSTOMIZE[1], namespace(thing))}/{marks[FLUX_KUSTOMIZE[0]]}"
        return Owner(title, "git", f"{title} would undo a kubectl patch")
    if application := _argo_application(thing):
        title = f"Argo CD application {application}"
        return Owner(title, "git", f"{title} would undo a kubectl patch")
    if HELM[0] in notes:
        title = f"Helm release {notes.get(HELM[1], namespace(thing))}/{notes[HELM[0]]}"
        return Owner(title, f"the chart or values of {title}", "the next helm upgrade would undo a kubectl patch")
    if KUSTOMIZE_ORIGIN in notes or marks.get(MANAGED_BY, "").startswith("kustomize"):
        return Owner("kustomize", "the kustomization", "the next kubectl apply -k would undo a kubectl patch")
    return None


def _argo_application(thing: Object) -> str:
    """Return the application that tracks an object, empty if none does.

    The annotation is `<application>:<group>/<kind>:<namespace>/<name>`; an operator may copy it to what it makes, where
    it names another object.
    """
    application, _, tracked = annotations(thing).get(ARGO_TRACKING, "").partition(":")
    if tracked.endswith(f":{namespace(thing)}/{name(thing)}"):
        return application
    return labels(thing).get(ARGO_INSTANCE, "")
