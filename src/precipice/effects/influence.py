"""Influences: what each creator adds to the deviation of a statistic, by which its standard error is creator-robust.

The influence of a creator is Σ_t a_t·o_t + b_t·e_t, linear in the outcome o and the expectation e of the creator's
months, with weights that differ by month of entry.  The sum of squares over creators is a quadratic form in the
weights, so that it takes the sums of products of `precipice.effects.outcomes` and no look at a creator.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from precipice.effects.sample import Float, Index

if TYPE_CHECKING:
    from precipice.effects.reference import Standardised


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of the months of a window for the entrants of some months; months are offsets as in `Sample`."""

    entries: slice
    months: slice
    by_outcome: Float | float
    """a, shape (months,), or one number for all of them."""
    by_expected: Float | float
    """b, same."""


@dataclass(frozen=True, eq=False)
class Influence:
    """The influences of a sample's creators on a statistic."""

    standard: "Standardised"
    """The outcome and its curve."""
    parts: tuple[Weights, ...]
    """Weights, which add up where they overlap."""

    def __sub__(self, other: "Influence") -> "Influence":
        """Give the influences on a difference of two statistics of one outcome."""
        minus = (replace(p, by_outcome=-p.by_outcome, by_expected=-p.by_expected) for p in other.parts)
        return Influence(self.standard, (*self.parts, *minus))

    @property
    def norm(self) -> float:
        """Root of the sum of squared influences: the creator-robust standard error.

        Squares around the mean of each month of entry are added up first, then those of the means.
        """
        outcome, n_months = self.standard.outcome, self.standard.outcome.n_months
        low = min(part.months.start for part in self.parts)
        months = slice(low, min(max(part.months.stop for part in self.parts), n_months))
        ends = sorted({min(end, n_months) for part in self.parts for end in (part.entries.start, part.entries.stop)})
        by_outcome, by_expected = self._weights(ends[:-1], months)
        entries, each = slice(ends[0], ends[-1]), np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        n = np.maximum(outcome.sample.entrants[entries], 1)
        mean = (outcome.counted[entries, months] * by_outcome[each]).sum(axis=1) / n
        if outcome.step == 1:
            weight = by_outcome
            mean += (self.standard.expected[entries, months] * by_expected[each]).sum(axis=1)
        else:
            weight = np.stack([by_outcome, by_expected], axis=2).reshape(len(by_outcome), -1)
            mean += (self.standard.awaited[entries, months] * by_expected[each]).sum(axis=1) / n
        size = weight.shape[1]
        places = slice(outcome.step * months.start, outcome.step * months.start + size)
        products = np.diff(self.standard.running[ends, places, :size], axis=0)
        # Twice, but for those of a place with itself: the products of a place and an earlier one are not stored.
        ahead = np.concatenate([2 * weight, np.zeros_like(weight)], axis=1)[:, _ahead(size)]
        ahead[:, :, 0] = weight
        around = (products * ahead * weight[:, :, None]).sum()
        return float(np.sqrt(max(around, 0.0) + outcome.sample.entrants[entries] @ mean**2))

    def extent(self) -> tuple[int, float]:
        """Give how many creators have an influence, and the largest in absolute value."""
        number, largest = 0, 0.0
        for each in self.each():
            number += int(np.count_nonzero(each))
            largest = max(largest, float(np.max(np.abs(each), initial=0.0)))
        return number, largest

    def each(self) -> Iterator[Float]:
        """Give the influences, block by block in the order of the sample's creators, each of shape (k,)."""
        outcome, sparse = self.standard.outcome, self.standard.outcome.step == 2
        by_outcome, by_expected = np.zeros((2, outcome.n_months, outcome.n_months))
        for part in self.parts:
            by_outcome[part.entries, part.months] += part.by_outcome
            by_expected[part.entries, part.months] += part.by_expected
        by_outcome *= outcome.exposed
        by_expected *= self.standard.expected
        for block in outcome.sample.blocks():
            _, value = outcome.of_cells(block)
            place = np.repeat((block.entry * outcome.n_months).astype(np.int32), block.lengths) + block.month
            added = by_outcome.ravel()[place] * value
            if sparse:
                added += by_expected.ravel()[place]
            whole = np.add.reduceat(added, block.starts)
            yield whole if sparse else whole + by_expected.sum(axis=1)[block.entry]

    def _weights(self, entries: Sequence[int], months: slice) -> tuple[Float, Float]:
        """Add up the weights of months for entrants of some months, each of shape (entries, months)."""
        by_outcome, by_expected = np.zeros((2, len(entries), max(part.months.stop for part in self.parts)))
        for part in self.parts:
            there = slice(*(bisect_left(entries, end) for end in (part.entries.start, part.entries.stop)))
            by_outcome[there, part.months] += part.by_outcome
            by_expected[there, part.months] += part.by_expected
        return by_outcome[:, months], by_expected[:, months]


@cache
def _ahead(size: int) -> Index:
    """Give the place that lies so many (column) after each (row), shape (size, size)."""
    return np.arange(size)[:, None] + np.arange(size)
