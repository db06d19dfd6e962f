import re
from pathlib import Path

import pytest

from proofs.pipeline.cd import recorded, targets
from proofs.pipeline.place import Place

INFRA = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("file", "image"),
    [
        ('image:\n  tag: ""\n  digest: ""\n', "@"),
        ("image:\n  repository: here/me/flask-app\n  tag: ''\n  digest: sha256:1\n", "here/me/flask-app@sha256:1"),
    ],
)
def test_a_record_names_the_image_by_digest(file: str, image: str) -> None:
    assert recorded(file) == image


def test_the_targets_are_those_of_infras_own_chain_in_its_order() -> None:
    place = Place(INFRA, INFRA, "image", "linux/amd64", "", "flask-app", "minikube", "2m", "60", "0")
    ours = [target[1] for target in targets(place)]
    steps = " ".join(re.findall(r"^CI_\w+ := (.*)$", (INFRA / "Makefile").read_text(), re.MULTILINE)).split()
    assert [step for step in steps if step in ours] == ours
