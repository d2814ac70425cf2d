"""Retention as it may be published.

Entry years of fewer than 5 creators are given together with their neighbours, months of tenure in bins.  A bin in which
fewer than 5 creators could be followed, or 1 to 4 were active, is withheld.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from precipice.cohorts import VINTAGE_MONTHS
from precipice.panel import Bool, Panel
from precipice.report.publication import ENOUGH, FEWEST
from precipice.series import Retention

Groups = list[list[int]]
"""Vintages that are given together, by index."""
BINS = (3, 6, 12)
"""Months of tenure that one cell may cover, fewest first."""


@dataclass(frozen=True, eq=False)
class Kept:
    """Shares of creators still active, by year of entry and tenure."""

    platform: str
    vintages: tuple[str, ...]
    """`2019`, or `2014–2016` where years are given together."""
    creators: npt.NDArray[np.int64] | None
    """Creators that entered, shape (vintages,); None where those of a cohort less these would tell of 1 to 4."""
    tenures: tuple[tuple[int, int], ...]
    """First and last month since the first upload of each bin; the month of the first upload itself is left out, since
    everybody is active in it."""
    share: npt.NDArray[np.float64]
    """Share active in a month, mean of the bin's months, to a hundredth; not a number where withheld or not observed,
    shape (vintages, bins)."""
    few: Bool
    """Whether it is withheld, shape (vintages, bins)."""

    @property
    def bin(self) -> int:
        """Months that one cell covers."""
        return self.tenures[0][1] - self.tenures[0][0] + 1 if self.tenures else BINS[0]


Told = Callable[[Sequence[str]], bool]
"""Whether sizes of vintages may be told, given the first year of each group."""
Active = Callable[[int], npt.NDArray[np.int64]]
"""Creators active in each bin, counted once each, for bins of so many months; shape (vintages, bins)."""


def keep(retention: Retention, active: Active, least: int = FEWEST, told: Told = lambda starts: True) -> Kept:
    """Merge retention to cells that may be published, no larger than needed for most of them to be given.

    Args:
        retention: of one platform.
        active: as `active_in_bins` counts them.
        least: the smallest number of creators that may be given.
        told: whether the numbers of creators of groups may be told, which begin with these years.
    """
    groups = _groups(retention.observable[:, 0].tolist(), least)
    for months in BINS:
        cells = _binned(retention, active(months), groups, months, least)
        given = int((cells.share > 0).sum())
        if given >= ENOUGH * (given + int(cells.few.sum())):
            break
    starts = [retention.vintages[group[0]] for group in groups]
    return cells if told(starts) else replace(cells, creators=None)


def active_in_bins(panel: Panel, platform: str, months: int) -> npt.NDArray[np.int64]:
    """Count the creators active in each bin of tenure, each once, by year of entry; those that `retain` follows.

    Args:
        panel: creators and their uploads.
        platform: which.
        months: of one bin; the first begins the month after the first upload.

    Returns:
        Shape (vintages, bins), whole bins only.
    """
    window, part = panel.window(platform), panel.only(platform)
    part = part.keep((part.first >= window.first + window.truncated_first) & (part.first <= window.last_complete))
    years, year = np.unique(part.first // VINTAGE_MONTHS["year"], return_inverse=True)
    bins = int((window.last_complete - part.first).max()) // months
    tenure = part.month.astype(np.int64) + part.start - part.first[part.row]
    inside = (tenure > 0) & (tenure <= bins * months)
    pairs = np.unique(part.row[inside].astype(np.int64) * max(bins, 1) + (tenure[inside] - 1) // months)
    cell = year[pairs // max(bins, 1)] * max(bins, 1) + pairs % max(bins, 1)
    return np.bincount(cell, minlength=len(years) * bins).reshape(len(years), bins).astype(np.int64)


def _binned(retention: Retention, active: npt.NDArray[np.int64], groups: Groups, months: int, least: int) -> Kept:
    """Give the cells of merged vintages in bins of so many months."""
    starts = [group[0] for group in groups]
    observable, uploads, people = (
        np.add.reduceat(cells, starts, axis=0) for cells in (retention.observable, retention.active, active)
    )
    bins = [(start, start + months - 1) for start in range(1, observable.shape[1] - months + 1, months)]
    shape = (len(groups), len(bins))
    share, few = np.full(shape, np.nan), np.zeros(shape, np.bool_)
    for index, (start, end) in enumerate(bins):
        followed = observable[:, start : end + 1]
        reached, least_followed = followed.min(axis=1) > 0, followed.min(axis=1)
        few[:, index] = reached & ((least_followed < least) | ((people[:, index] > 0) & (people[:, index] < least)))
        free = reached & ~few[:, index]
        share[free, index] = uploads[free, start : end + 1].sum(axis=1) / followed[free].sum(axis=1)
    names = tuple(_span([retention.vintages[index] for index in group]) for group in groups)
    return Kept(retention.platform, names, observable[:, 0], tuple(bins), np.round(share, 2), few)


def _groups(sizes: Sequence[int], least: int) -> Groups:
    """Gather vintages, earliest first, until each group holds `least` creators; what is left over joins the last."""
    groups: Groups = []
    gathered = least
    for index, size in enumerate(sizes):
        if gathered >= least:
            groups.append([])
            gathered = 0
        groups[-1].append(index)
        gathered += size
    if len(groups) > 1 and gathered < least:
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"
