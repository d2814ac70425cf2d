"""S2, the gap: incumbents' O/E against newcomers' in the same months, by Mantel and Haenszel's weights.

With O and E of incumbents (I) and newcomers (J) in each month of [K, K+H), N = Σ O_I E_J/(E_I+E_J) and
M = Σ O_J E_I/(E_I+E_J), the gap is log(N/M).  A change of the whole platform moves both sides and drops out.
Source of the weights: Mantel & Haenszel 1959, in the person-time form of Rothman & Boice 1979.
"""

import numpy as np

from precipice.effects.calibration import kernel_of
from precipice.effects.case import FEWEST, Case, Measured, Span, Statistic, sweep
from precipice.effects.influence import Influence, Weights
from precipice.effects.outcomes import OutcomeName
from precipice.effects.reference import Standardised


def measure(case: Case, outcome: OutcomeName = "capped") -> Measured:
    """Measure S2 at the event and at every placebo cutoff; it looks at no month before the cutoff."""
    return sweep(case, outcome, gap_between, kernel_of(0, case.fitting(outcome).after))


def gap_between(standard: Standardised, cutoff: int, span: Span) -> Statistic:
    """Compute S2 at one cutoff, with each creator's influence.

    Args:
        standard: outcome and curve.
        cutoff: month offset K.
        span: look-back and windows.
    """
    months = slice(cutoff, cutoff + span.after)
    old, new = slice(max(cutoff - span.look_back, 0), cutoff), slice(cutoff, months.stop)
    (o_old, e_old), (o_new, e_new) = (
        tuple(table[entries, months].sum(axis=0) for table in (standard.counted, standard.awaited))
        for entries in (old, new)
    )
    whole = e_old + e_new
    share_new = np.divide(e_new, whole, out=np.zeros_like(whole), where=whole > 0)
    share_old = np.divide(e_old, whole, out=np.zeros_like(whole), where=whole > 0)
    above, below = float(o_old @ share_new), float(o_new @ share_old)
    if min(o_old.sum(), o_new.sum()) < FEWEST or above <= 0 or below <= 0:
        return Statistic(float("nan"), None)
    per_whole = np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0)
    # Derivative of log(N/M) by either side's expectation: −E_J/S · (O_I/N + O_J/M)/S, and with E_I/S for the newcomers.
    slope = (o_old / above + o_new / below) * per_whole
    parts = (
        Weights(old, months, share_new / above, -slope * share_new),
        Weights(new, months, -share_old / below, slope * share_old),
    )
    return Statistic(float(np.log(above / below)), Influence(standard, parts))
