"""Small panels with nothing planted, and the same sums done naively, creator by creator."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.effects.case import Case, Span, case_of
from precipice.effects.influence import Influence, Weights
from precipice.effects.outcomes import Outcome
from precipice.effects.reference import Standardised
from precipice.effects.sample import sample_of
from precipice.panel import Panel, Window, panel_of

Array = npt.NDArray[Any]
Row = tuple[int, int, int, int]

START = 24_000
"""2000-01."""


def panel_from(
    rows: Sequence[Row],
    *,
    n_months: int,
    truncated: bool = False,
    unfinished: bool = False,
    platforms: tuple[str, ...] = ("here",),
) -> Panel:
    """Build a panel from rows of platform index, creator, month offset and uploads."""
    platform, creator, month, count = (np.array(column) for column in zip(*rows, strict=True))
    window = Window(START, START + n_months - 1, truncated, unfinished)
    return panel_of(
        platforms, platform, creator, START + month, count, windows=dict.fromkeys(platforms, window), origin="simulated"
    )


def quiet_rows(
    rng: np.random.Generator, *, creators: int, n_months: int, platform: int = 0, activity: float = 0.5
) -> list[Row]:
    """Draw creators who enter evenly, upload geometrically while they stay, and stop for good at random."""
    rows: list[Row] = []
    for creator in range(creators):
        entry = int(rng.integers(0, n_months - 1))
        active = rng.random(n_months) < activity * rng.uniform(0.5, 1.5)
        gone = entry + int(rng.geometric(0.03))
        months = [entry, *(m for m in range(entry + 1, min(gone, n_months)) if active[m])]
        rows += [(platform, creator, m, int(rng.geometric(0.6))) for m in months]
    return rows


def quiet_panel(seed: int, *, creators: int = 400, n_months: int = 48, unfinished: bool = False) -> Panel:
    """Draw one platform on which nothing happens."""
    return panel_from(
        quiet_rows(np.random.default_rng(seed), creators=creators, n_months=n_months),
        n_months=n_months,
        unfinished=unfinished,
    )


def small_case(
    panel: Panel,
    *,
    event: int = 36,
    platform: str = "here",
    excluded: tuple[int, ...] = (),
    control: Case | None = None,
) -> Case:
    """Prepare one platform with windows short enough for a small panel."""
    return case_of(sample_of(panel, platform), START + event, Span(18, 6, 6), excluded=excluded, control=control)


def dense(panel: Panel) -> tuple[Array, Array]:
    """Give each creator's month of entry, shape (n,), and uploads by month, shape (n, months)."""
    counts = np.zeros((len(panel), panel.n_months))
    counts[panel.row, panel.month] = panel.count
    return panel.first - panel.start, counts


def sums(standard: Standardised, months: slice, weight: Array | float = 1.0) -> tuple[Array, Array]:
    """Add up each creator's outcome and expectation over a window, each of shape (n,)."""
    whole = slice(0, standard.outcome.n_months)
    return each(standard, Weights(whole, months, weight, 0.0)), each(standard, Weights(whole, months, 0.0, weight))


def each(standard: Standardised, *parts: Weights) -> Array:
    """Give creators' influences, shape (n,)."""
    return np.concatenate([*Influence(standard, parts).each()])


def cells_of(outcome: Outcome) -> tuple[Array, Array, Array]:
    """Give creator, month and value of the cells at risk, each of shape (cells,)."""
    parts = []
    for block in outcome.sample.blocks():
        there = outcome.exposed[np.repeat(block.entry, block.lengths), block.month]
        row = np.repeat(np.arange(block.rows.start, block.rows.stop), block.lengths)
        parts.append([column[there] for column in (row, block.month, outcome.of_cells(block)[1])])
    row, month, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return row, month, value


def naive_expected(standard: Standardised, entry: Array, n_months: int) -> Array:
    """Give each creator's expectation by month from the two factors, one cell at a time."""
    expected = np.zeros((len(entry), n_months))
    for creator, first in enumerate(entry):
        for month in range(first + 1, n_months):
            if month - first <= standard.outcome.oldest and standard.outcome.usable[month]:
                of_year = (standard.outcome.sample.start + month) % 12
                expected[creator, month] = standard.tenure[month - first] * standard.season[of_year]
    return expected


def naive_change(o: Array, e: Array, entry: Array, *, cutoff: int, span: Span, weight: Array | None = None) -> float:
    """S1 from its definition, creators weighted (for numerical derivatives)."""
    weight = np.ones(len(entry)) if weight is None else weight
    old = (entry >= cutoff - span.look_back) & (entry < cutoff)

    def ratio(first: int, stop: int) -> float:
        counted, expected = ((weight[old, None] * x[old, first:stop]).sum() for x in (o, e))
        return float(counted / expected)

    return float(np.log(ratio(cutoff, cutoff + span.after) / ratio(cutoff - span.before, cutoff)))


def naive_gap(o: Array, e: Array, entry: Array, *, cutoff: int, span: Span, weight: Array | None = None) -> float:
    """S2 from its definition, month by month."""
    weight = np.ones(len(entry)) if weight is None else weight
    old = (entry >= cutoff - span.look_back) & (entry < cutoff)
    new = (entry >= cutoff) & (entry < cutoff + span.after)
    above = below = 0.0
    for month in range(cutoff, cutoff + span.after):
        o_old, e_old = (weight * o[:, month])[old].sum(), (weight * e[:, month])[old].sum()
        o_new, e_new = (weight * o[:, month])[new].sum(), (weight * e[:, month])[new].sum()
        if e_old + e_new > 0:
            above += o_old * e_new / (e_old + e_new)
            below += o_new * e_old / (e_old + e_new)
    return float(np.log(above / below))


def at_risk(entry: Array, o: Array, oldest: int) -> Array:
    """Leave out the month of entry and tenures beyond the oldest."""
    age = np.arange(o.shape[1])[None, :] - np.asarray(entry)[:, None]
    return np.where((age >= 1) & (age <= oldest), o, 0.0)
