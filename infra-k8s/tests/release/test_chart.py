import re
from pathlib import Path

import pytest
import yaml

from clients.image_reference import ImageReference
from release.__main__ import main
from release.chart import CHART, edit, prepare
from release.refused import Refused

IMAGE = ImageReference.parse(f"ghcr.io/some-owner/shop@sha256:{'a' * 64}")
VERSION = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]


def test_the_released_chart_runs_the_recorded_image_by_digest(tmp_path: Path) -> None:
    assert prepare(f"chart-v{VERSION}", IMAGE, tmp_path) == VERSION
    values = yaml.safe_load((tmp_path / "flask-app" / "values.yaml").read_text())
    assert values["image"] | {"repository": IMAGE.repository, "tag": "", "digest": IMAGE.digest} == values["image"]
    annotations = yaml.safe_load((tmp_path / "flask-app" / "Chart.yaml").read_text())["annotations"]
    assert yaml.safe_load(annotations["artifacthub.io/images"]) == [{"name": "flask-app", "image": str(IMAGE)}]


def test_nothing_else_of_the_chart_changes(tmp_path: Path) -> None:
    prepare(f"chart-v{VERSION}", IMAGE, tmp_path)
    changed = [
        str(file.relative_to(CHART))
        for file in sorted(CHART.rglob("*"))
        if file.is_file() and file.read_bytes() != (tmp_path / "flask-app" / file.relative_to(CHART)).read_bytes()
    ]
    assert changed == ["Chart.yaml", "values.yaml"]


def test_what_was_prepared_before_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "flask-app").mkdir()
    (tmp_path / "flask-app" / "old").write_text("old")
    prepare(f"chart-v{VERSION}", IMAGE, tmp_path)
    assert not (tmp_path / "flask-app" / "old").exists()


@pytest.mark.parametrize("tag", ["chart-v9.9.9", f"v{VERSION}", "", f"chart-v{VERSION}-rc"])
def test_a_tag_of_another_version_is_refused(tmp_path: Path, tag: str) -> None:
    with pytest.raises(Refused, match=f"Chart.yaml holds version {VERSION}"):
        prepare(tag, IMAGE, tmp_path)


def test_a_chart_without_a_recorded_image_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no image was recorded yet"):
        prepare(f"chart-v{VERSION}", None, tmp_path)


def test_a_line_that_is_not_there_once_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a: b\na: c\n")
    with pytest.raises(Refused, match="2 lines match"):
        edit(tmp_path / "file", re.compile(r"^(a:) \S+$", re.MULTILINE), "d")


def test_the_step_says_in_one_line_why_it_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chart"], {"TAG": "chart-v9.9.9"}) == 1
    assert capsys.readouterr().err.startswith("chart: refused: tag 'chart-v9.9.9'")
