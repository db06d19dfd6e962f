"""The names in a shell block: make targets and variables, files, flags of our tools, chart values. All must exist."""

import os
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import yaml

from pages import makefile
from pages.repositories import VARIABLES, folder

COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)
ASSIGNMENT = re.compile(r"([A-Z][A-Z_]*)=(.*)", re.DOTALL)
SEPARATORS = ";|&()<>\n"
CHART = Path("helm", "flask-app")
# Variables that hand flags on to a tool of ours.
FLAGS_OF = {"DOCTOR_ARGS": ("infra-k8s", "doctor"), "BENCH": ("flask-app", "benchmarks")}


def commands(text: str) -> Iterator[list[str]]:
    """Yield the simple commands of a block as words, without comments."""
    lexer = shlex.shlex(COMMENT.sub("", text.replace("\\\n", " ")), posix=True, punctuation_chars=SEPARATORS)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
    words: list[str] = []
    for token in lexer:
        if set(token) <= set(SEPARATORS):
            if words:
                yield words
            words = []
        else:
            words.append(token)
    if words:
        yield words


def complaints(text: str, repository: str) -> Iterator[str]:
    """Yield what a block names that does not exist; raise Absent where a repository is not at hand."""
    here = folder(repository)
    for words in commands(text):
        while words and ASSIGNMENT.fullmatch(words[0]):
            words = words[1:]
        match words:
            case ["cd", to]:
                here = here / to
                if not here.is_dir():
                    yield f"cd {to}: no such folder in {repository}"
            case ["make", *arguments]:
                yield from _make(arguments, here)
            case ["helm", *arguments]:
                yield from _helm(arguments)
        if "-m" in words and words[0].startswith("python"):
            yield from _flags(words[words.index("-m") + 2 :], here / words[words.index("-m") + 1])
        yield from (f"{word}: no such file" for word in words if _is_ours(word, here) and not (here / word).exists())


def _make(arguments: list[str], here: Path) -> Iterator[str]:
    if arguments[:1] == ["-C"]:
        here, arguments = here / arguments[1], arguments[2:]
    if not (here / "Makefile").is_file():
        yield f"make -C {here.name}: no Makefile there"
        return
    for word in arguments:
        if assigned := ASSIGNMENT.fullmatch(word):
            yield from _variable(assigned[1], assigned[2], here)
        elif word not in makefile.targets(here):
            yield f"make {word}: no such target in {here.name}"


def _variable(variable: str, value: str, here: Path) -> Iterator[str]:
    if not any(variable in makefile.variables(reader) for reader in _readers(here)):
        yield f"make {variable}=: no Makefile reads it"
    if variable in FLAGS_OF:
        repository, tool = FLAGS_OF[variable]
        yield from _flags(shlex.split(value), folder(repository) / tool)


def _readers(here: Path) -> list[Path]:
    """Return the folders whose Makefiles see a variable; the workspace's hands it on to the repositories."""
    if str(here) != os.environ.get(VARIABLES["workspace"]):
        return [here]
    return [here, *(folder(name) for name in ("flask-app", "infra-k8s"))]


def _flags(words: list[str], tool: Path) -> Iterator[str]:
    source = (tool / "__main__.py").read_text() if (tool / "__main__.py").is_file() else ""
    if not source:
        yield f"python -m {tool.name}: no such tool"
    for word in words:
        flag = word.partition("=")[0]
        if flag.startswith("--") and f'"{flag}"' not in source:
            yield f"{flag}: {tool.name} knows no such flag"


def _helm(arguments: list[str]) -> Iterator[str]:
    if str(CHART) not in " ".join(arguments):
        return
    values = yaml.safe_load((folder("infra-k8s") / CHART / "values.yaml").read_text())
    for flag, value in pairwise(arguments):
        if flag in ("--set", "--set-string", "--set-json"):
            for pair in value.split(","):
                path = pair.partition("=")[0]
                if not _holds(values, path.split(".")):
                    yield f"{flag} {path}: the chart has no such value"


def _holds(values: object, path: list[str]) -> bool:
    """Tell whether a value exists; below an empty map anything may be set."""
    for key in path:
        if values == {}:
            return True
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def _is_ours(word: str, here: Path) -> bool:
    """Tell whether a word is a path into the folder that the command runs in."""
    first, slash, _ = word.partition("/")
    return bool(slash and first) and re.fullmatch(r"[\w./-]+", word) is not None and (here / first).is_dir()
