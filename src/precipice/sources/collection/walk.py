"""The walk through a frame: whom to screen, whom to ask, who stands in for whom, all read off the ledger.

Whatever was done before is in the ledger, so a walk begun anew goes the same way and only does what is left.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from precipice.sources.collection.conditions import Condition
from precipice.sources.collection.frames import Candidate, Frame
from precipice.sources.collection.ledger import Entry, Ledger
from precipice.sources.collection.protocol import Task
from precipice.sources.collection.sites import Site

TRIES = 2
"""Refusals or breaks of one artist, in different runs, after which it is left alone (and replaced where refused)."""

Mode = Literal["collect", "update", "recheck"]
Standing = Literal["eligible", "waiting", "unscreened", "gone", "unknown", "ineligible", "same"]
TAKEN: frozenset[Standing] = frozenset({"eligible", "waiting"})
"""Who takes a place in the sample; whoever is waiting could not be screened at first and is asked again at the end."""


@dataclass(frozen=True)
class Wish:
    """What is asked of a site."""

    n: int | None = None
    """Artists drawn; None for all of the frame."""
    where: Condition | None = None
    screen_all: bool = False
    """Whether the whole frame is screened first, so that inclusion probabilities are known and not estimated."""
    followers: bool = True
    """Whether profiles are asked for even where nothing is screened by them."""
    details: bool = False
    since: str | None = None
    until: str | None = None
    mode: Mode = "collect"


@dataclass
class Walk:
    """One site's way through its frame."""

    site: Site
    frame: Frame
    ledger: Ledger
    wish: Wish
    name: Callable[[Candidate], str]
    """Candidate → pseudonym of the name asked for."""
    fresh: set[str] = field(default_factory=set)
    """Pseudonyms of those who were asked in this run."""

    def entry(self, candidate: Candidate) -> Entry | None:
        """Give an artist's entry."""
        return self.ledger.get(self.site.name, self.name(candidate))

    @property
    def needs_profile(self) -> bool:
        """Whether candidates are looked at before they are asked for their posts."""
        return self.wish.where is not None or (self.wish.followers and self.site.followers)

    def tasks(self) -> Iterator[tuple[Candidate, Task]]:
        """Give what is to be done, one after the other; the ledger is to be up to date before the next is asked for.

        Whoever broke off or was refused before comes last, so that nobody stands in the way of the others.
        """
        if self.wish.screen_all:
            for candidate in self.frame.candidates:
                yield from self._screening(candidate, retry=False)
        for retry in (False, True):
            taken = 0
            met: set[str] = set()
            for candidate in self.frame.candidates:
                if taken == self.wish.n:
                    break
                yield from self._screening(candidate, retry=retry)
                standing = self._standing(candidate, met)
                if standing == "eligible" and self._is_due(self.entry(candidate), retry=retry):
                    yield candidate, self.task(candidate)
                taken += standing in TAKEN and not self.is_replaced(candidate)

    def _screening(self, candidate: Candidate, *, retry: bool) -> Iterator[tuple[Candidate, Task]]:
        held = self.entry(candidate)
        if not self.needs_profile or (held is not None and (held.read is not None or held.state == "gone")):
            return
        if held is None or held.state == "begun" or (retry and held.tries < TRIES):
            active = self.wish.where is not None and "last" in self.wish.where.attributes
            yield candidate, Task("profile", candidate.artist, post=held.post if held else None, active=active)

    def _is_due(self, held: Entry | None, *, retry: bool) -> bool:
        if held is None or held.state in ("screened", "begun"):
            return True
        if held.state == "gone":
            return False
        if held.artist not in self.fresh and (self.wish.mode != "collect" or self._differs(held)):
            return True
        return held.state != "complete" and retry and held.tries < TRIES

    def _differs(self, held: Entry) -> bool:
        """Tell whether other days or details were asked for than before."""
        if held.state == "refused":
            return False
        return (held.since, held.until, held.details) != (self.wish.since, self.wish.until, self.wish.details)

    def is_replaced(self, candidate: Candidate) -> bool:
        """Tell whether another is taken in an artist's place: gone, or refused for good before a post was served."""
        held = self.entry(candidate)
        if held is None or held.post is not None:
            return False
        return held.state == "gone" or (held.state == "refused" and held.tries >= TRIES)

    def task(self, candidate: Candidate) -> Task:
        """Make the task of an artist, going on from where the ledger says."""
        held = self.entry(candidate)
        task = Task("collect", candidate.artist, since=self.wish.since, until=self.wish.until)
        if held is None:
            return task
        # DeviantArt's total stands in the profile and grows old: it is passed on only within the run that read it.
        is_current = self.site.kind != "deviantart" or held.artist in self.fresh
        task = replace(task, post=held.post, profile=held.profile if held.read and is_current else None)
        if self._differs(held):
            return task
        if held.state == "begun" and self.site.kind == "danbooru":
            return replace(task, after=held.last)
        if held.state == "complete" and self.wish.mode == "update":
            return replace(task, known=held.stated, newest=held.newest)
        return task

    def _standing(self, candidate: Candidate, met: set[str]) -> Standing:
        """Say whether a candidate is eligible, and why not; `met` holds the creators met before."""
        held = self.entry(candidate)
        if held is not None and held.creator:
            if held.creator in met:
                return "same"
            met.add(held.creator)
        if not self.needs_profile:
            return "eligible"
        if held is None or (held.read is None and held.state == "begun"):
            return "unscreened"
        if held.read is None:
            waiting = held.state in ("refused", "partial") and held.tries < TRIES
            return "gone" if held.state == "gone" else "waiting" if waiting else "unknown"
        answer = self.wish.where.meets(held.profile) if self.wish.where else True
        return "unknown" if answer is None else "eligible" if answer else "ineligible"

    def standings(self) -> tuple[tuple[Candidate, Standing], ...]:
        """Say of every candidate of the frame whether it is eligible."""
        met: set[str] = set()
        return tuple((candidate, self._standing(candidate, met)) for candidate in self.frame.candidates)

    def drawn(self) -> tuple[Candidate, ...]:
        """Give those drawn so far, in the order of the draw."""
        taken, found = 0, []
        for candidate, standing in self.standings():
            if taken == self.wish.n:
                break
            if standing in TAKEN:
                found.append(candidate)
                taken += not self.is_replaced(candidate)
        return tuple(found)
