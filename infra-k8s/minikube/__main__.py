"""`python -m minikube up|down`: the whole chain on a laptop: set up or deleted.

Exit status: 0 done, 1 a command failed, 2 it cannot be done as it is, 130 interrupted.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from helm_python.errors import HelmError

from local import children
from minikube import chain, foreign_resources, prerequisites, steps
from minikube.stuck_release import steps_to_free


class Refused(Exception):
    """It cannot be done as things are; the message says why, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit status."""
    options = parser().parse_args(arguments)
    children.interrupt_on_signals()
    os.environ["MINIKUBE_PROFILE"] = chain.CONTEXT
    try:
        if options.command == "up":
            up(options.app_dir)
        else:
            down(force=options.force)
    except Refused as error:
        print(f"minikube: {error}", file=sys.stderr)
        return 2
    except (steps.StepFailed, HelmError) as error:
        print(f"\nminikube: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nminikube: interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="minikube", description="The whole chain on a laptop's minikube.")
    commands = made.add_subparsers(dest="command", required=True)
    upwards = commands.add_parser("up", help="start it, or bring it up to date")
    upwards.add_argument("--app-dir", default="", help="folder of the application's repository")
    downwards = commands.add_parser("down", help="delete it")
    downwards.add_argument("--force", action="store_true", help="without looking for foreign resources")
    return made


def up(app_dir: str) -> None:
    """Set the chain up, or bring it up to date; print how to open it."""
    require(prerequisites.missing(prerequisites.INSTALL) + prerequisites.unfit())
    if not (Path(app_dir) / "Dockerfile").is_file() or not app_dir:
        raise Refused(f"APP_DIR={app_dir!r} holds no Dockerfile: make minikube APP_DIR=<folder of flask-app>")
    steps.run(chain.start())
    steps.run(steps_to_free(chain.MONITORING, chain.MONITORING) + chain.monitor())
    steps.run(chain.build(Path(app_dir).resolve()))
    deploy = chain.deploy(image_id())
    steps.run(steps_to_free(chain.RELEASE, chain.NAMESPACE) + deploy)
    print(f"\n{chain.OPENED}")


def down(*, force: bool) -> None:
    """Delete the cluster; unless `force`, only if it holds no foreign resources."""
    require(prerequisites.missing(["minikube"] if force else ["minikube", "kubectl", "helm"]))
    if not force:
        try:
            if not foreign_resources.cluster_exists():
                print("there is no minikube: nothing to delete")
                return
            others = foreign_resources.found()
        except foreign_resources.NoAnswer:
            raise Refused(
                "left alone, as it does not say what else is in it: `minikube start` makes it answer,"
                " `make minikube-down FORCE=1` deletes it without looking"
            ) from None
        if others:
            raise Refused(
                f"left alone, as it also holds {', '.join(others)}: `make minikube-down FORCE=1` deletes all of it"
            )
    steps.run(chain.remove())


def require(missing_parts: list[str]) -> None:
    """Raise Refused with everything that is missing, at once."""
    if missing_parts:
        raise Refused("\n  ".join(["not everything is there", *missing_parts]))


def image_id() -> str:
    """Return the id of the image that was built."""
    name = ":".join(chain.image())
    done = subprocess.run(["docker", "image", "inspect", "--format", "{{.Id}}", name], capture_output=True, text=True)
    if done.returncode != 0:
        raise steps.StepFailed(f"docker knows no image {name} after its build: {done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
