"""Diversity and sameness by cohort and year: effective numbers of tags, the top tag, concentration, turnover.

Every number is over creators, each a unit whatever it uploads; cohorts and years are compared at one coverage, since a
larger cohort shows more tags by size alone (`precipice.profiles.hill`).  Errors are of random halves of the creators:
a bootstrap would draw some creators twice and so make tags of one creator look like tags of two, on which all estimates
of what was not seen rest.  The spread of a statistic over halves is its standard error (Shao & Wu 1989, half of the
units deleted).  Turnover alone, which estimates nothing unseen, is bootstrapped, a creator with one weight in both of
the years that are compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.cohorts import Cohort, mix
from precipice.errors import InputError
from precipice.months import month_text
from precipice.panel import Bool, Panel
from precipice.profiles.hill import ORDERS, Incidence, coverage, hill, size_for
from precipice.profiles.tag_sums import Float, Index, TagRows, rows_on, share_matrix
from precipice.replicates import gini, weights

if TYPE_CHECKING:
    from precipice.archive import TagCounts

FEWEST_ACTIVE = 20
"""Active creators of a cohort and year, below which nothing is said of it."""
FEWEST_USERS = 5
"""Creators of a tag below which it is not named."""
HALVES = 50
"""Random halves; a standard error of so many is off by a tenth."""
REPLICATES = 100
"""Bootstrap draws of creators for turnover."""
YEAR = 12
FULL = 0.99
"""The largest coverage at which numbers are compared: no finite sample is sure to hold everything."""
FARTHEST = 4.0
"""A half of the creators is not extrapolated beyond so many times its size, twice that of all of them."""
NORMAL = 1.959963984540054


@dataclass(frozen=True, eq=False)
class Diversity:
    """One cohort in one year on one platform."""

    platform: str
    cohort: str
    """`senior`, `junior` or `all`."""
    start: int
    """First month, as in `precipice.months`."""
    end: int
    """Last month, included."""
    creators: int
    """Creators with a tag."""
    tags: int
    """Tags that they used."""
    covered: float
    """Coverage of what they used: of all their kind would use, weighted by use, the share that was seen."""
    standard: float
    """Coverage at which effective numbers are given, the same throughout a platform."""
    hill: Float
    """Effective numbers of tags of order 0, 1 and 2 at that coverage, shape (3,)."""
    hill_se: Float
    """Their standard errors over creators, shape (3,)."""
    top: str
    """The tag with the largest mean share among those of at least `FEWEST_USERS` creators; empty where none is."""
    top_share: float
    """Its mean share of a creator's tags."""
    top_se: float
    gini: float
    """Gini coefficient of uploads over the creators who uploaded."""
    gini_se: float
    turnover: float
    """1 − Horn's overlap of mean shares with the year before; not a number without one."""
    turnover_se: float
    """Its standard error over creators, by the bootstrap."""
    turnover_by_chance: float
    """What it would be between two draws of as many creators from one year, which differ by chance alone: that between
    random halves, in proportion to the sum of one by either number of creators."""

    def limits(self, order: int) -> tuple[float, float]:
        """Give 95 % limits of an effective number, on the log scale."""
        value, se = float(self.hill[order]), float(self.hill_se[order])
        return value * exp(-NORMAL * se / value), value * exp(NORMAL * se / value)

    def turnover_limits(self) -> tuple[float, float]:
        """Give 95 % limits of the turnover; not numbers without a year before."""
        low, high = (self.turnover + sign * NORMAL * self.turnover_se for sign in (-1, 1))
        return (max(low, 0.0), min(high, 1.0)) if np.isfinite(low) else (low, high)

    def as_dict(self) -> dict[str, object]:
        """Give the numbers by name; None for what is not known."""
        row: dict[str, object] = {
            "platform": self.platform,
            "cohort": self.cohort,
            "from": month_text(self.start),
            "to": month_text(self.end),
            "creators": self.creators,
            "tags": self.tags,
            "covered": self.covered,
            "standard": self.standard,
        }
        for order in ORDERS:
            low, high = self.limits(order)
            row |= {f"hill{order}": float(self.hill[order]), f"hill{order}_low": low, f"hill{order}_high": high}
        rest = ("top", "top_share", "top_se", "gini", "gini_se", "turnover", "turnover_se", "turnover_by_chance")
        return row | {name: _known(getattr(self, name)) for name in rest}


def _known(value: float | str) -> float | str | None:
    return value if isinstance(value, str) or np.isfinite(value) else None


@dataclass(frozen=True, eq=False)
class _Year:
    """One cohort in one year, before numbers are made comparable."""

    cohort: str
    start: int
    creators: Index
    """Pseudonyms of those with a tag, shape (C,)."""
    shares: Any
    """w p, `csr_array` of shape (C, tags)."""
    weight: Float
    sample: Incidence
    uploaders: Index
    """Pseudonyms of all who uploaded, shape (U,)."""
    uploads: Index
    """Of each of these, shape (U,)."""


def measure_diversity(
    panel: Panel, counts: "TagCounts", cohorts: Sequence[Cohort], platform: str, *, halves: int = HALVES, seed: int = 0
) -> tuple[Diversity, ...]:
    """Measure the diversity of cohorts by year, over the years that were observed whole.

    Args:
        panel: creators and their uploads.
        counts: their tags by month.
        cohorts: groups of the panel's creators.
        platform: which.
        halves: random halves for standard errors.
        seed: of these; a creator's half depends on pseudonym, number and seed alone.

    Raises:
        InputError: no cohort has enough creators with tags in any whole year.
    """
    part, window = panel.only(platform), panel.window(platform)
    rows = rows_on(panel, counts, platform)
    on = panel.on(platform)
    first = -(-(window.first + window.truncated_first) // YEAR) * YEAR
    years = range(first, window.last_complete + 1 - (YEAR - 1), YEAR)
    made = [
        year
        for cohort in cohorts
        for start in years
        if (year := _year(part, rows, cohort.members[on], cohort.name, start)) is not None
    ]
    if not made:
        raise InputError(
            f"no cohort on {platform} has {FEWEST_ACTIVE} creators with tags in a whole calendar year",
            why=f"{len(years)} calendar years were observed whole",
            fix="choose another cutoff, or collect more artists",
        )
    standard = min(FULL, *(coverage(year.sample, year.sample.units) for year in made))
    known: dict[tuple[str, int], _Year] = {(year.cohort, year.start): year for year in made}
    return tuple(
        _measured(platform, counts.tags, year, known.get((year.cohort, year.start - YEAR)), standard, halves, seed)
        for year in made
    )


def _year(part: Panel, rows: TagRows, members: Bool, name: str, start: int) -> _Year | None:
    everything = np.arange(len(rows.counts.tags))
    shares, weight = share_matrix(rows, (start, start + YEAR), everything)
    chosen = np.flatnonzero((weight > 0) & members)
    if len(chosen) < FEWEST_ACTIVE:
        return None
    shares = shares[chosen]
    month = part.month.astype(np.int64) + part.start
    cells = (month >= start) & (month < start + YEAR) & members[part.row]
    uploads = np.bincount(part.row[cells], part.count[cells], len(part)).astype(np.int64)
    did = np.flatnonzero(uploads)
    return _Year(
        name, start, part.creators[chosen], shares, weight[chosen],
        Incidence.of(len(chosen), np.asarray((shares > 0).sum(axis=0)).ravel()), part.creators[did], uploads[did],
    )  # fmt: skip


def _measured(
    platform: str, names: Sequence[str], year: _Year, before: _Year | None, standard: float, halves: int, seed: int
) -> Diversity:
    mean = np.asarray(year.shares.sum(axis=0)).ravel() / year.weight.sum()
    users = np.asarray((year.shares > 0).sum(axis=0)).ravel()
    top = int(np.where(users >= FEWEST_USERS, mean, -1.0).argmax())
    known = 1.0 if users[top] >= FEWEST_USERS else np.nan
    column = np.asarray(year.shares[:, [top]].toarray()).ravel()
    effective, concentration, chance = _over_halves(year, standard, halves, seed)
    return Diversity(
        platform=platform,
        cohort=year.cohort,
        start=year.start,
        end=year.start + YEAR - 1,
        creators=year.sample.units,
        tags=len(year.sample.counts),
        covered=coverage(year.sample, year.sample.units),
        standard=standard,
        hill=_effective(year.sample, standard),
        hill_se=effective.std(axis=0),
        top=names[top] if known == 1 else "",
        top_share=known * float(mean[top]),
        top_se=known * float(np.sqrt(((column - year.weight * mean[top]) ** 2).sum()) / year.weight.sum()),
        gini=_gini(year.uploads),
        gini_se=float(concentration.std()),
        turnover=np.nan if before is None else 1 - horn(mean, _mean_shares(before)),
        turnover_se=np.nan if before is None else float(_turnovers(year, before, seed).std()),
        turnover_by_chance=np.nan if before is None else float(chance.mean()) * _larger(year, before),
    )


def _larger(year: _Year, before: _Year) -> float:
    """Say how chance between two years compares with chance between the halves of one."""
    halves = 4 / year.sample.units
    return (1 / year.sample.units + 1 / before.sample.units) / halves


def _turnovers(year: _Year, before: _Year, seed: int) -> Float:
    """Give the turnover of each bootstrap draw of creators, shape (`REPLICATES`,)."""
    means = []
    for one in (year, before):
        drawn = weights(one.creators, REPLICATES, seed).astype(np.float64)
        means.append(np.asarray(drawn.T @ one.shares) / (drawn.T @ one.weight)[:, None])
    return np.array([1 - horn(now, then) for now, then in zip(*means, strict=True)])


def _over_halves(year: _Year, standard: float, halves: int, seed: int) -> tuple[Float, Float, Float]:
    """Give effective numbers (halves, 3) and Gini (halves,) of random halves, and turnover between the two halves."""
    inside = _halves(year.creators, halves, seed)
    whole = np.asarray(year.sample.units)
    counted = inside.T.astype(np.float64) @ (year.shares > 0).astype(np.float64)
    shares = inside.T.astype(np.float64) @ year.shares
    everything = np.asarray(year.shares.sum(axis=0)).ravel()
    sizes = np.clip(inside.sum(axis=0), 1, whole)
    effective = np.array(
        [_effective(Incidence.of(int(size), row), standard) for size, row in zip(sizes, counted, strict=True)]
    )
    chance = np.array([1 - horn(_normed(row), _normed(everything - row)) for row in shares])
    drawn = _halves(year.uploaders, halves, seed)
    concentration = np.array([_gini(year.uploads[drawn[:, b]]) for b in range(halves)])
    return effective, concentration, chance


def _halves(creators: Index, halves: int, seed: int) -> Bool:
    """Say who is in which half, shape (creators, halves)."""
    base = mix(creators.view(np.uint64), seed)[:, None]
    drawn = mix(base ^ mix(np.arange(halves, dtype=np.uint64), seed + 1), 0)
    return np.asarray(drawn >> np.uint64(63) == 1, np.bool_)


def _effective(sample: Incidence, standard: float) -> Float:
    size = size_for(sample, standard)
    return np.array([hill(sample, min(size, FARTHEST * sample.units), order) for order in ORDERS])


def _gini(uploads: Index) -> float:
    values, times = np.unique(uploads, return_counts=True)
    return float(gini(values.astype(np.int64), times.astype(np.float64)[:, None])[0]) if len(values) else np.nan


def _mean_shares(year: _Year) -> Float:
    return np.asarray(year.shares.sum(axis=0), np.float64).ravel() / float(year.weight.sum())


def _normed(values: Float) -> Float:
    return np.asarray(values / max(float(values.sum()), 1e-300), np.float64)


def horn(p: Float, r: Float) -> float:
    """Give Horn's (1966) overlap of two distributions, 1 where they are the same and 0 where they share nothing.

    Σ [(p + r) log(p + r) − p log p − r log r]/(2 log 2), shape (K,) each; the measure of order 1 (Jost 2007).
    """

    def entropic(values: Float) -> Float:
        return np.asarray(values * np.log(np.where(values > 0, values, 1.0)), np.float64)

    overlap = float((entropic(p + r) - entropic(p) - entropic(r)).sum() / (2 * np.log(2)))
    return min(max(overlap, 0.0), 1.0)  # but for rounding
