"""Regular expressions: what RE2 rejects is named, what only Go knows is left to the operator."""

import pytest

from scrape_doctor.resources.regex import error


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a", "a)", "[a", "*a", "a**", "(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", "(?>a)", r"(a)\1", "[z-a]", "a\\"),
        *("a|*", "(+a)", "a*?*", "[a--]", "([[:alpha:]]"),
    ],
)
def test_what_prometheus_does_not_compile_is_named(pattern: str) -> None:
    assert error(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        *("", ".*", "(.+)-(?:a|b)", "(?i)shop", "(?P<name>a)", r"\(\?=a", r"[(?=]", "[[:alpha:]]+", r"\\1", r"[\d]"),
        *(r"\pL+", r"\z", r"\Q(\E", "(?U)a", "a{2,3}?"),  # the first three are Go's alone
        *(r"[\w-.]+", r"[\d-x]", r"[\s-_]", r"[\w-a-z]"),  # the hyphen is one
        *("^*", "(^*)", "$+", r"\b?a", "^*?"),  # an anchor may be repeated
        *("{,3}", "a{2}{,3}", "a{,3}*"),  # text, but to Python a repetition
        *("[[:alpha:](]", "[[:alpha:]|*]", "[[:alpha:][]", "[[:alpha:])]"),  # to Python the class ends with its first ]
    ],
)
def test_what_it_compiles_or_only_go_knows_is_not_blamed(pattern: str) -> None:
    assert error(pattern) == ""
