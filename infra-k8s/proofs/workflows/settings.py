"""Where the workflows run: cluster, registry, tools and the three repositories, read once from the environment."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from proofs.settings import MissingSetting, Settings

INFRA = Path(__file__).resolve().parents[2]
# What a job finds on GitHub's machine, and what an action gives it.
TOOLS = ("git", "make", "docker", "kubectl", "cosign", "helm")
ON_EVERY_MACHINE = ("git", "make", "docker")
SYSTEM = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
PASSED_ON = ("LANG", "TMPDIR", "TZ")
PASSED_ON_BY_PREFIX = ("LC_", "PIP_", "SSL_", "UV_", "NODE_", "npm_config_", "http", "HTTP", "no_proxy", "NO_PROXY")


@dataclass(frozen=True)
class WorkflowSettings:
    """What differs from machine to machine. `given` are the variables that the stand-ins hand to the steps."""

    app_dir: Path
    docs_dir: Path
    act: Path
    kubeconfig: Path
    registry: str
    platforms: str
    given: Mapping[str, str]
    tools: Mapping[str, Path]
    environment: Mapping[str, str]
    infra_dir: Path = INFRA

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "WorkflowSettings":
        """Read the settings; raise MissingSetting with one line that says what to do."""
        if os.geteuid() == 0:
            raise MissingSetting(
                "workflows run as an ordinary user, as GitHub's do, and this is root: use another user"
            )
        cluster = Settings.from_environment(environment)
        if cluster.pull_registry != cluster.push_registry:
            raise MissingSetting("PULL_REGISTRY differs from REGISTRY: what is verified has to be what is pulled")
        docs_dir = Path(environment.get("DOCS_DIR") or "/nowhere")
        if not (docs_dir / "README_TECH.md").is_file():
            raise MissingSetting(f"DOCS_DIR={environment.get('DOCS_DIR', '')!r} holds no README_TECH.md")
        given = {
            "REGISTRY": cluster.push_registry,
            "NAMESPACE": environment.get("NAMESPACE") or "flask-app-workflows",
            "PROVE_NAMESPACE": environment.get("PROVE_NAMESPACE") or "flask-app-workflows-prove",
            "SECONDS": environment.get("GATE_SECONDS") or "60",
            "DEPLOY_TIMEOUT": environment.get("DEPLOY_TIMEOUT") or "2m",
        }
        if cluster.base_image:
            given["BASE_IMAGE"] = cluster.base_image
        return cls(
            app_dir=cluster.app_dir,
            docs_dir=docs_dir.resolve(),
            act=found("act", Path(sys.executable).parent),
            kubeconfig=kubeconfig(environment),
            registry=cluster.push_registry,
            platforms=cluster.platforms,
            given=given,
            tools={name: found(name) for name in TOOLS},
            environment=passed_on(environment),
        )


def found(name: str, folder: Path | None = None) -> Path:
    """Return where a program is, first in a folder, then on PATH; raise MissingSetting where it is not."""
    place = (shutil.which(name, path=str(folder)) if folder else None) or shutil.which(name)
    if place is None:
        raise MissingSetting(f"{name} is not on PATH: install it")
    return Path(place).absolute()


def kubeconfig(environment: Mapping[str, str]) -> Path:
    """Return the first file that names the cluster, which Settings has looked at."""
    named = environment.get("KUBECONFIG", "").split(os.pathsep)[0]
    return Path(named).absolute() if named else Path.home() / ".kube" / "config"


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what of the environment a run gets: how this machine reaches packages, and nothing of the project."""
    kept = {
        name: value for name, value in environment.items() if name in PASSED_ON or name.startswith(PASSED_ON_BY_PREFIX)
    }
    cache = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return {
        "LANG": "C.UTF-8",
        "PIP_CACHE_DIR": str(cache / "pip"),
        "npm_config_cache": str(Path.home() / ".npm"),
        "DOCKER_CONFIG": environment.get("DOCKER_CONFIG") or str(Path.home() / ".docker"),
        "BUILDX_BUILDER": environment.get("BUILDX_BUILDER", "default"),
        "PATH": os.pathsep.join(dict.fromkeys((*SYSTEM, *(str(found(name).parent) for name in ON_EVERY_MACHINE)))),
        **kept,
    }


def python(version: str) -> Path:
    """Return an interpreter of major.minor, on PATH or among pyenv's; raise MissingSetting where there is none."""
    if on_path := shutil.which(f"python{version}"):
        return Path(on_path).absolute()
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for place in sorted(root.glob(f"versions/{version}.*/bin/python{version}"), reverse=True):
        return place
    raise MissingSetting(f"there is no python{version} on PATH, which the workflows set up: install it")
