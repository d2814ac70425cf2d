"""S2, the gap: incumbents' O/E against newcomers' in the same months, by Mantel and Haenszel's weights.

With O and E of incumbents (I) and newcomers (J) in each month of [K, K+H), N = Σ O_I E_J/(E_I+E_J) and
M = Σ O_J E_I/(E_I+E_J), the gap is log(N/M).  A change of the whole platform moves both sides and drops out.
Source of the weights: Mantel & Haenszel 1959, in the person-time form of Rothman & Boice 1979.
"""

import numpy as np

from precipice.effects.calibration import kernel_of
from precipice.effects.case import FEWEST, Case, Measured, Span, Statistic, sweep
from precipice.effects.reference import OutcomeName, Standardised, sums
from precipice.effects.sample import Float, add_up


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
    first, middle, stop = np.searchsorted(
        standard.outcome.entry, [max(cutoff - span.look_back, 0), cutoff, months.stop]
    )
    old, new = slice(int(first), int(middle)), slice(int(middle), int(stop))
    o_old, e_old = _monthly(standard, months, old)
    o_new, e_new = _monthly(standard, months, new)
    whole = e_old + e_new
    share_new = np.divide(e_new, whole, out=np.zeros_like(whole), where=whole > 0)
    share_old = np.divide(e_old, whole, out=np.zeros_like(whole), where=whole > 0)
    above, below = float(o_old @ share_new), float(o_new @ share_old)
    influence = np.zeros(len(standard.outcome.entry))
    if min(o_old.sum(), o_new.sum()) < FEWEST or above <= 0 or below <= 0:
        return Statistic(float("nan"), influence * float("nan"))
    per_whole = np.divide(1.0, whole, out=np.zeros_like(whole), where=whole > 0)
    # Derivative of log(N/M) by either side's expectation: −E_J/S · (O_I/N + O_J/M)/S, and with E_I/S for the newcomers.
    slope = (o_old / above + o_new / below) * per_whole
    influence[old] = _sum(standard, months, old, share_new / above, -slope * share_new)
    influence[new] = _sum(standard, months, new, -share_old / below, slope * share_old)
    return Statistic(float(np.log(above / below)), influence)


def _monthly(standard: Standardised, months: slice, rows: slice) -> tuple[Float, Float]:
    """Add up O and E of a slice of creators by month of the window, each of shape (months,)."""
    outcome, width = standard.outcome, months.stop - months.start
    cells = slice(int(outcome.limits[months.start]), int(outcome.limits[months.stop]))
    row, month = outcome.row[cells], outcome.month[cells] - months.start
    inside = (row >= rows.start) & (row < rows.stop)
    counted = add_up(month[inside], width, outcome.value[cells][inside])
    if outcome.name == "lapse":
        e_cell = standard.expected[outcome.entry[row[inside]], months.start + month[inside]]
        return counted, add_up(month[inside], width, e_cell)
    entrants = add_up(outcome.entry[rows], outcome.n_months)
    return counted, entrants @ standard.expected[:, months]


def _sum(standard: Standardised, months: slice, rows: slice, by_outcome: Float, by_expected: Float) -> Float:
    """Add up by_outcome·o + by_expected·e over the window for each of the creators in `rows`."""
    o, _ = sums(standard, months, by_outcome)
    _, e = sums(standard, months, by_expected)
    return o[rows] + e[rows]
