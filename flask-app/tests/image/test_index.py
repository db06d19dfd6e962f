import json
from typing import Any

from image.index import KIND, SUBJECT, Index, parse


def image(name: str, digest: str) -> dict[str, Any]:
    system, architecture = name.split("/")
    return {"digest": digest, "platform": {"os": system, "architecture": architecture}}


def about(digest: str) -> dict[str, Any]:
    annotations = {KIND: "attestation-manifest", SUBJECT: digest}
    return {"digest": "sha256:x", "platform": {"os": "unknown", "architecture": "unknown"}, "annotations": annotations}


TWO = {"linux/amd64": "sha256:a", "linux/arm64": "sha256:b"}


def test_platforms_and_their_attestations_are_read() -> None:
    manifests = [image("linux/amd64", "sha256:a"), image("linux/arm64", "sha256:b"), about("sha256:a")]
    index = parse(json.dumps({"manifests": manifests}))
    assert index == Index(TWO, frozenset({"sha256:a"}))
    assert index.unattested == ["linux/arm64"]


def test_a_single_manifest_is_an_index_of_no_platform() -> None:
    assert parse('{"config": {}, "layers": []}').platforms == {}
