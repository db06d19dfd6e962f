"""`python -m scrape_doctor`: walk the chain of a release and name its first broken link.

Exit status: 0 the chain is whole, 1 a link is broken, 2 it could not be examined.
"""

import argparse
import asyncio
import sys
import warnings
from collections.abc import Sequence

import httpx
import kr8s
from rich.console import Console

from scrape_doctor import asking, report, snapshot, temporary_files
from scrape_doctor.chain import Examined, diagnosis, walk
from scrape_doctor.evidence import Names

PATIENCE = 90.0  # seconds for a whole examination
COULD_NOT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Examine, report, and return the exit status."""
    options = parser().parse_args(arguments)
    temporary_files.delete_at_exit()
    names = Names(options.release, options.namespace, options.monitoring_release, options.monitoring_namespace)
    try:
        examined = examine(names, options.context)
    except snapshot.CannotExamine as error:
        return could_not(str(error), options.output)
    except Exception as error:  # a credential plugin, a proxy, an object that nobody thought of: never a diagnosis
        return could_not(f"{type(error).__name__}: {' '.join(str(error).split()) or 'no reason given'}", options.output)
    if options.output == "json":
        print(report.as_json(names, examined))
    else:
        report.show(Console(), names, examined)
    return 0 if diagnosis(examined) is None else 1


def could_not(why: str, output: str) -> int:
    """Say why nothing was examined, in one line and to programs as JSON too, and return the exit status."""
    print(f"doctor: {why}", file=sys.stderr)
    if output == "json":
        print(report.error_as_json(why))
    return COULD_NOT


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="doctor", description="Walk the chain from a Helm release to its alerts.")
    made.add_argument("--release", required=True, help="the Helm release, of any chart")
    made.add_argument("--namespace", required=True, help="where it is installed")
    made.add_argument("--monitoring-release", default="monitoring", help="release of kube-prometheus-stack")
    made.add_argument("--monitoring-namespace", default="monitoring", help="where that is installed")
    made.add_argument("--context", help="context of the kubeconfig; default: the current one")
    made.add_argument("--output", choices=("table", "json"), default="table")
    return made


def examine(names: Names, context: str | None = None) -> list[Examined]:
    """Read the cluster, ask, and walk the chain.

    Raises:
        CannotExamine: if there is no cluster or no release, or we may not look; with one line for people.
    """
    try:
        return asyncio.run(gather(names, context))
    except kr8s.ServerError as error:
        raise snapshot.CannotExamine(f"the cluster refuses: {error}") from error
    except TimeoutError as error:
        raise snapshot.CannotExamine(f"no answer within {PATIENCE:.0f} s") from error
    except (httpx.HTTPError, kr8s.APITimeoutError, kr8s.ConnectionClosedError, OSError) as error:
        raise snapshot.CannotExamine(f"the cluster cannot be reached: {str(error) or type(error).__name__}") from error


async def gather(names: Names, context: str | None) -> list[Examined]:
    """Gather the evidence and walk the chain."""
    # The client is used for plain lists alone, which every version serves.
    warnings.filterwarnings("ignore", message="Kubernetes version .* is not supported")
    try:
        api = await kr8s.asyncio.api(context=context)
    except (ValueError, KeyError) as error:
        raise snapshot.CannotExamine(f"no usable kubeconfig: {error}; set KUBECONFIG or --context") from error
    evidence = await snapshot.read(api, names)
    await asking.patiently(api, evidence, PATIENCE)
    return walk(evidence)


if __name__ == "__main__":
    sys.exit(main())
