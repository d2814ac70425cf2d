"""Shares of uploads with limits over creators: ratios of sums in which one creator's uploads go together.

A creator who declares one upload declares most of them, so uploads are no independent draws.  The variance of a ratio
Y/N over creators is Σ(y − sn)²/N², the Poisson bootstrap's to first order; it is turned into an effective number of
uploads, and that into Clopper and Pearson's limits.
Source: Korn & Graubard 1998, Survey Methodology 24(2), 193-201 (effective size, with its t adjustment).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]

LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over creators of numerators y and denominators n, each of one shape."""

    y: Float
    """Σ y."""
    n: Float
    """Σ n."""
    yy: Float
    """Σ y²."""
    yn: Float
    """Σ y n."""
    nn: Float
    """Σ n²."""
    creators: Float
    """Creators with n > 0."""
    saying: Float
    """Creators with y > 0."""

    @property
    def ratio(self) -> Float:
        """The share y / n; not a number where n is nought."""
        share: Float = np.full(self.n.shape, np.nan)
        np.divide(self.y, self.n, out=share, where=self.n > 0)
        return share


def sums(y: npt.ArrayLike, n: npt.ArrayLike, key: npt.ArrayLike, size: int) -> Sums:
    """Add up numerators and denominators, one of each a creator and key.

    Args:
        y, n: shape (cells,), y at most n.
        key: which sum each belongs to, from 0 to size − 1, shape (cells,).
        size: number of sums.
    """
    y, n, key = np.asarray(y, float), np.asarray(n, float), np.asarray(key, np.int64)
    parts = (y, n, y * y, y * n, n * n, (n > 0).astype(float), (y > 0).astype(float))
    return Sums(*(np.bincount(key, part, minlength=size).astype(float) for part in parts))


def effective_size(found: Sums, level: float = LEVEL) -> Float:
    """Give the number of independent uploads that would leave a share as unsure, same shape.

    Where the uploads at hand cannot say how alike one creator's are (all or none declared, or one creator), they are
    taken to be all alike: creators count, weighted (Kish's (Σn)²/Σn²).
    """
    from scipy.special import ndtri, stdtrit

    share, many = found.ratio, found.creators >= 2
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = found.yy - 2 * share * found.yn + share**2 * found.nn
        variance = spread / found.n**2 * found.creators / (found.creators - 1)
        size = share * (1 - share) / variance
        kish = found.n**2 / found.nn
    told = many & (share > 0) & (share < 1) & (spread > 1e-9 * found.nn)
    size = np.minimum(np.where(told, size, kish), found.n)
    tail = (1 + level) / 2
    few = ndtri(tail) / stdtrit(np.maximum(found.creators - 1, 1), tail)
    return np.asarray(np.where(told, size * few**2, size))


def interval_of_ratio(found: Sums, level: float = LEVEL) -> tuple[Float, Float]:
    """Give lower and upper limits of shares; not a number where nobody was asked."""
    return clopper_pearson(found.ratio, effective_size(found, level), level)


def clopper_pearson(share: Float, size: Float, level: float = LEVEL) -> tuple[Float, Float]:
    """Give Clopper and Pearson's limits of a share of so many uploads, whole or not.

    Args:
        share: between 0 and 1.
        size: effective number of uploads, same shape.
        level: probability of covering, at least.
    """
    from scipy.special import betaincinv

    alpha = (1 - level) / 2
    known = np.isfinite(share) & np.isfinite(size) & (size > 0)
    s, k = np.where(known, share, 0.5), np.where(known, size, 1.0)
    low = np.where(s > 0, betaincinv(np.maximum(s * k, 1e-12), k - s * k + 1, alpha), 0.0)
    high = np.where(s < 1, betaincinv(s * k + 1, np.maximum(k - s * k, 1e-12), 1 - alpha), 1.0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
