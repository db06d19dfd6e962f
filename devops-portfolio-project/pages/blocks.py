"""The fenced blocks of the pages, and how each is kept true.

The info string says it: the language, how the block is proven and, of an excerpt, the file. GitHub reads the first word
only. A reader stands in the folder that holds all repositories, and so does every shell block.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pages.markdown import tokens
from pages.repositories import HERE, THIS, WORKSPACE

SHELL = ("bash", "sh")
PLAIN = ("", "console", *SHELL)  # how a sibling's pages mark a shell block


class Proof(StrEnum):
    """How a block is proven."""

    RUN = "run"  # run without a cluster; ends by itself
    SERVE = "serve"  # run without a cluster until it serves, then interrupted
    SUITE = "suite"  # a test suite, which runs elsewhere
    CLUSTER = "cluster"  # run on the cluster of KUBECONFIG
    CHECKED = "checked"  # not run: its syntax and the names in it are checked
    ASKED = "asked"  # PromQL: on the cluster Prometheus answers with data
    EMPTY = "empty"  # the same, where a release in order may have nothing to show
    EXCERPT = "excerpt"  # lines of a file
    FILES = "files"  # names of files


PROOFS = {
    "bash": {Proof.RUN, Proof.SERVE, Proof.SUITE, Proof.CLUSTER, Proof.CHECKED},
    "sh": {Proof.RUN, Proof.CLUSTER, Proof.CHECKED},
    "promql": {Proof.ASKED, Proof.EMPTY},
    "yaml": {Proof.EXCERPT},
    "text": {Proof.FILES},
}


class Unclassed(ValueError):
    """A block does not say how it is proven; the message names page and line."""


@dataclass(frozen=True)
class Block:
    """A fenced block: where it stands, its language, its proof, what it belongs to, its text."""

    page: Path
    line: int
    language: str
    proof: Proof
    of: str
    text: str

    @property
    def place(self) -> str:
        """Return page and line, as an editor understands them."""
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page; raise Unclassed for one whose info string does not say how it is proven."""
    for token in tokens(page):
        if token.type == "code_block":
            raise Unclassed(f"{page.name}:{(token.map or [0])[0] + 1}: an indented block cannot say how it is proven")
        if token.type == "fence":
            yield _classed(page, (token.map or [0])[0] + 1, token.info, token.content)


def _classed(page: Path, line: int, info: str, text: str) -> Block:
    language, _, rest = info.strip().partition(" ")
    # A query needs no word: it is answered.
    proof, _, of = rest.partition(" ") if rest else (Proof.ASKED if language == "promql" else "", "", "")
    if proof not in PROOFS.get(language, ()):
        allowed = ", ".join(sorted(PROOFS.get(language, ()))) or "no block of that language"
        raise Unclassed(f"{page.name}:{line}: '{info}' does not say how the block is proven; allowed: {allowed}")
    if language in SHELL:
        if of:
            raise Unclassed(f"{page.name}:{line}: '{of}': every block is for the folder that holds the repositories")
        of = WORKSPACE
    return Block(page, line, language, Proof(proof), of or THIS, text)


def siblings_blocks(page: Path, repository: str) -> Iterator[Block]:
    """Yield the shell blocks of a sibling's page, which says nothing of proofs: they are checked where they stand."""
    for token in tokens(page):
        plain = token.type == "fence" and token.info.partition(" ")[0] in PLAIN
        if plain or token.type == "code_block":
            yield Block(page, (token.map or [0])[0] + 1, "bash", Proof.CHECKED, repository, token.content)


def name(page: Path) -> str:
    """Return a page's path inside this repository."""
    return str(page.relative_to(HERE))
