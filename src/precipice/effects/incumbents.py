"""S1, the incumbents' change: O/E after a cutoff against O/E before it, for those who were there already.

S1(K) = log(ΣO/ΣE) in [K, K+H) − log(ΣO/ΣE) in [K−P, K) over creators with K−L ≤ c < K.  It compares incumbents with
what creators of their tenure used to do, so ordinary attrition is not an effect; a change of the whole platform is.
"""

import numpy as np

from precipice.effects.calibration import kernel_of
from precipice.effects.case import FEWEST, Case, Measured, Span, Statistic, sweep
from precipice.effects.influence import Influence, Weights
from precipice.effects.outcomes import OutcomeName
from precipice.effects.reference import Standardised


def measure(case: Case, outcome: OutcomeName = "capped") -> Measured:
    """Measure S1 at the event and at every placebo cutoff."""
    span, lag = case.fitting(outcome), case.outcome(outcome).outcome.lag
    return sweep(case, outcome, change, kernel_of(span.before, span.after, gap=lag, paired=outcome != "lapse"))


def change(standard: Standardised, cutoff: int, span: Span) -> Statistic:
    """Compute S1 at one cutoff, with each creator's influence o_a/O_a − e_a/E_a − o_b/O_b + e_b/E_b.

    The window before ends `lag` months before the cutoff: a lapse dated there would already look past the cutoff.

    Args:
        standard: outcome and curve.
        cutoff: month offset K.
        span: look-back and windows.
    """
    settled = cutoff - standard.outcome.lag
    return log_ratio_change(
        standard,
        entries=(slice(max(cutoff - span.look_back, 0), cutoff),) * 2,
        months=(slice(cutoff, cutoff + span.after), slice(settled - span.before, settled)),
    )


def log_ratio_change(standard: Standardised, *, entries: tuple[slice, slice], months: tuple[slice, slice]) -> Statistic:
    """Compute log(ΣO/ΣE) of one block less that of another, a block being entrants of some months over some months.

    Args:
        standard: outcome and curve.
        entries: months of entry of the first block and of the second.
        months: calendar months of each.

    Returns:
        the difference with its influence function; the logarithm's derivative takes both the sum of the outcome and
        the sum of the expectation as sums over creators.
    """
    value, parts = 0.0, []
    for sign, entered, window in zip((1.0, -1.0), entries, months, strict=True):
        counted, expected = (float(table[entered, window].sum()) for table in (standard.counted, standard.awaited))
        if counted < FEWEST or expected <= 0:
            return Statistic(float("nan"), None)
        value += sign * float(np.log(counted / expected))
        parts.append(Weights(entered, window, sign / counted, -sign / expected))
    return Statistic(value, Influence(standard, tuple(parts)))
