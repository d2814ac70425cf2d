"""Least squares on its own labels: predictors stay as they are, responses are the last model's (Dohmatob et al.)."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedLine:
    """A linear model with noise."""

    coefficients: Float
    """Shape (d,)."""
    noise: float
    """Standard deviation of the labels it gives."""

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Float:
        """Draw standard normal predictors and label them, shape (n, d + 1); the noise variance times the bias."""
        x = rng.standard_normal((n, len(self.coefficients)))
        return np.column_stack([x, x @ self.coefficients + sqrt(bias) * self.noise * rng.standard_normal(n)])


@dataclass(frozen=True)
class Regression:
    """Ordinary least squares without a constant; the response is the last column."""

    noise: float = 1.0
    """Standard deviation of labels, known and the same in every generation."""

    def fit(self, x: Float, rng: np.random.Generator) -> FittedLine:
        """Fit to rows.

        Raises:
            InputError: fewer rows than predictors.
        """
        n, d = len(x), x.shape[1] - 1
        if n < d:
            raise InputError(
                f"{n} works cannot settle {d} coefficients", why="least squares needs as many rows as predictors",
                fix=f"give n of {d} or more (theory needs {d + 2})",
            )  # fmt: skip
        coefficients = np.asarray(np.linalg.lstsq(x[:, :-1], x[:, -1], rcond=None)[0], dtype=np.float64)
        return FittedLine(coefficients, self.noise)
