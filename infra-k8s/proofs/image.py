"""Build the application's image from its source and push it."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from proofs.settings import Settings

DEFAULT_PATH = "your-github-name/flask-app"


@dataclass(frozen=True)
class Image:
    """A pushed image, as pods name it."""

    repository: str
    tag: str
    digest: str

    @property
    def values(self) -> dict[str, str]:
        """Return the chart values that run exactly this image."""
        return {"image.repository": self.repository, "image.tag": self.tag, "image.digest": self.digest}


def build(settings: Settings, *, tag: str, version: str, revision: str, path: str = DEFAULT_PATH) -> Image:
    """Build for all platforms and push; raise RuntimeError with the builder's output if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        metadata = Path(folder) / "image.json"
        command = [
            *("make", "--no-print-directory", "-C", str(settings.app_dir), "image", "PUSH=1"),
            f"IMAGE={settings.push_registry}/{path}",
            f"TAG={tag}",
            f"VERSION={version}",
            f"REVISION={revision}",
            f"PLATFORMS={settings.platforms}",
            f"BASE_IMAGE={settings.base_image}",
            f"METADATA={metadata}",
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"the image could not be built: {' '.join(command)}\n{done.stdout}{done.stderr}")
        digest = json.loads(metadata.read_text())["containerimage.digest"]
    return Image(f"{settings.pull_registry}/{path}", tag, digest)
