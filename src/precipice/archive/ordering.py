"""Cells put in order: by platform, creator and month, so many at a time that each sort stays in the processor's cache.

What is sorted is one whole number a cell that holds its key and its place, or its key and its count: numpy sorts such
numbers by vector instructions, in a tenth of the time that it takes to sort several columns by each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]

PIECE = 1 << 17
"""Cells sorted at a time.  Rows of a piece and its months (two bytes) leave 31 bits, which hold any count."""
PSEUDONYM_BITS = 63
"""Pseudonyms are evenly spread over so many bits, so that equal ranges hold about equally many creators."""
COUNT_BITS = 31


@dataclass(frozen=True, eq=False)
class Ordered:
    """Cells of one platform in order, none twice."""

    creators: Whole
    """Pseudonyms, rising, shape (n,)."""
    lengths: Whole
    """Cells of each creator, shape (n,)."""
    months: npt.NDArray[np.int16]
    """Shape (cells,), rising within a creator."""
    counts: npt.NDArray[np.int32]
    """Shape (cells,)."""


@dataclass(frozen=True, eq=False)
class Loose:
    """Cells of one platform in no order, none twice, each array of shape (cells,)."""

    creators: Whole
    months: npt.NDArray[np.int16]
    counts: npt.NDArray[np.int32]

    def chosen(self, which: slice | npt.NDArray[np.integer]) -> "Loose":
        """Give some of the cells."""
        return Loose(self.creators[which], self.months[which], self.counts[which])


class Sorter:
    """Takes cells of one platform as they come, and gives them in order."""

    def __init__(self, expected: int) -> None:
        """Expect about so many cells: they are parted by equal ranges of pseudonyms as they come in."""
        self.bits = min((expected // PIECE).bit_length(), 15)
        self.parts: list[list[Loose]] = [[] for _ in range(1 << self.bits)]

    def take(self, cells: Loose) -> None:
        """Take cells; each array is kept as it is where they are few, so it must stay as it is."""
        if not self.bits:
            self.parts[0].append(cells)
            return
        code = (cells.creators >> (PSEUDONYM_BITS - self.bits)).astype(np.int16)  # numpy sorts two bytes by counting
        order = np.argsort(code, kind="stable")
        cells, limits = cells.chosen(order), np.searchsorted(code[order], np.arange(len(self.parts) + 1)).tolist()
        for part, limit in zip(self.parts, pairwise(limits), strict=True):
            part.append(cells.chosen(slice(*limit)))

    def ordered(self) -> Ordered:
        """Give all of them in order; nothing is left here."""
        parts, self.parts = self.parts, []
        return joined([_sorted(_end_to_end(part)) for part in parts])


def _end_to_end(parts: Sequence[Loose]) -> Loose:
    return Loose(
        np.concatenate([part.creators for part in parts] or [np.zeros(0, np.int64)]),
        np.concatenate([part.months for part in parts] or [np.zeros(0, np.int16)]),
        np.concatenate([part.counts for part in parts] or [np.zeros(0, np.int32)]),
    )


def _sorted(cells: Loose) -> Ordered:
    """Sort cells by creator and month, by numbers of as many bits of the creator as there is room for.

    Creators that share those bits come out tangled, and only they are sorted by all bits.
    """
    size = len(cells.months)
    if not size:
        return Ordered(cells.creators, np.zeros(0, np.int64), cells.months, cells.counts)
    least, first = cells.creators.min(), cells.months.min()
    width, place = int(cells.months.max() - first).bit_length(), (size - 1).bit_length()
    cut = max(0, int(cells.creators.max() - least).bit_length() + width + place - PSEUDONYM_BITS)
    key = (cells.creators - least) >> cut
    key <<= width
    key |= cells.months - first
    key <<= place
    key |= np.arange(size)
    key.sort()
    order = key & ((1 << place) - 1)
    key >>= place + width
    creators = cells.creators[order]
    new = creators[1:] != creators[:-1]
    if cut and (tangled := new & (key[1:] == key[:-1])).any():
        among = np.flatnonzero(np.isin(key, key[1:][tangled]))
        left = order[among]
        order[among] = left[np.lexsort((cells.months[left], cells.creators[left]))]
        creators = cells.creators[order]
        new = creators[1:] != creators[:-1]
    starts = np.flatnonzero(np.concatenate([[True], new]))
    return Ordered(creators[starts], np.diff(starts, append=size), cells.months[order], cells.counts[order])


def merged(parts: Sequence[Ordered]) -> Ordered:
    """Add up cells that lie in order already, several tables of one platform's creators.

    Rows of a range are neighbours in every part, so each range is cut out, sorted and added up on its own.
    """
    if len(parts) == 1:
        return parts[0]
    creators = np.unique(np.concatenate([part.creators for part in parts]))
    rows = [np.searchsorted(creators, part.creators) for part in parts]
    limits = [np.concatenate([[0], np.cumsum(part.lengths)]) for part in parts]
    sizes = np.zeros(len(creators), np.int64)
    for row, part in zip(rows, parts, strict=True):
        sizes[row] += part.lengths
    ends = np.cumsum(sizes)
    cuts = np.searchsorted(ends, np.arange(0, int(ends[-1]) if len(ends) else 0, PIECE), side="right")
    found = []
    for low, high in pairwise(np.unique(np.append(cuts, len(creators))).tolist()):
        pieces = []
        for row, part, limit in zip(rows, parts, limits, strict=True):
            start, end = np.searchsorted(row, (low, high))
            cells = slice(limit[start], limit[end])
            key = np.repeat(row[start:end] - low, part.lengths[start:end]).astype(np.uint64)
            key <<= np.uint64(16)
            key |= part.months[cells].astype(np.uint64)
            key <<= np.uint64(COUNT_BITS)
            key |= part.counts[cells].astype(np.uint64)
            pieces.append(key)
        found.append(_summed(np.concatenate(pieces), creators[low:high]))
    return joined(found)


def _summed(key: npt.NDArray[np.uint64], creators: Whole) -> Ordered:
    """Sort numbers that hold row, month and count, and add up the counts of equal rows and months."""
    key.sort()
    counts = (key & np.uint64((1 << COUNT_BITS) - 1)).astype(np.int32)
    key >>= np.uint64(COUNT_BITS)
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    key = key[starts]
    lengths = np.bincount((key >> np.uint64(16)).astype(np.int64), minlength=len(creators))
    months = (key & np.uint64(0xFFFF)).astype(np.int16)
    return Ordered(creators, lengths, months, np.add.reduceat(counts, starts, dtype=np.int32))


def joined(parts: Sequence[Ordered]) -> Ordered:
    """Lay tables end to end, in the order in which they are given."""
    if len(parts) == 1:
        return parts[0]
    return Ordered(
        np.concatenate([part.creators for part in parts]),
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.months for part in parts]),
        np.concatenate([part.counts for part in parts]),
    )
