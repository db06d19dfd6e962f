"""`python -m release.gate`: may the newest revision stay? What Prometheus sees of it decides.

Exit status: 0 it may, 1 it may not: it is worse, or nothing is known of it.
"""

import argparse
import json
import sys
import time
import warnings
from collections.abc import Sequence

from rich.console import Console

from clients.helm import HelmFailed, Release, helm
from release import rollback
from release.gate import report, rollout
from release.gate.judgement import judge
from release.gate.objectives import Objectives
from release.gate.watching import watch
from scrape_doctor import temporary_files


def main(arguments: Sequence[str] | None = None) -> int:
    """Watch, judge, report, go back where that is wanted, and return the exit status."""
    # The client is used for plain lists and creations alone, which every version serves.
    warnings.filterwarnings("ignore", message="Kubernetes version .* is not supported")
    options = parser().parse_args(arguments)
    temporary_files.delete_at_exit()
    release = Release(options.namespace, options.release)
    try:
        wrong = judged(release, options)
    except Exception as error:  # whatever it is: nothing is known of the revision, and so it may not stay
        wrong = f"no data: {' '.join(str(error).split()) or type(error).__name__}"
    if not wrong:
        return 0
    print(f"gate: not passed: {wrong}", file=sys.stderr)
    if options.rollback:
        try:
            print(f"gate: {rollback.back(release)}", file=sys.stderr)
        except HelmFailed as failure:
            print(f"gate: no way back: {failure}", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(prog="python -m release.gate", description=__doc__)
    made.add_argument("--release", required=True, help="the Helm release")
    made.add_argument("--namespace", required=True, help="where it is installed")
    made.add_argument("--monitoring-namespace", default="monitoring", help="where Prometheus is")
    made.add_argument("--seconds", type=float, default=120, help="how long to watch")
    made.add_argument("--rate", type=float, default=20, help="requests per second to send meanwhile")
    made.add_argument("--revision", default="", help="the commit that every replica must report; empty: any")
    made.add_argument("--rollback", action="store_true", help="go back where the gate is not passed")
    return made


def judged(release: Release, options: argparse.Namespace) -> str:
    """Print what was measured and return what is wrong with the newest revision; nothing if it may stay."""
    values = json.loads(helm("get", "values", release.name, "--namespace", release.namespace, "--all", "-o", "json"))
    found = rollout.find(release)
    evidence = watch(
        found,
        values["traffic"]["paths"],
        seconds=options.seconds,
        rate=options.rate,
        monitoring=options.monitoring_namespace,
        say=lambda words: print(f"{time.strftime('%H:%M:%S')} gate: {words}", flush=True),
    )
    rows = judge(evidence, Objectives.of_values(values), options.revision)
    report.show(f"make gate: {found.new} against {found.old or 'nothing before'}", rows, Console(width=120))
    wrong = report.reasons(rows)
    if not wrong:
        print(f"gate: passed: {found.new} stays")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
