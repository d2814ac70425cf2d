"""Numbers of creators merged until no sum or difference of them is of 1 to 4 creators.

Arrays in, arrays out; `docs/page.md` gives the rule and why it holds.  An element is a creator in a month (or in a
quarter or year).  Elements lie on two axes: when the creator joined, and how much it uploaded.  A boundary on the axis
of joining is a place where a reader may put the cutoff; a level is a place where a reader may put the cap.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precipice.panel import Bool

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Merged:
    """One level: the numbers of creators that uploaded at least so often, by cell of joining.

    A cell begins after a boundary and ends at the next one; nothing is told of its parts.
    """

    edges: Bool
    """Whether a cell ends with this bin of joining, shape (T, bins); the last bin ends one wherever `told`."""
    told: Bool
    """Whether anything is told of the bin, shape (T, bins)."""


def free(counts: Whole, least: int) -> Bool:
    """Say which numbers of creators may be told: nought, and `least` or more; same shape."""
    return np.asarray((counts == 0) | (counts >= least))


def merge(parts: Whole, may_end: Bool, least: int) -> Merged:
    """Merge bins, earliest first, into the smallest cells in which every part may be told.

    Args:
        parts: numbers of creators that a cell tells, shape (parts, T, bins): each is nought or at least `least` in
            every cell that comes out.
        may_end: bins with which a cell may end, shape (T, bins).
        least: the smallest number of creators that may be told.

    Returns:
        The cells.  Where even all bins together may not be told, nothing is.
    """
    shape = parts.shape[1:]
    edges = np.zeros(shape, np.bool_)
    gathered = np.zeros(parts.shape[:2], np.int64)
    for index in range(shape[1]):
        gathered += parts[:, :, index]
        edges[:, index] = may_end[:, index] & free(gathered, least).all(axis=0)
        gathered[:, edges[:, index]] = 0
    if shape[1]:
        edges[:, -1] = True
    told = _join_rest(edges, parts, least)
    return Merged(edges & told[:, None], np.repeat(told[:, None], shape[1], axis=1))


def _join_rest(edges: Bool, parts: Whole, least: int) -> Bool:
    """Take out the last edges until what lies behind the last one left may be told; say of each row whether any is."""
    behind = parts[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    settled = np.zeros(len(edges), np.bool_)
    for index in range(edges.shape[1] - 2, -1, -1):
        asked = edges[:, index] & ~settled
        fine = free(behind[:, :, index + 1], least).all(axis=0)
        edges[:, index] &= ~(asked & ~fine)
        settled |= asked & fine
    whole = free(parts.sum(axis=2), least).all(axis=0)
    return np.asarray(settled | whole)


def side_by_side(left: Merged, right: Merged) -> Merged:
    """Put the cells of two sides of a boundary that none may cross beside each other."""
    return Merged(*(np.hstack([getattr(left, name), getattr(right, name)]) for name in ("edges", "told")))


def choose(parts: Whole, may_end: Bool, least: int, enough: float) -> Bool:
    """Choose the bins with which cells shall end in every row: as many as can be where most rows may be told.

    Rows merged each by itself would end their cells at other bins each, and few cutoffs would be left for a whole line.

    Args:
        parts: as in `merge`.
        may_end: bins with which a cell may end, shape (bins,).
        least: the smallest number of creators that may be told.
        enough: share of the rows that have anybody which must be free to be told.

    Returns:
        Shape (bins,).
    """
    chosen = np.zeros(parts.shape[2], np.bool_)
    gathered = np.zeros(parts.shape[:2], np.int64)
    seen = parts.sum(axis=(0, 2)) > 0
    for index in range(parts.shape[2]):
        gathered += parts[:, :, index]
        fine = free(gathered[:, seen], least).all(axis=0)
        chosen[index] = may_end[index] and (not seen.any() or fine.mean() >= enough)
        if chosen[index]:
            gathered[:] = 0
    return chosen


def levels(at_least: Whole, split: int, given: Bool, deepest: Whole, least: int, enough: float) -> list[Merged]:
    """Merge level after level, each into cells made of those of the level before.

    Level k tells, of each cell, the creators that uploaded at least k times; with the level before, it so tells those
    that uploaded exactly k - 1 times.  Both are nought or at least `least`.

    Args:
        at_least: creators that uploaded at least 1, 2, … times, shape (levels, T, bins).
        split: bins before the study's own cutoff; no cell crosses it.
        given: whether the published tables tell of the side before and after it, shape (2, T).
        deepest: the last level that may be told of each side, shape (2, T).
        least: the smallest number of creators that may be told.
        enough: as in `choose`.
    """
    found: list[Merged] = []
    chosen = np.ones(at_least.shape[2], np.bool_)
    for level in range(len(at_least)):
        sides = []
        for side, bins in enumerate((slice(None, split), slice(split, None))):
            counts = at_least[level, :, bins]
            parts = np.stack([counts, at_least[level - 1, :, bins] - counts]) if level else counts[None]
            known = (given[side] & (deepest[side] > level))[:, None]
            chosen[bins] = choose(parts[:, known[:, 0]], chosen[bins], least, enough)
            before = found[-1].edges[:, bins] if found else np.ones(counts.shape, np.bool_)
            cells = merge(parts, before & chosen[bins], least)
            sides.append(Merged(cells.edges & known, cells.told & known))
        found.append(side_by_side(*sides))
    return found


def depths(of_sides: Whole, given: Bool, least: int, over: Whole, cap: int) -> Whole:
    """Give the last level of each side that may be told beside the published uploads without a cap.

    All uploads less those up to a cap are the uploads of those above it; so nobody or at least `least` may be above
    any level that is told.  Where the other side is withheld, its uploads are all uploads less this side's; and where
    1 to 4 of a side are above the published cap, so are all uploads less this side's and that one's.  Then only what
    the tables tell too stays: the first level, if it is theirs.

    Args:
        of_sides: creators of each side that uploaded at least 1, 2, … times, shape (levels, 2, T).
        given: whether the published tables tell of a side, shape (2, T).
        least: the smallest number of creators that may be told.
        over: creators of each side above the published cap, shape (2, T).
        cap: that of the published series.

    Returns:
        Shape (2, T); 0 where nothing may be told.
    """
    deepest = np.cumprod(free(of_sides[1:], least), axis=0).sum(axis=0)
    theirs = 1 if cap == 1 else 0
    shallow = ~given[::-1] | ~free(over, least).all(axis=0)
    return np.asarray(np.where(shallow, theirs, np.maximum(deepest, theirs)), np.int64)
