"""Helm's records as Helm writes them."""

import base64
import gzip
import json

from scrape_doctor.read.helm_release import decode


def test_helms_record_gives_status_chart_and_merged_values() -> None:
    release = {
        "chart": {"metadata": {"name": "x", "version": "1"}, "values": {"a": {"b": 1, "c": 2}}},
        "config": {"a": {"c": 3}},
    }
    packed = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(release).encode()))).decode()
    labels = {"version": "4", "status": "deployed"}
    found = decode({"kind": "Secret", "metadata": {"labels": labels}, "data": {"release": packed}})
    assert (found.revision, found.status, found.chart) == (4, "deployed", "x 1")
    assert found.values == {"a": {"b": 1, "c": 3}}
