"""The page in a real browser: live, within its policy, and for everybody."""

import itertools
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, cast

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from app import create_app
from app.config import Config
from app.faults.kinds import Fault
from app.faults.store import FaultStore
from tests.live_server import ROOT, TOKEN, Server, serve

SCREENSHOTS = ROOT / "build" / "screenshots"
WIDTHS = {320: 720, 360: 740, 768: 1024, 1280: 900, 1920: 1080}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Every text, with its contrast to what is behind it, and every line of a chart: WCAG 2.2, 1.4.3 and 1.4.11.
CONTRASTS = """() => {
  const rgba = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return { c: [r, g, b], a }; };
  const over = (top, below) => top.c.map((value, index) => value * top.a + below[index] * (1 - top.a));
  const light = (c) => c.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, index) => sum + v * [0.2126, 0.7152, 0.0722][index], 0);
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement)
      layers.unshift(rgba(getComputedStyle(each).backgroundColor));
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const found = [];
  const note = (element, what, colour, backgrounds, least) => {
    for (const background of backgrounds) found.push([what, ratio(over(rgba(colour), background), background), least]);
  };
  const band = document.querySelector(".fault");
  for (const element of document.querySelectorAll("body *")) {
    const style = getComputedStyle(element), svg = element instanceof SVGElement;
    const backgrounds = [behind(element)];
    if (svg && band) backgrounds.push(over(rgba(getComputedStyle(band).fill), backgrounds[0]));
    const says = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (says && element.getClientRects().length)
      note(element, element.textContent.trim(), svg ? style.fill : style.color, backgrounds, 4.5);
    if (svg && element.matches(".line, .dot, .base, line.mark"))
      note(element, element.getAttribute("class"), element.matches(".dot") ? style.fill : style.stroke, backgrounds, 3);
  }
  return found;
}"""


@dataclass
class Live:
    """A page that has been open for some seconds, with the errors and warnings of its browser."""

    page: Page
    messages: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the Chromium that PATH has."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        reason = f"no browser on PATH: none of {', '.join(names)}"
        pytest.fail(reason) if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve under light traffic."""
    with serve(tmp_path_factory.mktemp("page"), APP_VERSION="0.1.0", APP_REVISION="5da3038d1c2b3a4f") as server:
        stop = threading.Event()

        def traffic() -> None:
            with requests.Session() as session:
                session.trust_env = False  # pytest writes the environment while this thread would read it
                for path in itertools.cycle(["/api/info"] * 3 + ["/openapi.json"] * 2 + ["/nowhere"]):
                    session.get(server.url + path, timeout=5)
                    if stop.wait(0.03):
                        return

        thread = threading.Thread(target=traffic)
        thread.start()
        yield server
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def live(browser: Browser, server: Server) -> Iterator[Live]:
    """Open the page while a fault is on, and wait until its charts have lines."""
    server.fault("errors", rate=0.2, status=503, route="/openapi.json", seconds=600)
    live = Live(page := browser.new_page(viewport={"width": 1280, "height": 900}))
    page.on(
        "console", lambda message: live.messages.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: live.messages.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith(server.url) else live.elsewhere.append(sent.url))
    page.goto(server.url)
    for name in ("rate", "errors", "latency", "memory"):
        page.wait_for_function(
            "name => document.querySelector(`[data-chart=${name}] .line`)?.dataset.points >= 3", arg=name
        )
    page.wait_for_selector(".fault")
    yield live
    page.close()


def test_page_is_live_without_a_reload(live: Live, server: Server) -> None:
    page = live.page
    page.evaluate("window.loaded = 'once'")
    points = int(page.eval_on_selector("[data-chart=rate] .line", "line => line.dataset.points"))
    server.fault("latency", delay_seconds=0.02, route="/api/info")
    page.wait_for_function(
        "points => document.querySelector('[data-chart=rate] .line').dataset.points > points", arg=points
    )
    page.wait_for_selector("#faults li[data-active=true] >> text=latency")
    assert page.inner_text("#active") == "latency, errors on"
    server.stop_fault("latency")
    assert float(page.inner_text("#rate")) > 5
    assert float(page.inner_text("#errors")) > 0
    assert float(page.inner_text("#memory")) > 10
    assert page.inner_text("#state") == "Ready"
    assert page.evaluate("window.loaded") == "once"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_page_fits_and_can_be_read(live: Live, scheme: Literal["light", "dark"], width: int) -> None:
    page = live.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    # The browser tells of the new size before it draws next.
    page.wait_for_function(
        "() => [...document.querySelectorAll('.plot')].every(({ firstChild: svg, clientWidth: width }) =>"
        " svg.viewBox.baseVal.width === width)",
        polling=50,  # by the clock: a busy machine's browser may not draw for long
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    routes = page.get_by_role("region", name="Requests by route")
    assert routes.evaluate("each => each.scrollWidth - each.clientWidth") == 0
    # In one go: found first and measured then, it may have been replaced by the next drawing.
    assert page.evaluate("document.querySelector('.plot text').getBoundingClientRect().height") > 11
    contrasts = cast(list[tuple[str, float, float]], page.evaluate(CONTRASTS))
    assert len(contrasts) > 60
    assert [each for each in contrasts if each[1] < each[2]] == []
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"page-{scheme}-{width}.png", full_page=True)


def test_page_has_landmarks_and_names(live: Live) -> None:
    page = live.page
    for role in ("banner", "main", "contentinfo"):
        assert page.get_by_role(role, include_hidden=False).count() == 1
    headings = page.eval_on_selector_all("h1, h2, h3", "all => all.map(each => +each.tagName[1])")
    assert headings[0] == 1
    assert all(low - high <= 1 for high, low in itertools.pairwise(headings))
    charts = page.get_by_role("img", name="the last")
    assert charts.count() == 4
    # Figures that change each second must not be announced; what the instance's state and its faults are, must.
    assert page.locator("output").count() == 0
    live_regions = page.eval_on_selector_all(
        "[role=status], [role=alert], [aria-live]", "all => all.map(each => each.id)"
    )
    assert live_regions == ["state", "trouble", "active"]
    for table in page.locator("table").all():
        assert table.locator("th[scope=col]").count() == table.locator("thead th").count()


def test_everything_can_be_reached_by_keyboard(live: Live) -> None:
    page = live.page
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "signals"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    assert page.locator("#samples tr").count() >= 2
    assert page.locator("#samples td").first.is_visible()
    reached = set()
    for _ in range(6):
        reached.add(page.evaluate("document.activeElement.textContent.trim().slice(0, 7)"))
        page.keyboard.press("Tab")
    assert {"Metrics", "OpenAPI"} <= reached
    page.locator("summary").click()


def test_nothing_moves_for_those_who_asked_for_that(live: Live) -> None:
    moving = "document.getAnimations().length"
    live.page.emulate_media(reduced_motion="no-preference")
    assert live.page.evaluate(moving) > 0
    live.page.emulate_media(reduced_motion="reduce")
    assert live.page.evaluate(moving) == 0


def test_page_keeps_to_its_policy_and_the_policy_holds(live: Live, browser: Browser, server: Server) -> None:
    """Nothing inline, nothing from elsewhere, no message; and what breaks the policy is not done."""
    page = live.page
    assert (live.messages, live.elsewhere) == ([], [])
    assert page.locator("script:not([src]), style, [style], [onclick], [onload]").count() == 0
    attempt = browser.new_page()
    attempt.goto(server.url)
    broken = attempt.evaluate(
        """() => new Promise((resolve) => {
          const broken = [];
          addEventListener("securitypolicyviolation", (event) => {
            broken.push(event.effectiveDirective);
            if (broken.length === 4) resolve(broken.sort());
          });
          for (const [name, attributes] of [
            ["script", { textContent: "window.inline = true" }],
            ["style", { textContent: "body { display: none }" }],
            ["img", { src: "http://elsewhere.example/a.png" }],
            ["script", { src: "http://elsewhere.example/a.js" }],
          ]) document.body.append(Object.assign(document.createElement(name), attributes));
        })"""
    )
    assert broken == ["img-src", "script-src-elem", "script-src-elem", "style-src-elem"]
    assert attempt.evaluate("window.inline") is None
    attempt.close()


def test_lost_server_is_said(browser: Browser, server: Server) -> None:
    page = browser.new_page()
    page.goto(server.url)
    page.route("**/api/stats", lambda route: route.fulfill(status=500))
    page.wait_for_selector("#trouble:not([hidden])")
    assert "500" in page.inner_text("#trouble")
    assert page.inner_text("#state") == "Out of reach"
    page.unroute_all()
    page.wait_for_selector("#trouble", state="hidden")
    page.close()


def test_page_is_complete_without_scripts(browser: Browser, server: Server) -> None:
    server.fault("errors", rate=0.2, status=503, route="/openapi.json", seconds=600)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    assert float(page.inner_text("#rate")) > 0
    assert page.locator("#faults li").count() == 5
    assert page.inner_text("#active") == "errors on"
    context.close()


def test_page_escapes_what_it_is_told() -> None:
    page = create_app(Config(version="<script>alert(1)</script>")).test_client().get("/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_fault_without_a_browser_is_on_the_page() -> None:
    app: Flask = create_app(Config(faults_enabled=True, faults_token=TOKEN))
    state = FaultStore.of(app)
    assert state is not None
    assert ">none on<" in app.test_client().get("/").text
    state.start(Fault.parse("unready", {"seconds": 30}, []))
    page = app.test_client().get("/").text
    assert ">unready on<" in page
    assert ">Not ready<" in page
