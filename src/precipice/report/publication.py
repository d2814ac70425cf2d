"""What may be published: no number of 1 to 4 creators leaves in a figure, a table or a sentence.

The rules, for one platform:

1. A month in which 1 to 4 creators of a cohort uploaded is written `<5`: neither their number nor their uploads are
   given.  Nought is given, since it is nobody's.
2. Seniors and juniors add up to all, so where one of them is `<5` the uploads of both are withheld and only their sum
   is given.  Uploads at most one a month are given of no sum, so there the other cohort stays, unless all uploads less
   its own would be those of fewer than 5: the few, and its own members with more than one upload.
3. Where more than a quarter of the months would be withheld, they are merged: all numbers of the platform are then of
   quarters, or of years, and given as the mean of their months.
4. A sum over months is taken over the months that are given, so that none is found by taking away the others.
5. A cohort of 1 to 4 creators is given together with the other one.
6. Uploads less capped uploads are those of the creators above the cap.  Where 1 to 4 are above it, uploads without a
   cap are withheld: of both cohorts where they are of one of them, of all where they are of all.

Retention has its own (`precipice.report.kept`).  Simulated creators are nobody and are not hidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precipice.cohorts import VINTAGE_MONTHS, draw_by_cutoff, everyone
from precipice.panel import Bool
from precipice.series import Series, interval_of_sum
from precipice.study.findings import Findings

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

FEWEST = 5
"""The smallest number of creators that is given."""
PERIODS = (1, 3, 12)
"""Months that one number may cover, fewest first."""
ENOUGH = 0.75
"""The share of months with uploads that must be given, before they are merged to longer periods."""


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a figure: uploads a month of a platform or a cohort, as they may be published."""

    platform: str
    name: str
    """`all`, or the cohort's name."""
    size: int
    """Creators it is of."""
    period: int
    """Months that a number covers: 1, 3 or 12."""
    start: Whole
    """First month of each number, as in `precipice.months`, shape (T,): months that were observed and in which the
    cohort can exist."""
    end: Whole
    """Last month of each number, shape (T,)."""
    value: Float
    """Uploads a month, shape (T,); not a number where it is withheld."""
    low: Float
    """Lower limit over creators, shape (T,); not a number where there is none."""
    high: Float
    """Upper limit, shape (T,)."""
    few: Bool
    """Whether fewer than `FEWEST` creators uploaded, but some did, shape (T,)."""
    complete: Bool
    """Whether all of its months were observed throughout, shape (T,)."""
    most: float
    """The largest value that a number of few creators can have; infinity where it has no limit."""

    @property
    def given(self) -> Bool:
        """Whether the number is given, shape (T,)."""
        return np.isfinite(self.value)

    @property
    def sound(self) -> Bool:
        """Whether the number is given and its months complete, shape (T,)."""
        return self.given & self.complete

    @property
    def uploads(self) -> int | None:
        """Uploads over the months that are given; None where none is."""
        months = self.end - self.start + 1
        return round(float((self.value * months)[self.given].sum())) if self.given.any() else None


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over creators by period, before anything is withheld; each of shape (T,)."""

    total: Float
    squares: Float
    """Sum over creators of their squared sums: the variance of `total`."""
    creators: Whole
    over: Whole
    """Creators above the cap."""


def fewest(findings: Findings) -> int:
    """Give the smallest number of creators that may be given: 1 where the population is simulated."""
    return 1 if findings.simulated else FEWEST


def rounded(creators: int) -> int | None:
    """Give the number of creators that enter an estimate as it may be published: none of 1 to 4, else in fives.

    Each method and event counts by conditions of its own.  Of exact numbers the differences would tell of a few.

    Args:
        creators: that enter it.
    """
    return None if 0 < creators < FEWEST else creators - creators % FEWEST


def platforms(findings: Findings) -> tuple[str, ...]:
    """Give the platforms that were observed in the months of the study, the one with most uploads first."""
    seen = [series for series in findings.overall if _shown(findings, series).any()]
    ordered = sorted(seen, key=lambda series: (-int(series.uploads.sum()), series.platform))
    return tuple(series.platform for series in ordered)


def followed(findings: Findings) -> frozenset[str]:
    """Give the platforms on which enough creators can be followed from their first upload on."""
    least = fewest(findings)
    return frozenset(found.platform for found in findings.retention if found.observable[:, 0].sum() >= least)


def vintages_told(findings: Findings, platform: str, starts: Sequence[str]) -> bool:
    """Say whether the numbers of creators of years of entry tell of no few beside the sizes of the cohorts.

    Those of retention less those of a cohort are the creators whom retention leaves out, of a truncated first month
    and of an unfinished last one, and those who came between the cutoff and the beginning of a year.

    Args:
        findings: of the study.
        platform: which.
        starts: first year of each group of years.
    """
    window, first = findings.panel.window(platform), findings.panel.first[findings.panel.on(platform)]
    early, late = first < window.first + window.truncated_first, first > window.last_complete
    followed, cutoff = np.sort(first[~(early | late)]), findings.study.study.cutoff
    begins = np.array([int(year) * VINTAGE_MONTHS["year"] for year in starts])
    between = np.abs(np.searchsorted(followed, begins) - np.searchsorted(followed, cutoff))
    apart = [int(early.sum()), int(late.sum()), *between.tolist()]
    return not any(0 < count < fewest(findings) for count in apart)


def observed(findings: Findings, platform: str) -> tuple[int, int]:
    """Give the first and last month of the study in which a platform was observed.

    Raises:
        InputError: there is no such platform.
    """
    window = findings.panel.window(platform)
    return max(findings.start, window.first), min(findings.end, window.last)


def total(findings: Findings, platform: str) -> Line:
    """Give a platform's uploads a month, without limits: the bands of its cohorts say how sure they are.

    Raises:
        InputError: there is no such platform.
    """
    return _total(findings, platform, period_of(findings, platform))


def split(findings: Findings, platform: str, *, capped: bool) -> tuple[Line, ...]:
    """Give a platform's uploads a month by cohort, capped or not; a cohort without members is left out.

    Raises:
        InputError: there is no such platform.
    """
    return _split(findings, platform, period_of(findings, platform), capped=capped)


def period_of(findings: Findings, platform: str) -> int:
    """Give the months that one number of a platform covers: the fewest of which enough may be given.

    Raises:
        InputError: there is no such platform.
    """
    findings.panel.window(platform)
    for period in PERIODS[:-1]:
        lines = (_total(findings, platform, period), *_split(findings, platform, period, capped=True))
        given = sum(int((line.value > 0).sum()) for line in lines)
        if given >= ENOUGH * (given + sum(int(line.few.sum()) for line in lines)):
            return period
    return PERIODS[-1]


def _total(findings: Findings, platform: str, period: int) -> Line:
    series = next(series for series in findings.overall if series.platform == platform)
    sums = _sums(findings, series, period, capped=False)
    return _line(findings, series, sums, _few(sums, findings) | _few_over(sums, findings), period, capped=False)


def _split(findings: Findings, platform: str, period: int, *, capped: bool) -> tuple[Line, ...]:
    parts = [series for series in findings.cohorts if series.platform == platform]
    sums = [_sums(findings, series, period, capped=capped) for series in parts]
    hidden = [_few(part, findings) | (_few_over(part, findings) & (not capped)) for part in sums]
    alone = capped and parts[0].cap == 1
    hidden = _together(findings, list(zip(parts, sums, hidden, strict=True)), period, alone=alone)
    lines = zip(parts, sums, hidden, strict=True)
    return tuple(
        _line(findings, series, part, own, period, capped=capped)
        for series, part, own in lines
        if series.size and len(part.total)
    )


def _together(
    findings: Findings, parts: list[tuple[Series, Sums, Bool]], period: int, *, alone: bool
) -> list[Bool]:  # fmt: skip
    """Hide the number of every cohort that would give away another's.

    Args:
        findings: of the study.
        parts: each cohort with its sums and the periods in which it is hidden; cohorts begin at different months.
        period: months of a number.
        alone: whether no sum of the parts is given, but all uploads are.
    """
    starts = [_periods(findings, series, period)[0] // period for series, _, _ in parts]
    gone = np.concatenate([start[few] for start, (_, _, few) in zip(starts, parts, strict=True)])
    creators = {period: 0 for part in starts for period in part.tolist()}
    for start, (_, sums, _) in zip(starts, parts, strict=True):
        for index, active in zip(start.tolist(), sums.creators.tolist(), strict=True):
            creators[index] += active
    found = []
    for start, (_, sums, few) in zip(starts, parts, strict=True):
        tells = np.isin(start, gone)
        if alone:
            others = np.array([creators[index] for index in start.tolist()], np.int64) - sums.creators
            tells &= others + sums.over < FEWEST
        found.append(few | tells)
    return found


def _few(sums: Sums, findings: Findings) -> Bool:
    return np.asarray((sums.creators > 0) & (sums.creators < fewest(findings)))


def _few_over(sums: Sums, findings: Findings) -> Bool:
    return np.asarray((sums.over > 0) & (sums.over < fewest(findings)))


def _shown(findings: Findings, series: Series) -> Bool:
    window = findings.panel.window(series.platform)
    return np.asarray(series.can_exist & (series.months >= window.first) & (series.months <= window.last))


def _periods(findings: Findings, series: Series, period: int) -> tuple[Whole, Whole, Bool]:
    """Give the first and last month of each period shown, and whether all its months are complete."""
    shown = _shown(findings, series)
    months = series.months[shown].astype(np.int64)
    if not len(months):
        return months, months, series.complete[shown]
    starts = np.flatnonzero(np.diff(months // period, prepend=-1))
    ends = np.append(starts[1:], len(months)) - 1
    return months[starts], months[ends], np.logical_and.reduceat(series.complete[shown], starts)


def _sums(findings: Findings, series: Series, period: int, *, capped: bool) -> Sums:
    """Sum a series by period; of more than a month the creators must be counted anew, each once."""
    if period == 1:
        shown = _shown(findings, series)
        columns = (series.capped, series.capped_squares) if capped else (series.uploads, series.squares)
        counts, squares = (column[shown].astype(np.float64) for column in columns)
        return Sums(counts, squares, series.creators[shown], series.over[shown])
    part = findings.panel.only(series.platform)
    cohorts = (*everyone(part), *draw_by_cutoff(part, findings.study.study.cutoff))
    members = next(cohort.members for cohort in cohorts if cohort.name == series.cohort)
    starts, ends, _ = _periods(findings, series, period)
    if not len(starts):
        return Sums(np.zeros(0), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64))
    month = part.month.astype(np.int64) + part.start
    cells = members[part.row] & (month >= starts[0]) & (month <= ends[-1])
    at = np.searchsorted(starts, month[cells], side="right") - 1
    uploads = np.minimum(part.count[cells], series.cap if capped else part.count.max())
    pairs, of_pair = np.unique(part.row[cells].astype(np.int64) * len(starts) + at, return_inverse=True)
    each = np.bincount(of_pair, uploads, minlength=len(pairs))
    column = pairs % len(starts)
    sums, squares = (np.bincount(column, each**power, minlength=len(starts)).astype(float) for power in (1, 2))
    over = np.bincount(of_pair, part.count[cells] > series.cap, minlength=len(pairs)) > 0
    creators, above = (np.bincount(column[who], minlength=len(starts)) for who in (slice(None), over))
    return Sums(sums, squares, creators, above)


def _line(findings: Findings, series: Series, sums: Sums, hidden: Bool, period: int, *, capped: bool) -> Line:
    start, end, complete = _periods(findings, series, period)
    months = end - start + 1
    whole = series.cohort == "all"
    limits = interval_of_sum(sums.total, sums.squares)
    low, high = (np.where(hidden | whole, np.nan, np.round(limit / months, 2)) for limit in limits)
    value = np.where(hidden, np.nan, np.round(sums.total / months, 9))
    most = float((FEWEST - 1) * series.cap) if capped else np.inf
    few = _few(sums, findings)
    return Line(
        series.platform, series.cohort, series.size, period, start, end, value, low, high, few, complete, most
    )  # fmt: skip
