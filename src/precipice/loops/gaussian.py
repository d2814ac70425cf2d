"""Gaussian loops without samples: only means and scatters are drawn, for many replicates at once.

Mean and scatter of n Gaussian draws are independent; the scatter is L A A'L' with A Bartlett-triangular, so that
L_t = √(λ/(n−1)) L_{t−1} A_t needs no samples and no decomposition, and its cost does not depend on n.  The human
distribution is standard normal, which is no loss: fits and draws are affine-equivariant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError

Real: TypeAlias = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Moments:
    """Sufficient statistics of n draws, for R replicates."""

    n: int
    mean: Real
    """Shape (R, d)."""
    factor: Real
    """Lower triangular, scatter = factor · factor', shape (R, d, d)."""


@dataclass(frozen=True, eq=False)
class Normal:
    """Fitted Gaussians of R replicates."""

    mean: Real
    """Shape (R, d)."""
    factor: Real
    """Lower triangular, covariance = factor · factor', shape (R, d, d)."""

    @cached_property
    def trace(self) -> Real:
        """Trace of the covariance, shape (R,)."""
        return _squares(self.factor)

    @cached_property
    def trace_of_square(self) -> Real:
        """Trace of the squared covariance, shape (R,)."""
        return _squares(self.factor @ self.factor.mT)

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Moments:
        """Draw the moments of n draws from each, the covariance times the bias."""
        scale = sqrt(bias)
        noise = rng.standard_normal(self.mean.shape, dtype=self.mean.dtype)[..., None]
        mean = self.mean + (scale / sqrt(n)) * (self.factor @ noise)[..., 0]
        factor = self.factor @ bartlett(self.mean.shape, n - 1, rng, self.mean.dtype)
        if bias != 1:
            factor *= factor.dtype.type(scale)
        return Moments(n, mean, factor)


@dataclass(frozen=True)
class ClosedGaussian:
    """Fit by moments, over n − 1, or over n by maximum likelihood."""

    likelihood: bool = False

    def fit(self, x: Moments, rng: np.random.Generator) -> Normal:
        """Fit to moments."""
        degrees = x.n if self.likelihood else x.n - 1
        return Normal(x.mean, x.factor * x.factor.dtype.type(1 / sqrt(degrees)))


@dataclass(frozen=True)
class NormalWorld:
    """A standard normal distribution of human works, in R replicates of the loop."""

    replicates: int
    d: int
    dtype: Any = np.float64
    mean: float = 0.0
    """Distance of generation 0 from the human mean, along the first axis."""
    variance: float = 1.0
    """Variance of generation 0; 1 for the human distribution itself."""

    def start(self, n: int, rng: np.random.Generator) -> tuple[Normal, None]:
        """Give generation 0, which is known and needs no works."""
        mean = np.zeros((self.replicates, self.d), dtype=self.dtype)
        mean[:, 0] = self.mean
        eye = np.eye(self.d, dtype=self.dtype) * self.dtype(sqrt(self.variance))
        return Normal(mean, np.broadcast_to(eye, (self.replicates, self.d, self.d))), None

    def draw(self, n: int, rng: np.random.Generator) -> Moments:
        """Draw the moments of n human works."""
        shape = (self.replicates, self.d)
        mean = rng.standard_normal(shape, dtype=self.dtype) * self.dtype(1 / sqrt(n))
        return Moments(n, mean, bartlett(shape, n - 1, rng, self.dtype))

    def join(self, batches: Sequence[Moments], weights: Sequence[float] | None = None) -> Moments:
        """Put batches together: scatters add, and so does what lies between the means."""
        whole = batches[0]
        for batch in batches[1:]:
            whole = _joined(whole, batch, None if weights is None else weights[0])
        return whole

    def pick(self, batch: Moments, n: int, rng: np.random.Generator) -> Moments:
        """Refuse: moments hold no single works.

        Raises:
            InputError: always, unless the whole batch is asked for.
        """
        if n >= batch.n:
            return batch
        raise InputError("single works cannot be picked from moments", fix="run this policy on samples")


def bartlett(shape: tuple[int, ...], degrees: int, rng: np.random.Generator, dtype: Any) -> Real:  # noqa: ANN401
    """Draw A with A A' Wishart of identity scale, lower triangular; with degrees < d its last columns are nought.

    Args:
        shape: replicates and dimensions, (R, d).
        degrees: of freedom.
        rng: source of chance.
        dtype: float32 or float64.

    Returns:
        Shape (R, d, d).
    """
    r, d = shape
    factor = np.zeros((r, d, d), dtype=dtype)
    rank = min(degrees, d)
    below = rng.standard_normal((r, d * (d - 1) // 2), dtype=dtype)
    begin = 0
    for row in range(1, d):
        factor[:, row, :row] = below[:, begin : begin + row]
        begin += row
    if rank < d:
        factor[:, :, rank:] = 0
    diagonal = np.arange(rank)
    chi2 = 2 * rng.standard_gamma(((degrees - diagonal) / 2).astype(dtype), size=(r, rank), dtype=dtype)
    factor[:, diagonal, diagonal] = np.sqrt(chi2)
    return factor


def _joined(one: Moments, other: Moments, weight: float | None) -> Moments:
    n = one.n + other.n
    w = one.n / n if weight is None else weight
    scales = (1.0, 1.0)
    if weight is not None:
        scales = (sqrt(weight * (n - 1) / (one.n - 1)), sqrt((1 - weight) * (n - 1) / (other.n - 1)))
    apart = other.mean - one.mean
    between = sqrt(w * (1 - w) * (n if weight is None else n - 1))
    mean = one.mean + one.mean.dtype.type(1 - w) * apart
    parts = (_times(one.factor, scales[0]), _times(other.factor, scales[1]), _times(apart[..., None], between))
    return Moments(n, mean, _triangle(parts, full=n > one.mean.shape[-1] + 1))


def _times(factor: Real, scale: float) -> Real:
    return factor if scale == 1 else factor * factor.dtype.type(scale)


def _triangle(parts: Sequence[Real], *, full: bool) -> Real:
    """Give L with L L' = Σ P P': by Cholesky, or by QR where the sum may be singular."""
    if full:
        one, other, between = parts
        scatter = one @ one.mT
        scatter += other @ other.mT
        scatter += between * between.mT
        try:
            return np.linalg.cholesky(scatter)
        except np.linalg.LinAlgError:  # collapsed to fewer dimensions than there are
            pass
    stacked = np.concatenate([np.broadcast_to(p, (*parts[-1].shape[:-1], p.shape[-1])) for p in parts], axis=-1)
    upper: Real = np.linalg.qr(stacked.mT)[1]
    return upper.mT


def _squares(x: Real) -> Real:
    """Add up the squares of each matrix."""
    flat = x.reshape(len(x), -1)
    return np.asarray(np.vecdot(flat, flat))
