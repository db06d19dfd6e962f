import json

import pytest
from flask import Flask

from scripts import describe

README, DOCUMENT = describe.README.read_text(), describe.DOCUMENT.read_text()


def more(number: int, word: str) -> str:
    """Tell more."""
    return word * number


def test_what_is_described_stays_as_it_is(app: Flask) -> None:
    assert describe.with_readme_rows(README, app) == README
    assert describe.with_routes(DOCUMENT, app) == DOCUMENT


def test_route_that_is_added_to_the_template_gets_a_first_description(app: Flask) -> None:
    app.add_url_rule("/api/more/<int:number>/<word>", "info.more", more, methods=["GET", "POST"])
    assert "| `/api/more/<int:number>/<word>` | Tell more |" in describe.rows(
        describe.with_readme_rows(README, app), "Endpoints"
    )
    paths = json.loads(describe.with_routes(DOCUMENT, app))["paths"]
    added = paths.pop("/api/more/{number}/{word}")
    assert paths == json.loads(DOCUMENT)["paths"]
    assert added.keys() == {"get", "post"}
    assert added["get"]["summary"] == "Tell more"
    assert [each["name"] for each in added["get"]["parameters"]] == ["number", "word"]


def test_route_of_ones_own_needs_no_description(app: Flask) -> None:
    app.add_url_rule("/api/more", "shop.more", more)
    assert describe.with_readme_rows(README, app) == README
    assert describe.with_routes(DOCUMENT, app) == DOCUMENT


@pytest.mark.parametrize(("old", "new"), [("| `5000` |", "| `1` |"), (" port to listen on |", " something else |")])
def test_row_of_a_setting_is_made_again(app: Flask, old: str, new: str) -> None:
    assert describe.with_readme_rows(README.replace(old, new, 1), app) == README
