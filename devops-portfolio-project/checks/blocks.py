"""The code blocks of the pages and how each is checked.

The info string of a block names its language, then its check, then for an excerpt the file: "```yaml excerpt FILE".
GitHub reads the first word only. Every shell block runs in the folder that holds all repositories.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from checks.markdown import tokens
from checks.repositories import HERE, THIS, WORKSPACE

SHELL = ("bash", "sh")
PLAIN = ("", "console", *SHELL)  # how a sibling's pages mark a shell block


class Check(StrEnum):
    """How a block is checked."""

    RUN = "run"  # run without a cluster; ends by itself
    SERVE = "serve"  # run without a cluster until it serves, then interrupted
    SUITE = "suite"  # a test suite, which runs elsewhere
    CLUSTER = "cluster"  # run on the cluster of KUBECONFIG
    CHECKED = "checked"  # not run: its syntax and the names in it are checked
    QUERY = "query"  # PromQL: the cluster's Prometheus answers with data
    EMPTY = "empty"  # the same, but a healthy release may have nothing to show
    EXCERPT = "excerpt"  # lines of a file
    FILES = "files"  # names of files


CHECKS = {
    "bash": {Check.RUN, Check.SERVE, Check.SUITE, Check.CLUSTER, Check.CHECKED},
    "sh": {Check.RUN, Check.CLUSTER, Check.CHECKED},
    "promql": {Check.QUERY, Check.EMPTY},
    "yaml": {Check.EXCERPT},
    "text": {Check.FILES},
}


class UncheckedBlock(ValueError):
    """A block does not say how it is checked; the message names page and line."""


@dataclass(frozen=True)
class Block:
    """A code block: its page and line, language, check, repository (and file, for an excerpt) and text."""

    page: Path
    line: int
    language: str
    check: Check
    source: str
    text: str

    @property
    def place(self) -> str:
        """Return page and line, in the form that editors understand."""
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page; raise UncheckedBlock for one whose info string names no check."""
    for token in tokens(page):
        line = (token.map or [0])[0] + 1
        if token.type == "code_block":
            raise UncheckedBlock(f"{page.name}:{line}: an indented block cannot say how it is checked")
        if token.type == "fence":
            yield _block(page, line, token.info, token.content)


def _block(page: Path, line: int, info: str, text: str) -> Block:
    language, _, rest = info.strip().partition(" ")
    # A PromQL block needs no second word.
    check, _, source = rest.partition(" ") if rest else (Check.QUERY if language == "promql" else "", "", "")
    if check not in CHECKS.get(language, ()):
        allowed = ", ".join(sorted(CHECKS.get(language, ()))) or "no block of that language"
        raise UncheckedBlock(f"{page.name}:{line}: '{info}' does not say how the block is checked; allowed: {allowed}")
    if language in SHELL:
        if source:
            raise UncheckedBlock(
                f"{page.name}:{line}: '{source}': every block runs in the folder that holds the repositories"
            )
        source = WORKSPACE
    return Block(page, line, language, Check(check), source or THIS, text)


def sibling_blocks(page: Path, repository: str) -> Iterator[Block]:
    """Yield the shell blocks of a sibling's page, which names no checks: syntax and names are checked."""
    for token in tokens(page):
        plain = token.type == "fence" and token.info.partition(" ")[0] in PLAIN
        if plain or token.type == "code_block":
            yield Block(page, (token.map or [0])[0] + 1, "bash", Check.CHECKED, repository, token.content)


def name(page: Path) -> str:
    """Return a page's path inside this repository."""
    return str(page.relative_to(HERE))
