"""The steps of a release, as deploy.yaml and `make ci` take them: `python -m release STEP`.

A step reads its inputs from the environment (`release/inputs.py`). Exit status: 0 done; 1 refused or failed, with one
line that says why.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from clients.errors import ClientFailed
from clients.helm import HelmFailed, Release
from clients.image_reference import ImageReference
from release import chart, gate, outputs, pending, plan, record, rollback
from release.environments import file_of, recorded, write
from release.inputs import Inputs
from release.refused import Refused
from release.verify import verify

VERIFY = ("IMAGE", "COSIGN_PUBLIC_KEY", "REVISION", "TRUSTED_IMAGE", "GITHUB_OUTPUT")
CHARTS = Path(__file__).resolve().parent.parent / "build" / "chart"
IN_CLUSTER = ("NAMESPACE", "RELEASE")
GATE = ("WATCH_SECONDS", "RATE", "ROLLBACK")  # checked before the deploy as well: after it, a refusal comes too late


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Take one step and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    parser.add_argument("step", choices=STEPS)
    step = parser.parse_args(arguments).step
    try:
        take, names = STEPS[step]
        return take(Inputs.read(environment, names))
    except HelmFailed as failure:
        print(f"{step}: {failure}", file=sys.stderr)
    except (Refused, ClientFailed) as refusal:
        print(f"{step}: refused: {refusal}", file=sys.stderr)
    return 1


def plan_step(inputs: Inputs) -> int:
    """Decide what is to be done; hand it on and print it."""
    file = file_of(inputs["ENVIRONMENT"])
    decided = plan.decide(inputs["ACTION"], inputs["IMAGE"], inputs["REVISION"], file, inputs["TRUSTED_IMAGE"])
    outputs.write(decided.outputs(), inputs["GITHUB_OUTPUT"])
    print("\n".join(f"{name}={value}" for name, value in decided.outputs().items()))
    return 0


def verify_step(inputs: Inputs) -> int:
    """Verify the image; hand on and print the commit that was tested."""
    image = ImageReference.parse(inputs["IMAGE"])
    commit = verify(image, inputs["COSIGN_PUBLIC_KEY"], inputs["REVISION"], inputs["TRUSTED_IMAGE"])
    outputs.write({"revision": commit}, inputs["GITHUB_OUTPUT"])
    print(f"verify: {image} is signed by who may publish it, and commit {commit} was tested")
    return 0


def promote_step(inputs: Inputs) -> int:
    """Verify the image and write it down without a commit."""
    file = file_of(inputs["ENVIRONMENT"])
    verify_step(inputs)
    write(ImageReference.parse(inputs["IMAGE"]), file)
    print(f"promote: recorded in {file}")
    return 0


def record_step(inputs: Inputs) -> int:
    """Commit the image as what the environment runs, and push the commit where a remote is named."""
    file, image = file_of(inputs["ENVIRONMENT"]), ImageReference.parse(inputs["IMAGE"])
    commit = record.commit(image, file, inputs["DEPLOY_RUN"], tested=inputs["TESTED"] == "1")
    print(f"record: {image} {f'in commit {commit}' if commit else 'was recorded already'}")
    if commit and inputs["PUSH"]:
        push(file, inputs, "run it again from plan on")
    return 0


def chart_step(inputs: Inputs) -> int:
    """Copy the chart as it is released into build/chart, with the recorded image as its default; print its version."""
    image = recorded(file_of(inputs["ENVIRONMENT"]).read_text())
    print(chart.prepare(inputs["TAG"], image, CHARTS))
    return 0


def prepare_step(inputs: Inputs) -> int:
    """Make sure that the upgrade may begin: its image is still recorded, and no killed helm holds the release."""
    if inputs["RECORDED_ON"]:
        record.require_recorded(file_of(inputs["ENVIRONMENT"]), inputs["RECORDED_ON"])
    if freed := pending.free(Release(inputs["NAMESPACE"], inputs["RELEASE"])):
        print(f"deploy: {freed}")
    return 0


def rollback_step(inputs: Inputs) -> int:
    """Roll the release back in the cluster alone."""
    release = Release(inputs["NAMESPACE"], inputs["RELEASE"])
    print(f"rollback: {rollback.undo(release, inputs.since) if inputs.since else rollback.roll_back(release)}")
    return 0


def withdraw_step(inputs: Inputs) -> int:
    """Put back what was recorded before a commit; a run that was cancelled finds its commit by its own name."""
    file = file_of(inputs["ENVIRONMENT"])
    try:
        taken_back = inputs["COMMIT"] or (
            record.commit_of_run(file, inputs["DEPLOY_RUN"]) if inputs["DEPLOY_RUN"] else ""
        )
        commit = record.withdraw(file, taken_back)
    except record.NothingToWithdraw as nothing:
        print(f"withdraw: {nothing}")
        return 0
    print(f"withdraw: {inputs['ENVIRONMENT']} is back to what it ran before, in commit {commit}")
    if inputs["PUSH"]:
        push(file, inputs, f"git records {inputs['ENVIRONMENT']}'s failed image: run this job again")
    return 0


def push(file: Path, inputs: Inputs, advice: str) -> None:
    """Push the commit that a step has just made; where that fails, undo it, so that the step can be repeated."""
    try:
        record.push(file.parent, inputs["PUSH"], inputs["BRANCH"], advice)
    except (Refused, ClientFailed):
        record.drop(file)
        raise
    print(f"pushed to {inputs['BRANCH']} of {inputs['PUSH']}")


# Each step, and the variables that it reads.
STEPS: dict[str, tuple[Callable[[Inputs], int], tuple[str, ...]]] = {
    "plan": (plan_step, ("ACTION", "IMAGE", "REVISION", "ENVIRONMENT", "TRUSTED_IMAGE", "GITHUB_OUTPUT")),
    "verify": (verify_step, VERIFY),
    "promote": (promote_step, (*VERIFY, "ENVIRONMENT")),
    "record": (record_step, ("IMAGE", "DEPLOY_RUN", "TESTED", "ENVIRONMENT", "PUSH", "BRANCH")),
    "chart": (chart_step, ("TAG", "ENVIRONMENT")),
    "prepare": (prepare_step, (*IN_CLUSTER, "ENVIRONMENT", "RECORDED_ON", "DEPLOY_TIMEOUT", *GATE)),
    "gate": (gate.run, (*IN_CLUSTER, "MONITORING_NAMESPACE", "REVISION", *GATE)),
    "rollback": (rollback_step, (*IN_CLUSTER, "SINCE")),
    "withdraw": (withdraw_step, ("COMMIT", "DEPLOY_RUN", "ENVIRONMENT", "PUSH", "BRANCH")),
}

if __name__ == "__main__":
    sys.exit(main())
