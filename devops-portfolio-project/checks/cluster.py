"""Run every block of the pages that needs a cluster, word for word and in order: `python -m checks.cluster`.

The cluster is the one of KUBECONFIG, with kube-prometheus-stack as release `monitoring`. The walkthrough's own commands
create the namespace and deploy; nothing is removed afterwards. Exit status: 0 passed, 1 a block failed, 2 no cluster.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from checks.blocks import Block, Check, blocks
from checks.prometheus import Prometheus, PrometheusError, connect
from checks.repositories import HERE, WORKSPACE, MissingRepository, folder, pages
from checks.shell import BlockFailed, run

QUERIES = (Check.QUERY, Check.EMPTY)
NEW_TARGET = 150.0  # seconds: the kubelet alone takes up to two minutes to give Prometheus a new configuration
RUNNING_POD = (
    "kubectl -n flask-app get pods -l app.kubernetes.io/name=flask-app --field-selector=status.phase=Running"
    " -o jsonpath={.items[0].metadata.name}"
)


def main() -> int:
    """Run the blocks, print a line for each, and return the exit status."""
    for tool in ("kubectl", "helm"):
        if shutil.which(tool) is None:
            return refuse(f"{tool} is not on PATH")
    if not os.environ.get("KUBECONFIG") and not (Path.home() / ".kube" / "config").exists():
        return refuse("KUBECONFIG is not set and there is no ~/.kube/config: name the cluster")
    try:
        folder(WORKSPACE)
    except MissingRepository as missing:
        return refuse(str(missing))
    failures = list(failed_blocks())
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def refuse(reason: str) -> int:
    """Print in one line why nothing was run and return the exit status."""
    print(f"commands-cluster: {reason}", file=sys.stderr)
    return 2


def cluster_blocks() -> list[Block]:
    """Return the blocks for a cluster; those of the walkthrough first, because they deploy what the others read."""
    ordered = sorted(pages(), key=lambda page: (page != HERE / "README_TECH.md", page))
    return [block for page in ordered for block in blocks(page) if block.check in (Check.CLUSTER, *QUERIES)]


def failed_blocks() -> Iterator[str]:
    """Run the commands, then the queries, and yield a message for each that fails."""
    found = cluster_blocks()
    for block in (each for each in found if each.check is Check.CLUSTER):
        yield from report(block, partial(run_command, block))
    try:
        with connect() as server:
            for block in (each for each in found if each.check in QUERIES):
                yield from report(block, partial(query, server, block))
    except PrometheusError as error:
        yield str(error)


def report(block: Block, attempt: Callable[[], object]) -> Iterator[str]:
    """Check a block, print its line, and yield what went wrong; retry for as long as a new target may take."""
    begin, failure = time.monotonic(), ""
    while True:
        try:
            attempt()
            break
        except BlockFailed as failed:
            if time.monotonic() - begin > NEW_TARGET:
                failure = str(failed)
                yield failure
                break
            time.sleep(5)
    command = next(line for line in block.text.splitlines() if line.strip())
    verdict = "FAILED" if failure else "did"
    print(f"{block.place:32} {command[:80]:80} {time.monotonic() - begin:4.0f} s  {verdict}", flush=True)


def run_command(block: Block) -> None:
    """Run a block with the name of a running pod in place of `<pod>`, the one name that pages leave open."""
    pod = subprocess.run(RUNNING_POD.split(), capture_output=True, text=True).stdout if "<pod>" in block.text else ""
    run(block, block.text.replace("<pod>", pod), seconds=180)


def query(server: Prometheus, block: Block) -> None:
    """Send a block's query; raise BlockFailed on an error, or on an empty answer to a query that must have one."""
    try:
        found = server.get("query", query=block.text)["result"]
    except PrometheusError as error:
        raise BlockFailed(f"{block.place}: {error}") from None
    if not found and block.check is Check.QUERY:
        raise BlockFailed(f"{block.place}: Prometheus answers with nothing, and the block does not say 'promql empty'")


if __name__ == "__main__":
    sys.exit(main())
