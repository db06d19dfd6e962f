"""`python -m minikube up|down`: the whole chain on a laptop, and away with it.

Exit status: 0 done, 1 a command failed, 2 something is missing.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from helm_python.errors import HelmError

from minikube import chain, prerequisites, steps


class Missing(Exception):
    """Something is not there; the message says what, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked and return the exit status."""
    options = parser().parse_args(arguments)
    os.environ["MINIKUBE_PROFILE"] = chain.CONTEXT
    try:
        if options.command == "up":
            up(options.app_dir)
        else:
            down()
    except Missing as error:
        print(f"minikube: {error}", file=sys.stderr)
        return 2
    except (steps.StepFailed, HelmError) as error:
        print(f"\nminikube: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="minikube", description="The whole chain on a laptop's minikube.")
    commands = made.add_subparsers(dest="command", required=True)
    upwards = commands.add_parser("up", help="start it, or bring it up to date")
    upwards.add_argument("--app-dir", default="", help="folder of the application's repository")
    commands.add_parser("down", help="take it away")
    return made


def up(app_dir: str) -> None:
    """Make the chain, or bring it up to date; say how to open it."""
    require(*prerequisites.INSTALL)
    if not (Path(app_dir) / "Dockerfile").is_file() or not app_dir:
        raise Missing(f"APP_DIR={app_dir!r} holds no Dockerfile: make minikube APP_DIR=<folder of flask-app>")
    steps.run(chain.build(Path(app_dir).resolve()))
    steps.run(chain.deploy(image_id()))
    print(f"\n{chain.OPENED}")


def down() -> None:
    """Take the cluster away, unless somebody else's releases are in it."""
    require("minikube", "helm")
    if others := foreign_releases():
        raise Missing(f"left alone, as it also runs {', '.join(others)}: take all of it away with `minikube delete`")
    steps.run(chain.remove())


def require(*tools: str) -> None:
    """Raise Missing with all that is missing at once."""
    if lines := prerequisites.missing(tools):
        raise Missing("\n  ".join(["not everything is there", *lines]))


def image_id() -> str:
    """Return the id of the image that was built."""
    name = ":".join(chain.image())
    done = subprocess.run(["docker", "image", "inspect", "--format", "{{.Id}}", name], capture_output=True, text=True)
    if done.returncode != 0:
        raise steps.StepFailed(f"docker knows no image {name} after its build: {done.stderr.strip()}")
    return done.stdout.strip()


def foreign_releases() -> list[str]:
    """Return the Helm releases that are not ours; none if the cluster does not answer."""
    command = ["helm", "list", "--all-namespaces", "--kube-context", chain.CONTEXT, "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return []
    return [each["name"] for each in json.loads(done.stdout) if each["name"] not in (chain.RELEASE, chain.MONITORING)]


if __name__ == "__main__":
    sys.exit(main())
