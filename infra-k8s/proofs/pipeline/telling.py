"""A story told: its commit pushed, and held against what had to become of it."""

import os
import time
from dataclasses import dataclass, field

from proofs.pipeline import registry
from proofs.pipeline.cd import recorded
from proofs.pipeline.chain import Outcome
from proofs.pipeline.forge import Forge
from proofs.pipeline.live import expect
from proofs.pipeline.repository import commit, git, push
from proofs.pipeline.stories import Story


class Untrue(AssertionError):
    """Something else became of the commit; the message says what."""


@dataclass
class Told:
    """What became of a story's commit; `lead_seconds` are those from the push until what is live was seen."""

    story: str
    commit: str = ""
    outcomes: list[Outcome] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    lead_seconds: float = 0.0
    complaint: str = "was not told"


@dataclass
class Teller:
    """Tells stories on one forge; `revision` and `image` are what the ones so far have left live."""

    forge: Forge
    revision: str = ""
    image: str = ""

    def tell(self, story: Story, told: Told) -> None:
        """Push the story's commit and fill `told` in; raise Untrue, or TimeoutError, where it turns out otherwise."""
        forge, clone = self.forge, self.forge.developer
        for change in story.changes:
            change.apply(clone)
        told.commit = commit(clone, story.message)
        held = registry.holdings(forge.place.image) if self.revision else {}
        known, infra = len(forge.journal.read()), git(forge.bare("infra"), "rev-parse", "main")
        begin = time.monotonic()
        try:
            push(clone, os.environ)
        finally:
            told.outcomes = forge.journal.read()[known:]
        ended(story, told.outcomes)
        image = self.published(story, told, held)
        self.recorded(story, told, infra, image)
        if story.goes_live:
            self.revision, self.image = told.commit, image
        else:
            git(clone, "revert", "--no-edit", "HEAD")
        live = expect(forge.place.namespace, self.revision)
        told.seen.append(f"live: {self.revision[:12]} on {live.wanted} replicas by Prometheus, /api/info and the page")
        told.lead_seconds = round(time.monotonic() - begin, 1)
        told.complaint = ""

    def published(self, story: Story, told: Told, before: dict[str, str]) -> str:
        """Return the image that the commit became; raise Untrue where there is none, or one that must not be."""
        place = self.forge.place
        now = registry.holdings(place.image)
        if not story.is_published:
            if now != before:
                raise Untrue(f"the registry has something new: {sorted(now.items() - before.items())}")
            told.seen.append(f"registry: its {len(now)} tags as before")
            return ""
        digest = now.get(told.commit, "")
        if not digest or digest in before.values():
            raise Untrue(f"the registry has no new image {place.image}:{told.commit}")
        found = registry.platforms(place.image, digest)
        if found != set(place.platforms.split(",")):
            raise Untrue(f"{place.image}@{digest} is for {sorted(found)}, not for {place.platforms}")
        told.seen.append(f"registry: {digest[:19]}… for {', '.join(sorted(found))}")
        return f"{place.image}@{digest}"

    def recorded(self, story: Story, told: Told, since: str, image: str) -> None:
        """Hold the commits that infra has got to the story: what is recorded in the end is what has to be live."""
        bare, file = self.forge.bare("infra"), self.forge.place.record
        commits = git(bare, "log", "--reverse", "--format=%H", f"{since}..main").split()
        records = [recorded(git(bare, "show", f"{each}:{file}")) for each in commits]
        expected = [image] if story.goes_live else [image, self.image] if story.is_published else []
        if records != expected:
            raise Untrue(f"infra's git has recorded {records}, not {expected}")
        digests = [each.rpartition("@")[2][:19] + "…" for each in records]
        told.seen.append(f"git: {', then back to '.join(digests) or 'nothing new'}")


def ended(story: Story, outcomes: list[Outcome]) -> None:
    """Raise Untrue unless the chains stopped at the story's step and nowhere else."""
    failed = [(each.chain, each.step) for each in outcomes if not each.passed]
    if failed != ([story.stops_at] if story.stops_at else []):
        raise Untrue(f"stopped at {failed or 'nothing'}, not at {story.stops_at or 'nothing'}")
    last = {None: "gate", "ci": story.stops_at and story.stops_at[1], "cd": "withdraw"}
    expected = last[story.stops_at[0] if story.stops_at else None]
    if not outcomes or outcomes[-1].step != expected:
        raise Untrue(f"the last step was {outcomes[-1].step if outcomes else 'none'}, not {expected}")
