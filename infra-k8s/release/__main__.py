"""The steps of a delivery that concern one image: plan, verify, promote, record, confirm, withdraw; see `make help`.

Exit status: 0 done, 1 refused, with one line that says why.
"""

import argparse
import sys
from collections.abc import Sequence

from release import history, plan
from release.record import file_of, record
from release.reference import Reference, Refused
from release.signature import verify


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one step and return the exit status."""
    asked = parser().parse_args(arguments)
    try:
        STEPS[asked.step](asked)
    except Refused as refusal:
        print(f"{asked.step}: refused: {refusal}", file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    """Describe the command line; what comes from outside may be empty."""
    made = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    made.add_argument("step", choices=STEPS)
    made.add_argument("--image", default="", help="by digest")
    made.add_argument("--environment", default="minikube", help="whose image.yaml is meant")
    made.add_argument("--public-key", default="", help="verify with a key pair instead of the workflow's identity")
    made.add_argument("--trusted", default="", help="registry/owner/name whose images alone may be deployed")
    made.add_argument("--revision", default="", help="the commit that the image must have been built from")
    made.add_argument("--action", default="deploy", help="deploy or rollback")
    made.add_argument("--commit", default="", help="the record to withdraw; empty: the newest")
    made.add_argument("--run", default="", help="the workflow run and its attempt, as 123/1, that records or withdraws")
    made.add_argument("--push", default="", help="the remote to push the commit to; empty: none")
    made.add_argument("--branch", default="main", help="its branch")
    return made


def verified(asked: argparse.Namespace) -> Reference:
    """Verify the image and say so; the commit first, as a workflow's output."""
    image = Reference.parse(asked.image)
    commit = verify(image, asked.public_key, asked.revision, asked.trusted)
    print(f"revision={commit}")
    print(f"verify: {image} is signed by who may publish it, and commit {commit} was tested")
    return image


def promoted(asked: argparse.Namespace) -> None:
    """Verify the image and write it down without a commit."""
    file = file_of(asked.environment)
    record(verified(asked), file)
    print(f"promote: recorded in {file}")


def planned(asked: argparse.Namespace) -> None:
    """Print what is to be done, as a workflow's outputs."""
    decided = plan.decide(asked.action, asked.image, asked.revision, file_of(asked.environment), asked.trusted)
    print("\n".join(f"{name}={value}" for name, value in decided.outputs().items()))


def recorded(asked: argparse.Namespace) -> None:
    """Commit the image as what the environment runs."""
    file, image = file_of(asked.environment), Reference.parse(asked.image)
    commit = history.commit(image, file, asked.run)
    print(f"record: {image} {f'in commit {commit}' if commit else 'was recorded already'}")
    sent(asked, commit)


def withdrawn(asked: argparse.Namespace) -> None:
    """Put back what was recorded before a commit, which a run that was cut short finds by its own name."""
    file = file_of(asked.environment)
    try:
        recorded_by = asked.commit or (history.commit_of_run(file, asked.run) if asked.run else "")
        commit = history.withdraw(file, recorded_by)
    except history.NothingToWithdraw as nothing:
        print(f"withdraw: {nothing}")
        return
    print(f"withdraw: {asked.environment} is back to what it ran before, in commit {commit}")
    sent(asked, commit, f"git records {asked.environment}'s failed image: run this job again")


def confirmed(asked: argparse.Namespace) -> None:
    """Refuse to deploy what a branch no longer records."""
    history.require_recorded(file_of(asked.environment), asked.branch)


def sent(asked: argparse.Namespace, commit: str, advice: str = "run it again from plan on") -> None:
    """Push a new commit where a remote is named."""
    if commit and asked.push:
        history.push(file_of(asked.environment).parent, asked.push, asked.branch, advice)
        print(f"{asked.step}: pushed to {asked.branch} of {asked.push}")


STEPS = {
    "plan": planned,
    "verify": verified,
    "promote": promoted,
    "record": recorded,
    "confirm": confirmed,
    "withdraw": withdrawn,
}

if __name__ == "__main__":
    sys.exit(main())
