import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import pytest

from publish.git import Git
from publish.names import PLACEHOLDER, REPOSITORIES, Names
from publish.rules import Rule, apply, rules

WORKSPACE = Path(__file__).resolve().parents[3]
SHOP = rules(Names("Ada", "web-shop"))
# However it is written: everything but a Flask application, and Flask's own variable.
REMAINS = re.compile(r"flask[-_ .]?app(?!lication)", re.IGNORECASE)
# Names that occur nowhere, so that each form of them differs from every other text.
NEUTRAL = Names("zqowner", "zq-xv")
# Names that look like what is replaced.
ALIKE = (
    Names("flask-app-team", "shop"),
    Names("flaskapp", "web-shop"),
    Names("Flask-App", "flaskapp-two"),
    Names("your-github-name-2", "my-flask-app"),
)


def forms(names: Names) -> tuple[str, ...]:
    owner = names.owner.lower()
    return (owner, names.service, names.snake, names.snake.upper(), names.pascal, names.pascal.lower(), names.title)


def applied(table: tuple[Rule, ...], text: str) -> str:
    return apply(table, text.encode()).decode()


def texts() -> Iterator[tuple[str, str]]:
    """Yield every text that is published, after the name of its file."""
    for name in Git(WORKSPACE)("ls-files", "-z", *REPOSITORIES).split("\0"):
        if not (WORKSPACE / name).is_file() or b"\0" in (content := (WORKSPACE / name).read_bytes()):
            continue
        yield name, f"{name.split('/', 1)[1]}\n{content.decode()}"


def differing(name: str, one: str, other: str) -> list[str]:
    """Return the lines of a file in which two texts differ."""
    lines = zip(one.splitlines(), other.splitlines(), strict=True)
    return [f"{name}: {line.strip()[:120]}" for line, wanted in lines if line != wanted]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ghcr.io/your-github-name/flask-app:0.1.0", "ghcr.io/ada/web-shop:0.1.0"),
        ("OWNER ?= your-github-name\n", "OWNER ?= ada\n"),
        ("kubectl -n flask-app get svc/flask-app-traffic", "kubectl -n web-shop get svc/web-shop-traffic"),
        ("{{- define 'flask-app.labels' -}}", "{{- define 'web-shop.labels' -}}"),
        ("- alert: FlaskAppDown", "- alert: WebShopDown"),
        ("runbooks/flaskappdown.md", "runbooks/webshopdown.md"),
        ("FLASK_APP_PORT", "WEB_SHOP_PORT"),
        ("def test_flask_app_is_up", "def test_web_shop_is_up"),
        ('Dashboard("Flask app")', 'Dashboard("Web shop")'),
        ("[it](../flask-app/README.md)", "[it](https://github.com/ada/web-shop/blob/main/README.md)"),
        ("[it](../../infra-k8s/doctor/)", "[it](https://github.com/ada/infra-k8s/blob/main/doctor/)"),
        ("https://github.com/your-github-name/infra-k8s", "https://github.com/ada/infra-k8s"),
    ],
)
def test_every_form_of_both_names_is_set(before: str, after: str) -> None:
    assert applied(SHOP, before) == after


@pytest.mark.parametrize(
    "text",
    [
        "A Flask application",
        "prometheus_flask_exporter",
        "from app.app import create_app",
        "FLASK_APP=app.wsgi",
        "a-flask-apparatus",
        'contains "your-github-name" .Values.image.repository',
    ],
)
def test_what_only_looks_like_a_name_is_left_alone(text: str) -> None:
    assert applied(SHOP, text) == text


def test_without_a_name_only_the_owner_is_set() -> None:
    assert applied(rules(Names("ada")), "ghcr.io/your-github-name/flask-app") == "ghcr.io/ada/flask-app"


def test_no_file_keeps_the_old_names() -> None:
    """Hold the sources to forms that the rules know; a new one belongs into their table."""
    kept = []
    for name, text in texts():
        for line in applied(SHOP, text).splitlines():
            if REMAINS.search(line) or re.search(rf"{PLACEHOLDER}(/|$)", line):
                kept.append(f"{name}: {line.strip()[:120]}")
    assert kept == []


@pytest.mark.parametrize("names", ALIKE, ids=lambda names: f"{names.owner}-{names.service}")
def test_a_name_that_looks_like_what_is_replaced_is_written_as_any_other(names: Names) -> None:
    """Write neutral names, then these in their place: it must be what these names come to at once, in every file."""
    neutral, alike, pairs = rules(NEUTRAL), rules(names), list(zip(forms(NEUTRAL), forms(names), strict=True))
    differ = []
    for name, text in texts():
        wanted = reduce(lambda text, pair: text.replace(*pair), pairs, applied(neutral, text))
        differ += differing(name, applied(alike, text), wanted)
    assert differ == []


def test_the_diagram_names_nothing_that_is_renamed() -> None:
    """Its pictures are drawn by tools that a publisher may not have."""
    source = (WORKSPACE / "devops-portfolio-project" / "assets" / "diagrams" / "architecture.mmd").read_text()
    assert applied(SHOP, source) == source
