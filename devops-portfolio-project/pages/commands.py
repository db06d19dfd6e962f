"""The names in a shell block: make targets and variables, files, flags, chart values, what minikube runs. All exist."""

import os
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import yaml

from pages import makefile, minikube
from pages.repositories import APP, INFRA, THIS, VARIABLES, WORKSPACE, called, folder

OPTIONAL = re.compile(r"\[([^\s\]]+=[^\]]*)\]")  # [VARIABLE=…]: may be left out
COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)
ASSIGNMENT = re.compile(r"([A-Z][A-Z_]*)=(.*)", re.DOTALL)
SEPARATORS = ";|&()<>\n"
CHART = Path("helm", "flask-app")
# Variables that hand flags on to a tool of ours.
FLAGS_OF = {"DOCTOR_ARGS": (INFRA, "scrape_doctor"), "BENCH": (APP, "benchmarks")}
# Kinds of objects by the words that kubectl takes for them.
KINDS = {"svc": "service", "service": "service", "deploy": "deployment", "deployment": "deployment"}


def commands(text: str) -> Iterator[list[str]]:
    """Yield the simple commands of a block as words, without comments."""
    plain = OPTIONAL.sub(r"\1", COMMENT.sub("", text.replace("\\\n", " ")))
    lexer = shlex.shlex(plain, posix=True, punctuation_chars=SEPARATORS)
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
                here = (here / to).resolve()
                if not here.is_dir():
                    yield f"cd {to}: no such folder in {repository}"
            case ["make", *arguments]:
                yield from _make(arguments, here)
            case ["helm", *arguments]:
                yield from _helm(arguments)
            case ["minikube", *_]:
                yield from _minikube(words)
            case ["kubectl", *arguments]:
                yield from _kubectl(arguments)
        if "-m" in words and words[0].startswith("python"):
            yield from _flags(words[words.index("-m") + 2 :], here / words[words.index("-m") + 1])
        yield from (f"{word}: no such file" for word in words if _is_ours(word, here) and not (here / word).exists())


def _make(arguments: list[str], here: Path) -> Iterator[str]:
    if arguments[:1] == ["-C"]:
        here, arguments = here / arguments[1], arguments[2:]
    if not (here / "Makefile").is_file():
        yield f"make -C {called(here)}: no Makefile there"
        return
    for word in arguments:
        if assigned := ASSIGNMENT.fullmatch(word):
            yield from _variable(assigned[1], assigned[2], here)
        elif word not in makefile.targets(here):
            yield f"make {word}: no such target in {called(here)}"


def _variable(variable: str, value: str, here: Path) -> Iterator[str]:
    if not any(variable in makefile.variables(reader) for reader in _readers(here)):
        yield f"make {variable}=: no Makefile reads it"
    if variable in FLAGS_OF:
        repository, tool = FLAGS_OF[variable]
        yield from _flags(shlex.split(value), folder(repository) / tool)


def _readers(here: Path) -> list[Path]:
    """Return the folders whose Makefiles see a variable; the workspace's hands it on to the repositories."""
    workspace = os.environ.get(VARIABLES[WORKSPACE])
    if not workspace or here.resolve() != Path(workspace).resolve():
        return [here]
    return [here, *(folder(name) for name in (APP, INFRA, THIS))]


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
    values = yaml.safe_load((folder(INFRA) / CHART / "values.yaml").read_text())
    for flag, value in pairwise(arguments):
        if flag in ("--set", "--set-string", "--set-json"):
            for pair in value.split(","):
                path = pair.partition("=")[0]
                if not _holds(values, path.split(".")):
                    yield f"{flag} {path}: the chart has no such value"


def _minikube(words: list[str]) -> Iterator[str]:
    """A command on minikube is one that `make minikube` runs, or that it tells its user to type."""
    known = minikube.known()
    told = (told for line in known.told.splitlines() for told in commands(line.partition("  ")[2]))
    if tuple(words) not in known.steps and words not in told:
        yield f"{' '.join(words)}: make minikube neither runs nor tells this"


def _kubectl(arguments: list[str]) -> Iterator[str]:
    """An object that is named is one of the chart's, or one that `make minikube` tells of."""
    for word in arguments:
        kind, slash, name = word.partition("/")
        if slash and kind in KINDS:
            known = minikube.known()
            if f"{KINDS[kind]}/{name}" not in known.objects and f"{kind}/{name} " not in known.told:
                yield f"{word}: neither the chart nor the monitoring stack has it"


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
