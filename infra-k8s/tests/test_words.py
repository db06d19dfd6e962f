"""Code and pages use the words of Kubernetes, Prometheus and chaos engineering, and none of these."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Each with the word to write instead.
INSTEAD = {
    r"patients?|wards?|admitted": "release under test, namespace pool, installed",
    r"blows?|struck|strikes?|victims?": "fault or disturbance, injected, target",
    r"stor(y|ies)|tellers?|untold|untrue": "scenario, ScenarioRunner, SetupError, UnexpectedOutcome",
    r"inhabitants?": "foreign resources",
    r"mend(s|ed|ing)?": "fix",
    r"ways? back|gone back": "rollback",
    r"anyhow": "with placeholders",
    r"patiently": "with_timeout",
    r"buried|ballast": "released, memory",
    r"unexaminable": "CannotExamine",
    r"heeds?|heeding": "handle",
    r"obstacles?": "problem",
    r"whoever": "anyone who",
    r"besides": "in addition",
    r"at hand": "available",
    r"anew": "again",
    r"for want of": "because there is no",
    r"giv(e|es|ing) way|gave way": "is replaced by",
    r"all the same": "nevertheless",
    r"be it": "whether",
    r"living": "running",
    r"lest|thereof|hither|whence": "so that not, of it, here, from where",
}
WORDS = re.compile(rf"(?<![a-zA-Z])({'|'.join(INSTEAD)})(?![a-zA-Z])", re.IGNORECASE)
SUFFIXES = {".py", ".md", ".yaml", ".toml", ".tpl", ".txt", ".in", ""}


def texts() -> list[Path]:
    """Return every text of this repository that git knows or would take, but this file and what tools write."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / line for line in listed.stdout.splitlines())
    return [path for path in paths if path.suffix in SUFFIXES and path.is_file() and path != Path(__file__)]


def wrong(text: str) -> list[str]:
    """Return the words of a text that have a better one; names in snake_case and CamelCase are read as words too."""
    separated = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("_", " "))
    return [" ".join(found[1].lower().split()) for found in WORDS.finditer(separated)]


@pytest.mark.parametrize(
    "text", ["The patient is mended.", "way_back = anyhow", "def test_a_story(): ...", "class UntoldStory", "Blows"]
)
def test_a_wrong_word_is_found(text: str) -> None:
    assert wrong(text)


@pytest.mark.parametrize("text", ["history", "recommended", "towards", "forward", "amendment", "port_forward"])
def test_a_word_that_only_contains_one_is_not(text: str) -> None:
    assert wrong(text) == []


def test_no_file_uses_a_word_that_has_a_better_one() -> None:
    assert len(texts()) > 200
    found = {
        f"{path.relative_to(ROOT)}: {word}" for path in texts() for word in wrong(path.read_text(encoding="utf-8"))
    }
    assert sorted(found) == []


def test_the_readme_leads_and_longer_matter_is_a_page_of_its_own() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) < 950
