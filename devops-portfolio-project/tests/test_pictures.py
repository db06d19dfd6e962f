"""What draws the pictures: it reads what is real, and says what is missing."""

import io
import json
import urllib.request
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from checks.prometheus import Prometheus, Series
from pictures import dashboard, grafana, page, pods, terminal, workflows
from pictures.__main__ import ALL, main
from pictures.picture import SCALE, SCREENSHOTS, WIDTH, Skipped
from pictures.source_hash import hash_of, stamped

LOG = "$ make verify\nverify: signed in /tmp/pipeline-x1/infra\n$ make deploy\n" + "".join(
    f"{n}\n\n" for n in range(30)
)


class Recorded(Prometheus):
    """A Prometheus that has two series for whatever it is asked."""

    def query(self, expression: str, start: float, end: float, step: float) -> list[Series]:
        times = tuple(start + each * (end - start) / 40 for each in range(41))
        labels = {"pod": "a-b-c", "route": "/", "status": "200"}
        return [Series({**labels, "le": le}, times, times) for le in ("0.1", "+Inf")]

    def label_values(self, match: str, label: str, start: float, end: float) -> list[str]:
        return ["flask-app"]


def test_every_signal_has_a_panel_with_queries_and_a_known_unit(infra_dir: Path) -> None:
    panels = dashboard.panels(infra_dir / dashboard.DASHBOARD)
    assert list(panels) == list(dashboard.SIGNALS)
    assert all(panel.queries for panel in panels.values())
    assert {panel.unit for panel in panels.values()} <= set(dashboard.UNITS)


def test_a_signal_whose_panel_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "dashboard.json").write_text('{"panels": [{"title": "Something else", "type": "timeseries"}]}')
    with pytest.raises(KeyError, match="Rate by route"):
        dashboard.panels(tmp_path / "dashboard.json")


def test_variables_are_filled_in() -> None:
    filled = {"namespace": "here", "__range": "60s"}
    assert dashboard.substituted('up{namespace="$namespace"}[${__range}]', filled) == 'up{namespace="here"}[60s]'


def test_a_legend_shortens_pods() -> None:
    series = Series({"pod": "flask-app-6d4cf56db6-x2x9z", "route": "/api/info"}, (), ())
    assert dashboard.legend("{{pod}} in", series) == "…x2x9z in"
    assert dashboard.legend("{{route}}", series) == "/api/info"


def test_a_log_is_shown_by_step_with_the_number_of_lines_left_out() -> None:
    shown = [line.replace("\x1b[2m", "").replace("\x1b[0m", "") for line in workflows.steps(LOG)]
    assert shown[0].endswith("make verify")
    assert shown[1] == "verify: signed in …/infra"
    assert shown[3:] == ["… 6 lines", *map(str, range(6, 30))]


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (None, "run make workflows"),
        ("", "holds no step"),
        (f"{LOG}make: *** [deploy] Error 1\n", "of its steps failed"),
    ],
)
def test_a_log_of_no_success_leaves_the_picture(
    log: str | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if log is not None:
        (tmp_path / "ci.log").write_text(log)
    monkeypatch.setenv("CI_LOG", str(tmp_path / "ci.log"))
    with pytest.raises(Skipped, match=said):
        workflows.take_ci()


def test_a_terminal_shows_the_output_and_fetches_nothing() -> None:
    drawn = terminal.svg("title", "\x1b[32m$\x1b[0m kubectl <pods>")
    assert "kubectl" in drawn
    assert "&lt;pods&gt;" in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_what_is_missing_is_one_line_and_a_status(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("GRAFANA_URL", raising=False)
    assert main(["pods"]) == 1
    assert capsys.readouterr().out == f"skipped  {pods.PICTURES[0].name}: kubectl is not on PATH\n"
    assert main(["grafana"]) == 1
    assert "GRAFANA_URL is not set" in capsys.readouterr().out
    assert main(["nonsense"]) == 2
    assert "no picture nonsense" in capsys.readouterr().err


def test_nobodys_grafana_is_pictured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAFANA_URL", "http://127.0.0.1:9")
    with pytest.raises(Skipped, match="no Grafana answers there"):
        grafana.take()


@pytest.mark.parametrize(
    ("title", "path"), [("Flask app", "/d/flask-app/x"), ("Flask app (shop/web)", "/d/flask-app-12345678/x")]
)
def test_dashboard_is_found_whatever_release_it_is_of(title: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [{"title": "Flask app (other/web)", "url": "/d/other"}, {"title": "Node", "url": "/d/node"}]
    monkeypatch.setattr(urllib.request, "urlopen", lambda *asked, **options: io.StringIO(json.dumps(known)))
    with pytest.raises(Skipped, match="no dashboard 'Flask app' of namespace shop"):
        grafana.dashboard("http://localhost:3000", "shop")
    known.append({"title": title, "url": path})
    assert grafana.dashboard("http://localhost:3000", "shop") == path


def test_the_page_is_pictured_as_it_is(app_dir: Path) -> None:
    for picture in page.PICTURES:
        assert stamped(picture) == page.page_hash(), "the page has changed: run `make screenshots ONLY=page`"


def test_the_dashboard_is_pictured_as_it_is(infra_dir: Path) -> None:
    for picture in dashboard.PICTURES:
        digest = hash_of(infra_dir / dashboard.DASHBOARD)
        assert stamped(picture) == digest, "the dashboard has changed: run `make screenshots ONLY=dashboard`"


def test_the_signals_are_drawn_light_and_dark_in_16_to_9(
    infra_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "PICTURES", (tmp_path / "light.png", tmp_path / "dark.png"))
    dashboard.draw(Recorded("http://nowhere"), infra_dir / dashboard.DASHBOARD, "flask-app", 0, 600)
    for picture, (_, paper, *_) in zip(dashboard.PICTURES, dashboard.THEMES, strict=True):
        with Image.open(picture) as image:
            assert image.convert("RGB").getpixel((2, 2)) == ImageColor.getrgb(paper)
            assert image.size == (WIDTH * SCALE, WIDTH * SCALE * 9 / 16)


def test_every_picture_has_its_taker_and_all_are_as_wide() -> None:
    known = {file for files, _ in ALL.values() for file in files}
    assert set(SCREENSHOTS.glob("*")) <= known
    for file in SCREENSHOTS.glob("*.png"):
        with Image.open(file) as image:
            assert image.width == WIDTH * SCALE, file.name
