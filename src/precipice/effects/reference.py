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
from typing import Literal

import numpy as np

from precipice.effects.sample import Float, Index, Narrow, Sample, add_up
from precipice.panel import Bool

OutcomeName = Literal["capped", "counts", "trimmed", "lapse"]

LAPSE = 6  # months of silence after an upload that make a lapse
TRIM = 3  # uploads a month and creator that `trimmed` counts at most
PSEUDO = 2.0  # at-risk cells of the grand mean that each level is shrunk by
ROUNDS = 500  # proportional fitting settles in 5 to 30
TOLERANCE = 1e-12  # relative change of a level at which it has settled


@dataclass(frozen=True, eq=False)
class Outcome:
    """What is counted of each creator and month at risk, sparse; months are offsets as in `Sample`."""

    name: OutcomeName
    """`capped`: 1 where there is an upload.  `counts`: uploads.  `trimmed`: uploads beyond a creator's first, at most
    `TRIM` a month.  `lapse`: 1 where `LAPSE` silent months follow."""
    entry: Index
    """Month of entry, shape (n,), never falling."""
    row: Narrow
    """Creator of each cell, shape (cells,)."""
    month: Narrow
    """Month of each cell, shape (cells,), never falling."""
    value: Narrow | Float
    """The outcome, shape (cells,); for a lapse the cells are the months at risk and the value is 0 or 1."""
    uploads: Narrow
    """Uploads of each cell, whatever the outcome, shape (cells,)."""
    limits: Index
    """First cell of each month, shape (n_months + 1,)."""
    usable: Bool
    """Months that may be used, shape (n_months,)."""
    start: int
    """The month that offset 0 stands for."""
    youngest: int
    """Least tenure that is at risk: 0 for `trimmed`, which leaves out the upload by which a creator enters, else 1."""
    oldest: int
    """Greatest tenure that is at risk, in months."""
    lag: int
    """Months after a cell that must have been observed to know its outcome: `LAPSE` for a lapse, else 0."""

    @property
    def n_months(self) -> int:
        """Complete months."""
        return len(self.usable)


@dataclass(frozen=True, eq=False)
class Standardised:
    """An outcome with the curve it is expected to follow."""

    outcome: Outcome
    tenure: Float
    """Expected outcome of a cell at each tenure in an average month, f, shape (oldest + 1,); 0 where not at risk."""
    season: Float
    """Factor of each month of the year from January, s, shape (12,), mean 1 over the cells of the fit."""
    expected: Float
    """f·s by month of entry and calendar month, 0 where not at risk, shape (n_months, n_months)."""


def outcome_of(sample: Sample, name: OutcomeName, *, usable: Bool, oldest: int) -> Outcome:
    """Read an outcome off a sample.

    Args:
        sample: the platform's creators.
        name: which outcome.
        usable: months that may be used, shape (n_months,).
        oldest: greatest tenure at risk, in months.
    """
    lag, youngest = LAPSE if name == "lapse" else 0, 0 if name == "trimmed" else 1
    tenure = sample.month - sample.entry.astype(np.int16)[sample.row]
    kept = (tenure >= youngest) & (tenure <= oldest) & usable[sample.month] & (sample.month + lag < sample.n_months)
    value = _value(sample, name)[kept]
    month = sample.month[kept]
    limits = np.searchsorted(month, np.arange(sample.n_months + 1))
    return Outcome(
        name, sample.entry, sample.row[kept], month, value, sample.count[kept], limits, usable, sample.start, youngest,
        oldest, lag,
    )  # fmt: skip


def _value(sample: Sample, name: OutcomeName) -> Narrow:
    if name == "counts":
        return sample.count
    if name == "trimmed":
        entering = sample.month == sample.entry.astype(np.int16)[sample.row]
        return np.asarray(np.minimum(sample.count - entering, TRIM), np.int8)
    return np.ones(len(sample.count), np.int8) if name == "capped" else np.asarray(sample.silence >= LAPSE, np.int8)


def standardise(outcome: Outcome, before: int, *, pseudo: float = PSEUDO) -> Standardised:
    """Fit the reference curve on the cells at risk whose outcome was settled before a month.

    Args:
        outcome: what is counted.
        before: the event's month; nothing observed in it or after it is used.
        pseudo: at-risk cells of the grand mean by which each level is shrunk.
    """
    counted, at_risk = _margins(outcome, before - outcome.lag)
    tenure, season = proportional_fit(counted, at_risk, pseudo)
    months = np.arange(outcome.n_months)
    age = months[None, :] - months[:, None]
    exposed = (age >= outcome.youngest) & (age <= outcome.oldest) & outcome.usable[None, :]
    expected = np.where(exposed, tenure[np.clip(age, 0, outcome.oldest)], 0.0) * season[(outcome.start + months) % 12]
    return Standardised(outcome, tenure, season, expected)


def _margins(outcome: Outcome, before: int) -> tuple[Float, Float]:
    """Give the outcome and the cells at risk by tenure and month of year, each of shape (oldest + 1, 12)."""
    shape, size = (outcome.oldest + 1, 12), 12 * (outcome.oldest + 1)
    counted, cells = np.zeros(size), np.zeros(size)
    # A month at a time: cells lie by month, and what is worked out for all of them at once would take gigabytes.
    for month in range(max(before, 0)):
        part = slice(int(outcome.limits[month]), int(outcome.limits[month + 1]))
        level = 12 * (month - outcome.entry[outcome.row[part]]) + (outcome.start + month) % 12
        counted += add_up(level, size, outcome.value[part])
        cells += add_up(level, size)
    counted = counted.reshape(shape)
    if outcome.name == "lapse":
        return counted, cells.reshape(shape)
    entrants = add_up(outcome.entry, outcome.n_months)
    entered, months = np.meshgrid(np.arange(outcome.n_months), np.arange(max(before, 0)), indexing="ij")
    age = months - entered
    exposed = (age >= outcome.youngest) & (age <= outcome.oldest) & outcome.usable[months]
    level = 12 * age[exposed] + (outcome.start + months[exposed]) % 12
    return counted, add_up(level, size, entrants[entered[exposed]]).reshape(shape)


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


def sums(standard: Standardised, months: slice, weight: Float | None = None) -> tuple[Float, Float]:
    """Add up each creator's outcome o and expectation e over a window.

    Args:
        standard: the outcome and its curve.
        months: the window, stop excluded.
        weight: weight of each month of the window, shape (months,); None for 1.

    Returns:
        o and e, each of shape (n,).
    """
    outcome = standard.outcome
    n = len(outcome.entry)
    cells = slice(int(outcome.limits[months.start]), int(outcome.limits[months.stop]))
    row, month, value = outcome.row[cells], outcome.month[cells], outcome.value[cells]
    if weight is not None:
        value = value * weight[month - months.start]
    o = add_up(row, n, value)
    if outcome.name == "lapse":
        e_cell = standard.expected[outcome.entry[row], month]
        e_cell = e_cell if weight is None else e_cell * weight[month - months.start]
        return o, add_up(row, n, e_cell)
    by_entry = standard.expected[:, months] @ (np.ones(months.stop - months.start) if weight is None else weight)
    return o, by_entry[outcome.entry]
