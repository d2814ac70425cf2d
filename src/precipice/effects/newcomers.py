"""SJ, the newcomers' change, and S12, the incumbents' change beyond it.

SJ(K) is log O/E of the entrants of [K, K+H) in those months less that of the entrants of [K−H, K) in theirs: each set
in its own first months.  S12 = S1 − SJ.
"""

from precipice.effects.calibration import kernel_of
from precipice.effects.case import Case, Measured, Span, Statistic, sweep
from precipice.effects.incumbents import change, log_ratio_change
from precipice.effects.outcomes import OutcomeName
from precipice.effects.reference import Standardised


def measure(case: Case, outcome: OutcomeName = "capped") -> Measured:
    """Measure SJ at the event and at every placebo cutoff."""
    after = case.fitting(outcome).after
    return sweep(case, outcome, newcomers_change, kernel_of(after, after))


def measure_beyond(case: Case, outcome: OutcomeName = "capped") -> Measured:
    """Measure S12 = S1 − SJ at the event and at every placebo cutoff."""
    span = case.fitting(outcome)
    return sweep(case, outcome, change_beyond_newcomers, kernel_of(span.before, span.after))


def newcomers_change(standard: Standardised, cutoff: int, span: Span) -> Statistic:
    """Compute SJ at one cutoff (a month offset)."""
    blocks = (slice(cutoff, cutoff + span.after), slice(max(cutoff - span.after, 0), cutoff))
    return log_ratio_change(standard, entries=blocks, months=blocks)


def change_beyond_newcomers(standard: Standardised, cutoff: int, span: Span) -> Statistic:
    """Compute S12 at one cutoff (a month offset); a creator may stand in both parts, so influences add first."""
    incumbents, newcomers = change(standard, cutoff, span), newcomers_change(standard, cutoff, span)
    if incumbents.influence is None or newcomers.influence is None:
        return Statistic(float("nan"), None)
    return Statistic(incumbents.value - newcomers.value, incumbents.influence - newcomers.influence)
