"""Where the pipeline runs: cluster, registry, namespace, and the repositories that it takes its sources from.

The environment says it: KUBECONFIG, REGISTRY, APP_DIR and INFRA_DIR; where they are not to be the defaults, NAMESPACE
(flask-app), ENVIRONMENT of infra (minikube), OWNER in the image's name (the namespace), PLATFORMS (amd64 and arm64),
BASE_IMAGE (the Dockerfile's), DEPLOY_TIMEOUT (2m), GATE_SECONDS (60), and SCAN (1 where there is a scanner).
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from proofs.settings import MissingSetting, Settings

TOOLS = ("git", "make", "docker", "cosign", "crane", "helm", "kubectl")
# They belong to the run that was asked for, not to the repositories that are run here by themselves.
FOREIGN = ("WORKSPACE_DIR", "APP_DIR", "INFRA_DIR", "DOCS_DIR", "PYTHONPATH", "MAKEFLAGS", "MFLAGS", "MAKELEVEL")


@dataclass(frozen=True)
class Place:
    """What differs from place to place."""

    app_dir: Path
    infra_dir: Path
    image: str
    platforms: str
    base_image: str
    namespace: str
    environment: str
    deploy_timeout: str
    gate_seconds: str
    scan: str

    @property
    def record(self) -> str:
        """Return the file of infra's repository that says what the environment runs."""
        return f"environments/{self.environment}/image.yaml"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Place":
        """Read the place; raise MissingSetting with one line that says what to do."""
        if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
            raise MissingSetting(f"not on PATH: {', '.join(missing)}; install what is missing")
        cluster = Settings.from_environment(environment)
        if cluster.pull_registry != cluster.push_registry:
            raise MissingSetting(
                f"PULL_REGISTRY={cluster.pull_registry!r} differs from REGISTRY={cluster.push_registry!r}:"
                " what is verified has to be what is pulled, so name a registry that both sides reach by one name"
            )
        infra_dir = Path(environment.get("INFRA_DIR") or "/nowhere")
        if not (infra_dir / "helm" / "flask-app" / "Chart.yaml").is_file():
            raise MissingSetting(
                f"INFRA_DIR={environment.get('INFRA_DIR', '')!r} holds no chart: name infra-k8s's folder"
            )
        namespace = environment.get("NAMESPACE") or "flask-app"
        return cls(
            app_dir=cluster.app_dir,
            infra_dir=infra_dir.resolve(),
            image=f"{cluster.push_registry}/{(environment.get('OWNER') or namespace).lower()}/flask-app",
            platforms=cluster.platforms,
            base_image=cluster.base_image,
            namespace=namespace,
            environment=environment.get("ENVIRONMENT") or "minikube",
            deploy_timeout=environment.get("DEPLOY_TIMEOUT") or "2m",
            gate_seconds=environment.get("GATE_SECONDS") or "60",
            scan=environment.get("SCAN") or ("1" if shutil.which(environment.get("GRYPE") or "grype") else "0"),
        )
