from pathlib import Path

import pytest

from clients.image_reference import ImageReference, InvalidReference
from release import record
from release.plan import decide
from release.refused import Refused

A, B = (ImageReference.parse(f"ghcr.io/owner/flask-app@sha256:{letter * 64}") for letter in "ab")


def test_push_before_anything_was_recorded_has_nothing_to_deploy(image_file: Path) -> None:
    assert decide("deploy", "", "", image_file).outputs() == {
        "image": "",
        "revision": "",
        "prove": "false",
        "tested": "false",
    }


def test_push_deploys_what_is_recorded_and_proves_the_chart_with_it(image_file: Path) -> None:
    record.commit(A, image_file)
    assert decide("deploy", "", "", image_file).outputs() == {
        "image": str(A),
        "revision": "",
        "prove": "true",
        "tested": "false",
    }


def test_new_image_is_proved(image_file: Path) -> None:
    outputs = decide("deploy", str(A), "c" * 40, image_file).outputs()
    assert outputs == {"image": str(A), "revision": "c" * 40, "prove": "true", "tested": "false"}


def test_rollback_goes_to_what_ran_before_without_delay(image_file: Path) -> None:
    record.commit(A, image_file)
    record.commit(B, image_file)
    assert decide("rollback", "", "", image_file).outputs() == {
        "image": str(A),
        "revision": "",
        "prove": "false",
        "tested": "false",
    }


def test_rollback_goes_where_it_is_told(image_file: Path) -> None:
    assert decide("rollback", str(A), "", image_file).image == A


@pytest.mark.parametrize(
    ("action", "image", "revision", "why"),
    [
        ("destroy", "", "", "action 'destroy'"),
        ("deploy", "ghcr.io/owner/flask-app:latest", "", "by digest"),
        ("deploy", str(A), "main", "40 hex digits"),
        ("deploy", str(A), "c" * 40 + "\nimage=x", "40 hex digits"),
        ("rollback", "", "", "never ran another image"),
    ],
)
def test_bad_input_is_refused_with_its_name(image_file: Path, action: str, image: str, revision: str, why: str) -> None:
    with pytest.raises((Refused, InvalidReference), match=why):
        decide(action, image, revision, image_file)
