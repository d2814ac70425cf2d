"""Parts of `findings.json` that speak of cohorts and of effects."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from precipice.effects import CONCLUSIONS


class Part(BaseModel):
    """A noun of the document: frozen, every name known, every name described."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ChangeTold(Part):
    """Mean uploads a month of one cohort in the first and in the last months shown: a description, not an effect."""

    platform: str
    """Name of the platform."""
    cohort: str
    """`senior` or `junior`."""
    direction: Literal["fell", "rose", "not clear", "withheld", "too short"]
    """What may be said: `not clear` where the interval holds nought, `too short` where there are too few months."""
    first: list[str]
    """First and last month of the first window."""
    last: list[str]
    """First and last month of the last window."""
    before: float | None
    """Mean uploads a month in the first window, each creator at most the cap."""
    after: float | None
    """The same in the last window."""
    percent: float | None
    """Relative change, per cent."""
    percent_low: float | None
    """Lower end of its 95 % interval over creators."""
    percent_high: float | None
    """Upper end; null where it is infinite."""


class CohortTold(Part):
    """One cohort, or both where one is of 1 to 4 creators."""

    platform: str
    """Name of the platform."""
    cohort: str
    """`senior`, `junior`, or `senior and junior`."""
    creators: int | None
    """Null for 1 to 4."""
    uploads: int | None
    """Uploads of the months that are given."""
    capped: int | None
    """The same, at most the cap a month and creator."""
    withheld: int
    """Months, or longer periods, whose uploads are withheld."""
    capped_withheld: int
    """The same for capped uploads."""
    first: str | None
    """First month with an upload."""
    last: str | None
    """Last one."""


class EventTold(Part):
    """An event that every figure carries."""

    name: str
    """As in the study file."""
    label: str
    """As on figures."""
    day: str
    """When, `2022-08-22`."""
    source: str
    """Where the date is from."""


class RowTold(Part):
    """One of a verdict's four questions."""

    question: str
    """What is asked."""
    answer: Literal["yes", "no", "cannot tell"]
    """What the data say."""
    detail: str
    """The number behind it, or why there is none."""


class VerdictTold(Part):
    """What all methods together say of one event on one platform."""

    platform: str
    """Name of the platform."""
    event: str
    """Name of the event."""
    month: str
    """Its month."""
    conclusion: str = Field(json_schema_extra={"enum": [*CONCLUSIONS, "cannot tell"]})
    """What may be said at the most; `sentence` says no more."""
    sentence: str
    """As in `answer.lead`."""
    p: float | None
    """p-value that incumbents changed, and further than those they are compared with; null where it cannot be told."""
    p_holm: float | None
    """The same, corrected for all the verdicts (Holm)."""
    rows: list[RowTold]
    """The four questions."""


class StatusTold(Part):
    """One thing that limits an answer."""

    status: str
    """Its name (see docs/effects.md)."""
    weight: Literal["refuses", "weakens", "notes"]
    """Whether it withholds the number, keeps verdicts from resting on it, or is to be known."""
    reason: str
    """What there is."""
    needed: str
    """What would be needed to do without it."""


class EffectTold(Part):
    """What one method says one event did on one platform."""

    platform: str
    """Name of the platform."""
    event: str
    """Name of the event."""
    month: str
    """The event's month."""
    method: str
    """`S1`, `S2`, … (see docs/effects.md)."""
    outcome: str
    """`trimmed`, `capped`, `counts` or `lapse`."""
    refused: bool
    """Whether a status withholds the number."""
    percent: float | None
    """The effect in per cent."""
    percent_low: float | None
    """Lower end of its 95 % interval, the platform's calendar noise included."""
    percent_high: float | None
    """Upper end."""
    p: float | None
    """Two-sided p-value of no effect."""
    p_holm: float | None
    """Corrected for the tests of the same method asked together (Holm)."""
    p_rank: float | None
    """Rank of the event among the placebos, as a p-value."""
    percent_detectable: float | None
    """Size of a change, in per cent, that would be seen four times in five."""
    creators: int | None
    """Creators that enter the number, rounded down to a multiple of five; null for 1 to 4."""
    placebos: int
    """Placebo cutoffs that it was judged against."""
    answer: str
    """What the number says on its own, at 5 % after Holm's correction."""
    statuses: list[StatusTold]
    """What limits it."""


class ComparisonTold(Part):
    """A method that was asked."""

    method: str
    """`S1`, `S2`, …"""
    compares_with: str
    """What incumbents are compared with."""
    cannot_say: str
    """What it cannot tell, however many creators there are."""
