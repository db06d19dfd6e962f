"""`scrape-doctor`: walk the chain of each target and name its first broken link.

Exit status: 0 every chain is whole, 1 a link is broken, 2 something could not be examined, 130 interrupted.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata

from rich.console import Console

from scrape_doctor import markdown, progress, report, temporary_files
from scrape_doctor.errors import CannotExamine
from scrape_doctor.examination import Examination, examine_manifests, examine_when_loaded
from scrape_doctor.scope import KINDS, Scope, Target

CANNOT_EXAMINE = 2
INTERRUPTED = 130  # as shells report it: 128 and the number of the signal
RUN_AGAINST = "run against Kubernetes 1.36, Prometheus operator 0.85 and Prometheus 3.5"
WAIT_SECONDS = 180  # more than Prometheus takes to load a change


def main(arguments: Sequence[str] | None = None) -> int:
    """Examine, report, and return the exit status."""
    options = parser().parse_args(arguments)
    temporary_files.delete_at_exit()
    try:
        refuse_contradictions(options)
        if options.manifests:
            examinations = examine_manifests(options.manifests, options.namespace, options.prometheus_selector)
        else:
            with progress.shown(Console(stderr=True)) as told:
                examinations = examine_when_loaded(
                    list(scopes(options)), options.context, told, WAIT_SECONDS if options.wait else 0
                )
    except CannotExamine as error:
        return cannot_examine(str(error), options.output)
    except Exception as error:  # a credential plugin, a proxy, an unexpected object: never a diagnosis
        reason = " ".join(str(error).split()) or "no reason given"
        return cannot_examine(f"{type(error).__name__}: {reason}", options.output)
    except KeyboardInterrupt:  # one waits long for --all and --wait
        cannot_examine("interrupted", options.output)
        return INTERRUPTED
    show(examinations, options.output, together=bool(options.all or options.manifests))
    return status(examinations)


def refuse_contradictions(options: argparse.Namespace) -> None:
    """Refuse options that would be ignored beside others.

    Raises:
        CannotExamine: naming the first.
    """
    of_clusters = {
        "a target": bool(options.targets),
        "--all": options.all,
        "--release": options.release is not None,
        "--wait": options.wait,
        "--context": options.context is not None,
    }
    if options.manifests:
        for name in (name for name, given in of_clusters.items() if given):
            raise CannotExamine(f"--manifests examines a file in place of a cluster: leave out {name}")
    elif options.prometheus_selector:
        raise CannotExamine("--prometheus-selector is for --manifests: a cluster's own Prometheus tells what it wants")


def show(examinations: Sequence[Examination], output: str, *, together: bool) -> None:
    """Print the examinations: one line for each target where they were examined together, else each link."""
    if output == "json":
        print(report.as_json(examinations))
    elif output == "markdown":
        print(markdown.as_markdown(examinations, together=together))
    elif together:
        report.show_all(Console(), examinations)
    else:
        for examination in examinations:
            report.show(Console(), examination)


def status(examinations: Sequence[Examination]) -> int:
    """Return the exit status: a broken link comes before one that could not be examined."""
    if any(each.diagnosis for each in examinations):
        return 1
    return 0 if all(each.is_whole for each in examinations) else CANNOT_EXAMINE


def scopes(options: argparse.Namespace) -> Iterator[Scope]:
    """Yield what the command line asks for: each target, the release, or the whole namespace.

    Raises:
        CannotExamine: if a target is none.
    """
    monitoring = (options.monitoring_release or "", options.monitoring_namespace or "")
    targets = [Target.parse(text) for text in options.targets]
    if options.all:
        if targets or options.release is not None:
            raise CannotExamine("--all examines the whole cluster: name no target and no release with it")
        yield Scope("", "", *monitoring, everywhere=True)
    elif options.release is not None:
        yield Scope(options.release, options.namespace, *monitoring)
    elif not targets:
        yield Scope("", options.namespace, *monitoring)
    for target in targets:
        yield Scope("", options.namespace, *monitoring, target=target)


def cannot_examine(reason: str, output: str) -> int:
    """Print why nothing was examined, in one line and for programs as JSON too, and return the exit status."""
    print(f"doctor: {reason}", file=sys.stderr)
    if output == "json":
        print(report.error_as_json(reason))
    return CANNOT_EXAMINE


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    made = argparse.ArgumentParser(
        prog="scrape-doctor",
        formatter_class=argparse.RawDescriptionHelpFormatter,  # the version is one line
        description="Name the first broken link between an application and its alerts, and its fix.",
    )
    made.add_argument(
        "targets",
        nargs="*",
        metavar="TARGET",
        help=f"KIND/NAME or a name, where KIND is {', '.join(KINDS)}; default: every monitor of the namespace, "
        "and every Service that looks scraped and that no monitor selects",
    )
    made.add_argument("--release", help="the same as release/RELEASE: a Helm release, of any chart")
    made.add_argument(
        "--all",
        action="store_true",
        help="examine every ServiceMonitor, PodMonitor, Probe and Prometheus of the cluster, one line each",
    )
    made.add_argument("--manifests", metavar="FILE", help="examine a file, or - for stdin, in place of a cluster")
    made.add_argument(
        "--prometheus-selector",
        default="",
        metavar="LABELS",
        help="what Prometheus wants, for --manifests: KEY=VALUE,…",
    )
    made.add_argument("--namespace", "-n", default="", help="where the targets are; default: the kubeconfig's")
    made.add_argument("--monitoring-release", help="release of kube-prometheus-stack; default: that of the Prometheus")
    made.add_argument("--monitoring-namespace", help="where that is installed; default: wherever a Prometheus is")
    made.add_argument("--context", help="context of the kubeconfig; default: the current one")
    made.add_argument(
        "--wait",
        action="store_true",
        help=f"where Prometheus has not loaded its newest configuration yet, wait for that, {WAIT_SECONDS} s at most",
    )
    made.add_argument("--version", action="version", version=f"scrape-doctor {version()}, {RUN_AGAINST}")
    made.add_argument("--output", choices=("table", "markdown", "json"), default="table")
    return made


def version() -> str:
    """Return the installed distribution's version."""
    try:
        return metadata.version("scrape-doctor")
    except metadata.PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
