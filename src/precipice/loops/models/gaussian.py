"""One Gaussian, fitted to samples."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedGaussian:
    """A Gaussian."""

    mean: Float
    """Shape (d,)."""
    factor: Float
    """Covariance = factor · factor', shape (d, d); it may be singular."""

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Float:
        """Draw n rows, the covariance times the bias."""
        return self.mean + sqrt(bias) * rng.standard_normal((n, self.factor.shape[1])) @ self.factor.T


@dataclass(frozen=True)
class Gaussian:
    """Mean and covariance; from fewer works than dimensions the covariance is singular, and so are its samples."""

    likelihood: bool = False
    """Fit over n, not over n − 1."""

    def fit(self, x: Float, rng: np.random.Generator) -> FittedGaussian:
        """Fit to rows: the factor is the transposed R of the centred rows, which squares nothing."""
        mean = x.mean(axis=0)
        factor = np.linalg.qr(x - mean)[1].T / sqrt(len(x) if self.likelihood else len(x) - 1)
        return FittedGaussian(mean, factor)
