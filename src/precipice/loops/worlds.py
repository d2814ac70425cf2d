"""Human worlds in samples, one row a work: by a law, or from works that there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.loops.loop import Fitted

Float = npt.NDArray[np.float64]
Source = Callable[[int, np.random.Generator], Float]
"""Draws n works, shape (n, d)."""


@dataclass(frozen=True, eq=False)
class SampleWorld:
    """Works in rows."""

    source: Source
    known: Fitted[Float] | None = None
    """The human distribution as a fitted model, where the model's family holds it; generation 0 is then that."""

    def start(self, n: int, rng: np.random.Generator) -> tuple[Fitted[Float] | None, Float | None]:
        """Give the human distribution where it is known, or n human works."""
        return (self.known, None) if self.known is not None else (None, self.source(n, rng))

    def draw(self, n: int, rng: np.random.Generator) -> Float:
        """Draw n human works, shape (n, d)."""
        return self.source(n, rng)

    def join(self, batches: Sequence[Float], weights: Sequence[float] | None = None) -> Float:
        """Put rows under each other; with weights, rows are repeated until the batches have these shares.

        Nothing is left out: the batch with the least works for its weight is taken once, the others' rows as often as
        it takes, evenly.
        """
        if weights is None:
            return np.concatenate(batches)
        scale = max(len(batch) / weight for batch, weight in zip(batches, weights, strict=True))
        return np.concatenate([_repeated(b, round(w * scale)) for b, w in zip(batches, weights, strict=True)])

    def pick(self, batch: Float, n: int, rng: np.random.Generator) -> Float:
        """Choose n rows without replacement."""
        return batch if n >= len(batch) else batch[rng.choice(len(batch), n, replace=False)]


def _repeated(batch: Float, n: int) -> Float:
    return batch[np.floor(np.arange(n) * len(batch) / n).astype(np.int64)]


def normal(d: int) -> Source:
    """Draw standard normal works in d dimensions."""
    return lambda n, rng: rng.standard_normal((n, d))


def labels(p: Float) -> Source:
    """Draw the styles of works from their shares, as whole numbers in one column."""
    return lambda n, rng: rng.choice(len(p), size=(n, 1), p=p).astype(float)


def linear(coefficients: Float, noise: float) -> Source:
    """Draw standard normal predictors and a response with normal noise, shape (n, d + 1), the response last."""

    def draw(n: int, rng: np.random.Generator) -> Float:
        x = rng.standard_normal((n, len(coefficients)))
        return np.column_stack([x, x @ coefficients + noise * rng.standard_normal(n)])

    return draw


def works(x: npt.NDArray[Any]) -> Source:
    """Draw from works that there are, none twice in a batch.

    Raises:
        InputError: not a table of finite numbers, or (when drawn) fewer works than are asked for.
    """
    if x.ndim != 2 or len(x) < 2 or not np.isfinite(x).all():
        raise InputError(
            f"works of shape {x.shape} cannot be used",
            why="they must be a table of finite numbers, one row a work, two or more rows",
            fix="give features or flattened pictures, works × numbers",
        )
    rows = np.asarray(x, dtype=np.float64)

    def draw(n: int, rng: np.random.Generator) -> Float:
        if n > len(rows):
            raise InputError(
                f"{n:,} human works a generation are asked for, and there are {len(rows):,}",
                why="no work is drawn twice in one generation",
                fix="lower n or the human share, or give more works",
            )
        return rows[rng.choice(len(rows), n, replace=False)]

    return draw
