"""How a frame became a sample: each step's count, and what came of those drawn."""

from collections import Counter
from dataclasses import dataclass

from precipice.sources.collection.frames import estimated_eligible
from precipice.sources.collection.walk import Walk


@dataclass(frozen=True)
class Flow:
    """The counts of one site."""

    site: str
    lines: int
    duplicates: int
    excluded: int
    frame: int
    """Candidates left."""
    screened: int
    gone_before: int
    """Gone when they were screened."""
    unknown: int
    """Profiles that could not be read, or did not say enough."""
    ineligible: int
    same: int
    """Another name of somebody met before."""
    eligible: int
    wanted: int | None
    drawn: int
    """Eligible ones taken in their turn, replaced ones among them."""
    replaced: int
    """Of these, gone or refused, and another taken in their place."""
    complete: int
    partial: int
    gone: int
    refused: int
    pending: int
    probability: float | None
    """With which each eligible candidate was drawn; None where nobody is eligible yet."""
    exact: bool
    """Whether the number of eligible candidates is known, or estimated from those screened."""


def count_flow(walk: Walk) -> Flow:
    """Count each step of a walk, from the ledger alone."""
    standings = walk.standings()
    count = Counter(standing for _, standing in standings)
    drawn = walk.drawn()
    state = Counter(held.state if (held := walk.entry(candidate)) else "pending" for candidate in drawn)
    frame, screened = len(standings), len(standings) - count["unscreened"]
    eligible = estimated_eligible(frame, screened, count["eligible"])
    return Flow(
        site=walk.site.name,
        lines=walk.frame.lines,
        duplicates=walk.frame.duplicates,
        excluded=walk.frame.excluded,
        frame=frame,
        screened=screened if walk.needs_profile else 0,
        gone_before=count["gone"],
        unknown=count["unknown"],
        ineligible=count["ineligible"],
        same=count["same"],
        eligible=count["eligible"],
        wanted=walk.wish.n,
        drawn=len(drawn),
        replaced=sum(map(walk.is_replaced, drawn)),
        complete=state["complete"],
        partial=state["partial"],
        gone=state["gone"],
        refused=state["refused"],
        pending=state["pending"] + state["begun"] + state["screened"],
        probability=min(1.0, len(drawn) / eligible) if eligible else None,
        exact=screened == frame,
    )
