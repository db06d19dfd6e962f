"""The chart as it is released: a version that its tag names, and a default image by digest."""

import re
import shutil
from pathlib import Path

import yaml

from clients.image_reference import ImageReference
from release.refused import Refused

CHART = Path(__file__).resolve().parent.parent / "helm" / "flask-app"
PREFIX = "chart-v"
REPOSITORY = re.compile(r"^(image:\n(?:  .*\n)*?  repository:) \S+$", re.MULTILINE)
DIGEST = re.compile(r'^(image:\n(?:  .*\n)*?  digest:) ""$', re.MULTILINE)
ANNOTATED = re.compile(r"^(      image:) \S+$", re.MULTILINE)


def prepare(tag: str, image: ImageReference | None, folder: Path, chart: Path = CHART) -> str:
    """Copy the chart into `folder` with `image` as its default, and return its version.

    Raise Refused where the tag does not name the version that Chart.yaml holds, or where no image was recorded yet.
    """
    version = str(yaml.safe_load((chart / "Chart.yaml").read_text())["version"])
    if tag != f"{PREFIX}{version}":
        raise Refused(f"tag {tag!r}: Chart.yaml holds version {version}, so it must be {PREFIX}{version}")
    if image is None:
        raise Refused("no image was recorded yet, which would be the chart's default: deploy one first")
    made = folder / chart.name
    shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(chart, made)
    edit(made / "values.yaml", REPOSITORY, image.repository)
    edit(made / "values.yaml", DIGEST, image.digest)
    edit(made / "Chart.yaml", ANNOTATED, str(image))
    return version


def edit(file: Path, line: re.Pattern[str], value: str) -> None:
    """Give the one line of a file another value; raise Refused where there is no such line, or more than one."""
    text, count = line.subn(lambda found: f"{found[1]} {value}", file.read_text())
    if count != 1:
        raise Refused(f"{file.name}: {count} lines match {line.pattern!r}, not one")
    file.write_text(text)
