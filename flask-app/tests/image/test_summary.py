import json
from pathlib import Path

from image.summary import rows

REPORT = """<testsuites><testsuite tests="3" skipped="1">
<testcase name="test_good"/><testcase name="test_bad"><failure/></testcase>
<testcase name="test_left_out"><skipped/></testcase>
</testsuite></testsuites>"""


def test_summary_names_failures_and_steps_that_did_not_run(tmp_path: Path) -> None:
    (tmp_path / "check").write_text("abc")
    (tmp_path / "test.xml").write_text(REPORT)
    assert dict(rows(tmp_path, tmp_path / "image.json", "r.example/o/n")) == {
        "check": "passed",
        "test": "3 tests, 1 skipped, 1 failed: `test_bad`",
        "starts": "not shown here",
    }


def test_summary_names_the_image_and_where_it_started(tmp_path: Path) -> None:
    start = tmp_path / "starts/linux_arm64/start.json"
    start.parent.mkdir(parents=True)
    start.write_text(json.dumps({"machine": "aarch64", "seconds": "9.1"}))
    (tmp_path / "image.json").write_text('{"containerimage.digest": "sha256:a"}')
    summary = dict(rows(tmp_path, tmp_path / "image.json", "r.example/o/n"))
    assert summary["starts"] == "on aarch64 within 9.1 s"
    assert summary["image"] == "`r.example/o/n@sha256:a`"
