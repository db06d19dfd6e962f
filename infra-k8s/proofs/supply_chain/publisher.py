"""A publisher of images: builds, signs and attests them, with the trusted key or with another one."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import httpx

from proofs.image import Image
from proofs.settings import Settings
from release.verify import TESTED

INDEX = "application/vnd.oci.image.index.v1+json"
BY_KEY = ("--tlog-upload=false", "--use-signing-config=false", "--allow-http-registry", "--yes")


class Publisher:
    """A registry and two key pairs: `trusted` and `other`."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.environment = {**os.environ, "COSIGN_PASSWORD": ""}
        for name in ("trusted", "other"):
            self.run("cosign", "generate-key-pair", "--output-key-prefix", str(folder / name))

    def run(self, *command: str) -> None:
        """Run a command; raise RuntimeError with its error output if it fails."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr}")

    @property
    def trusted_key(self) -> Path:
        """Return the public key that is trusted."""
        return self.folder / "trusted.pub"

    def pushed(self, image: Image) -> str:
        """Return the image by digest, under the name of the registry that this machine pushes to."""
        repository = image.repository.replace(self.settings.pull_registry, self.settings.push_registry, 1)
        return f"{repository}@{image.digest}"

    def build(self, base: Image, name: str, *instructions: str, page: str = "") -> Image:
        """Build on `base` and push the result as `name`; `page` is the file index.html of the build context."""
        repository = f"{base.repository.rpartition('/')[0]}/{name}"
        tag = f"{self.pushed(Image(repository, '', base.digest)).partition('@')[0]}:proof"
        with tempfile.TemporaryDirectory() as folder:
            dockerfile, metadata = Path(folder, "Dockerfile"), Path(folder, "metadata.json")
            dockerfile.write_text("\n".join([f"FROM {base.repository}@{base.digest}", *instructions, ""]))
            Path(folder, "index.html").write_text(page)
            command = ("docker", "buildx", "build", "--provenance=false", "--push", "--metadata-file", str(metadata))
            self.run(*command, "--tag", tag, folder)
            return Image(repository, "", json.loads(metadata.read_text())["containerimage.digest"])

    def sign(self, image: Image, key: str) -> None:
        """Sign as the application's CI does."""
        app = ("make", "--silent", "-C", str(self.settings.app_dir), "sign")
        self.run(*app, f"IMAGE={self.pushed(image)}", f"COSIGN_KEY={self.folder / key}.key")

    def attest(self, image: Image, key: str, revision: str) -> None:
        """Attest that the tests of a commit passed."""
        predicate = self.folder / "predicate.json"
        source = {"uri": "git+https://github.com/your-github-name/flask-app", "digest": {"gitCommit": revision}}
        passed = ["check", "test", "starts on linux/amd64"]
        predicate.write_text(json.dumps({"result": "PASSED", "configuration": [source], "passedTests": passed}))
        statement = ("--type", TESTED, "--predicate", str(predicate))
        self.run("cosign", "attest", "--key", f"{self.folder / key}.key", *BY_KEY, *statement, self.pushed(image))

    def copy_signatures(self, source: Image, target: Image) -> None:
        """Attach the signatures and attestations of one image to another one of the same repository.

        They are an index with the tag `sha256-<digest>`: the OCI distribution spec's fallback for registries without
        the referrers API.
        """
        registry, _, path = self.pushed(source).partition("@")[0].partition("/")
        tags = [f"/v2/{path}/manifests/{image.digest.replace(':', '-')}" for image in (source, target)]
        with httpx.Client(base_url=f"http://{registry}", timeout=10) as client:
            index = client.get(tags[0], headers={"Accept": INDEX}).raise_for_status().content
            client.put(tags[1], content=index, headers={"Content-Type": INDEX}).raise_for_status()
