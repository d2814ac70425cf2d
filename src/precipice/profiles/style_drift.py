"""Drift: how far the centre of a cohort's works moved, against what chance moves it.

A creator has one vote in each period: the mean of their works in it.  A period's centre is the mean of these votes, and
its drift the squared distance of that centre from the centre of the reference periods, as a share of the usual squared
distance of two votes.  Any two finite groups differ, so drift is never nought: it is read against what it is when
creators exchange their works.

Under "styles have nothing to do with time" a creator's list of votes is as likely as that of any other creator with
votes in as many periods, and in any order; so lists are dealt anew among creators of equal length and shuffled within.
The band and the p-value are exact up to the number of deals (Phipson & Smyth 2010, SAGMB 9(1), 39).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

DEALS = 999
FEWEST = 5
"""Creators below which a period is left out."""


@dataclass(frozen=True, eq=False)
class Drift:
    """How far one cohort's centre moved, by period."""

    platform: str
    cohort: str
    width: int
    """Months of a period."""
    period: Whole
    """First month of each period, rising, shape (T,)."""
    reference: npt.NDArray[np.bool_]
    """Periods whose centre the others are measured from; each of them is measured from the others, shape (T,)."""
    creators: Whole
    """Votes of each period, shape (T,)."""
    value: Float
    """Squared distance of centres as a share of that of two votes, shape (T,)."""
    low: Float
    high: Float
    """Between these lie 95 % of deals, period by period, each of shape (T,)."""
    p: float
    """Chance of a deal whose largest standardised drift after the reference is as large."""

    def as_dict(self) -> dict[str, Any]:
        """Give what is not an array."""
        return {"platform": self.platform, "cohort": self.cohort, "months_a_period": self.width, "p": self.p}


def measure_drift(  # noqa: PLR0913  what, whose, when, from where, how
    platform: str, cohort: str, vectors: Float, creator: Whole, month: Whole, *, split: int, width: int = 12,
    deals: int = DEALS, rng: np.random.Generator,
) -> Drift:  # fmt: skip
    """Measure how far the centre of works moved from that of the periods before a month.

    Args:
        platform, cohort: whose.
        vectors: works, shape (n, d).
        creator: of each work, shape (n,).
        month: of each work, shape (n,).
        split: the reference ends before this month; periods are counted from it on and back.
        width: months of a period.
        deals: how often works are dealt anew.
        rng: deals.

    Raises:
        InputError: fewer than two periods before or none after the split have `FEWEST` creators.
    """
    votes, owner, period = _votes(vectors, creator, (month - split) // width)
    names, at, count = np.unique(period, return_inverse=True, return_counts=True)
    full = count >= FEWEST
    inside = full[at]
    votes, owner, period = votes[inside], owner[inside], period[inside]
    names, at = np.unique(period, return_inverse=True)
    reference = names < 0
    if reference.sum() < 2 or reference.all():
        raise InputError(
            "drift cannot be measured",
            why=f"{int(reference.sum())} periods before and {int((~reference).sum())} after the cutoff have "
            f"{FEWEST} creators with files, and two and one are needed",
            fix="move the cutoff, or add files",
        )
    spread = _spread(votes)
    value = _distances(votes, at, reference) / spread
    dealt = np.array([_distances(votes[_deal(owner, rng)], at, reference) for _ in range(deals)]) / spread
    low, high = np.quantile(dealt, [0.025, 0.975], axis=0)
    p = _largest(value, dealt, ~reference)
    return Drift(platform, cohort, width, split + names * width, reference, count[full], value, low, high, p)


def _votes(vectors: Float, creator: Whole, period: Whole) -> tuple[Float, Whole, Whole]:
    """Give each creator's mean work in each period, sorted by creator and period."""
    order = np.lexsort((period, creator))
    owner, when = creator[order], period[order]
    starts = np.flatnonzero(np.diff(owner, prepend=-1) | np.diff(when, prepend=when[:1]))
    sizes = np.diff(starts, append=len(order))
    means = np.add.reduceat(vectors[order], starts, axis=0) / sizes[:, None]
    return means, owner[starts], when[starts]


def _spread(votes: Float) -> float:
    """Give the mean squared distance of two votes."""
    n = len(votes)
    total = votes.sum(axis=0)
    return float(2 * (n * (votes**2).sum() - total @ total) / (n * (n - 1)))


def _distances(votes: Float, at: Whole, reference: npt.NDArray[np.bool_]) -> Float:
    """Give each period's squared distance from the reference without it, shape (T,)."""
    count = np.bincount(at).astype(float)
    sums = np.zeros((len(count), votes.shape[1]))
    np.add.at(sums, at, votes)
    rest = sums[reference].sum(axis=0) - np.where(reference[:, None], sums, 0)
    left = count[reference].sum() - np.where(reference, count, 0)
    return np.asarray(((sums / count[:, None] - rest / left[:, None]) ** 2).sum(axis=1))


def _deal(owner: Whole, rng: np.random.Generator) -> Whole:
    """Deal lists of votes anew among owners of equally many, each shuffled; gives the vote for each place."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    sizes = np.diff(starts, append=len(owner))
    source = np.arange(len(owner))
    for size in np.unique(sizes):
        places = starts[sizes == size][:, None] + np.arange(size)
        source[places] = rng.permuted(rng.permutation(places), axis=1)
    return source


def _largest(value: Float, dealt: Float, after: npt.NDArray[np.bool_]) -> float:
    """Give the chance of a largest standardised drift as large as the one that was seen."""
    every = np.vstack([value, dealt])[:, after]
    spread = every.std(axis=0)
    scaled = (every - every.mean(axis=0)) / np.where(spread > 0, spread, 1)
    largest = scaled.max(axis=1)
    return float((largest >= largest[0] - 1e-12).mean())
