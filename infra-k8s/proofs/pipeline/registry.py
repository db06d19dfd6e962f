"""What a registry holds of an image."""

import json
import subprocess


def crane(*arguments: str) -> str:
    """Run crane and return what it printed; raise RuntimeError with its own words otherwise."""
    done = subprocess.run(["crane", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"crane {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def holdings(image: str) -> dict[str, str]:
    """Return the digest behind every tag of a repository, signatures and attestations among them."""
    return {tag: crane("digest", f"{image}:{tag}").strip() for tag in crane("ls", image).split()}


def platforms(image: str, digest: str) -> set[str]:
    """Return the platforms that an index has an image for."""
    index = json.loads(crane("manifest", f"{image}@{digest}"))
    named = {f"{m['platform']['os']}/{m['platform']['architecture']}" for m in index.get("manifests", [])}
    return named - {"unknown/unknown"}  # what is said about an image is no image
