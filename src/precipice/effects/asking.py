"""From a case to effects: each method measured, calibrated and guarded in the same way."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import nan

import numpy as np

from precipice.effects import age_period, control, gap, guards, incumbents, lapse, newcomers
from precipice.effects.calibration import Calibration, calibrate, detectable, interval_and_p
from precipice.effects.case import Case, Measured, Span
from precipice.effects.effect import Effect, Placebo, Status
from precipice.effects.guards import Frame
from precipice.effects.outcomes import OutcomeName
from precipice.effects.words import WORDS
from precipice.errors import CheckError

METHODS: Mapping[str, Callable[[Case, OutcomeName], Measured]] = {
    "S1": incumbents.measure,
    "S2": gap.measure,
    "SJ": newcomers.measure,
    "S12": newcomers.measure_beyond,
    "control": control.measure,
    "age-period": age_period.measure,
    "lapse-S1": lapse.measure,
    "lapse-S2": lapse.measure_gap,
}
"""Every method by name; each measures one outcome at the event and at the placebo cutoffs."""

OUTCOMES: Mapping[str, tuple[OutcomeName, ...]] = {
    "S1": ("capped", "counts", "trimmed"),
    "S2": ("capped", "counts", "trimmed"),
    "SJ": ("capped", "trimmed"),
    "S12": ("capped", "trimmed"),
    "control": ("capped", "counts", "trimmed"),
    "age-period": ("capped",),
    "lapse-S1": ("lapse",),
    "lapse-S2": ("lapse",),
}
"""The outcomes that each method is asked on.  Capping at one a month halves effects on rates, so others are shown."""


@dataclass(frozen=True)
class Question:
    """What is asked of every platform."""

    event: str
    """Name of the event."""
    month: int
    """Its month (see `precipice.months`)."""
    span: Span = field(default_factory=Span)
    """Look-back and windows."""
    frame: Frame = "population"
    """How the creators were chosen."""
    excluded: tuple[int, ...] = ()
    """Months never used (known calendar events)."""
    others: Mapping[str, int] = field(default_factory=dict)
    """Months of other events by name."""


def ask(case: Case, question: Question, methods: Iterable[str]) -> list[Effect]:
    """Ask each method about one case, on each of its outcomes."""
    return [ask_one(case, question, name, outcome) for name in methods for outcome in OUTCOMES[name]]


def refused(platform: str, question: Question, methods: Iterable[str], reason: Status) -> list[Effect]:
    """Give the effects of a platform on which the event cannot be asked about at all."""
    return [_blank(platform, question, name, outcome, (reason,)) for name in methods for outcome in OUTCOMES[name]]


def ask_one(case: Case, question: Question, method: str, outcome: OutcomeName) -> Effect:
    """Ask one method about one case on one outcome; its p is corrected for no other."""
    platform = case.sample.platform
    known = _before_measuring(case, question, method, outcome)
    if any(status.name == "edge" for status in known):
        return _blank(platform, question, method, outcome, known)
    try:
        measured = METHODS[method](case, outcome)
    except CheckError as error:
        reason = Status("not_identified", "refuses", error.what, error.fix)
        return _blank(platform, question, method, outcome, (*known, reason))
    return _judged(_blank(platform, question, method, outcome, known), case, measured)


def _before_measuring(case: Case, question: Question, method: str, outcome: OutcomeName) -> tuple[Status, ...]:
    after = case.fitting(outcome).after
    platforms = [case] + ([case.control] if method == "control" and case.control else [])
    found = [guards.edge(each, outcome, min(after, each.fitting(outcome).after)) for each in platforms]
    found += [guards.unknown_tenure(each.sample) for each in platforms]
    found += [guards.selected_frame(question.frame, method), guards.excluded_months(question.excluded)]
    found += [guards.short_window(case, after)] if outcome == "lapse" else []
    others = {name: month for name, month in question.others.items() if name != question.event}
    return (*(status for status in found if status), *guards.other_events(case, others))


def _judged(blank: Effect, case: Case, measured: Measured) -> Effect:
    """Fill in an effect's numbers, unless a status refuses them."""
    found = (
        _own_inference(measured)
        if measured.degrees is not None
        else calibrate(measured.estimate, measured.se, measured.estimates, measured.errors, measured.kernel)
    )
    size = detectable(found.se, found.degrees) if np.isfinite(found.se) else nan
    limits = (
        guards.no_placebo(measured, case),
        guards.small(measured, found, size),
        guards.drift(measured),
        guards.one_creator(measured, found.se),
    )
    whole = replace(
        blank,
        n_creators=measured.n_creators,
        placebos=_placebos(measured),
        span=replace(case.span, after=measured.after),
        reasons=blank.reasons + tuple(status for status in limits if status),
    )
    if whole.refused:
        return whole
    return replace(
        whole, estimate=found.estimate, low=found.low, high=found.high, p=found.p, p_rank=found.p_rank, se=found.se,
        detectable=size, placebo_mean=found.mean,
    )  # fmt: skip


def _own_inference(measured: Measured) -> Calibration:
    """Put a method's own standard error and degrees of freedom where the placebos' would stand."""
    degrees = measured.degrees or nan
    half, p = interval_and_p(measured.estimate, measured.se, degrees)
    return Calibration(
        measured.estimate, measured.se, measured.estimate - half, measured.estimate + half, p, nan, 0.0, 0.0, 0.0,
        degrees, nan, nan,
    )  # fmt: skip


def _placebos(measured: Measured) -> tuple[Placebo, ...]:
    columns = (measured.cutoffs.tolist(), measured.estimates.tolist(), measured.errors.tolist())
    return tuple(Placebo(*row) for row in zip(*columns, strict=True))


def _blank(platform: str, question: Question, method: str, outcome: OutcomeName, reasons: tuple[Status, ...]) -> Effect:
    words = WORDS[method]
    return Effect(
        platform, question.event, question.month, method, outcome, nan, nan, nan, nan, nan, nan, nan, nan, 0, (),
        question.span, "cannot tell", reasons, words.compares_with, words.cannot_say,
    )  # fmt: skip
