"""What each method compares incumbents with, and what it cannot say, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from precipice.effects.outcomes import TRIM


@dataclass(frozen=True)
class Words:
    """A method in words."""

    label: str
    """What it measures."""
    compares_with: str
    """What the incumbents are compared with."""
    cannot_say: str
    """What it cannot tell, however many creators there are."""


OUTCOME_WORDS: Mapping[str, str] = {
    "capped": "months with an upload",
    "counts": "uploads",
    "trimmed": f"uploads, at most {TRIM} a month",
    "lapse": "falling silent",
}
"""Each outcome in words."""

WORDS: Mapping[str, Words] = {
    "S1": Words(
        "incumbents' change",
        "what creators of their tenure used to do, a year before the cutoff and at placebo cutoffs",
        "whether the event or another change of the whole platform in those months did it",
    ),
    "S2": Words(
        "gap between incumbents and newcomers",
        "newcomers in the same months, each at their tenure, and the same gap at placebo cutoffs",
        "whether incumbents changed or newcomers did",
    ),
    "SJ": Words(
        "newcomers' change",
        "the newcomers of the months before, in their own first months",
        "anything about incumbents",
    ),
    "S12": Words(
        "incumbents' change beyond newcomers'",
        "the change of newcomers' first months from before the cutoff to after it",
        "whether incumbents changed or newcomers did",
    ),
    "control": Words(
        "incumbents' change beyond the control platform's",
        "incumbents of the control platform at the same cutoffs",
        "whether the event touched the control platform too, or something else touched only one of them",
    ),
    "age-period": Words(
        "jump between incumbents and newcomers, tenure and month held equal",
        "newcomers in the same months, by a Poisson regression on tenure and month",
        "anything about a gradual change from cohort to cohort, which it absorbs",
    ),
    "lapse-S1": Words(
        "change of incumbents' hazard of falling silent",
        "the hazard at their tenure before the cutoff and at placebo cutoffs",
        "whether the event or another change of the whole platform did it, nor who will come back later",
    ),
    "lapse-S2": Words(
        "gap in the hazard of falling silent",
        "newcomers in the same months, each at their tenure",
        "whether incumbents changed or newcomers did, nor who will come back later",
    ),
}
"""Each key of `METHODS` in words."""
