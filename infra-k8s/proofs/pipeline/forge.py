"""A forge in a folder: two bare repositories, the hooks that a push starts, and what those work with.

app.git, infra.git    what is pushed to; its post-receive hook starts a chain
app, infra            the checkout in which that chain runs, kept from push to push as a runner of one's own keeps it
developer, promotion  clones of app.git and infra.git, from which commits come
signing.key, .pub     the key pair of this run
journal.jsonl, logs   what the chains did
"""

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from proofs.pipeline.chain import Journal
from proofs.pipeline.place import Place
from proofs.pipeline.repository import fill, git

INFRA = Path(__file__).resolve().parents[2]
# What a virtual environment is made from, and the file that says since when it is there.
LOCKED = {"app": ("requirements-dev.txt", ".venv/.ready"), "infra": ("requirements.txt", ".venv/.ready")}
HOOK = """\
#!/bin/sh
PYTHONPATH={} exec {} -m proofs.pipeline.hook {} {}
"""


@dataclass(frozen=True)
class Forge:
    """The forge and where its parts are."""

    folder: Path
    place: Place

    @property
    def developer(self) -> Path:
        return self.folder / "developer"

    @property
    def promotion(self) -> Path:
        return self.folder / "promotion"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "journal.jsonl")

    @property
    def key(self) -> Path:
        return self.folder / "signing.key"

    @property
    def public_key(self) -> Path:
        return self.folder / "signing.pub"

    def bare(self, name: str) -> Path:
        """Return the bare repository `app` or `infra`."""
        return self.folder / f"{name}.git"

    def source(self, name: str) -> Path:
        """Return the working copy that a repository was filled from."""
        return {"app": self.place.app_dir, "infra": self.place.infra_dir}[name]

    def build(self) -> None:
        """Make all of it."""
        self.logs.mkdir()
        for name in LOCKED:
            fill(self.bare(name), self.source(name))
            git(self.folder, "clone", "--quiet", str(self.bare(name)), name)
            hook = self.bare(name) / "hooks" / "post-receive"
            hook.write_text(HOOK.format(*map(shlex.quote, (str(INFRA), sys.executable, name, str(self.folder)))))
            hook.chmod(0o755)
        git(self.folder, "clone", "--quiet", str(self.bare("app")), "developer")
        git(self.folder, "clone", "--quiet", str(self.bare("infra")), "promotion")
        subprocess.run(
            ["cosign", "generate-key-pair", "--output-key-prefix", "signing"],
            cwd=self.folder,
            env=os.environ | {"COSIGN_PASSWORD": ""},
            check=True,
            capture_output=True,
        )

    def checkout(self, name: str, commit: str) -> Path:
        """Bring a chain's checkout to a commit and return it."""
        checkout = self.folder / name
        git(checkout, "fetch", "--quiet", "origin")
        git(checkout, "checkout", "--quiet", "--force", "-B", "main", commit)
        git(checkout, "clean", "--quiet", "--force", "-d")
        self.lend(name, checkout)
        return checkout

    def lend(self, name: str, checkout: Path) -> None:
        """Let a checkout use its source's virtual environment, if both are locked to the same packages."""
        source = self.source(name)
        locked, stamp = LOCKED[name]
        lent = checkout / ".venv"
        if lent.is_symlink():
            lent.unlink()
        if lent.exists() or not (source / stamp).exists():
            return
        if (source / locked).read_bytes() != (checkout / locked).read_bytes():
            return
        lent.symlink_to(source / ".venv")
        (checkout / ".git" / "info" / "exclude").write_text(".venv\n")
        # As old as the source's, or make would take the environment for stale.
        shutil.copystat(source / locked, checkout / locked)
