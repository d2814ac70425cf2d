"""Monthly series of cohorts: uploads, capped uploads, active creators, entrants, retention; and their intervals.

Intervals are over creators: had other creators of the same kind been there, how far would the sum lie elsewhere.
The Poisson bootstrap of a sum over creators is known exactly, so no replicate is drawn for it: of creators' values y
its mean is Σy and its variance Σy².  Replicates are for statistics that are not linear (`precipice.replicates`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from precipice.cohorts import VINTAGE_MONTHS, Cohort, Vintage, vintage_name
from precipice.display import Plot, Shown, Together
from precipice.errors import InputError
from precipice.months import month_text
from precipice.panel import Bool, Int, Panel
from precipice.tallies import Tally, parts, products, tally

if TYPE_CHECKING:
    import pyarrow as pa

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Measure = Literal["uploads", "capped", "creators", "entrants"]
MEASURES: tuple[Measure, ...] = ("uploads", "capped", "creators", "entrants")

LEVEL = 0.95
YEAR = 12  # months


@dataclass(frozen=True, eq=False)
class Series(Shown):
    """Monthly counts of one cohort on one platform; months without uploads are zeros."""

    plot = Plot("month", "capped", "capped_low", "capped_high", by="cohort", where="can_exist", rows="platform")

    platform: str
    cohort: str
    rule: str
    """Who belongs to the cohort, in words."""
    size: int
    """Creators of the cohort on the platform."""
    cap: int
    """Most uploads counted a month and creator in `capped`."""
    months: npt.NDArray[np.int32]
    """As in `precipice.months`, shape (T,)."""
    uploads: Whole
    """Uploads, shape (T,)."""
    capped: Whole
    """Uploads, at most `cap` a creator, shape (T,)."""
    creators: Whole
    """Creators with an upload, shape (T,)."""
    entrants: Whole
    """Creators whose first upload over the whole history falls in the month, shape (T,)."""
    squares: Whole
    """Sum over creators of their squared uploads, shape (T,): the variance of `uploads`."""
    capped_squares: Whole
    """The same for `capped`."""
    over: Whole
    """Creators with more than `cap` uploads, shape (T,)."""
    can_exist: npt.NDArray[np.bool_]
    """Whether the cohort can have members yet, shape (T,); before that a zero is arithmetic and not drawn."""
    complete: npt.NDArray[np.bool_]
    """Whether the platform was observed throughout the month, shape (T,)."""

    def interval(self, measure: Measure = "capped", level: float = LEVEL) -> tuple[Float, Float]:
        """Give lower and upper limits over creators, each of shape (T,) (see `interval_of_sum`)."""
        total = getattr(self, measure)
        variance = {"uploads": self.squares, "capped": self.capped_squares}.get(measure, total)
        return interval_of_sum(total, variance, level)

    def table(self) -> "pa.Table":
        """Give a row a month: the four counts, limits of each, whether the month is complete."""
        import pyarrow as pa

        columns: dict[str, object] = {
            "platform": [self.platform] * len(self.months),
            "cohort": [self.cohort] * len(self.months),
            "month": [month_text(month) for month in self.months.tolist()],
        }
        for measure in MEASURES:
            low, high = self.interval(measure)
            columns |= {measure: getattr(self, measure), f"{measure}_low": low, f"{measure}_high": high}
        return pa.table({**columns, "can_exist": self.can_exist, "complete": self.complete})

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row a month, as the command line prints them."""
        for index, month in enumerate(self.months.tolist()):
            counts: dict[str, object] = {measure: int(getattr(self, measure)[index]) for measure in MEASURES}
            yield {"platform": self.platform, "cohort": self.cohort, "month": month_text(month), **counts}

    def summary(self) -> str:
        """Say in one sentence what the series holds."""
        return (
            f"{self.platform}, {self.cohort} ({self.rule}): {self.size:,} creators, {int(self.uploads.sum()):,} uploads"
            f" from {month_text(int(self.months[0]))} to {month_text(int(self.months[-1]))},"
            f" {int(self.capped.sum()):,} at most {self.cap} a month and creator"
        )


def interval_of_sum(total: npt.ArrayLike, variance: npt.ArrayLike, level: float = LEVEL) -> tuple[Float, Float]:
    """Give limits for sums over creators whose number is random.

    A sum Y with variance V behaves like k = Y²/V units of weight V/Y; the limits are Garwood's exact Poisson limits
    of k, times the weight.  For active creators (every value 1) this is Garwood's exact interval; it is never below
    zero.  Measured coverage of a nominal 95 % for uneven uploads (log-normal, 4,000 worlds): 95 % from 10 creators
    a month at a log standard deviation of 0.7, 92 to 94 % from 30 at 1.2, where Y ± 1.96 √V covers 90 and 88 %; 84 to
    89 % at 3 creators (normal: 70 to 81 %).
    Source: Garwood 1936; Fay & Feuer 1997, eq. 6, with the mean weight in place of the largest (Tiwari, Clegg & Zou
    2006).

    Args:
        total, variance: same shape; a zero total gives the limits of one unit of weight 1.
        level: probability of covering the expectation.

    Returns:
        Lower and upper limits, same shape.
    """
    from scipy.special import gammaincinv

    total, variance = np.asarray(total, float), np.asarray(variance, float)
    weight = np.divide(variance, total, out=np.ones_like(total), where=total > 0)
    units = total / weight
    alpha = (1 - level) / 2
    low = np.where(total > 0, gammaincinv(np.maximum(units, 1e-9), alpha), 0.0)
    return weight * low, weight * gammaincinv(units + 1, 1 - alpha)


def count(
    panel: Panel, cohorts: Sequence[Cohort], *, cap: int = 1, start: int | None = None, end: int | None = None
) -> tuple[Series, ...]:
    """Count uploads by platform, cohort and month.

    Args:
        panel: the creators and their uploads.
        cohorts: groups of the panel's creators; they may overlap.
        cap: most uploads counted a month and creator in `capped`.
        start, end: first and last month, both included; the panel's own by default.

    Returns:
        A series for each platform and cohort, every month present.

    Raises:
        InputError: the cap is below 1, the months run backwards or lie outside the data, or nobody is in a cohort.
    """
    start, end = _limits(panel, start, end, cap)
    if not any(len(cohort) for cohort in cohorts):
        raise InputError(
            "nobody is in these cohorts",
            why="; ".join(f"{cohort.name}: {cohort.rule}" for cohort in cohorts),
            fix="choose another cutoff or condition",
        )
    tallies = tally(panel, [cohort.members for cohort in cohorts], cap)
    found = [_series(panel, *pair, (start, end), cap) for pair in zip(cohorts, tallies, strict=True)]
    return Together(series for pair in zip(*found, strict=True) for series in pair)


def _limits(panel: Panel, start: int | None, end: int | None, cap: int) -> tuple[int, int]:
    if cap < 1:
        raise InputError(f"a cap of {cap} leaves nothing", fix="cap at 1 upload a month and creator, or more")
    start, end = panel.start if start is None else start, panel.end if end is None else end
    if start > end or start > panel.end or end < panel.start:
        raise InputError(
            f"the months {month_text(start)} to {month_text(end)} hold no uploads",
            why=f"uploads run from {month_text(panel.start)} to {month_text(panel.end)}",
            fix="choose months within those, the earlier first",
        )
    return start, end


def _series(panel: Panel, cohort: Cohort, tallied: Tally, limits: tuple[int, int], cap: int) -> list[Series]:
    """Lay the sums of one cohort out by platform, months that the panel does not reach as noughts."""
    months = np.arange(limits[0], limits[1] + 1, dtype=np.int32)
    offset = months - panel.start
    there = (offset >= 0) & (offset < panel.n_months)

    def of(sums: Whole) -> Whole:
        shown = np.zeros(len(months), np.int64)
        shown[there] = sums[offset[there]]
        return shown

    return [
        Series(
            platform=name,
            cohort=cohort.name,
            rule=cohort.rule,
            size=int(tallied.size[index]),
            cap=cap,
            months=months,
            uploads=of(tallied.uploads[index]),
            capped=of(tallied.capped[index]),
            creators=of(tallied.active[index]),
            entrants=of(tallied.entrants[index]),
            squares=of(tallied.squares[index]),
            capped_squares=of(tallied.capped_squares[index]),
            over=of(tallied.over[index]),
            can_exist=months >= (cohort.begins if cohort.begins is not None else months[0]),
            complete=(months <= window.last_complete) & (months >= window.first + window.truncated_first),
        )
        for index, (name, window) in enumerate(zip(panel.platforms, panel.windows, strict=True))
    ]


def covariance(
    panel: Panel, cohort: Cohort, *, cap: int | None = 1, start: int | None = None, end: int | None = None
) -> Float:
    """Give the exact covariance over creators of a cohort's monthly sums: P'P for P creators × months.

    Args:
        panel: the creators and their uploads.
        cohort: whose sums.
        cap: most uploads a month and creator; None for all.
        start, end: first and last month, both included.

    Returns:
        Shape (T, T); its diagonal is the variance that `Series.interval` uses.  Disjoint cohorts are independent.
    """
    start, end = _limits(panel, start, end, 1)
    squared = products(panel, cohort.members, cap)
    whole: Float = np.zeros((end - start + 1,) * 2)
    low, high = max(start, panel.start), min(end, panel.end)
    inside, source = slice(low - start, high - start + 1), slice(low - panel.start, high - panel.start + 1)
    whole[inside, inside] = squared[source, source]
    return whole


@dataclass(frozen=True, eq=False)
class Retention(Shown):
    """How many creators of each entry vintage are still active so many months after their first upload."""

    plot = Plot("tenure", "share", by="vintage", rows="platform")

    platform: str
    vintages: tuple[str, ...]
    observable: Whole
    """Creators whose tenure reaches so many months within complete months, shape (vintages, tenures)."""
    active: Whole
    """Those of them with an upload in that month of tenure, shape (vintages, tenures)."""

    @property
    def share(self) -> Float:
        """Share active; not a number where nobody is observable, shape (vintages, tenures)."""
        share: Float = np.full(self.active.shape, np.nan)
        np.divide(self.active, self.observable, out=share, where=self.observable > 0)
        return share

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row for each vintage and tenure that was observable."""
        for v, a in np.argwhere(self.observable > 0).tolist():
            yield {
                "platform": self.platform,
                "vintage": self.vintages[v],
                "tenure": a,
                "creators": int(self.observable[v, a]),
                "active": int(self.active[v, a]),
                "share": round(float(self.share[v, a]), 6),
            }

    def summary(self) -> str:
        """Say for each entry year how many began, and who of them uploads a year after."""
        told = []
        for v, name in enumerate(self.vintages):
            after = f", {100 * self.share[v, YEAR]:.0f} % active {YEAR} months on" if self._reaches(v, YEAR) else ""
            told.append(f"{name}: {int(self.observable[v, 0]):,} began{after}")
        return f"{self.platform}, share active by months since the first upload. {'; '.join(told)}."

    def _reaches(self, vintage: int, tenure: int) -> bool:
        return bool(tenure < self.observable.shape[1] and self.observable[vintage, tenure])

    def table(self) -> "pa.Table":
        """Give a row for each vintage and tenure that was observable."""
        import pyarrow as pa

        return pa.Table.from_pylist(list(self.rows()))


def retain(panel: Panel, vintage: Vintage = "year") -> tuple[Retention, ...]:
    """Count who is still active by months since the first upload, for each platform and entry vintage.

    The month of the first upload is tenure 0, where everybody is active.  Creators are followed through complete
    months only, and those of a truncated first month are left out: when they began is not known.
    """
    width = VINTAGE_MONTHS[vintage]
    found = []
    for platform, window in zip(panel.platforms, panel.windows, strict=True):
        part, last = panel.only(platform), window.last_complete
        known = (part.first >= window.first + window.truncated_first) & (part.first <= last)
        if not known.any():
            continue
        group = part.first // width
        earliest, first_group = int(part.first[known].min()), int(group[known].min())
        shape = (int(group[known].max()) - first_group + 1, last - earliest + 1)
        began = np.bincount((group[known] - first_group) * shape[1] + last - part.first[known], minlength=prod(shape))
        ends, active = began.reshape(shape), _active(part, known, (group - first_group) * shape[1], last, shape)
        there = np.flatnonzero(ends.any(axis=1))
        ends, active = ends[there], active[there]
        observable = ends[:, ::-1].cumsum(axis=1)[:, ::-1]
        vintages = tuple(vintage_name(first_group + index, vintage) for index in there.tolist())
        found.append(Retention(platform, vintages, observable.astype(np.int64), active))
    return Together(found)


def _active(panel: Panel, known: Bool, begin: Int, last: int, shape: tuple[int, int]) -> Whole:
    """Count the cells of known creators up to a month by group and tenure, a part of the creators at a time.

    Args:
        panel: one platform.
        known: whose cells, shape (creators,).
        begin: where each creator's group begins in the flattened counts, shape (creators,).
        last: the last month.
        shape: groups and tenures.
    """
    active = np.zeros(prod(shape), np.int64)
    for some in parts(panel):
        limits = panel.indptr[some.start : some.stop + 1]
        month = panel.month[limits[0] : limits[-1]]
        counted = np.repeat(known[some], np.diff(limits)) & (month <= last - panel.start)
        place = np.repeat(begin[some] + panel.start - panel.first[some], np.diff(limits)) + month
        active += np.bincount(place[counted], minlength=len(active))
    return active.reshape(shape)
