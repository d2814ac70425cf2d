"""Naive readings creator by creator: fixed effects before and after an event, and exit as "last seen".

All are closed forms or sums over creators: with one change in time, effects of creators (and of months) leave
differences of means (Wooldridge 2010, §10.5 and §6.5).
"""

from math import nan

import numpy as np

from precipice.effects.naive_series import NOTHING, Finding
from precipice.effects.sample import Float, Index, add_up
from precipice.panel import Bool

STEPS = 50


def within_creators(before: Float, months_before: Index, after: Float, months_after: Index) -> Finding:
    """Regress activity on "after", with an effect for each creator and errors clustered by creator.

    Args:
        before: active months before the event, shape (n,).
        months_before: months watched before it, shape (n,).
        after: active months from the event on, shape (n,).
        months_after: months watched from it on, shape (n,).

    Returns:
        the coefficient relative to activity before; creators watched on one side only do not count.
    """
    kept = (months_before > 0) & (months_after > 0)
    n = int(kept.sum())
    if n < 2 or before[kept].sum() == 0:
        return NOTHING
    first, then = months_before[kept].astype(np.float64), months_after[kept].astype(np.float64)
    weight = first * then / (first + then)
    change = after[kept] / then - before[kept] / first
    mean = float(weight @ change / weight.sum())
    se = float(np.sqrt(n / (n - 1) * np.sum((weight * (change - mean)) ** 2)) / weight.sum())
    return _judged(mean, se, float(before[kept].sum() / first.sum()), n - 1)


def two_way(before: Float, after: Float, senior: Bool) -> Finding:
    """Regress activity on senior × after, with effects for creators and months and errors clustered by creator.

    Juniors count as watched, and silent, before they came.

    Args:
        before: share of the months before the event with an upload, shape (n,).
        after: the same from the event on, shape (n,).
        senior: shape (n,).

    Returns:
        the coefficient relative to seniors' activity before.
    """
    if min(senior.sum(), (~senior).sum()) < 2 or before[senior].sum() == 0:
        return NOTHING
    change, variance = {}, 0.0
    for side in (True, False):
        of = (after - before)[senior == side]
        change[side] = float(of.mean())
        variance += float(np.sum((of - of.mean()) ** 2)) / len(of) ** 2
    n = len(senior)
    se = float(np.sqrt(variance * n / (n - 1)))
    return _judged(change[True] - change[False], se, float(before[senior].mean()), n - 1)


def last_seen(entry: Index, last: Index, event: int, n_months: int) -> Finding:
    """Compare the hazard of the last upload after the event with before, tenure by tenure (Cox, Breslow's ties).

    Args:
        entry: month of first upload as an offset, shape (n,); may be below 0.
        last: month of last upload, shape (n,); in the last month or later it is no exit.
        event: the event's month.
        n_months: months of the window.

    Returns:
        the hazard ratio less 1; coefficient and se are of its logarithm.
    """
    gone = last < n_months - 1
    end = np.minimum(last, n_months - 1) - entry
    start_after = np.maximum(event - entry, 0)
    size = int(end.max()) + 2
    in_both = end >= start_after
    at_risk = _at_risk(np.zeros_like(end), np.minimum(end, start_after - 1), size)
    at_risk_after = _at_risk(start_after[in_both], end[in_both], size)
    exits = add_up(end[gone], size)
    exits_after = add_up(end[gone & in_both], size)
    return partial_likelihood(exits, exits_after, at_risk, at_risk_after)


def partial_likelihood(exits: Float, exits_after: Float, at_risk: Float, at_risk_after: Float) -> Finding:
    """Maximise Cox's partial likelihood of one yes-or-no covariate, by Newton's steps.

    Args:
        exits: exits at each tenure, both sides, shape (tenures,).
        exits_after: those after, shape (tenures,).
        at_risk: creators at risk before, shape (tenures,).
        at_risk_after: creators at risk after, shape (tenures,).
    """
    both = (at_risk > 0) & (at_risk_after > 0)
    d, d_after, n, n_after = (x[both] for x in (exits, exits_after, at_risk, at_risk_after))
    if not 0 < d_after.sum() < d.sum():
        return NOTHING
    log_ratio = 0.0
    for _ in range(STEPS):
        share = n_after * np.exp(log_ratio) / (n + n_after * np.exp(log_ratio))
        step = float((d_after - d * share).sum() / (d @ (share * (1 - share))))
        log_ratio += float(np.clip(step, -1, 1))
        if abs(step) < 1e-10:
            break
    share = n_after * np.exp(log_ratio) / (n + n_after * np.exp(log_ratio))
    se = float(1 / np.sqrt(d @ (share * (1 - share))))
    from scipy.special import ndtr

    return Finding(float(np.expm1(log_ratio)), float(2 * ndtr(-abs(log_ratio) / se)), log_ratio, se)


def _at_risk(start: Index, end: Index, size: int) -> Float:
    """Count those with start ≤ tenure ≤ end at each tenure, shape (size,)."""
    there = end >= start
    change = add_up(start[there], size + 1) - add_up(end[there] + 1, size + 1)
    at_risk: Float = np.cumsum(change)[:size]
    return at_risk


def _judged(coefficient: float, se: float, of: float, degrees: int) -> Finding:
    from scipy.special import stdtr

    p = float(2 * stdtr(degrees, -abs(coefficient) / se)) if se > 0 else nan
    return Finding(coefficient / of, p, coefficient, se)
