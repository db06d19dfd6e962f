"""The gate as a step: watch, judge, report, and roll back where the revision may not stay."""

import json
import sys
import time
import warnings

from rich.console import Console

from clients.helm import HelmFailed, Release, helm
from release import rollback
from release.gate import report, rollout
from release.gate.judgement import judge
from release.gate.objectives import Objectives
from release.gate.watch import watch
from release.inputs import Inputs
from scrape_doctor import temporary_files


def run(inputs: Inputs) -> int:
    """Return 0 where the revision may stay; 1 where it is worse than allowed, or nothing is known of it."""
    # The client is used for plain lists and creations alone, which every version serves.
    warnings.filterwarnings("ignore", message="Kubernetes version .* is not supported")
    temporary_files.delete_at_exit()
    release = Release(inputs["NAMESPACE"], inputs["RELEASE"])
    try:
        failures = judged(release, inputs)
    except Exception as error:  # whatever it is: nothing is known of the revision, and so it may not stay
        failures = f"no data: {' '.join(str(error).split()) or type(error).__name__}"
    if not failures:
        return 0
    print(f"gate: not passed: {failures}", file=sys.stderr)
    if inputs["ROLLBACK"] == "1":
        try:
            print(f"gate: {rollback.roll_back(release)}", file=sys.stderr)
        except HelmFailed as failure:
            print(f"gate: not rolled back: {failure}", file=sys.stderr)
    return 1


def judged(release: Release, inputs: Inputs) -> str:
    """Print what was measured and return why the newest revision may not stay; nothing if it may."""
    values = json.loads(helm("get", "values", release.name, "--namespace", release.namespace, "--all", "-o", "json"))
    found = rollout.find(release)
    measurements = watch(
        found,
        values["traffic"]["paths"],
        seconds=float(inputs["WATCH_SECONDS"]),
        rate=float(inputs["RATE"]),
        monitoring=inputs["MONITORING_NAMESPACE"],
        say=lambda words: print(f"{time.strftime('%H:%M:%S')} gate: {words}", flush=True),
    )
    rows = judge(measurements, Objectives.of_values(values), inputs["REVISION"])
    report.show(f"make gate: {found.new} against {found.old or 'nothing before'}", rows, Console(width=120))
    failures = report.reasons(rows)
    if not failures:
        print(f"gate: passed: {found.new} stays")
    return failures
