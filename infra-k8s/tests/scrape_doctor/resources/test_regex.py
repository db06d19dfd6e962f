"""Regular expressions: what RE2 rejects is named, what only Go knows is left to the operator."""

import pytest

from scrape_doctor.resources.regex import error


@pytest.mark.parametrize(
    "pattern",
    ["(a", "a)", "[a", "*a", "a**", "(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", "(?>a)", r"(a)\1", "[z-a]", "a\\"],
)
def test_what_prometheus_does_not_compile_is_named(pattern: str) -> None:
    assert error(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *("", ".*", "(.+)-(?:a|b)", "(?i)shop", "(?P<name>a)", r"\(\?=a", r"[(?=]", "[[:alpha:]]+", r"\\1", r"[\d]"),
        *(r"\pL+", r"\z", r"\Q(\E", "(?U)a", "a{2,3}?"),  # the first three are Go's alone
    ],
)
def test_what_it_compiles_or_only_go_knows_is_not_blamed(pattern: str) -> None:
    assert error(pattern) == ""
