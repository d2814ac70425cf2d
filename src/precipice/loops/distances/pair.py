"""Two sets of works, and what several distances need of them, worked out once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError

Float = npt.NDArray[np.float64]
NEIGHBOURS = 5
"""Kynkäänniemi et al. took 3, Naeem et al. 5."""


@dataclass(frozen=True, eq=False)
class Works:
    """One set of works in rows, shape (n, d)."""

    x: Float

    def __post_init__(self) -> None:
        """Refuse what has no distance to anything.

        Raises:
            InputError: not a table of finite numbers with two rows or more.
        """
        if self.x.ndim != 2 or len(self.x) < 2 or not np.isfinite(self.x).all():
            raise InputError(
                f"works of shape {self.x.shape} cannot be compared",
                why="they must be a table of finite numbers, one row a work, two or more rows",
                fix="look at what the model made: a fit that ran away gives infinite numbers",
            )

    @cached_property
    def mean(self) -> Float:
        """Shape (d,)."""
        return np.asarray(self.x.mean(axis=0))

    @cached_property
    def factor(self) -> Float:
        """Upper trapezoidal R with covariance R'R over n − 1, shape (min(n, d), d); it may be singular."""
        return np.asarray(np.linalg.qr(self.x - self.mean)[1] / np.sqrt(len(self.x) - 1))

    @cached_property
    def squares(self) -> Float:
        """Eigenvalues of the covariance, rising, shape (min(n, d),)."""
        return np.asarray(np.linalg.svd(self.factor, compute_uv=False)[::-1] ** 2)

    @cached_property
    def apart(self) -> Float:
        """Distances between the works, shape (n, n)."""
        return distances_between(self.x, self.x)

    @cached_property
    def radii(self) -> Float:
        """Distance of each work to its k-th nearest other, shape (n,)."""
        k = min(NEIGHBOURS, len(self.x) - 1)
        return np.partition(self.apart, k, axis=1)[:, k]


@dataclass(frozen=True, eq=False)
class Pair:
    """Human works and a model's."""

    real: Works
    made: Works

    @cached_property
    def apart(self) -> Float:
        """Distances from each human work to each of the model's, shape (n, m)."""
        return distances_between(self.real.x, self.made.x)


def pair_of(real: Float, made: Float) -> Pair:
    """Pair two tables of works."""
    return Pair(Works(np.asarray(real, dtype=np.float64)), Works(np.asarray(made, dtype=np.float64)))


def distances_between(x: Float, y: Float) -> Float:
    """Give Euclidean distances, shape (n, m)."""
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(x, y))
