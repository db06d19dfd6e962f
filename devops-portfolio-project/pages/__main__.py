"""Run every block of the pages that needs a cluster, word for word and in order: `python -m pages`.

The cluster is KUBECONFIG's, with Prometheus as release `monitoring`. The walkthrough's own commands make the namespace
and deploy; nothing is taken away afterwards. Exit status: 0 all did what their page says, 1 one did not, 2 no cluster.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pages.blocks import Block, Proof, blocks
from pages.prometheus import Prometheus, Refused, reached
from pages.repositories import HERE, WORKSPACE, Absent, folder, pages
from pages.running import Failed, run

ON_A_CLUSTER = (Proof.CLUSTER, Proof.ASKED, Proof.EMPTY)
NEW_TARGET = 150.0  # seconds: the kubelet alone takes up to two minutes to hand Prometheus a new configuration
A_POD = (
    "kubectl -n flask-app get pods -l app.kubernetes.io/name=flask-app --field-selector=status.phase=Running"
    " -o jsonpath={.items[0].metadata.name}"
)


def main() -> int:
    """Run them, print a table, and return the exit status."""
    for tool in ("kubectl", "helm"):
        if shutil.which(tool) is None:
            return refuse(f"{tool} is not on PATH")
    if not os.environ.get("KUBECONFIG") and not (Path.home() / ".kube" / "config").exists():
        return refuse("KUBECONFIG is not set and there is no ~/.kube/config: name the cluster")
    try:
        folder(WORKSPACE)
    except Absent as absent:
        return refuse(str(absent))
    table = Table("block", "what", "s", "", title="the pages' commands on the cluster", title_justify="left")
    failures = list(proven(table))
    Console(width=140).print(table)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def refuse(why: str) -> int:
    """Say in one line why nothing was run."""
    print(f"commands-cluster: {why}", file=sys.stderr)
    return 2


def in_order() -> list[Block]:
    """Return the blocks for a cluster: the walkthrough's first, which deploy what the others look at."""
    ordered = sorted(pages(), key=lambda page: (page != HERE / "README_TECH.md", page))
    return [block for page in ordered for block in blocks(page) if block.proof in ON_A_CLUSTER]


def proven(table: Table) -> Iterator[str]:
    """Prove all blocks and yield what went wrong."""
    commands = [block for block in in_order() if block.proof is Proof.CLUSTER]
    questions = [block for block in in_order() if block.proof is not Proof.CLUSTER]
    for block in commands:
        yield from row(table, block, partial(run_filled, block))
    try:
        with reached() as server:
            for block in questions:
                yield from row(table, block, partial(ask, server, block))
    except Refused as refused:
        yield str(refused)


def row(table: Table, block: Block, prove: Callable[[], object]) -> Iterator[str]:
    """Prove a block, add its row, and yield what went wrong.

    It is proven again while it fails, for as long as Prometheus may take to see a new target.
    """
    begin, wrong = time.monotonic(), ""
    while True:
        try:
            prove()
            break
        except Failed as failed:
            if time.monotonic() - begin > NEW_TARGET:
                wrong = str(failed)
                yield wrong
                break
            time.sleep(5)
    first = next(line for line in block.text.splitlines() if line.strip())
    verdict = "[red]FAILED[/]" if wrong else "[green]did[/]"
    table.add_row(block.place, first, f"{time.monotonic() - begin:.0f}", verdict)


def run_filled(block: Block) -> None:
    """Run a block; the one name that pages leave open, `<pod>`, becomes a running pod's."""
    pod = subprocess.run(A_POD.split(), capture_output=True, text=True).stdout if "<pod>" in block.text else ""
    run(block, block.text.replace("<pod>", pod), seconds=180)


def ask(server: Prometheus, block: Block) -> None:
    """Ask Prometheus a block's query; raise Failed where it refuses, or answers nothing to one that has an answer."""
    try:
        found = server.get("query", query=block.text)["result"]
    except Refused as refused:
        raise Failed(f"{block.place}: {refused}") from None
    if not found and block.proof is Proof.ASKED:
        raise Failed(f"{block.place}: Prometheus answers with nothing, and the block does not say 'promql empty'")


if __name__ == "__main__":
    sys.exit(main())
