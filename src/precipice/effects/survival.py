"""Staying: Kaplan–Meier curves by entry vintage, exit being a creator's first lapse.

A lapse is an upload followed by `LAPSE` silent months, dated at the upload; it is known that much later, so everybody
is followed through the last complete month less `LAPSE`, and whoever has not lapsed by then is censored there on the
right.  Time is discrete: months since the first upload, in whose own month one can lapse already.  Whoever comes back
later counts as gone all the same.  Source: Kaplan & Meier 1958; limits by Greenwood's variance on the log(−log) scale
(Kalbfleisch & Prentice 2002, §1.4.1).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from precipice.cohorts import VINTAGE_MONTHS, Vintage, vintage_name
from precipice.display import Plot, Shown
from precipice.effects.outcomes import LAPSE
from precipice.effects.sample import Float, Index, Sample, add_up, sample_of
from precipice.errors import InputError
from precipice.panel import Panel

NORMAL = 1.959963984540054
"""Half the width of a 95 % interval in standard errors."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One Kaplan–Meier curve; arrays are by months since the first upload, from 0 on."""

    name: str
    """The vintage, or `all`."""
    first: int
    """First month of entry (see `precipice.months`)."""
    last: int
    """Last month of entry."""
    creators: int
    """Creators that entered and could be followed for `LAPSE` months at least."""
    at_risk: Index
    """Creators not lapsed before and still followed, shape (T,)."""
    lapsed: Index
    """Those of them who lapse there, shape (T,)."""

    @property
    def survival(self) -> Float:
        """Share that has not lapsed by then, shape (T,)."""
        return survival(self.at_risk, self.lapsed)

    def interval(self) -> tuple[Float, Float]:
        """Give lower and upper 95 % limits, each of shape (T,); both are 1 before the first lapse."""
        return greenwood_limits(self.at_risk, self.lapsed)

    def median(self) -> int | None:
        """Give the months by which half have lapsed; None where fewer have as far as they could be followed."""
        fallen = np.flatnonzero(self.survival <= 0.5)
        return int(fallen[0]) if len(fallen) else None


@dataclass(frozen=True, eq=False)
class Survival(Shown):
    """Kaplan–Meier curves of one platform by entry vintage."""

    plot = Plot("months", "survival", "low", "high", by="vintage", rows="platform")

    platform: str
    """Name of the platform."""
    curves: tuple[Curve, ...]
    """One a vintage that could be followed, the earliest first."""
    before: Curve | None
    """Everybody, followed only as far as was settled before `event`; None without an event, or where nobody was."""
    event: int | None
    """Month of the event (see `precipice.months`)."""

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row for each vintage and month since the first upload."""
        for curve in (*self.curves, *([self.before] if self.before else [])):
            low, high = curve.interval()
            columns = zip(curve.at_risk.tolist(), curve.lapsed.tolist(), curve.survival.tolist(), low.tolist(),
                          high.tolist(), strict=True)  # fmt: skip
            for months, (at_risk, lapsed, share, lower, upper) in enumerate(columns):
                yield {"platform": self.platform, "vintage": curve.name, "months": months, "at_risk": at_risk,
                       "lapsed": lapsed, "survival": share, "low": lower, "high": upper}  # fmt: skip

    def table(self) -> Any:  # noqa: ANN401  a pyarrow.Table; pyarrow has no types and is imported on demand
        """Give a row for each vintage and month since the first upload; `all before` is everybody before the event."""
        import pyarrow as pa

        return pa.Table.from_pylist(list(self.rows()))

    def summary(self) -> str:
        """Say it in plain words."""
        told = [f"{curve.name}: {_stayed(curve)}" for curve in self.curves]
        return f"{self.platform}, share not lapsed by months since the first upload. {'; '.join(told)}."


def survive(panel: Panel, vintage: Vintage = "year", *, event: int | None = None) -> tuple[Survival, ...]:
    """Follow the creators of each platform and entry vintage to their first lapse.

    Creators whose first upload is not known, those of the first year of a truncated history, are left out.

    Args:
        panel: uploads by creator and month.
        vintage: `month`, `quarter` or `year` of the first upload.
        event: month of an event (see `precipice.months`), for the curve of everybody before it; None for none.

    Returns:
        one for each platform on which anybody can be followed.

    Raises:
        InputError: the vintage is none of those.
    """
    if vintage not in VINTAGE_MONTHS:
        raise InputError(
            f"there is no vintage '{vintage}'",
            why="creators are grouped by the month, quarter or year of their first upload",
            fix=f"one of {', '.join(VINTAGE_MONTHS)}",
        )
    found = []
    for platform in panel.platforms:
        sample = sample_of(panel, platform)
        lapse = first_lapse(sample)
        horizon = sample.n_months - 1 - LAPSE
        curves = tuple(_curves(sample, lapse, horizon, vintage))
        if curves:
            found.append(Survival(platform, curves, _before(sample, lapse, horizon, event), event))
    return tuple(found)


def first_lapse(sample: Sample) -> Index:
    """Give the month of each creator's first lapse as an offset, `n_months` where none is known, shape (n,)."""
    first = np.full(len(sample), sample.n_months, np.int64)
    for block in sample.blocks():
        lapse = np.where(block.silence(sample.n_months) >= LAPSE, block.month, sample.n_months)
        first[block.rows] = np.minimum.reduceat(lapse, block.starts)
    return first


def kaplan_meier(entry: Index, lapse: Index, horizon: int) -> tuple[Index, Index]:
    """Count who is at risk and who lapses by months since the first upload.

    Args:
        entry: month of the first upload, shape (n,), none after the horizon.
        lapse: month of the first lapse, shape (n,); after the horizon it has not been seen.
        horizon: last month that everybody is followed to.

    Returns:
        at risk and lapsed, each of shape (T,), as long as anybody is at risk.
    """
    time = np.minimum(lapse, horizon) - entry
    size = int(time.max()) + 1
    lapsed, left = add_up(time[lapse <= horizon], size), add_up(time, size)
    at_risk = len(entry) - np.concatenate([[0], np.cumsum(left)[:-1]])
    return at_risk.astype(np.int64), lapsed.astype(np.int64)


def survival(at_risk: Index, lapsed: Index) -> Float:
    """Multiply up 1 − lapsed/at risk, shape (T,); it stays where it was once nobody is at risk."""
    hazard = np.divide(lapsed, at_risk, out=np.zeros(len(at_risk)), where=at_risk > 0)
    share: Float = np.cumprod(1 - hazard)
    return share


def greenwood(at_risk: Index, lapsed: Index) -> Float:
    """Add up Greenwood's d/(n (n − d)), the variance of the log of the survival, shape (T,); infinite at nought."""
    left = at_risk - lapsed
    terms = np.divide(lapsed, at_risk * left, out=np.zeros(len(at_risk)), where=(at_risk > 0) & (left > 0))
    terms[(at_risk > 0) & (left == 0)] = np.inf
    variance: Float = np.cumsum(terms)
    return variance


def greenwood_limits(at_risk: Index, lapsed: Index) -> tuple[Float, Float]:
    """Give 95 % limits of the survival on the log(−log) scale, which keeps them between 0 and 1; each of shape (T,)."""
    share, variance = survival(at_risk, lapsed), greenwood(at_risk, lapsed)
    low, high = share.copy(), share.copy()
    inside = (share > 0) & (share < 1)
    spread = NORMAL * np.sqrt(variance[inside]) / np.abs(np.log(share[inside]))
    low[inside], high[inside] = share[inside] ** np.exp(spread), share[inside] ** np.exp(-spread)
    return low, high


def _curves(sample: Sample, lapse: Index, horizon: int, vintage: Vintage) -> Iterator[Curve]:
    width, entry = VINTAGE_MONTHS[vintage], sample.entry
    group = (entry + sample.start) // width
    for index in np.unique(group[entry <= horizon]).tolist():
        yield _curve(vintage_name(index, vintage), sample, lapse, horizon, group == index)


def _before(sample: Sample, lapse: Index, horizon: int, event: int | None) -> Curve | None:
    if event is None:
        return None
    settled = min(event - sample.start - 1 - LAPSE, horizon)
    if not (sample.entry <= settled).any():
        return None
    return _curve("all before", sample, lapse, settled, np.ones(len(sample), np.bool_))


def _curve(name: str, sample: Sample, lapse: Index, horizon: int, members: Any) -> Curve:  # noqa: ANN401  a mask
    members = members & (sample.entry <= horizon)
    entry = sample.entry[members]
    at_risk, lapsed = kaplan_meier(entry, lapse[members], horizon)
    ends = (int(entry.min()) + sample.start, int(entry.max()) + sample.start)
    return Curve(name, *ends, len(entry), at_risk, lapsed)


def _stayed(curve: Curve) -> str:
    share = [
        f"{100 * curve.survival[months]:.0f} % after {months}" for months in (12, 36) if months < len(curve.at_risk)
    ]
    return f"{curve.creators:,} creators" + "".join(f", {words}" for words in share)
