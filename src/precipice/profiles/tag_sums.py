"""Sums over creators of their shares of tags, for groups of creators in windows of months.

A creator's share p of a tag in a window is the tag's part of all m tags on the creator's uploads in the window.  It
weighs w = m/(m + half): nobody weighs more than one, however prolific, and one with few tags weighs less, since they
say little of what an artist makes.  What later steps need, values and covariances alike, are sums over creators; they
are added up a block of creators at a time, and memory does not grow with the archive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from precipice.panel import Bool, Panel

if TYPE_CHECKING:
    from precipice.archive import TagCounts

Float = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

HALF = 20.0
"""Tags with which a creator weighs half.  On simulated platforms (`studies/themes`) a planted change is found as often
with 10 or 30, and hardly ever with 0, where a single upload weighs as much as a whole portfolio."""
BLOCK = 20_000
"""Creators at a time."""


@dataclass(frozen=True, eq=False)
class Group:
    """Some creators in a window of months."""

    window: tuple[int, int]
    """First month and the month after the last, as in `precipice.months`."""
    members: Bool
    """Shape (n,), creators of the platform."""


@dataclass(frozen=True, eq=False)
class TagSums:
    """Sums of G groups over K tags; a creator without a tag in a group's window is not active in it."""

    active: Float
    """Active creators of each group, shape (G,)."""
    weights: Float
    """Σ w over active creators, shape (G,)."""
    shares: Float
    """Σ w p over active creators, shape (G, K); over all tags it adds up to `weights`."""
    pairs: Float
    """Σ w_g w_h over the creators that two groups have in common, shape (G, G)."""
    products: Float
    """Σ w_g p_g w_h p_h over them, shape (G, G, K)."""
    common: Float
    """Σ w_g p_g w_h over them: entry (g, h), shape (G, G, K)."""
    users: Index
    """Creators who used the tag, shape (G, K)."""
    anyone: Index
    """Creators who used it in the window of any group they are in, each once, shape (K,)."""


@dataclass(frozen=True, eq=False)
class TagRows:
    """One platform's counts: each row with its creator's place among the platform's creators of a panel."""

    counts: "TagCounts"
    rows: Index
    """Rows of `counts`, never falling in creator, shape (r,)."""
    creator: Index
    """Place of each row's creator, shape (r,)."""
    months: Index
    """As in `precipice.months`, shape (r,)."""
    size: int
    """Creators of the platform in the panel."""


def rows_on(panel: Panel, counts: "TagCounts", platform: str) -> TagRows:
    """Find the rows of one platform's creators; creators who are not in the panel are left out.

    Args:
        panel: the creators; `platform` must be one of its platforms.
        counts: tags by creator and month.
        platform: which.

    Raises:
        InputError: there is no such platform in the panel.
    """
    creators = panel.only(platform).creators
    index = counts.platforms.index(platform) if platform in counts.platforms else -1
    rows = np.flatnonzero(counts.platform == index)
    place = np.searchsorted(creators, counts.creators[rows])
    known = place < len(creators)
    known[known] = creators[place[known]] == counts.creators[rows[known]]
    return TagRows(counts, rows[known], place[known], counts.months[rows[known]].astype(np.int64), len(creators))


def share_matrix(
    rows: TagRows,
    window: tuple[int, int],
    tags: Index,
    creators: tuple[int, int] | None = None,
    *,
    half: float = HALF,
) -> "tuple[Any, Float]":
    """Give each creator's weighted shares of some tags in a window, and the weights.

    Args:
        rows: of one platform.
        window: first month and the month after the last.
        tags: the tags wanted, shape (K,); shares are of all tags.
        creators: the first and the one after the last of the creators wanted; None for all.
        half: tags with which a creator weighs half; 0 for the same weight for all.

    Returns:
        w p as a `scipy.sparse.csr_array` of shape (creators, K), and w, shape (creators,), 0 without a tag.
    """
    low, high = creators or (0, rows.size)
    first, last = np.searchsorted(rows.creator, [low, high])
    inside = (rows.months[first:last] >= window[0]) & (rows.months[first:last] < window[1])
    matrix = _matrix(rows, np.flatnonzero(inside) + first, (low, high))
    total = np.asarray(matrix.sum(axis=1)).ravel()
    scale = np.divide(1.0, total + half, out=np.zeros_like(total), where=total > 0)
    matrix.data *= np.repeat(scale, np.diff(matrix.indptr))
    return matrix[:, tags], total * scale


def _matrix(rows: TagRows, chosen: Index, limits: tuple[int, int]) -> Any:  # noqa: ANN401  scipy's own
    """Add up the chosen rows by creator, a `csr_array` of shape (creators, all tags)."""
    from scipy.sparse import csr_array

    counts = rows.counts
    cells, lengths = _cells(rows, chosen)
    place = np.repeat(rows.creator[chosen] - limits[0], lengths)
    shape = (limits[1] - limits[0], len(counts.tags))
    # The row pointer is known, since rows lie by creator: no sorting of cells.
    pointer = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=shape[0]))])
    matrix = csr_array(
        (counts.count[cells].astype(np.float64), counts.tag[cells].astype(np.int32), pointer), shape=shape
    )
    matrix.sum_duplicates()
    return matrix


def _cells(rows: TagRows, chosen: Index) -> tuple[Index, Index]:
    """Give the cells of the chosen rows, one row after another, and how many each row has."""
    starts, lengths = rows.counts.indptr[rows.rows[chosen]], np.diff(rows.counts.indptr)[rows.rows[chosen]]
    before = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum()), lengths


def count_uses(rows: TagRows, members: Bool | None = None, *, block: int = BLOCK) -> Float:
    """Count the uploads that carry each tag, of some creators (None for all), shape (all tags,)."""
    chosen = np.flatnonzero(np.ones(len(rows.rows), np.bool_) if members is None else members[rows.creator])
    uses = np.zeros(len(rows.counts.tags))
    for low in range(0, len(chosen), block):
        cells, _ = _cells(rows, chosen[low : low + block])
        uses += np.bincount(rows.counts.tag[cells], rows.counts.count[cells], len(uses))
    return uses


def count_users(rows: TagRows, window: tuple[int, int], *, block: int = BLOCK) -> Index:
    """Count the creators who used each tag in a window, shape (all tags,)."""
    every = np.arange(len(rows.counts.tags))
    users = np.zeros(len(every), np.int64)
    for low in range(0, rows.size, block):
        matrix, _ = share_matrix(rows, window, every, (low, min(low + block, rows.size)))
        users += np.bincount(matrix.indices, minlength=len(every))
    return users


def sum_groups(
    rows: TagRows, groups: Sequence[Group], tags: Index, *, half: float = HALF, block: int = BLOCK
) -> TagSums:
    """Add up shares over creators, for each group and each two groups.

    Args:
        rows: of one platform.
        groups: G groups; several may share a window, and creators may be in several.
        tags: the tags wanted, shape (K,).
        half: tags with which a creator weighs half.
        block: creators at a time; changes nothing but memory.
    """
    windows = list(dict.fromkeys(group.window for group in groups))
    size, width = len(groups), len(tags)
    total = TagSums(
        np.zeros(size), np.zeros(size), np.zeros((size, width)), np.zeros((size, size)), np.zeros((size, size, width)),
        np.zeros((size, size, width)), np.zeros((size, width), np.int64), np.zeros(width, np.int64),
    )  # fmt: skip
    for low in range(0, rows.size, block):
        limits = (low, min(low + block, rows.size))
        made = [share_matrix(rows, window, tags, limits, half=half) for window in windows]
        part = [
            (windows.index(group.window), group.members[slice(*limits)] * made[windows.index(group.window)][1])
            for group in groups
        ]
        _add(total, [matrix for matrix, _ in made], part)
    return total


def _add(total: TagSums, matrices: list[Any], groups: list[tuple[int, Float]]) -> None:
    """Add one block of creators to the sums; a group is its window and the weights of its members."""
    weights = np.array([weight for _, weight in groups])
    masks = (weights > 0).astype(np.float64)
    of_window = [np.array([g for g, (w, _) in enumerate(groups) if w == window]) for window in range(len(matrices))]
    total.active[:] += masks.sum(axis=1)
    total.weights[:] += weights.sum(axis=1)
    total.pairs[:] += weights @ weights.T
    for window, matrix in enumerate(matrices):
        mine = of_window[window]
        total.shares[mine] += masks[mine] @ matrix
        total.users[mine] += (masks[mine] @ (matrix > 0)).astype(np.int64)
        both = (masks[mine, None] * weights[None]).reshape(-1, masks.shape[1])
        total.common[mine] += (both @ matrix).reshape(len(mine), len(groups), -1)
        for other in range(window, len(matrices)):
            theirs = of_window[other]
            pair = (masks[mine, None] * masks[None, theirs]).reshape(-1, masks.shape[1])
            sums = (pair @ matrix.multiply(matrices[other])).reshape(len(mine), len(theirs), -1)
            total.products[np.ix_(mine, theirs)] += sums
            if other != window:
                total.products[np.ix_(theirs, mine)] += sums.transpose(1, 0, 2)
    total.anyone[:] += _anyone(matrices, [masks[mine].max(axis=0) for mine in of_window])


def _anyone(matrices: list[Any], members: list[Float]) -> Index:
    """Count the creators with a tag in any window in which they count, shape (K,)."""
    from scipy.sparse import csr_array

    seen = csr_array(matrices[0].shape)
    for matrix, mask in zip(matrices, members, strict=True):
        seen = seen + csr_array(matrix.multiply(mask[:, None]))
    return np.asarray((seen > 0).sum(axis=0), np.int64).ravel()
