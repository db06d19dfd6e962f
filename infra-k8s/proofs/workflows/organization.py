"""An owner's three repositories, a developer who pushes to them, and what their runs leave: image, record, release."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from proofs.workflows import live
from proofs.workflows.changes import Commit
from proofs.workflows.git_server import commit, git
from proofs.workflows.github import GitHub, Run
from proofs.workflows.registry import Repository
from proofs.workflows.settings import WorkflowSettings

ENVIRONMENT = "minikube"
RECORD = f"environments/{ENVIRONMENT}/image.yaml"
DEFAULT_OWNER = "your-github-name"
PULL_REQUEST = 7
PATCH = re.compile(r"\d+$")


@dataclass(frozen=True)
class Names:
    """The names of an owner and of the owner's repositories."""

    owner: str
    app: str = "flask-app"
    infra: str = "infra-k8s"
    docs: str = "devops-portfolio-project"

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables that give the workflows names other than the usual ones."""
        usual = Names(self.owner)
        told = {"INFRA_REPOSITORY": (self.infra, usual.infra), "APP_NAME": (self.app, usual.app)}
        return {name: chosen for name, (chosen, common) in told.items() if chosen != common}


class Organization:
    """The owner's repositories at work."""

    def __init__(self, folder: Path, settings: WorkflowSettings, names: Names) -> None:
        self.names, self.settings = names, settings
        self.namespace = settings.given["NAMESPACE"]
        variables = {"REGISTRY": settings.registry, "REGISTRY_USERNAME": names.owner, **names.variables}
        self.github = GitHub(folder, settings, variables)
        sources = {self.app: settings.app_dir, self.infra: settings.infra_dir, self.docs: settings.docs_dir}
        for repository, source in sources.items():
            self.github.server.publish(repository, source, {DEFAULT_OWNER: names.owner})
        self.developer = self.github.server.clone(self.app, folder / "developer")
        subprocess.run(
            ["cosign", "generate-key-pair", "--output-key-prefix", "signing"],
            cwd=folder,
            env=os.environ | {"COSIGN_PASSWORD": ""},
            check=True,
            capture_output=True,
        )

    @property
    def app(self) -> str:
        return f"{self.names.owner}/{self.names.app}"

    @property
    def infra(self) -> str:
        return f"{self.names.owner}/{self.names.infra}"

    @property
    def docs(self) -> str:
        return f"{self.names.owner}/{self.names.docs}"

    @property
    def image(self) -> Repository:
        """Return where the application's images are; a registry knows lower case only."""
        return Repository(f"{self.settings.registry}/{self.app}".lower())

    @property
    def charts(self) -> Repository:
        """Return where the chart's releases are."""
        return Repository(f"{self.settings.registry}/{self.names.owner}/charts/flask-app".lower())

    def chart_version(self) -> str:
        """Return the version that infra's main branch holds."""
        return str(yaml.safe_load(self.github.server.read(self.infra, "helm/flask-app/Chart.yaml"))["version"])

    def raise_chart_version(self) -> str:
        """Raise the chart's version on infra's main branch by a patch, without the deploy that follows; return it."""
        before = self.chart_version()
        version = PATCH.sub(lambda found: str(int(found[0]) + 1), before)
        clone = self.github.server.clone(self.infra, self.github.folder / f"chart-{version}")
        file = clone / "helm/flask-app/Chart.yaml"
        file.write_text(file.read_text().replace(f"\nversion: {before}\n", f"\nversion: {version}\n"))
        commit(clone, f"Chart {version}")
        git(clone, "push", "--quiet", "origin", "HEAD:main")
        return version

    def tag_chart(self, version: str) -> Run:
        """Tag infra's main branch with a version of the chart, and return the run that this starts."""
        git(self.github.server.bare(self.infra), "tag", f"chart-v{version}")
        (run,) = self.pushed(self.infra, f"refs/tags/chart-v{version}")
        return run

    def push(self, change: Commit) -> str:
        """Commit a change to the application, push it to main, and make the runs that it starts; return the commit."""
        for each in change.changes:
            each.apply(self.developer, self.namespace)
        revision = commit(self.developer, change.message)
        git(self.developer, "push", "--quiet", "origin", "HEAD:main")
        self.pushed(self.app, "refs/heads/main")
        return revision

    def take_back(self) -> None:
        """Put the developer's clone, and main with it, back to what it was before the newest commit."""
        git(self.developer, "reset", "--quiet", "--hard", "HEAD~1")
        git(self.developer, "push", "--quiet", "--force", "origin", "HEAD:main")

    def tag(self, name: str) -> None:
        """Tag the application's main branch, and make the runs that this starts."""
        git(self.developer, "tag", name)
        git(self.developer, "push", "--quiet", "origin", name)
        self.pushed(self.app, f"refs/tags/{name}")

    def pushed(self, repository: str, ref: str) -> list[Run]:
        """Make the runs that a push of a ref starts."""
        return self.github.emit(self.github.event(repository, "push", ref, {}))

    def pull_request(self, repository: str, change: Commit | None = None) -> list[Run]:
        """Open a pull request from a fork, with a change to the application, and make the runs that it starts."""
        server, sha = self.github.server, self.github.server.at(repository)
        if change:
            for each in change.changes:
                each.apply(self.developer, self.namespace)
            sha = commit(self.developer, change.message)
            git(self.developer, "push", "--quiet", "origin", f"HEAD:refs/pull/{PULL_REQUEST}/merge")
            git(self.developer, "reset", "--quiet", "--hard", "HEAD~1")
        else:
            git(server.bare(repository), "update-ref", f"refs/pull/{PULL_REQUEST}/merge", sha)
        fork = {"full_name": f"somebody-else/{repository.split('/')[1]}", "fork": True}
        head, base = {"sha": sha, "ref": "topic", "repo": fork}, {"ref": "main", "repo": {"full_name": repository}}
        body = {"number": PULL_REQUEST, "pull_request": {"number": PULL_REQUEST, "head": head, "base": base}}
        return self.github.emit(self.github.event(repository, "pull_request", f"refs/pull/{PULL_REQUEST}/merge", body))

    def hand_over(self, image: str, revision: str) -> list[Run]:
        """Hand an image to infra as the application's CI does, and make the runs that this starts."""
        payload = {"image": image, "version": "by-hand", "revision": revision}
        return self.github.dispatch(self.infra, "image-published", payload)

    def by_hand(self, inputs: Mapping[str, str]) -> list[Run]:
        """Start infra's deploy by hand."""
        body = {"inputs": dict(inputs), "workflow": ".github/workflows/deploy.yaml"}
        return self.github.emit(self.github.event(self.infra, "workflow_dispatch", "refs/heads/main", body))

    def recorded(self, revision: str = "main") -> str:
        """Return the image that infra's git records at a commit, as repository@digest; empty where none is."""
        image = yaml.safe_load(self.github.server.read(self.infra, RECORD, revision))["image"]
        return f"{image['repository']}@{image['digest']}" if image.get("digest") else ""

    def records_since(self, revision: str) -> list[str]:
        """Return what each commit on infra's main since then records."""
        commits = git(self.github.server.bare(self.infra), "log", "--reverse", "--format=%H", f"{revision}..main")
        return [self.recorded(each) for each in commits.split()]

    def live(self, revision: str) -> str:
        """Wait until a revision of the application is live on every replica and return a line that says so."""
        seen = live.expect(self.namespace, revision)
        return f"live: {revision[:12]} on {seen.wanted} replicas by Prometheus, /api/info and the page"
