"""Discrete styles in samples: each work has one, the model knows only their shares (Wright–Fisher)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precipice.loops.counts import sharpened

Float = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedShares:
    """Styles that occur, and their shares."""

    styles: Float
    """Shape (K,)."""
    p: Float
    """Shape (K,)."""

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Float:
        """Draw the styles of n works, in one column; a bias below 1 favours the common ones, p^(1/λ)."""
        return rng.choice(self.styles, size=(n, 1), p=sharpened(self.p, bias))


@dataclass(frozen=True)
class StyleShares:
    """Shares of the styles in the works, whatever numbers stand for them."""

    def fit(self, x: Float, rng: np.random.Generator) -> FittedShares:
        """Count the first column."""
        styles, counts = np.unique(x[:, 0], return_counts=True)
        return FittedShares(styles, counts / len(x))
