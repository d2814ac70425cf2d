"""Nearest neighbours: for a work, the earlier works by others that are most like it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

BLOCK = 512
"""Works whose likeness to all others is made at a time."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Works with their nearest earlier neighbours by others, from the least new to the newest."""

    work: Whole
    """Index of each work, shape (rows,)."""
    nearest: Whole
    """Index of its neighbours, the nearest first, −1 where there are no more, shape (rows, k)."""
    similarity: Float
    """Scalar products with them, not a number where there are no more, shape (rows, k)."""


def nearest_earlier(
    vectors: Float, creator: Whole, month: Whole, asked: Whole, *, rows: int = 6, k: int = 6
) -> Neighbours:
    """Find the nearest neighbours of works among earlier works by others, and choose rows from least new to newest.

    A creator has one work among the rows at most: the one whose nearest neighbour is at the median of their works'.
    Rows stand at even steps of the likeness of the nearest neighbour, so that they show the whole range.

    Args:
        vectors: unit vectors, shape (n, d).
        creator, month: of each work, shape (n,).
        asked: indices of the works to look at.
        rows: works shown at most.
        k: neighbours of each.
    """
    best = np.full((len(asked), k), -1, np.int64)
    likeness = np.full((len(asked), k), np.nan)
    for low in range(0, len(asked), BLOCK):
        part = asked[low : low + BLOCK]
        product = vectors[part] @ vectors.T
        product[(creator[part][:, None] == creator) | (month[part][:, None] <= month)] = -np.inf
        order = np.argsort(-product, axis=1, kind="stable")[:, :k]
        value = np.take_along_axis(product, order, axis=1)
        known = np.isfinite(value)
        best[low : low + BLOCK, : order.shape[1]] = np.where(known, order, -1)
        likeness[low : low + BLOCK, : order.shape[1]] = np.where(known, value, np.nan)
    seen = np.flatnonzero(best[:, 0] >= 0)
    typical = _typical(creator[asked[seen]], likeness[seen, 0])
    ranked = seen[typical][np.argsort(-likeness[seen[typical], 0], kind="stable")]
    steps = np.unique(np.linspace(0, len(ranked) - 1, min(rows, len(ranked))).round().astype(np.int64))
    shown = ranked[steps] if len(ranked) else ranked
    return Neighbours(asked[shown], best[shown], likeness[shown])


def _typical(creator: Whole, likeness: Float) -> Whole:
    """Give for each creator the index of the work in the middle of theirs by likeness."""
    order = np.lexsort((likeness, creator))
    starts = np.flatnonzero(np.diff(creator[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    return np.asarray(order[starts + sizes // 2], np.int64)
