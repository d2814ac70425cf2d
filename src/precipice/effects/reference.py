"""Expected uploads at each tenure: the curve f(tenure) · s(month of year) that every O/E is taken against.

A creator whose first upload lies in month c is at risk in month t at tenure a = t − c of at least 1, or of at least 0
where only uploads beyond the first are counted (`trimmed`).  The curve is the Poisson maximum-likelihood fit of the two
factors on the at-risk cells before the event, found by iterative proportional fitting on the table tenure × month of
year, which is all that the likelihood needs of the panel.

It is fitted once, before the event T0, and serves the event and every placebo cutoff alike.  A curve refitted before
each placebo would rest on one or two years at the early cutoffs and miss the tenures that their incumbents reach; and
the placebos' spread would then measure that poverty, which the event's own curve does not share.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from precipice.effects.outcomes import Outcome
from precipice.effects.sample import Float, add_up
from precipice.panel import Bool

PSEUDO = 2.0  # at-risk cells of the grand mean that each level is shrunk by
ROUNDS = 500  # proportional fitting settles in 5 to 30
TOLERANCE = 1e-12  # relative change of a level at which it has settled


@dataclass(frozen=True, eq=False)
class Standardised:
    """An outcome with the curve it is expected to follow."""

    outcome: Outcome
    tenure: Float
    """Expected outcome of a cell at each tenure in an average month, f, shape (oldest + 1,); 0 where not at risk."""
    season: Float
    """Factor of each month of the year from January, s, shape (12,), mean 1 over the cells of the fit."""
    expected: Float
    """f·s of a creator at risk by month of entry and calendar month, else 0, shape (n_months, n_months)."""
    counted: Float
    """Sum of the outcome by month of entry and calendar month, same shape."""

    @cached_property
    def awaited(self) -> Float:
        """Sum of the expectation by month of entry and calendar month, same shape."""
        return self.outcome.at_risk * self.expected

    @cached_property
    def running(self) -> Float:
        """`Outcome.products` of months at risk, added up over the months of entry before each.

        Shape (n_months + 1, places, lags).  A month's second place, where it has one, is weighed by the expectation.
        """
        products, step = self.outcome.products, self.outcome.step
        weight = np.stack([self.outcome.exposed, self.expected][:step], axis=2).reshape(len(products), -1)
        lags = products.shape[2]
        ahead = sliding_window_view(np.pad(weight, ((0, 0), (0, lags - 1))), lags, axis=1)
        found = np.zeros((len(products) + 1, *products.shape[1:]))
        np.cumsum(products * weight[:, :, None] * ahead, axis=0, out=found[1:])
        return found


def standardise(outcome: Outcome, before: int, *, pseudo: float = PSEUDO) -> Standardised:
    """Fit the reference curve on the cells at risk whose outcome was settled before a month.

    Args:
        outcome: what is counted.
        before: the event's month; nothing observed in it or after it is used.
        pseudo: at-risk cells of the grand mean by which each level is shrunk.
    """
    tenure, season = proportional_fit(*_margins(outcome, before - outcome.lag), pseudo)
    months = np.arange(outcome.n_months)
    age = np.clip(months[None, :] - months[:, None], 0, outcome.oldest)
    expected = np.where(outcome.exposed, tenure[age], 0.0) * season[(outcome.sample.start + months) % 12]
    return Standardised(outcome, tenure, season, expected, outcome.counted)


def _margins(outcome: Outcome, before: int) -> tuple[Float, Float]:
    """Give the outcome and the cells at risk by tenure and month of year, each of shape (oldest + 1, 12)."""
    shape, size = (outcome.oldest + 1, 12), 12 * (outcome.oldest + 1)
    entry, month = np.nonzero(outcome.exposed[:, : max(before, 0)])
    level = 12 * (month - entry) + (outcome.sample.start + month) % 12
    counted, at_risk = (add_up(level, size, table[entry, month]) for table in (outcome.counted, outcome.at_risk))
    return counted.reshape(shape), at_risk.reshape(shape)


def proportional_fit(counted: Float, at_risk: Float, pseudo: float = PSEUDO) -> tuple[Float, Float]:
    """Fit counted ≈ at_risk · f(row) · s(column) by Poisson likelihood, alternating the two margins.

    Args:
        counted: sums of the outcome, shape (rows, columns).
        at_risk: numbers of cells at risk, same shape.
        pseudo: cells of the grand mean added to each row and each column.

    Returns:
        f, shape (rows,), 0 in rows without cells at risk, and s, shape (columns,), 1 in columns without, mean 1 over
        the cells at risk.
    """
    total = at_risk.sum()
    if counted.sum() == 0:
        return np.zeros(len(counted)), np.ones(counted.shape[1])
    mean = counted.sum() / total
    rows, columns = at_risk.sum(axis=1), at_risk.sum(axis=0)
    f, s = np.zeros(len(counted)), np.ones(counted.shape[1])
    for _ in range(ROUNDS):
        before = f
        f = _ratio(counted.sum(axis=1) + pseudo * mean, at_risk @ s + pseudo, rows > 0, 0.0)
        s = _ratio(counted.sum(axis=0) + pseudo * mean, at_risk.T @ f + pseudo * mean, columns > 0, 1.0)
        s = np.where(columns > 0, s * total / (s @ columns), 1.0)
        if np.max(np.abs(f - before)) <= TOLERANCE * np.max(f):
            break
    return f, s


def _ratio(above: Float, below: Float, where: Bool, otherwise: float) -> Float:
    out: Float = np.full(len(above), otherwise)
    return np.divide(above, below, out=out, where=where & (below > 0))
