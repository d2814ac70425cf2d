"""Adoption: the share of creators who have ever declared an upload as made with a generative model.

By calendar month it is a plain share of those who had an upload asked about by then.  By tenure it is one less Kaplan
and Meier's curve with delayed entry: a creator is at risk from the tenure at which an upload was first asked about
(the label is younger than most creators) to the last complete month, whether or not they went on uploading, so the
curve is of creators and not of creators who stay.
Source: Kaplan & Meier 1958; delayed entry as in Andersen, Borgan, Gill & Keiding 1993, section IV.1; Greenwood's
variance with limits on the scale log(-log).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from precipice.cohorts import Cohort
from precipice.months import month_text
from precipice.profiles.labels import Labels, Whole
from precipice.profiles.ratios import LEVEL, Float, clopper_pearson

if TYPE_CHECKING:
    import pyarrow as pa

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Adoption:
    """Share of one cohort's creators on one platform who ever declared, by month or by tenure."""

    platform: str
    cohort: str
    by: Literal["month", "tenure"]
    """What `at` counts."""
    at: Whole
    """Months (see `precipice.months`), or months since the first upload, rising, shape (k,)."""
    at_risk: Whole
    """Creators who had an upload asked about by that month; by tenure, creators who could still declare for the first
    time, shape (k,)."""
    adopted: Whole
    """Of them those who had ever declared by that month; by tenure, those who first declared then, shape (k,)."""
    share: Float
    """Share who ever declared, shape (k,)."""
    low: Float
    """Lower 95 % limit over creators, shape (k,)."""
    high: Float
    """Upper limit, shape (k,)."""

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row a month, or a tenure at which anybody was at risk."""
        for t, at in enumerate(self.at.tolist()):
            yield {
                "platform": self.platform, "cohort": self.cohort, "by": self.by,
                "at": month_text(at) if self.by == "month" else str(at), "at_risk": int(self.at_risk[t]),
                "adopted": int(self.adopted[t]), "share": round(float(self.share[t]), 6),
                "low": round(float(self.low[t]), 6), "high": round(float(self.high[t]), 6),
            }  # fmt: skip

    def table(self) -> "pa.Table":
        """Give the rows as a table."""
        import pyarrow as pa

        return pa.Table.from_pylist(list(self.rows()))

    def summary(self) -> str:
        """Say where the curve ends."""
        who = f"{self.platform}, {self.cohort}"
        if not len(self.at):
            return f"{who}: nobody was asked, so nobody can be said to have adopted or not."
        end = f"{100 * self.share[-1]:.1f} % ({100 * self.low[-1]:.1f} to {100 * self.high[-1]:.1f} %)"
        if self.by == "month":
            return (
                f"{who}: by {month_text(int(self.at[-1]))} {int(self.adopted[-1]):,} of {int(self.at_risk[-1]):,} "
                f"creators had declared an upload, {end}."
            )
        return f"{who}: by {int(self.at[-1])} months after the first upload, {end} had declared one."


@dataclass(frozen=True, eq=False)
class Times:
    """When each creator of a panel was first asked and first declared."""

    asked: Whole
    """Month of the first upload that was asked about, `NEVER` for none, shape (n,)."""
    declared: Whole
    """Month of the first declared upload, `NEVER` for none, shape (n,)."""


def first_times(labels: Labels) -> Times:
    """Find when each creator was first asked and first declared, within complete and incomplete months alike."""
    panel = labels.panel
    month = panel.month.astype(np.int64) + panel.start

    def earliest(chosen: npt.NDArray[np.bool_]) -> Whole:
        first = np.full(len(panel), NEVER)
        np.minimum.at(first, panel.row[chosen], month[chosen])
        return first

    return Times(earliest(labels.asked > 0), earliest(labels.yes > 0))


def follow_adoption(labels: Labels, cohorts: Sequence[Cohort]) -> tuple[Adoption, ...]:
    """Follow each platform's and cohort's creators to their first declared upload, by month and by tenure."""
    times = first_times(labels)
    found: list[Adoption] = []
    for index, platform in enumerate(labels.panel.platforms):
        end = labels.panel.windows[index].last_complete
        for cohort in cohorts:
            who = cohort.members & (labels.panel.platform == index) & (times.asked <= end)
            asked, declared = times.asked[who], times.declared[who]
            found.append(_by_month(platform, cohort.name, asked, declared, end))
            first = labels.panel.first[who].astype(np.int64)
            found.append(_by_tenure(platform, cohort.name, first, asked, declared, end))
    return tuple(found)


def _by_month(platform: str, cohort: str, asked: Whole, declared: Whole, end: int) -> Adoption:
    start = int(asked.min()) if len(asked) else end + 1
    at = np.arange(start, end + 1, dtype=np.int64)
    at_risk = np.searchsorted(np.sort(asked), at, side="right")
    adopted = np.searchsorted(np.sort(declared), at, side="right")
    share = adopted / np.maximum(at_risk, 1)
    low, high = clopper_pearson(share, at_risk.astype(float))
    return Adoption(platform, cohort, "month", at, at_risk, adopted, share, low, high)


def _by_tenure(platform: str, cohort: str, first: Whole, asked: Whole, declared: Whole, end: int) -> Adoption:
    exit_at = np.minimum(declared, end) - first
    at, at_risk, adopted, surviving, low, high = kaplan_meier(asked - first, exit_at, declared <= end)
    return Adoption(platform, cohort, "tenure", at, at_risk, adopted, 1 - surviving, 1 - high, 1 - low)


def kaplan_meier(
    entry: Whole, leave: Whole, event: npt.NDArray[np.bool_], level: float = LEVEL
) -> tuple[Whole, Whole, Whole, Float, Float, Float]:
    """Give Kaplan and Meier's curve with delayed entry at every whole time at which anybody is at risk.

    Args:
        entry: first time at risk, included, shape (n,).
        leave: last time at risk, included, shape (n,).
        event: whether it ended with the event, at `leave`, shape (n,).
        level: of the limits.

    Returns:
        Times, numbers at risk, events, the share without the event, and its lower and upper limits; while there was no
        event, the lower limit is Clopper and Pearson's for the fewest at risk so far.
    """
    from scipy.special import ndtri

    ends = int(leave.max()) + 1 if len(leave) else 0
    came = np.bincount(entry, minlength=ends)[:ends].cumsum()
    gone = np.concatenate([[0], np.bincount(leave, minlength=ends).cumsum()])[:ends]
    at_risk = came - gone
    events = np.bincount(leave[event], minlength=ends)
    at = np.flatnonzero(at_risk > 0)
    r, d = at_risk[at].astype(float), events[at].astype(float)
    surviving = np.cumprod(1 - d / r) if len(at) else np.zeros(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(d / (r * (r - d)))
        spread = ndtri((1 + level) / 2) * np.sqrt(greenwood) / np.abs(np.log(surviving))
        low, high = surviving ** np.exp(spread), surviving ** np.exp(-spread)
    least = np.minimum.accumulate(r) if len(at) else r
    none = surviving == 1
    low = np.where(none, ((1 - level) / 2) ** (1 / np.maximum(least, 1)), low)
    gone_all = ~np.isfinite(greenwood)  # everybody at risk had the event
    low, high = np.where(gone_all, 0.0, low), np.where(none, 1.0, np.where(gone_all, 1.0, high))
    return at.astype(np.int64), r.astype(np.int64), d.astype(np.int64), surviving, low, high
