"""The pages and the code use the words of Kubernetes, Prometheus and chaos engineering, and none of these."""

import ast
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from checks.repositories import WORKSPACE, MissingRepository, files, folder

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
# What runs printed: the words are held where they are printed.
RECORDS = {"PROOFS.md"}
SUFFIXES = (".py", ".md", ".yaml", ".sh", ".mjs", ".mmd", ".toml", "")


def texts() -> list[Path]:
    """Return every text of this repository but this file, and what lies beside the three repositories where that is."""
    own = [path for path in files(*SUFFIXES) if path != Path(__file__) and path.name not in RECORDS]
    with suppress(MissingRepository):
        tree = folder(WORKSPACE)
        listed = subprocess.run(
            ["git", "-C", str(tree), "ls-files", ".ci", "README.md", "Makefile"], capture_output=True, text=True
        )
        own += [tree / line for line in listed.stdout.splitlines() if Path(line).suffix in SUFFIXES]
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


def test_the_infra_repository_avoids_the_same_words(infra_dir: Path) -> None:
    """Neither repository can import from the other, so each has the list."""
    others = ast.parse((infra_dir / "tests" / "test_words.py").read_text())
    (listed,) = (each.value for each in others.body if isinstance(each, ast.Assign) and _name(each) == "INSTEAD")
    assert ast.literal_eval(listed) == INSTEAD


def _name(assignment: ast.Assign) -> str:
    return ast.unparse(assignment.targets[0])
