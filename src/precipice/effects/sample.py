"""One platform's creators, laid out for sums over windows of months.

Creators lie by month of entry and cells by calendar month, so that a cohort is a slice of creators and a window is a
slice of cells.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precipice.panel import Bool, Panel

Float = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Narrow = npt.NDArray[np.integer]
"""Whole numbers of two or four bytes: of 100 million cells, eight bytes each would take gigabytes."""

WASH_OUT = 12
"""Months after the start of a truncated history whose entrants are left out: a creator first seen there may be old."""


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
    creators: npt.NDArray[np.int64]
    """Pseudonyms, shape (n,)."""
    entry: Index
    """Month of first upload over the whole history, shape (n,), never falling."""
    row: Narrow
    """Creator's index of each cell, shape (cells,)."""
    month: Narrow
    """Month of each cell, shape (cells,), never falling."""
    count: Narrow
    """Uploads of each cell, shape (cells,)."""
    silence: Narrow
    """Complete months without an upload that follow each cell, as far as observed, shape (cells,)."""

    def __len__(self) -> int:
        """Number of creators."""
        return len(self.creators)

    def rows(self, entries: slice) -> slice:
        """Give the creators whose entry lies in `entries` (months, stop excluded) as a slice."""
        first, stop = np.searchsorted(self.entry, [entries.start, entries.stop])
        return slice(int(first), int(stop))


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
    n_months = max(window.last_complete - window.first + 1, 0)
    month = (part.month + np.int16(panel.start - window.first)).astype(np.int16, copy=False)
    entry = part.first.astype(np.int64) - window.first
    kept = (entry >= washed) & (entry < n_months)
    order = np.flatnonzero(kept)[np.argsort(entry[kept], kind="stable")]
    place = np.full(len(part), -1, np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    row = np.repeat(place, np.diff(part.indptr))
    cells = np.flatnonzero((row >= 0) & (month < n_months))
    if len(part.month) < np.iinfo(np.uint32).max:
        cells = cells.astype(np.uint32)
    cells = cells[np.argsort(month[cells], kind="stable")]
    return Sample(
        platform=platform,
        start=window.first,
        n_months=n_months,
        washed=washed,
        truncated=window.truncated_first,
        creators=part.creators[order],
        entry=entry[order],
        row=row[cells],
        month=month[cells],
        count=part.count[cells],
        silence=_silence(part, month, n_months)[cells],
    )


def _silence(part: Panel, month: Narrow, n_months: int) -> Narrow:
    following = np.minimum(np.append(month[1:], np.int16(n_months)), np.int16(n_months))
    following[part.indptr[1:] - 1] = n_months
    return np.asarray(following - month - np.int16(1), np.int16)


def add_up(index: Narrow, size: int, weights: Float | Narrow | None = None) -> Float:
    """Add up weights (None for 1) by index, shape (size,)."""
    return np.bincount(index, weights, size).astype(np.float64, copy=False)


def open_months(n_months: int, start: int, excluded: tuple[int, ...]) -> Bool:
    """Mark the months that may be used, shape (n_months,), leaving out `excluded` (as in `precipice.months`)."""
    return ~np.isin(start + np.arange(n_months), np.asarray(excluded, np.int64))
