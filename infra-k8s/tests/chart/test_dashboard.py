"""The dashboard in its ConfigMap: Grafana keeps the files of all releases in one folder."""

import json
from typing import Any

from helm.render import CHART, render
from helm.values_files import feature
from tests.chart.conftest import Find


def dashboards(release: str, namespace: str) -> dict[str, dict[str, Any]]:
    """Return the dashboards of a release by file name."""
    held = [each for each in render(release=release, namespace=namespace) if each["kind"] == "ConfigMap"]
    return {file: json.loads(text) for each in held for file, text in each["data"].items()}


def test_not_rendered_when_disabled() -> None:
    assert "ConfigMap" not in {each["kind"] for each in render(feature("no-monitoring"))}


def test_carries_the_generated_dashboard_under_the_releases_own_name() -> None:
    ((file, found),) = dashboards("blue", "green").items()
    generated = json.loads((CHART / "files" / "dashboards" / "flask-app.json").read_text())
    assert file == "green.blue-flask-app.flask-app.json"
    assert found["title"] == f"{generated['title']} (green/blue-flask-app)"
    assert found | {key: generated[key] for key in ("title", "uid")} == generated


def test_two_releases_share_neither_file_nor_uid_nor_title() -> None:
    found = [
        (file, each["uid"], each["title"])
        for release, namespace in (("blue", "green"), ("blue", "green-two"), ("two-blue", "green"))
        for file, each in dashboards(release, namespace).items()
    ]
    assert [len(set(column)) for column in zip(*found, strict=True)] == [3, 3, 3]
    assert all(len(uid) <= 40 for _, uid, _ in found)  # Grafana's limit


def test_says_its_folder_and_the_label_that_the_sidecar_looks_for(find: Find) -> None:
    metadata = find("ConfigMap")["metadata"]
    assert metadata["annotations"] == {"grafana_folder": "Applications"}
    assert metadata["labels"]["grafana_dashboard"] == "1"
