import os
import subprocess
from pathlib import Path

import pytest
import yaml

from clients.image_reference import ImageReference
from release.environments import ENVIRONMENTS, file_of, recorded, write
from release.refused import Refused

IMAGE = ImageReference.parse("ghcr.io/owner/flask-app@sha256:" + "a" * 64)
LATER = ImageReference.parse("ghcr.io/owner/flask-app@sha256:" + "b" * 64)


def test_recorded_image_is_what_a_deploy_reads(image_file: Path) -> None:
    for image in (IMAGE, LATER):
        write(image, image_file)
        section = {"repository": image.repository, "tag": "", "digest": image.digest}
        assert yaml.safe_load(image_file.read_text()) == {"image": section}
        assert recorded(image_file.read_text()) == image


def test_recording_keeps_what_the_file_says_of_itself(image_file: Path) -> None:
    before = image_file.read_text().splitlines()[0]
    write(IMAGE, image_file)
    assert image_file.read_text().splitlines()[0] == before


def test_nothing_is_recorded_in_a_fresh_environment(image_file: Path) -> None:
    assert recorded(image_file.read_text()) is None


def test_unknown_environment_is_refused() -> None:
    with pytest.raises(Refused, match=r"no environment '\.\./minikube': choose one of .*minikube"):
        file_of("../minikube")


@pytest.mark.parametrize("target", ["verify", "promote", "record", "plan"])
def test_image_from_outside_is_never_run_as_a_command(tmp_path: Path, target: str) -> None:
    mark = tmp_path / "mark"
    recipe = subprocess.run(
        ["make", "--silent", "--old-file=setup", target],
        cwd=ENVIRONMENTS.parent,
        env={**os.environ, "MAKEFLAGS": "", "IMAGE": f"x`touch {mark}`"},  # the flags of `make test IMAGE=…` would win
        capture_output=True,
        text=True,
    )
    assert recipe.returncode != 0
    assert "by digest" in recipe.stderr
    assert not mark.exists()
