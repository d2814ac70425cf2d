"""Gaussian mixture by expectation and maximisation (scikit-learn)."""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError, MissingExtraError

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedMixture:
    """A mixture of Gaussians."""

    weights: Float
    """Shape (K,)."""
    means: Float
    """Shape (K, d)."""
    factors: Float
    """Covariances = factor · factor', shape (K, d, d)."""

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Float:
        """Draw n rows; a bias below 1 draws each towards its component's mean, all covariances times the bias."""
        which = rng.choice(len(self.weights), size=n, p=self.weights)
        noise = rng.standard_normal((n, self.means.shape[1]))
        return np.asarray(self.means[which] + sqrt(bias) * np.einsum("nij,nj->ni", self.factors[which], noise))


@dataclass(frozen=True)
class Mixture:
    """Components with full covariances, begun from k-means."""

    components: int = 20
    ridge: float = 1e-3
    """Added to variances, as a share of the mean variance of a column: keeps components of few works regular."""
    iterations: int = 50
    tolerance: float = 1e-2
    """Change of the mean log-likelihood at which it stops."""
    begin: Literal["kmeans", "k-means++", "random_from_data"] = "kmeans"

    def fit(self, x: Float, rng: np.random.Generator) -> FittedMixture:
        """Fit to rows.

        Raises:
            InputError: fewer works than components.
            MissingExtraError: scikit-learn is not installed.
        """
        try:
            from sklearn.exceptions import ConvergenceWarning
            from sklearn.mixture import GaussianMixture
        except ModuleNotFoundError as error:
            raise MissingExtraError("scikit-learn", "loops") from error
        import warnings

        if len(x) < self.components:
            raise InputError(
                f"{len(x)} works cannot be split into {self.components} components",
                fix="lower the option 'components', or raise n",
            )
        ridge = self.ridge * float(x.var(axis=0).mean()) + 1e-12
        kind = GaussianMixture(
            self.components, reg_covar=ridge, max_iter=self.iterations, tol=self.tolerance, init_params=self.begin,
            random_state=int(rng.integers(2**31)),
        )  # fmt: skip
        with warnings.catch_warnings():
            # A fit that stops at the last iteration is a fit; collapsed works make fewer clusters than components.
            warnings.simplefilter("ignore", ConvergenceWarning)
            kind.fit(x)
        return FittedMixture(kind.weights_ / kind.weights_.sum(), kind.means_, np.linalg.cholesky(kind.covariances_))
