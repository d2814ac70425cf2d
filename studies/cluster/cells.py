"""How many cells uploads reduce to, in closed form: what a law of creators and of time comes to.

Of n credits drawn independently, a cell of probability p is met with probability 1 − exp(−n p), to order 1/n
(occupancy of cells: Johnson & Kotz, *Urn Models and Their Application*, 1977, chapter 3).  The law is that of
`studies.cluster.uploads`: ranks log-uniform, months by a power of the share of uploads.
"""

from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from studies.cluster.uploads import POWER, SECONDS, Order

Float = npt.NDArray[np.float64]
CREDITS = 0.93 + 2 * 0.04
"""Creators an upload has on average."""
EXACT = 1_000
"""Ranks that are reckoned one by one; later ones in groups of one per cent."""
START = datetime(2005, 5, 24, 12)  # noqa: DTZ001  naive UTC, as archives are
WINDOWS = 12
"""Places in an archive at which a task is looked at."""


def ranks(creators: int) -> tuple[Float, Float]:
    """Give the probability of one creator and the number of creators, by group of ranks, both of shape (groups,)."""
    most = max(creators, 2)
    later = np.geomspace(EXACT, most, max(2, int(np.log(most / EXACT) / 0.01))) if most > EXACT else np.array([])
    edges = np.concatenate([np.arange(1.0, min(most, EXACT)), later if len(later) else [float(most)]])
    width = np.diff(edges)
    return np.log(edges[1:] / edges[:-1]) / np.log(most) / width, width


def month_limits() -> Float:
    """Give the shares of uploads at which months begin, from 0 up to 1, shape (months + 1,)."""
    limits, year, month = [0.0], START.year, START.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        passed = (datetime(year, month, 1) - START) / timedelta(seconds=SECONDS)  # noqa: DTZ001
        if passed >= 1:
            return np.array([*limits, 1.0])
        limits.append(passed ** (1 / POWER))


def expected(credited: npt.ArrayLike, creators: int) -> float:
    """Give the cells that so many credits of each month come to.

    Args:
        credited: credits by month, shape (months,).
        creators: how many there may be.
    """
    one, many = ranks(creators)
    return float(sum(many @ -np.expm1(-n * one) for n in np.asarray(credited, float) if n > 0))


@cache
def cells_of(uploads: float, creators: int) -> float:
    """Give the cells of a whole archive."""
    return expected(CREDITS * uploads * np.diff(month_limits()), creators)


@cache
def cells_of_task(task: float, uploads: float, creators: int, order: Order) -> float:
    """Give the cells of the uploads that one task reads, on average: what is left of them before the shuffle.

    Args:
        task: uploads that it reads.
        uploads: those of the whole archive.
        creators: how many there may be.
        order: how uploads lie in files.
    """
    limits = month_limits()
    if order == "shuffled" or task >= uploads:
        return expected(CREDITS * min(task, uploads) * np.diff(limits), creators)
    share = task / uploads
    found = []
    for low in np.linspace(0, 1 - share, WINDOWS):
        inside = np.clip(limits, low, low + share)
        found.append(expected(CREDITS * uploads * np.array([b - a for a, b in pairwise(inside)]), creators))
    return float(np.mean(found))
