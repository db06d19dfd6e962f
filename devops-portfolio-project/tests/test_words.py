"""The pages and the code use the words of Kubernetes, Prometheus and chaos engineering, and none of these."""

import re
from contextlib import suppress
from pathlib import Path

import pytest

from checks.repositories import WORKSPACE, MissingRepository, files, folder

# Each with the word to write instead.
INSTEAD = {
    r"patients?": "release under test",
    r"wards?": "namespace pool",
    r"admitted": "installed",
    r"blows?|struck|strikes?": "fault, injected",
    r"victims?": "target",
    r"tellers?|untold|untrue": "ScenarioRunner, SetupError, UnexpectedOutcome",
    r"stor(y|ies)": "scenario",
    r"inhabitants?": "foreign resources",
    r"mend(s|ed|ing)?": "fix",
    r"way back|ways back": "rollback",
    r"anyhow": "with placeholders",
    r"buried": "released",
    r"ballast": "memory_fault",
    r"unexaminable": "CannotExamine",
    r"at hand": "available",
    r"whoever": "anyone who",
}
WORDS = re.compile(rf"(?<![a-zA-Z])({'|'.join(INSTEAD)})(?![a-zA-Z])", re.IGNORECASE)
SUFFIXES = (".py", ".md", ".yaml", ".sh", ".mjs", ".mmd", ".toml", "")


def texts() -> list[Path]:
    """Return every text of this repository but this file, and the README of the whole tree where there is one."""
    own = [path for path in files(*SUFFIXES) if path != Path(__file__)]
    with suppress(MissingRepository):
        own += [readme for readme in [folder(WORKSPACE) / "README.md"] if readme.exists()]
    return own


def wrong(text: str) -> list[str]:
    """Return the words of a text that have a better one; names in snake_case are read as words too."""
    return [found[1].lower() for found in WORDS.finditer(text)]


@pytest.mark.parametrize("text", ["The patient is mended.", "way_back = anyhow", "def test_a_story(): ...", "Untold"])
def test_a_wrong_word_is_found(text: str) -> None:
    assert wrong(text.replace("_", " "))


@pytest.mark.parametrize("text", ["history", "recommended", "towards", "forward", "amendment"])
def test_a_word_that_only_contains_one_is_not(text: str) -> None:
    assert wrong(text) == []


def test_no_file_uses_a_word_that_has_a_better_one() -> None:
    assert len(texts()) > 40
    found = {(path.name, word) for path in texts() for word in wrong(path.read_text().replace("_", " "))}
    assert sorted(found) == []
