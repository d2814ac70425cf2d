"""Principal components: pictures as few numbers that small models can be fitted to, and back."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
COMPONENTS = 48
"""Kept by default: 99 % of the variance of small digits, about 85 % of clothes or clip art."""


@dataclass(frozen=True, eq=False)
class Components:
    """The directions in which works differ most."""

    mean: Float
    """Shape (d,)."""
    directions: Float
    """Rows of length one, at right angles, shape (k, d)."""
    kept: float
    """Share of the variance that they hold."""

    @classmethod
    def of(cls, x: npt.NDArray[Any], count: int = COMPONENTS) -> "Components":
        """Take them from works, shape (n, d); as many as there are where `count` is more."""
        rows = np.asarray(x, dtype=np.float64)
        mean = rows.mean(axis=0)
        values, vectors = np.linalg.eigh((rows - mean).T @ (rows - mean))
        values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
        count = min(count, rows.shape[1], len(rows) - 1)
        return cls(mean, vectors[:, :count].T, float(values[:count].sum() / max(values.sum(), 1e-300)))

    def of_works(self, x: npt.NDArray[Any]) -> Float:
        """Give the components of works, shape (n, k)."""
        return np.asarray((x - self.mean) @ self.directions.T)

    def works(self, components: Float) -> Float:
        """Give the works with these components, shape (n, d)."""
        return np.asarray(components @ self.directions + self.mean)
