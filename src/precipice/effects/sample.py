"""One platform's creators, read off the panel a block at a time.

A panel may hold ten million creators and a hundred million cells, mapped from a file.  So nothing here is as long as
the cells but the panel itself: whoever asks goes through blocks of creators, and adds up by month of entry.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.panel import Bool, Panel

Float = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Narrow = npt.NDArray[np.integer]
"""Whole numbers of two or four bytes."""

WASH_OUT = 12
"""Months after the start of a truncated history whose entrants are left out: a creator first seen there may be old."""
CREATORS = 1 << 15
"""Creators of a block: what is worked out for them stays near the cache, and each month of entry has hundreds."""


@dataclass(frozen=True, eq=False)
class Block:
    """Some creators of a sample, in its order, with their cells; months are offsets as in `Sample`."""

    rows: slice
    """Where they stand among the sample's creators."""
    entry: Narrow
    """Month of first upload over the whole history, shape (k,)."""
    lengths: Index
    """Cells of each creator, at least 1, shape (k,)."""
    month: Narrow
    """Month of each cell, rising within a creator, shape (cells,)."""
    count: Narrow
    """Uploads of each cell, shape (cells,)."""

    @property
    def starts(self) -> Index:
        """First cell of each creator, shape (k,)."""
        return np.cumsum(self.lengths) - self.lengths

    @property
    def tenure(self) -> Narrow:
        """Months of each cell since its creator's entry, shape (cells,)."""
        return self.month - np.repeat(self.entry.astype(np.int16), self.lengths)

    def silence(self, n_months: int) -> Narrow:
        """Complete months without an upload that follow each cell, as far as observed, shape (cells,)."""
        following = np.append(self.month[1:], np.int16(n_months))
        following[np.cumsum(self.lengths) - 1] = n_months
        return np.asarray(following - self.month - np.int16(1), np.int16)


@dataclass(frozen=True, eq=False)
class Sample:
    """One platform over its complete months; months are offsets from `start`."""

    platform: str
    """Name of the platform."""
    start: int
    """The month that offset 0 stands for (see `precipice.months`)."""
    n_months: int
    """Complete months; an unfinished last month is left out."""
    washed: int
    """Months at the start whose entrants were left out; no creator's entry is earlier."""
    truncated: bool
    """True where the history may begin before `start`."""
    panel: Panel
    """The platform's panel, those who were left out still in it."""
    tables: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    """What was worked out for outcomes already (see `precipice.effects.outcomes`); a changed sample begins anew."""

    def __len__(self) -> int:
        """Number of creators."""
        return int(self.entrants.sum())

    @cached_property
    def entrants(self) -> Index:
        """Creators by month of entry, shape (n_months,)."""
        found = np.zeros(self.n_months, np.int64)
        for block in self.blocks():
            found += np.bincount(block.entry, minlength=self.n_months)
        return found

    @cached_property
    def active(self) -> Index:
        """Creators with an upload by month of entry and calendar month, shape (n_months, n_months)."""
        found = np.zeros(self.n_months**2, np.int64)
        for block in self.blocks():
            level = np.repeat(block.entry.astype(np.int32) * self.n_months, block.lengths) + block.month
            found += np.bincount(level, minlength=len(found))
        return found.reshape(self.n_months, self.n_months)

    @property
    def creators(self) -> npt.NDArray[np.int64]:
        """Pseudonyms, shape (n,)."""
        return self.panel.creators[self._kept(slice(0, len(self.panel)))]

    @property
    def entry(self) -> Index:
        """Month of first upload over the whole history, shape (n,)."""
        whole = slice(0, len(self.panel))
        return self._entry(whole)[self._kept(whole)].astype(np.int64)

    def blocks(self) -> Iterator[Block]:
        """Go through the creators in the panel's order; arrays may be views of the panel's own."""
        begun, shift = 0, self.panel.start - self.start
        for low in range(0, len(self.panel), CREATORS):
            part = slice(low, min(low + CREATORS, len(self.panel)))
            limits = self.panel.indptr[part.start : part.stop + 1]
            cells = slice(int(limits[0]), int(limits[-1]))
            entry, kept, lengths = self._entry(part), self._kept(part), np.diff(limits)
            month, count = self.panel.month[cells], self.panel.count[cells]
            month = month + np.int16(shift) if shift else month
            complete = month < self.n_months
            if not (kept.all() and complete.all()):
                chosen = np.repeat(kept, lengths) & complete
                left = np.add.reduceat(chosen, limits[:-1] - limits[0], dtype=np.int64)
                entry, lengths, month, count = entry[kept], left[kept], month[chosen], count[chosen]
            if len(entry):
                yield Block(slice(begun, begun + len(entry)), entry, lengths, month, count)
            begun += len(entry)

    def _entry(self, part: slice) -> Narrow:
        return self.panel.first[part] - np.int32(self.start)

    def _kept(self, part: slice) -> Bool:
        entry = self._entry(part)
        return np.asarray((entry >= self.washed) & (entry < self.n_months))


def sample_of(panel: Panel, platform: str, *, wash_out: int | None = None) -> Sample:
    """Lay out one platform of a panel.

    Args:
        panel: the panel.
        platform: one of its platforms.
        wash_out: months at the start whose entrants are left out; None for `WASH_OUT` where the history is truncated
            and 0 where it is known to begin with the window.

    Raises:
        InputError: there is no such platform.
    """
    part, window = panel.only(platform), panel.window(platform)
    washed = (WASH_OUT if window.truncated_first else 0) if wash_out is None else wash_out
    return Sample(
        platform=platform,
        start=window.first,
        n_months=max(window.last_complete - window.first + 1, 0),
        washed=washed,
        truncated=window.truncated_first,
        panel=part,
    )


def add_up(index: Narrow, size: int, weights: Float | Narrow | None = None) -> Float:
    """Add up weights (None for 1) by index, shape (size,)."""
    return np.bincount(index, weights, size).astype(np.float64, copy=False)


def open_months(n_months: int, start: int, excluded: tuple[int, ...]) -> Bool:
    """Mark the months that may be used, shape (n_months,), leaving out `excluded` (as in `precipice.months`)."""
    return ~np.isin(start + np.arange(n_months), np.asarray(excluded, np.int64))
