"""What the page's sliders move: numbers of creators by when they joined and how much they uploaded, as may be told.

The page holds no more than this, and adds it up to the series of any cutoff and cap that it offers
(`precipice.report.merging`, `docs/page.md`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.panel import Bool, Panel
from precipice.report import publication
from precipice.report.merging import Merged, choose, depths, levels, merge, side_by_side
from precipice.report.publication import ENOUGH, Line
from precipice.study.findings import Findings

Whole = npt.NDArray[np.int64]

DEEPEST = 10
"""The largest cap of the slider; of larger ones a page could give few cutoffs."""
STEPS = (1, 3, 6, 12)
"""Months from one cutoff to the next, fewest first."""
MOST_NUMBERS = 100_000
"""Numbers of cells that a page holds of all platforms together: about 300 kB."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the elements of one platform lie."""

    start: Whole
    """First month of each number, shape (T,)."""
    end: Whole
    """Last month of each number, shape (T,)."""
    complete: Bool
    """Whether its months were observed throughout, shape (T,)."""
    cutoffs: Whole
    """Months where a cutoff may stand, rising, shape (C,); bins of joining lie between them, one more."""
    own: int
    """Index of the study's own cutoff."""
    cap: int
    """Of the published series."""
    given: Bool
    """Whether the tables tell of seniors and of juniors at the study's own cutoff, shape (2, T)."""

    @property
    def bins(self) -> int:
        """Bins of joining."""
        return len(self.cutoffs) + 1


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one platform, level after level."""

    grid: Grid
    levels: tuple[Merged, ...]
    """A level a cap; with periods of several months there is one, of the study's own cap."""
    sums: tuple[Whole, ...]
    """What is told of each level's bins, to be added up by cell, each of shape (T, bins): creators that uploaded at
    least so often; with periods, their uploads."""
    by_level: bool = True
    """Whether it is creators that are told."""

    @property
    def offered(self) -> list[list[int]]:
        """Cutoffs by index at which most numbers of both cohorts can be given, for each level."""
        seen = self.sums[0].sum(axis=1) > 0
        return [np.flatnonzero(self._share(level, seen) >= ENOUGH).tolist() for level in self.levels]

    def _share(self, level: Merged, seen: Bool) -> npt.NDArray[np.float64]:
        """Give the share of numbers that can be given at each cutoff, of the months `seen`, shape (C,)."""
        ends = level.edges[:, :-1]
        seniors = ends & np.logical_and.accumulate(level.told, axis=1)[:, :-1]
        juniors = ends & np.logical_and.accumulate(level.told[:, ::-1], axis=1)[:, -2::-1]
        exist = self.grid.start[:, None] >= self.grid.cutoffs
        wanted = seen.sum() + exist[seen].sum(axis=0)
        return np.asarray((seniors[seen].sum(axis=0) + (juniors & exist)[seen].sum(axis=0)) / np.maximum(wanted, 1))

    @property
    def numbers(self) -> int:
        """Numbers that are told."""
        return sum(int(level.edges.sum()) for level in self.levels)


def explorable(findings: Findings) -> list[dict[str, Any]]:
    """Give what the page holds of each platform, ready for JSON; platforms as `publication.platforms` orders them."""
    names = publication.platforms(findings)
    return [_platform(findings, name, MOST_NUMBERS // len(names)) for name in names]


def cells_of(findings: Findings, platform: str, most: int = MOST_NUMBERS) -> Cells:
    """Give the cells of a platform at the finest cutoffs at which most numbers can be given.

    Args:
        findings: of the study.
        platform: which.
        most: numbers to hold at most, where coarser cutoffs allow.

    Raises:
        InputError: there is no such platform.
    """
    best: Cells | None = None
    for step in STEPS:
        cells = _pruned(_cells(findings, platform, step))
        offered = len(cells.offered[0])
        if best is None or offered > len(best.offered[0]) or best.numbers > most:
            best = cells
        if offered >= ENOUGH * len(cells.grid.cutoffs) and cells.numbers <= most:
            return cells
    return best if best is not None else cells


def _grid(findings: Findings, platform: str, step: int) -> Grid:
    lines = {line.name: line for line in publication.split(findings, platform, capped=True)}
    whole = publication.total(findings, platform)
    own = findings.study.study.cutoff
    # A cutoff may lie before the months shown: both cohorts are then there from the beginning.
    months = np.arange(findings.panel.window(platform).first + 1, int(whole.end[-1]) + 1)
    cutoffs = np.unique(np.append(months[(months - own) % max(step, whole.period) == 0], own))
    given = np.stack([_given(lines.get(name), whole) for name in ("senior", "junior")])
    return Grid(
        whole.start, whole.end, whole.complete, cutoffs.astype(np.int64), int(np.searchsorted(cutoffs, own)),
        findings.study.study.cap, given,
    )  # fmt: skip


def _given(line: Line | None, whole: Line) -> Bool:
    """Say of each number whether the tables tell it of a cohort; before a cohort can exist it is nobody's."""
    given = np.ones(len(whole.start), np.bool_)
    if line is not None:
        # The first period of a cohort may begin inside one of all.
        at = np.searchsorted(whole.start, line.start, side="right") - 1
        given[at] = line.given
    return given


def _cells(findings: Findings, platform: str, step: int) -> Cells:
    grid, part = _grid(findings, platform, step), findings.panel.only(platform)
    least = publication.fewest(findings)
    if publication.period_of(findings, platform) > 1:
        return _of_periods(part, grid, least)
    column = _column(part, grid)
    inside = column >= 0
    joined = np.searchsorted(grid.cutoffs, part.first, side="right")[part.row[inside]]
    often = np.minimum(part.count[inside], DEEPEST + 1) - 1
    key = (often * len(grid.start) + column[inside]) * grid.bins + joined
    exactly = np.bincount(key, minlength=(DEEPEST + 1) * len(grid.start) * grid.bins)
    at_least = exactly.reshape(DEEPEST + 1, len(grid.start), grid.bins)[::-1].cumsum(axis=0)[::-1].astype(np.int64)
    split = grid.own + 1
    of_sides = np.stack([at_least[:, :, :split].sum(axis=2), at_least[:, :, split:].sum(axis=2)], axis=1)
    deepest = depths(of_sides, grid.given, least, _over(part, grid), grid.cap)
    merged = levels(at_least[:-1], split, grid.given, deepest, least, ENOUGH)
    return Cells(grid, tuple(merged), tuple(at_least[:-1]))


def _over(part: Panel, grid: Grid) -> Whole:
    """Count the creators of each side above the published cap, shape (2, T)."""
    column = _column(part, grid)
    above = (column >= 0) & (part.count > grid.cap)
    junior = (part.first >= grid.cutoffs[grid.own])[part.row[above]]
    width = len(grid.start)
    return np.bincount(junior * width + column[above], minlength=2 * width).reshape(2, width).astype(np.int64)


def _of_periods(part: Panel, grid: Grid, least: int) -> Cells:
    """Merge cells of quarters or years: creators counted once, their uploads at the study's own cap.

    Squares would tell, beside the uploads, how many uploaded in one month only; so these cells have no bands.
    """
    column = _column(part, grid)
    inside = column >= 0
    width = len(grid.start)
    pairs, of_pair = np.unique(part.row[inside].astype(np.int64) * width + column[inside], return_inverse=True)
    each = np.bincount(of_pair, np.minimum(part.count[inside], grid.cap), minlength=len(pairs))
    joined = np.searchsorted(grid.cutoffs, part.first, side="right")[pairs // width]
    key = pairs % width * grid.bins + joined
    shape = (width, grid.bins)
    creators, uploads = (
        np.bincount(key, weights, minlength=width * grid.bins).reshape(shape).astype(np.int64)
        for weights in (None, each)
    )
    sides = []
    for side, bins in enumerate((slice(None, grid.own + 1), slice(grid.own + 1, None))):
        known = grid.given[side][:, None]
        parts = creators[None, :, bins]
        chosen = choose(parts[:, known[:, 0]], np.ones(parts.shape[2], np.bool_), least, ENOUGH)
        cells = merge(parts, np.broadcast_to(chosen, parts.shape[1:]), least)
        sides.append(Merged(cells.edges & known, cells.told & known))
    return Cells(grid, (side_by_side(*sides),), (uploads,), by_level=False)


def _column(part: Panel, grid: Grid) -> Whole:
    """Give the number that each cell of a panel belongs to, shape (cells,); -1 for none."""
    month = part.month.astype(np.int64) + part.start
    column = np.searchsorted(grid.start, month, side="right") - 1
    return np.where((month >= grid.start[0]) & (month <= grid.end[-1]), column, -1)


def _pruned(cells: Cells) -> Cells:
    """Take out the edges at cutoffs that no level offers, and levels that offer none."""
    offered = cells.offered
    kept = np.zeros(cells.grid.bins, np.bool_)
    kept[[index for part in offered for index in part]] = True
    kept[[cells.grid.own, -1]] = True
    depth = max(1, sum(bool(part) for part in offered))
    pruned = tuple(Merged(level.edges & kept, level.told) for level in cells.levels[:depth])
    return replace(cells, levels=pruned, sums=cells.sums[:depth])


def _platform(findings: Findings, platform: str, most: int) -> dict[str, Any]:
    cells = cells_of(findings, platform, most)
    grid, whole = cells.grid, publication.total(findings, platform)
    lines = publication.split(findings, platform, capped=True)
    caps = range(1, len(cells.levels) + 1) if cells.by_level else [grid.cap]
    offered = dict(zip(caps, cells.offered, strict=True))
    offered[grid.cap] = sorted({*offered.get(grid.cap, []), grid.own})
    return {
        "name": platform,
        "period": whole.period,
        "start": grid.start.tolist(),
        "end": grid.end.tolist(),
        "complete": grid.complete.astype(int).tolist(),
        "cutoffs": grid.cutoffs.tolist(),
        "own": grid.own,
        "caps": [{"cap": cap, "cutoffs": part} for cap, part in sorted(offered.items()) if part],
        "by_level": cells.by_level,
        "levels": [encoded(level, sums) for level, sums in zip(cells.levels, cells.sums, strict=True)],
        "all": _plain(whole.value),
        "published": {line.name: _published(line) for line in lines},
    }


def encoded(level: Merged, sums: Whole) -> list[list[int]]:
    """Write the cells of each month as whole numbers one after another: bins of the cell, then what is told of it.

    `0, n` stands for n cells of one bin and of nobody each, `-n` for n bins of which nothing is told.
    """
    return [_row(level, sums, index) for index in range(len(level.edges))]


def _row(level: Merged, sums: Whole, index: int) -> list[int]:
    edges, told = level.edges[index], level.told[index]
    ends = np.flatnonzero(edges | np.append(told[1:] != told[:-1], True))
    starts = np.concatenate([[0], ends[:-1] + 1])
    known = told[starts].tolist()
    widths = (ends - starts + 1).tolist()
    values = np.add.reduceat(sums[index], starts).tolist()
    row: list[int] = []
    noughts = 0
    for width, tells, value in zip(widths, known, values, strict=True):
        nought = tells and width == 1 and not value
        if noughts and not nought:
            row += [0, noughts]
        noughts = noughts + 1 if nought else 0
        if not nought:
            row += [width, value] if tells else [-width]
    return row + ([0, noughts] if noughts else [])


def _published(line: Line) -> Mapping[str, Any]:
    numbers = {name: _plain(getattr(line, name)) for name in ("value", "low", "high")}
    flags = {name: getattr(line, name).astype(int).tolist() for name in ("few", "complete")}
    return {"start": line.start.tolist(), **flags, **numbers}


def _plain(values: npt.NDArray[np.float64]) -> list[float | None]:
    """Give numbers as the tables have them, three digits after the point; None where one is withheld."""
    return [None if np.isnan(value) else value for value in np.round(values, 3).tolist()]
