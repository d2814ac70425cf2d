"""Styles of cohorts by their tags: how much of a cohort's rare styles a model would still make.

Cohorts are strata of the real distribution.  With q_c the weight of cohort c's works in what a model makes and r_c(k)
the share of its uploads that carry tag k, a model's work carries k with probability r(k) = Σ_c q_c r_c(k), so that k is
among m of its works with probability 1 − (1 − r(k))^m: the expected number of styles seen in a sample of known rates
(Good & Toulmin 1956 start from it).  When seniors stop, q falls for them, and with it what only they drew.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]

TAIL = 0.1
"""Share of a cohort's uses of tags that counts as its tail: the tags that are rarest in generation 0."""
BLOCK = 2**22
"""Numbers at a time."""


@dataclass(frozen=True, eq=False)
class CohortTags:
    """How often the uploads of each cohort carry each tag, on one platform."""

    cohorts: tuple[str, ...]
    rates: Float
    """Share of a cohort's uploads that carry a tag, shape (C, K); a row of nought for a cohort without uploads."""

    def of(self, cohorts: Sequence[str]) -> "CohortTags":
        """Give these cohorts, in this order."""
        return CohortTags(tuple(cohorts), self.rates[[self.cohorts.index(name) for name in cohorts]])


def tail_recall(tags: CohortTags, cohort: int, weights: Float, first: Float, works: Float) -> Float:
    """Give how much of a cohort's rare tags a model makes, relative to generation 0, shape (paths, G).

    A tag weighs what the cohort uses it.  Not a number where generation 0 has none of them.

    Args:
        tags: of cohorts in the order of the weights.
        cohort: whose tail.
        weights: of each cohort's works in what a model makes, shape (paths, C, G).
        first: the same in generation 0, shape (paths, C).
        works: that each model makes, as many as generation 0 had, shape (paths,).
    """
    rates, use = _tail(tags.rates, cohort, first.mean(axis=0))
    paths, _, generations = weights.shape
    kept = np.full((paths, generations), np.nan)
    if not len(use):
        return kept
    for low in range(0, paths, max(1, BLOCK // (len(use) * (generations + 1)))):
        part = slice(low, low + max(1, BLOCK // (len(use) * (generations + 1))))
        every = np.concatenate([first[part, :, None], weights[part]], axis=2)
        seen = _seen(every, rates, works[part]) @ use
        before = seen[:, :1]
        np.divide(seen[:, 1:], before, out=kept[part], where=before > 0)
    return kept


def _tail(rates: Float, cohort: int, first: Float) -> tuple[Float, Float]:
    """Give rates of a cohort's rare tags, shape (C, U), tags of equal rates in one, and what it uses of each, (U,)."""
    used = np.flatnonzero(rates[cohort] > 0)
    order = used[np.argsort(first @ rates[:, used], kind="stable")]
    within = np.cumsum(rates[cohort, order]) <= TAIL * rates[cohort].sum() * (1 + 1e-12)
    within[: min(1, len(order))] = True  # a cohort with few tags has at least its rarest
    kinds, times = np.unique(rates[:, order[within]], axis=1, return_counts=True)
    use = kinds[cohort] * times
    return kinds, use / max(float(use.sum()), 1e-300)


def _seen(weights: Float, rates: Float, works: Float) -> Float:
    """Give the chance of each tag to be among so many works, shape (paths, G, U)."""
    rate = np.clip(np.einsum("pcg,cu->pgu", weights, rates), 0.0, 1.0)
    with np.errstate(divide="ignore"):  # a tag on every work is in any
        return np.asarray(-np.expm1(works[:, None, None] * np.log1p(-rate)))
