"""Retention as it may be published.

Entry years of fewer than 5 creators are given together with their neighbours, months of tenure in bins.  A bin in which
fewer than 5 creators could be followed, or in which 1 to 4 were active in its liveliest month, is withheld: who is
active in one of its months is one of those active in the bin, so the liveliest month says how many there are at least.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from precipice.panel import Bool
from precipice.report.publication import ENOUGH, FEWEST
from precipice.series import Retention

BINS = (3, 6, 12)
"""Months of tenure that one cell may cover, fewest first."""


@dataclass(frozen=True, eq=False)
class Kept:
    """Shares of creators still active, by year of entry and tenure."""

    platform: str
    vintages: tuple[str, ...]
    """`2019`, or `2014–2016` where years are given together."""
    creators: npt.NDArray[np.int64] | None
    """Creators that entered, shape (vintages,); None where all creators less these would tell of 1 to 4."""
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


def keep(retention: Retention, least: int = FEWEST, left_out: Sequence[int] = ()) -> Kept:
    """Merge retention to cells that may be published, no larger than needed for most of them to be given.

    Args:
        retention: of one platform.
        least: the smallest number of creators that may be given.
        left_out: creators that cannot be followed, by the end of the records at which they came.
    """
    merged = _merged(retention, least)
    for months in BINS:
        cells = _binned(merged, months, least)
        given = int((cells.share > 0).sum())
        if given >= ENOUGH * (given + int(cells.few.sum())):
            break
    told = not any(0 < count < least for count in left_out)
    return cells if told else replace(cells, creators=None)


def _binned(merged: Retention, months: int, least: int) -> Kept:
    bins = [(start, start + months - 1) for start in range(1, merged.observable.shape[1] - months + 1, months)]
    shape = (len(merged.vintages), len(bins))
    share, few = np.full(shape, np.nan), np.zeros(shape, np.bool_)
    for index, (start, end) in enumerate(bins):
        observable, active = (cells[:, start : end + 1] for cells in (merged.observable, merged.active))
        followed, most = observable.min(axis=1), active.max(axis=1)
        few[:, index] = (followed > 0) & ((followed < least) | ((most > 0) & (most < least)))
        free = (followed > 0) & ~few[:, index]
        share[free, index] = active[free].sum(axis=1) / observable[free].sum(axis=1)
    return Kept(merged.platform, merged.vintages, merged.observable[:, 0], tuple(bins), np.round(share, 2), few)


def _merged(retention: Retention, least: int) -> Retention:
    """Add entry years up, earliest first, until each holds `least` creators; what is left over joins the last."""
    groups: list[list[int]] = []
    gathered = least
    for index, size in enumerate(retention.observable[:, 0].tolist()):
        if gathered >= least:
            groups.append([])
            gathered = 0
        groups[-1].append(index)
        gathered += size
    if len(groups) > 1 and gathered < least:
        groups[-2:] = [groups[-2] + groups[-1]]
    names = tuple(_span([retention.vintages[index] for index in group]) for group in groups)
    starts = [group[0] for group in groups]
    observable, active = (np.add.reduceat(cells, starts, axis=0) for cells in (retention.observable, retention.active))
    return replace(retention, vintages=names, observable=observable, active=active)


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"
