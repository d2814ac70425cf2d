"""Guards: what limits an answer on this panel, as statuses with a reason and what would be needed.

The error rates named in the reasons were measured on simulated panels with nothing planted.
"""

from collections.abc import Iterable, Mapping
from math import ceil, log
from typing import Literal

import numpy as np

from precipice.effects.calibration import (
    FEWEST_PLACEBOS,
    Calibration,
    independent,
    interval_and_p,
    kernel_of,
    paule_mandel,
    placebos_needed,
)
from precipice.effects.case import FEWEST, Case, Measured, Span
from precipice.effects.effect import SIGNIFICANT, Effect, Status
from precipice.effects.outcomes import OutcomeName
from precipice.effects.sample import WASH_OUT, Sample
from precipice.months import month_text

Frame = Literal["population", "random", "followers", "recent", "other"]
"""How the creators were chosen: all of a platform, a random draw, by today's followers, by recent activity, other."""

BY_NEWCOMERS = frozenset({"S2", "SJ", "S12", "age-period", "lapse-S2"})
EVERY = BY_NEWCOMERS | {"S1", "control", "lapse-S1"}

BREAKS: Mapping[str, frozenset[str]] = {"followers": BY_NEWCOMERS, "other": BY_NEWCOMERS, "recent": EVERY}
"""Methods that find effects where there are none, by how the creators were chosen.

False positives at 5 %, 100 panels of 1,000 chosen creators, with few and with many uploads each: by followers S1 4 and
2 %, S2 24 and 37, SJ 8 and 16, S12 9 and 12, age-period 16 and 29; by recent activity S1 74 and 8, S2 100 and 87,
SJ 74 and 58, S12 94 and 61, age-period 100 and 77.  Of a newcomer the choice has seen the whole life, of an incumbent
the end.
"""

LONG_HISTORY = 118  # months after which a truncated start matters no more (4 % false positives)
WASHED_HISTORY = 58  # months that a history must have for the wash-out to be enough (3.5 to 7.5 %)
SHORTEST = 6  # months after the event below which lapses are not read
PUBLISHED = 5  # the smallest number of creators that is written
LARGE_EFFECT = -log(0.7)  # a panel that cannot see a fall of 30 % is too small to say no
CARRIES = 0.5  # standard errors by which one creator may move the estimate
DRIFT_LEVEL = 0.05


def outside(sample: Sample, event_month: int, span: Span) -> Status:
    """Refuse an event at which no usable month, or no creator, lies before it or from it on."""
    first, last = month_text(sample.start), month_text(sample.start + max(sample.n_months, 1) - 1)
    if not 0 < event_month - sample.start < sample.n_months:
        reason = f"the complete months run from {first} to {last}, with {month_text(event_month)} at or beyond an end"
        return Status("edge", "refuses", reason, "an event inside them")
    months = placebos_needed(kernel_of(span.before, span.after)) + span.before + span.after - 1 + sample.washed
    return Status(
        "edge",
        "refuses",
        f"the history begins in {first}, {event_month - sample.start} months before the event, and who is new is known "
        f"after {sample.washed}",
        f"at least {months} complete months before the event",
    )


def edge(case: Case, outcome: OutcomeName, after: int) -> Status | None:
    """Refuse where the windows around the event are not whole; unfinished months count as absent."""
    lag, span = case.outcome(outcome).outcome.lag, case.span
    before = case.event - case.sample.washed
    there = case.sample.n_months - case.event
    least = min(span.after, SHORTEST) if lag else span.after
    if after >= least and before >= span.before + lag:
        return None
    return Status(
        "edge",
        "refuses",
        f"there are {before} usable months before the event and {there} complete ones from it on",
        f"{span.before + lag} before it and {least + lag} from it on, or a shorter window",
    )


def short_window(case: Case, after: int) -> Status | None:
    """Note that an outcome known late left a shorter window."""
    if after >= case.span.after:
        return None
    return Status(
        "short_window", "notes", f"only {after} months from the event on are settled, and all windows are so long"
    )


def no_placebo(measured: Measured, case: Case) -> Status | None:
    """Refuse where the placebo cutoffs are worth fewer than three independent ones."""
    if measured.degrees is not None:
        return None
    n_placebos = len(measured.cutoffs)
    worth = independent(n_placebos, measured.kernel).n_var
    if worth >= FEWEST_PLACEBOS:
        return None
    least = placebos_needed(measured.kernel)
    reason = f"the history holds {n_placebos} placebo cutoffs, worth {worth:.1f} independent ones"
    if measured.n_tried >= least:
        reason += f"; {measured.n_tried - n_placebos} more have a window with fewer than {FEWEST:.0f} outcomes"
        return Status("no_placebo", "refuses", reason, f"{least} cutoffs: more creators")
    months = least + case.span.before + measured.after - 1 + case.sample.washed
    needed = f"{least} cutoffs: at least {months} complete months before the event (there are {case.event})"
    return Status("no_placebo", "refuses", reason, f"{needed}, or shorter windows")


def unknown_tenure(sample: Sample) -> Status | None:
    """Refuse or note where first uploads are known only from inside the window."""
    if not sample.truncated:
        return None
    where = f"the history may begin before {month_text(sample.start)}"
    long_enough = sample.n_months >= (LONG_HISTORY if sample.washed < WASH_OUT else WASHED_HISTORY)
    if long_enough and sample.washed >= WASH_OUT:
        return Status(
            "unknown_tenure",
            "notes",
            f"{where}, so creators first seen in its first {sample.washed} months are left out",
        )
    if long_enough:
        return Status("unknown_tenure", "notes", f"{where}, but {sample.n_months} months are long enough to forget it")
    return Status(
        "unknown_tenure",
        "refuses",
        f"{where}: first uploads are not known, and {sample.n_months} months of history find false effects",
        f"true first uploads, or {WASHED_HISTORY} months with the entrants of the first {WASH_OUT} left out",
    )


def selected_frame(frame: Frame, method: str) -> Status | None:
    """Withhold the methods that break where creators were chosen by what they became; warn on the others."""
    if frame in {"population", "random"}:
        return None
    chosen = {"followers": "by today's followers", "recent": "by recent activity"}.get(frame, "in an unknown way")
    if method in BREAKS[frame]:
        return Status(
            "selected_frame",
            "refuses",
            f"creators were chosen {chosen}, and {method} then finds effects that are not there",
            "creators drawn at random from all who ever uploaded",
        )
    reason = f"creators were chosen {chosen}: the answer holds for such creators only"
    if frame == "other":
        reason += ", and not at all if recent activity decided"
    return Status("selected_frame", "weakens" if frame == "other" else "notes", reason)


def other_events(case: Case, others: Mapping[str, int]) -> list[Status]:
    """Warn of other events in the windows: before the cutoff they contaminate, after it they overlap."""
    cutoff = case.event + case.sample.start
    before = [name for name, month in others.items() if cutoff - case.span.before <= month < cutoff]
    after = [name for name, month in others.items() if cutoff <= month < cutoff + case.span.after]
    found = []
    if before:
        reason = (
            f"{_list(before)} lies in the {case.span.before} months before the cutoff, so the two are not separable"
        )
        found.append(Status("contaminated_pre", "weakens", reason, "events further apart than the window"))
    if after:
        reason = f"{_list(after)} lies in the {case.span.after} months from the cutoff on, so the two are not separable"
        found.append(Status("overlap", "weakens", reason, "events further apart than the window"))
    return found


def excluded_months(excluded: tuple[int, ...]) -> Status | None:
    """Note the months that were left out."""
    if not excluded:
        return None
    return Status("excluded_months", "notes", f"left out on request: {', '.join(map(month_text, sorted(excluded)))}")


def drift(measured: Measured) -> Status | None:
    """Warn where the placebos run along a line, which would carry the event's statistic with it.

    The slope is judged as if cutoffs were worth n_var independent ones, at 5 %.  A steady drift of cohorts shifts all
    placebos alike and is taken off with their mean; silence here proves nothing.
    """
    if measured.degrees is not None:
        return None
    worth = independent(len(measured.cutoffs), measured.kernel)
    if worth.n_var < FEWEST_PLACEBOS:
        return None
    # A slope does not telescope as a mean may: cutoffs are taken to be worth what they are for a variance.
    slope, error = _slope(measured, inflation=len(measured.cutoffs) / worth.n_var)
    _, p = interval_and_p(slope, error, worth.degrees)
    if p >= DRIFT_LEVEL:
        return None
    return Status(
        "drift",
        "weakens",
        f"the placebo estimates run at {1200 * slope:+.1f} log points per hundred a year, so the event's may too",
        "a history in which cohorts resemble each other, or a control platform",
    )


def _slope(measured: Measured, inflation: float) -> tuple[float, float]:
    """Give the slope of the placebos a month and its standard error, their noise taken from around the line."""
    weight, tau2 = 1 / measured.errors**2, 0.0
    slope, spread = 0.0, 1.0
    for _ in range(2):
        time = measured.cutoffs - weight @ measured.cutoffs / weight.sum()
        level = weight @ measured.estimates / weight.sum()
        spread = float(weight @ time**2)
        slope = float(weight @ (time * measured.estimates)) / spread
        tau2 = paule_mandel(measured.estimates - level - slope * time, measured.errors)
        weight = 1 / (tau2 + measured.errors**2)
    return slope, float(np.sqrt(inflation / float(weight @ time**2)))


def small(measured: Measured, calibration: Calibration, detectable: float) -> Status | None:
    """Refuse where a window is all but empty; say where the panel is too small to see a large effect."""
    if not np.isfinite(measured.estimate):
        return Status(
            "small",
            "refuses",
            f"a window around the event holds fewer than {FEWEST:.0f} outcomes",
            f"creators with {FEWEST:.0f} or more in each window",
        )
    if not detectable > LARGE_EFFECT:
        return None
    creators = creators_needed(measured, calibration, detectable)
    return Status(
        "small",
        "notes",
        f"with {about(measured.n_creators)} creators only falls beyond {100 * (1 - np.exp(-detectable)):.0f} % would "
        "have been seen four times in five",
        "a quieter platform or a control: more creators would not do"
        if creators is None
        else f"{about(creators)} creators for a fall of 30 %",
    )


def about(creators: int) -> str:
    """Write a number of creators to two digits: reports print it, and differences of exact ones would tell of a few."""
    digits = max(len(str(creators)) - 2, 1)
    return f"about {max(round(creators, -digits), 10):,}" if creators >= PUBLISHED else f"fewer than {PUBLISHED}"


def creators_needed(
    measured: Measured, calibration: Calibration, detectable: float, target: float = LARGE_EFFECT
) -> int | None:
    """Count the creators with whom a given size would be seen four times in five.

    Creators shrink their own sampling error, at the event and at the placebos, and not the platform's calendar noise.

    Args:
        measured: the statistic at the event.
        calibration: judged against its placebos.
        detectable: the size seen four times in five now, in log points.
        target: the size to be seen, in log points.

    Returns:
        the number, or None where the calendar noise alone hides the size.
    """
    calendar = calibration.tau2 * (1 + 1 / calibration.n_mean) if calibration.tau2 > 0 else 0.0
    allowed = (target * calibration.se / detectable) ** 2 - calendar
    return ceil(measured.n_creators * (calibration.se**2 - calendar) / allowed) if allowed > 0 else None


def one_creator(measured: Measured, se: float) -> Status | None:
    """Warn where leaving out one creator moves the estimate by more than half a standard error."""
    most = measured.largest
    if most is None or not np.isfinite(se) or most <= CARRIES * se:
        return None
    return Status(
        "one_creator",
        "weakens",
        f"leaving out one creator moves the estimate by {most:.3f} log points, {most / se:.1f} standard errors",
        "the capped outcome, or more creators",
    )


def coincident_shock(incumbents: Effect, others: Mapping[str, Effect]) -> Status | None:
    """Warn where something else moved the same way at the same month: newcomers, or the control's incumbents.

    Args:
        incumbents: S1 here.
        others: what moved, in words, and its effect.
    """
    sign = _sign(incumbents)
    moved = [words for words, effect in others.items() if sign and _sign(effect) == sign]
    if not moved:
        return None
    reason = f"{_list(moved)} moved the same way at the same month, as in a change of the whole platform or beyond"
    return Status("coincident_shock", "weakens", reason, "the gap (S2) or the control difference for what is left")


def _sign(effect: Effect) -> int:
    if effect.refused or not effect.p < SIGNIFICANT:
        return 0
    return 1 if effect.estimate > 0 else -1


def _list(names: Iterable[str]) -> str:
    return " and ".join(names)
