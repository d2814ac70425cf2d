"""Kernel density estimate: the contrast that spreads instead of collapsing, and memorises."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from precipice.loops.theory import silverman

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedKernels:
    """A Gaussian kernel at every work."""

    x: Float
    """Shape (n, d)."""
    factor: Float
    """Kernel covariance = factor · factor', shape (d, d)."""

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Float:
        """Draw works with noise; a bias below 1 draws them towards the mean, all variances times the bias."""
        drawn = self.x[rng.integers(len(self.x), size=n)]
        drawn = drawn + rng.standard_normal((n, self.factor.shape[1])) @ self.factor.T
        middle = self.x.mean(axis=0)
        return np.asarray(middle + sqrt(bias) * (drawn - middle))


@dataclass(frozen=True)
class KernelDensity:
    """Kernels with the shape of the works' covariance (over n)."""

    bandwidth: float | None = None
    """In standard deviations; None for Silverman's."""

    def fit(self, x: Float, rng: np.random.Generator) -> FittedKernels:
        """Keep the works and their covariance's factor."""
        h = silverman(*x.shape) if self.bandwidth is None else self.bandwidth
        factor = np.linalg.qr(x - x.mean(axis=0))[1].T
        return FittedKernels(x, h / sqrt(len(x)) * factor)
