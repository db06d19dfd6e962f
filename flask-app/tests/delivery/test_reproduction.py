import json
from pathlib import Path

import pytest

from delivery.index import Index
from delivery.reproduction import Build, compare, read, report
from delivery.tool import Refused
from tests.delivery.test_index import TWO, image


def test_the_index_of_a_layout_is_found(tmp_path: Path) -> None:
    (tmp_path / "blobs/sha256").mkdir(parents=True)
    (tmp_path / "index.json").write_text('{"manifests": [{"digest": "sha256:top"}]}')
    (tmp_path / "blobs/sha256/top").write_text(json.dumps({"manifests": [image("linux/amd64", "sha256:a")]}))
    assert read(tmp_path).platforms == {"linux/amd64": "sha256:a"}


def built(arm64: str = "sha256:b", attested: tuple[str, ...] = ("sha256:a", "sha256:b")) -> Build:
    return Build(20.0, 1.5, Index({**TWO, "linux/arm64": arm64}, frozenset(attested)))


def test_two_equal_builds_pass_and_are_shown() -> None:
    compare([built(), built()])
    lines = report([built(), built()]).splitlines()
    assert lines[0].split() == ["seconds", "load", "linux/amd64", "linux/arm64"]
    assert lines[1].split() == ["20.0", "1.5", "sha256:a", "sha256:b"]


def test_a_platform_that_differs_is_named() -> None:
    with pytest.raises(Refused, match=r"differ on linux/arm64$"):
        compare([built(), built(arm64="sha256:c", attested=("sha256:a", "sha256:c"))])


def test_a_build_without_sbom_and_provenance_proves_nothing() -> None:
    with pytest.raises(Refused, match="without SBOM and provenance for linux/arm64"):
        compare([built(), built(attested=("sha256:a",))])
