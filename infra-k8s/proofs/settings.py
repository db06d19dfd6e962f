"""Which cluster, registry and application the proofs run on: read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class MissingSetting(ValueError):
    """A setting is missing or wrong; the message names it and says what to set."""


def require_cluster(environment: Mapping[str, str] = os.environ) -> None:
    """Return where a cluster is named; raise MissingSetting otherwise."""
    kubeconfig = environment.get("KUBECONFIG", "")
    if not kubeconfig and not (Path.home() / ".kube" / "config").exists():
        raise MissingSetting("KUBECONFIG is not set and there is no ~/.kube/config: name the cluster to prove it on")
    if kubeconfig and not any(Path(path).is_file() for path in kubeconfig.split(os.pathsep)):
        raise MissingSetting(f"KUBECONFIG={kubeconfig!r} is no file: name the cluster to prove it on")


@dataclass(frozen=True)
class Settings:
    """What differs from cluster to cluster."""

    app_dir: Path
    push_registry: str
    pull_registry: str
    base_image: str
    platforms: str
    names_resolve_by_path: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raise MissingSetting with one line that says what to do."""
        require_cluster(environment)
        registry = environment.get("REGISTRY", "")
        if not registry:
            raise MissingSetting("REGISTRY is not set: name a registry to push to, e.g. REGISTRY=localhost:5001")
        app_dir = Path(environment.get("APP_DIR") or "/nowhere")
        if not (app_dir / "Dockerfile").is_file():
            raise MissingSetting(
                f"APP_DIR={environment.get('APP_DIR', '')!r} holds no Dockerfile: name flask-app's folder"
            )
        return cls(
            app_dir=app_dir.resolve(),
            push_registry=registry,
            pull_registry=environment.get("PULL_REGISTRY") or registry,
            base_image=environment.get("BASE_IMAGE", ""),
            platforms=environment.get("PLATFORMS") or "linux/amd64,linux/arm64",
            names_resolve_by_path=environment.get("IMAGE_NAMES_RESOLVE_BY_PATH") == "1",
        )
