"""An upgrade of the chart alone changes neither a selector nor a pod."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from helm.render import CHART, Object, render
from helm.values_files import ALL
from tests.chart.golden import FEATURES, golden, identity, rendered


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    chart = tmp_path / "flask-app"
    shutil.copytree(CHART, chart)
    file = chart / "Chart.yaml"
    text = file.read_text()
    assert "version: 0.1.0\n" in text
    file.write_text(text.replace("\nversion: 0.1.0\n", "\nversion: 0.2.0\n"))
    return chart


@pytest.mark.parametrize("name", ALL)
def test_a_new_chart_version_changes_neither_selectors_nor_pods(name: str, next_version: Path) -> None:
    after = render(ALL[name], chart=next_version)
    assert after[0]["metadata"]["labels"]["helm.sh/chart"] == "flask-app-0.2.0"
    assert identity(after) == identity(render(ALL[name]))


@pytest.mark.parametrize("name", FEATURES)
def test_an_upgrade_from_the_previous_version_changes_neither_selectors_nor_pods(name: str) -> None:
    assert json.loads(json.dumps(rendered(name))) == golden()[name]


@pytest.mark.parametrize(
    "values", [{"image": {"tag": "9.9.9"}}, {"commonLabels": {"team": "web"}}, {"podLabels": {"a": "b"}}]
)
def test_no_value_moves_a_selector(values: Object) -> None:
    before, after = identity(render()), identity(render(values))
    assert [each[:3] for each in after] == [each[:3] for each in before]


def test_the_pods_change_only_with_what_they_read(find: Any) -> None:
    def template(values: Object) -> Object:
        found: Object = find("Deployment", {"faults": {"enabled": True, **values}})["spec"]["template"]
        return found

    assert template({"token": "a" * 16}) == template({"token": "a" * 16})
    assert template({"token": "a" * 16}) != template({"token": "b" * 16})
