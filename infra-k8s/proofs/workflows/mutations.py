"""Faults put into the workflow files, each with the scenario that must not pass with it.

They change what act is given, and not the repositories: there the repositories' own tests would find most of them.
"""

import re
from dataclasses import dataclass

from proofs.workflows import scenarios
from proofs.workflows.scenarios import Scenario

JOB = re.compile(r"\n  [a-z]+:\n")


class DoesNotApply(ValueError):
    """A workflow does not hold what a mutation changes exactly once; the message says which."""


@dataclass(frozen=True)
class Mutation:
    """In the workflow called `workflow`, in its job `job`, `before` occurs once and is replaced by `after`."""

    name: str
    workflow: str
    job: str
    before: str
    after: str
    scenario: Scenario

    def apply(self, text: str) -> str:
        """Return the workflow with the fault in it, or another workflow as it is."""
        if not text.partition("\nname: ")[2].startswith(f"{self.workflow}\n"):
            return text
        start = text.find(f"\n  {self.job}:\n") if self.job else 0
        end = next_job(text, start) if self.job else len(text)
        part = text[start:end]
        if start < 0 or part.count(self.before) != 1:
            raise DoesNotApply(f"{self.name}: {self.workflow}/{self.job} holds it {part.count(self.before)} times")
        return text[:start] + part.replace(self.before, self.after) + text[end:]


def next_job(text: str, start: int) -> int:
    """Return where the job after the one at `start` begins, or where the text ends."""
    found = JOB.search(text, start + 1)
    return found.start() if found else len(text)


MUTATIONS = (
    Mutation(
        "a fork's pull request is published",
        *("ci", "publish", "if: github.event_name != 'pull_request'", "if: github.event_name == 'pull_request'"),
        scenarios.fork,
    ),
    Mutation(
        "what is published does not wait for the tests",
        *("ci", "publish", "    needs: [test, build]\n", "    needs: build\n"),
        scenarios.failing_tests,
    ),
    Mutation(
        "any owner's image is trusted",
        *("deploy", "", "  TRUSTED_IMAGE: ${{", "  IGNORED_IMAGE: ${{"),
        scenarios.foreign_image,
    ),
    Mutation(
        "the image is not signed",
        *("ci", "publish", "      - name: sign\n        run: scripts/sign\n", ""),
        scenarios.good_commit,
    ),
    Mutation(
        "the job that verifies may write packages",
        *("ci", "verify", "      contents: read # the commit\n", "      contents: read\n      packages: write\n"),
        scenarios.good_commit,
    ),
    Mutation(
        "a tag is handed over instead of a digest",
        *(
            "ci",
            "dispatch",
            "IMAGE: ${{ needs.publish.outputs.image }}",
            "IMAGE: ${{ format('{0}/{1}:latest', env.REGISTRY, github.repository) }}",
        ),
        scenarios.good_commit,
    ),
    Mutation(
        "a digest that did not stay is not put back",
        *("deploy", "withdraw", "${{ always() &&", "${{ success() &&"),
        scenarios.never_ready,
    ),
    Mutation(
        "the gate is left out",
        *("deploy", "deploy", "run: make --silent gate 2>&1", "run: echo not watched 2>&1"),
        scenarios.errors_behind_good_probes,
    ),
)
