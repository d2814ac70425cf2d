"""What cohort series and their bands are made of: sums over creators by month, and of products of two months.

A panel may hold ten million creators and a hundred million cells, mapped from a file: creators are gone through once,
some at a time, so that what is worked out for them stays in the cache.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.panel import Bool, Panel
from precipice.threads import one_thread

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

CELLS = 1 << 18
"""Cells worked on at a time: with more, arrays leave the cache; with all, 100 million take several gigabytes."""
SMALL = 64
"""Counts below this are tallied by value."""
VINTAGE = 12
"""Months of entry whose creators make one matrix: months before the first of them are nought, and left out."""
EXACT = 1 << 24
"""Up to which four-byte floats hold every whole number."""


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums over the creators of one group, by platform and month of the panel, each of shape (platforms, months)."""

    uploads: Whole
    squares: Whole
    """Of each creator's uploads."""
    capped: Whole
    """Uploads, at most a cap a creator."""
    capped_squares: Whole
    active: Whole
    """Creators with an upload."""
    over: Whole
    """Creators with more uploads than the cap."""
    entrants: Whole
    """Creators whose first upload falls in the month."""
    size: Whole
    """Creators, shape (platforms,)."""


def tally(panel: Panel, groups: Sequence[Bool], cap: int) -> list[Tally]:
    """Add up uploads by platform and month for groups of creators, which may overlap.

    Creators who are in the same groups are counted together.  Small counts, nearly all of them, are counted by month
    and value at once, and what is asked of them is read off how many there are of each.

    Args:
        panel: the creators and their uploads.
        groups: who is in each, shape (creators,).
        cap: most uploads counted a month and creator.
    """
    width = len(panel.platforms) * panel.n_months
    few = np.zeros((len(groups), width, SMALL), np.int64)
    large = np.zeros((len(groups), 6, width), np.int64)
    entrants = np.zeros((len(groups), width), np.int64)
    sizes = np.zeros((len(groups), len(panel.platforms)), np.int64)
    for part in parts(panel, max(CELLS, 4 * few.size)):  # small beside what is counted, however many groups there are
        alike, kinds = _alike(groups, part)
        place = (alike * len(panel.platforms) + panel.platform[part]) * panel.n_months
        rows = panel.indptr[part.start : part.stop + 1]
        counts = panel.count[rows[0] : rows[-1]]
        key = np.repeat(place * SMALL, np.diff(rows))
        key += np.multiply(panel.month[rows[0] : rows[-1]], SMALL, dtype=np.int64)
        if (beyond := counts >= SMALL).any():
            for group, found in zip(kinds.T, large, strict=True):
                _add_large(found, key[beyond] // SMALL, counts[beyond].astype(np.int64), group, cap)
            counts = np.where(beyond, 0, counts)
        key += counts
        by_kind = np.bincount(key, minlength=len(kinds) * width * SMALL).reshape(-1, width, SMALL)
        offset = panel.first[part] - panel.start
        inside = (offset >= 0) & (offset < panel.n_months)
        entered = np.bincount((place + offset)[inside], minlength=len(kinds) * width).reshape(-1, width)
        number = np.bincount(place // panel.n_months, minlength=len(kinds) * sizes.shape[1]).reshape(len(kinds), -1)
        for index, kind in enumerate(kinds.T):
            for total, found in ((few, by_kind), (entrants, entered), (sizes, number)):
                for one in np.flatnonzero(kind):
                    total[index] += found[one]
    value = np.arange(SMALL, dtype=np.int64)
    low, shape = np.minimum(value, cap), (len(groups), len(panel.platforms), panel.n_months)
    by_value = (value, value**2, low, low**2, value > 0, value > cap)
    uploads, squares, capped, capped_squares, active, over = (
        (few @ by + beyond).reshape(shape) for by, beyond in zip(by_value, large.swapaxes(0, 1), strict=True)
    )
    entered = entrants.reshape(shape)
    return [
        Tally(uploads[i], squares[i], capped[i], capped_squares[i], active[i], over[i], entered[i], sizes[i])
        for i in range(len(groups))
    ]


def _alike(groups: Sequence[Bool], part: slice) -> tuple[Whole, Bool]:
    """Number the creators of a part by the groups that they are in.

    Returns:
        numbers, shape (creators,), and for each number whether it is in each group, shape (numbers, groups).
    """
    alike, kinds = np.zeros(part.stop - part.start, np.int64), np.zeros((1, 0), np.bool_)
    for members in groups:
        alike = 2 * alike + members[part]
        there = np.bincount(alike, minlength=2 * len(kinds)) > 0
        kinds = np.column_stack([np.repeat(kinds, 2, axis=0), np.arange(2 * len(kinds)) % 2 == 1])[there]
        alike = alike if there.all() else (np.cumsum(there) - 1)[alike]
    return alike, kinds


def _add_large(found: Whole, key: Whole, counts: Whole, kinds: Bool, cap: int) -> None:
    """Add counts too large to be tallied by value, of the kinds of creators that are in a group."""
    kind, place = np.divmod(key, found.shape[1])
    mine = kinds[kind]
    counts, place = counts[mine], place[mine]
    capped = np.minimum(counts, cap)
    values = (counts, counts**2, capped, capped**2, np.ones_like(counts), counts > cap)
    for total, value in zip(found, values, strict=True):
        np.add.at(total, place, value)


def products(panel: Panel, members: Bool, cap: int | None) -> Float:
    """Add up products of the uploads of two months over some creators: P'P for P creators × months.

    Some thousand creators at a time are a dense matrix, which BLAS multiplies with itself.  Sums of products of whole
    numbers are whole: four-byte floats are used where none can pass `EXACT`, and eight-byte ones hold them to 2^53.

    Args:
        panel: the creators and their uploads.
        members: whose, shape (creators,).
        cap: most uploads a month and creator; None for all.

    Returns:
        Shape (months, months), of the panel's months.
    """
    n_months, whole = panel.n_months, np.zeros((panel.n_months, panel.n_months))
    widths = n_months - np.arange(0, n_months, VINTAGE)
    room = np.empty(0)
    with one_thread():
        for part in parts(panel, CELLS // 2):
            mine = np.flatnonzero(members[part])
            rows = panel.indptr[part.start : part.stop + 1]
            cells = slice(rows[0], rows[-1])
            vintage = np.clip(panel.first[part][mine] - panel.start, 0, n_months - 1) // VINTAGE
            order = np.argsort(vintage.astype(np.int16), kind="stable")
            numbers = np.bincount(vintage, minlength=len(widths))
            limits = np.concatenate([[0], np.cumsum(numbers * widths)])
            # A creator's months lie one after the other, those of others where nobody looks.
            begin = np.full(part.stop - part.start, limits[-1], np.int64)
            within = np.arange(len(mine)) - np.repeat(np.cumsum(numbers) - numbers, numbers)
            each = vintage[order]
            begin[mine[order]] = limits[each] + within * widths[each] - each * VINTAGE
            values = panel.count[cells] if cap is None else np.minimum(panel.count[cells], cap)
            most = int(values.max(initial=0))
            kind: Any = np.float32 if most * most * int(numbers.max(initial=0)) <= EXACT else np.float64
            size = int(limits[-1]) + n_months
            room = room if len(room) >= size else np.empty(size)
            dense = room.view(kind)[:size]
            dense[:] = 0
            place = np.repeat(begin, np.diff(rows))
            place += panel.month[cells]
            dense[place] = values
            for number, low, high in zip(range(len(widths)), limits[:-1].tolist(), limits[1:].tolist(), strict=True):
                if high > low:
                    matrix = dense[low:high].reshape(-1, int(widths[number]))
                    whole[VINTAGE * number :, VINTAGE * number :] += matrix.T @ matrix
    return whole


def parts(panel: Panel, cells: int = CELLS) -> Iterator[slice]:
    """Part a panel's creators so that each part has about so many cells."""
    starts = np.searchsorted(panel.indptr[:-1], np.arange(0, max(int(panel.indptr[-1]), 1), cells))
    limits = np.unique(np.append(starts, len(panel))).tolist()
    return (slice(low, high) for low, high in pairwise(limits))
