"""`python -m scrape_doctor`: walk the chain of a release and name its first broken link.

Exit status: 0 the chain is whole, 1 a link is broken, 2 it could not be examined.
"""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from scrape_doctor import report, temporary_files
from scrape_doctor.chain import diagnosis
from scrape_doctor.errors import CannotExamine
from scrape_doctor.examination import examine
from scrape_doctor.scope import Scope

CANNOT_EXAMINE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Examine, report, and return the exit status."""
    options = parser().parse_args(arguments)
    temporary_files.delete_at_exit()
    scope = Scope(options.release, options.namespace, options.monitoring_release, options.monitoring_namespace)
    try:
        examined = examine(scope, options.context)
    except CannotExamine as error:
        return cannot_examine(str(error), options.output)
    except Exception as error:  # a credential plugin, a proxy, an unexpected object: never a diagnosis
        reason = " ".join(str(error).split()) or "no reason given"
        return cannot_examine(f"{type(error).__name__}: {reason}", options.output)
    if options.output == "json":
        print(report.as_json(scope, examined))
    else:
        report.show(Console(), scope, examined)
    return 0 if diagnosis(examined) is None else 1


def cannot_examine(reason: str, output: str) -> int:
    """Print why nothing was examined, in one line and for programs as JSON too, and return the exit status."""
    print(f"doctor: {reason}", file=sys.stderr)
    if output == "json":
        print(report.error_as_json(reason))
    return CANNOT_EXAMINE


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


if __name__ == "__main__":
    sys.exit(main())
