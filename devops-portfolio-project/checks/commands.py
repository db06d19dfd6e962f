"""Find the names in a shell block that do not exist: make targets, variables, files, flags, chart values, objects."""

import os
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import yaml

from checks import makefile, minikube
from checks.repositories import APP, INFRA, THIS, VARIABLES, WORKSPACE, folder, repository_name

OPTIONAL = re.compile(r"\[([^\s\]]+=[^\]]*)\]")  # [VARIABLE=…]: may be left out
COMMENT = re.compile(r"(^|\s)#.*$", re.MULTILINE)
ASSIGNMENT = re.compile(r"([A-Z][A-Z_]*)=(.*)", re.DOTALL)
SEPARATORS = ";|&()<>\n"
CHART = Path("helm", "flask-app")
# `python -m app` is gunicorn with checked settings: it takes these of gunicorn's flags in the pages.
GUNICORN = ("--reload",)
# Variables that pass flags to one of our tools.
FLAGS_OF = {"DOCTOR_ARGS": (INFRA, "scrape_doctor"), "BENCH": (APP, "benchmarks")}
# Kinds of objects by the words that kubectl accepts.
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


def unknown_names(text: str, repository: str) -> Iterator[str]:
    """Yield a message for each name in a block that does not exist; raise MissingRepository without its source."""
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
        yield f"make -C {repository_name(here)}: no Makefile there"
        return
    for word in arguments:
        if assigned := ASSIGNMENT.fullmatch(word):
            yield from _variable(assigned[1], assigned[2], here)
        elif word not in makefile.targets(here):
            yield f"make {word}: no such target in {repository_name(here)}"


def _variable(variable: str, value: str, here: Path) -> Iterator[str]:
    if not any(variable in makefile.variables(reader) for reader in _readers(here)):
        yield f"make {variable}=: no Makefile reads it"
    if variable in FLAGS_OF:
        repository, tool = FLAGS_OF[variable]
        yield from _flags(shlex.split(value), folder(repository) / tool)


def _readers(here: Path) -> list[Path]:
    """Return the folders whose Makefiles see a variable; the workspace's passes it to all repositories."""
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
        passed_on = tool.name == "app" and flag in GUNICORN
        if flag.startswith("--") and not passed_on and f'"{flag}"' not in source:
            yield f"{flag}: {tool.name} has no such flag"


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
    """Accept the commands that `make minikube` runs or prints."""
    chain = minikube.chain()
    printed = (command for line in chain.printed.splitlines() for command in commands(line.partition("  ")[2]))
    if tuple(words) not in chain.steps and words not in printed:
        yield f"{' '.join(words)}: make minikube neither runs nor prints this"


def _kubectl(arguments: list[str]) -> Iterator[str]:
    """Accept the objects of the chart and those that `make minikube` prints."""
    for word in arguments:
        kind, slash, name = word.partition("/")
        if slash and kind in KINDS:
            chain = minikube.chain()
            if f"{KINDS[kind]}/{name}" not in chain.objects and f"{kind}/{name} " not in chain.printed:
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
