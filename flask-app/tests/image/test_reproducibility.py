import json
from pathlib import Path

import pytest

from image.command import Refused
from image.index import Index
from image.reproducibility import LIMIT_SECONDS, Build, compare, judge, read, report
from tests.image.test_index import TWO, image


def test_the_index_of_a_layout_is_found(tmp_path: Path) -> None:
    (tmp_path / "blobs/sha256").mkdir(parents=True)
    (tmp_path / "index.json").write_text('{"manifests": [{"digest": "sha256:top"}]}')
    (tmp_path / "blobs/sha256/top").write_text(json.dumps({"manifests": [image("linux/amd64", "sha256:a")]}))
    assert read(tmp_path).platforms == {"linux/amd64": "sha256:a"}


def timed(*seconds: float, load: float = 0.5) -> list[Build]:
    # The second build finds the load of the first.
    return [Build(each, load + 3 * turn, Index({}, frozenset())) for turn, each in enumerate(seconds)]


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


def test_the_faster_build_is_held_to_the_limit() -> None:
    assert judge(timed(44.9, 90.0), cpus=2) == "the faster build took 44.9 s, the limit is 45 s"
    with pytest.raises(Refused, match=r"the faster build took 45\.1 s, the limit is 45 s, .* load 0\.5 on 2 CPUs$"):
        judge(timed(90.0, 45.1), cpus=2)


def test_a_slow_build_is_not_judged_where_others_kept_the_machine_busy() -> None:
    assert judge(timed(90.0, 45.1, load=2.0), cpus=2).endswith("not judged: load 2.0 before on 2 CPUs")
    assert "not judged" not in judge(timed(20.0, 45.1, load=9.0), cpus=2)


def test_the_limit_is_the_one_that_was_promised() -> None:
    assert LIMIT_SECONDS == 45
