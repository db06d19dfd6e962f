"""Which signer an image needs, by its name alone."""

import re

import pytest

from image.command import Refused
from image.verification import GITHUB, Image

DIGEST = "sha256:" + "a" * 64
WORKFLOW = "https://github.com/Big-Corp/flask-app/.github/workflows/ci.yaml"


@pytest.mark.parametrize("name", ["r.example/o/n:latest", f"r.example/O/n@{DIGEST}", f"n@{DIGEST}", ""])
def test_an_image_that_is_not_named_by_digest_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="name it by digest"):
        Image(name)


@pytest.mark.parametrize(
    ("identity", "may_sign"),
    [
        (f"{WORKFLOW}@refs/heads/main", True),
        (f"{WORKFLOW}@refs/tags/v1.2.3", True),
        (f"{WORKFLOW}@refs/heads/other", False),
        (f"{WORKFLOW}@refs/pull/1/merge", False),
        (f"{WORKFLOW}@refs/heads/main-too", False),
        (f"x{WORKFLOW}@refs/heads/main", False),
        (f"{WORKFLOW.replace('ci.yaml', 'other.yaml')}@refs/heads/main", False),
        (f"{WORKFLOW.replace('Big-Corp', 'big-corp-too')}@refs/heads/main", False),
        (f"{WORKFLOW.replace('flask-app', 'flask-app'.title())}@refs/heads/main", True),
        (f"{WORKFLOW}@refs/heads/MAIN", False),
        (f"{WORKFLOW}@refs/tags/V1.2.3", False),
        (f"{WORKFLOW.replace('ci.yaml', 'CI.yaml')}@refs/heads/main", False),
        (f"{WORKFLOW.replace('github.com', 'githubxcom')}@refs/heads/main", False),
    ],
)
def test_only_the_workflow_of_its_own_repository_on_main_or_a_tag_may_sign(identity: str, may_sign: bool) -> None:
    arguments = Image(f"ghcr.io/big-corp/flask-app@{DIGEST}").signer_arguments
    pattern = arguments[arguments.index("--certificate-identity-regexp") + 1]
    assert (re.search(pattern, identity) is not None) == may_sign
    assert arguments[arguments.index("--certificate-oidc-issuer") + 1] == GITHUB
    assert "--allow-http-registry" not in arguments


def test_an_owner_whom_a_company_manages_may_publish() -> None:
    assert Image(f"ghcr.io/ada_corp/flask-app@{DIGEST}").name.startswith("ghcr.io/ada_corp/")


def test_a_key_pair_takes_the_place_of_the_workflow_and_loopback_may_speak_plain_http() -> None:
    arguments = Image(f"127.0.0.1:5000/o/flask-app@{DIGEST}", "cosign.pub").signer_arguments
    assert arguments == ["--key", "cosign.pub", "--insecure-ignore-tlog", "--allow-http-registry"]
