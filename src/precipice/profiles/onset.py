"""Onset: how much creators uploaded around their own first declared upload, beside matches who had not declared yet.

The naive picture, uploads by month relative to one's own first declared upload, jumps at month 0 whatever happened:
there is an upload in it by definition, and uploads come in bursts.  So each adopter is compared with creators of the
same platform and cohort who were asked in the very same month and had not declared by then, with the same tenure, the
same uploads in that month, in the three months and in the nine months before (all binned).

Two ways that look as good are not, on simulated platforms where declaring changes nothing (60 worlds, uploads a month
after the onset; truth 0): creators who *never* declare are known only from the future, in which those who go on
uploading declare, and with a difference of differences that leaves the half year before free the answer was +0.22
(standard error .012); creators who had not declared yet, the same way, +0.19 (.012), since whoever uploaded much just
before would have declared just before; matched on what they uploaded before, -0.001 (.009).
Matches who declare later have the effect too, so what is there comes out smaller: .18 where .21 was planted.
Source: risk-set matching, Li, Propert & Rosenbaum 2001, J. Am. Stat. Assoc. 96, 870-882.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from precipice.cohorts import Cohort
from precipice.panel import Panel
from precipice.profiles.adoption import NEVER, first_times
from precipice.profiles.labels import Labels, Whole
from precipice.profiles.ratios import LEVEL, Float

if TYPE_CHECKING:
    import pyarrow as pa

REACH = 12
"""Months before and after the onset."""
RECENT = 3
"""Months right before the onset whose uploads are matched by themselves."""
TENURE_BINS = (0, 1, 2, 4, 7, 13, 25, 49, 97)
"""Lower edges of the bins of months since the first upload."""
VOLUME_BINS = ((1, 2, 3, 5, 9), (1, 2, 4, 8), (1, 3, 7, 15))
"""Lower edges of the bins of uploads in month 0, in the `RECENT` months before, and in those before up to `REACH`."""
FEWEST = 20
"""Matched adopters below which no comparison is given."""

CANNOT_SAY = (
    "whether declaring changed how much they uploaded or both came of the same decision; what was made with a model "
    "and not declared, on either side; how much more there is to it, since some matches declare later; and what "
    "creators who stopped before they were asked would have done"
)


@dataclass(frozen=True, eq=False)
class Onset:
    """Uploads by month relative to the first declared upload, of adopters and of matches who had not declared by then.

    Arrays run over the months from −12 to 12, shape (25,); month 0 is where both are known to have uploaded.
    """

    platform: str
    cohort: str
    adopters: int
    """Creators who declared an upload in a complete month."""
    matched: int
    """Of them those with at least one match; the numbers below are of these, and the others are like nobody."""
    controls: int
    """Distinct creators who serve as a match; some declared later, and adopters among them may too."""
    month: Whole
    """Months relative to the first declared upload."""
    adopter_mean: Float
    """Uploads a month of matched adopters."""
    control_mean: Float
    """The same of their matches, each adopter's matches weighing as one."""
    difference: Float
    """Adopters less matches, uploads a month."""
    low: Float
    """Lower 95 % limit over creators."""
    high: Float
    """Upper limit."""
    after: float
    """Mean of the difference over months 1 to 12."""
    after_low: float
    """Lower limit."""
    after_high: float
    """Upper limit."""
    before: float
    """The same over months −12 to −1, of what matching left over; not small beside `after`, that is not to be read."""
    before_low: float
    """Lower limit."""
    before_high: float
    """Upper limit."""
    refused: str = ""
    """Why no numbers are given; empty where they are."""

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row a month."""
        for t, month in enumerate(self.month.tolist()):
            numbers = (self.adopter_mean, self.control_mean, self.difference, self.low, self.high)
            names = ("adopters_mean", "matches_mean", "difference", "low", "high")
            yield {"platform": self.platform, "cohort": self.cohort, "relative_month": month} | {
                name: round(float(values[t]), 6) if np.isfinite(values[t]) else None
                for name, values in zip(names, numbers, strict=True)
            }

    def table(self) -> "pa.Table":
        """Give the rows as a table."""
        import pyarrow as pa

        return pa.Table.from_pylist(list(self.rows()))

    def as_dict(self) -> dict[str, Any]:
        """Give the numbers over months, as JSON takes them."""
        told = {name: getattr(self, name) for name in ("platform", "cohort", "adopters", "matched", "controls")}
        for name in ("after", "after_low", "after_high", "before", "before_low", "before_high"):
            value = getattr(self, name)
            told[name] = round(value, 6) if np.isfinite(value) else None
        return told | {"refused": self.refused, "cannot_say": CANNOT_SAY}

    def summary(self) -> str:
        """Say it in plain words."""
        who = f"{self.platform}, {self.cohort}"
        if self.refused:
            return f"{who}: no comparison around the first declared upload: {self.refused}."
        return (
            f"{who}: in the year after their first declared upload {self.matched:,} of {self.adopters:,} creators "
            f"uploaded {self.after:+.2f} a month ({self.after_low:+.2f} to {self.after_high:+.2f}) beside "
            f"{self.controls:,} matched creators who had not declared by then; in the year before, by which they were "
            f"matched, {self.before:+.2f}. It cannot say {CANNOT_SAY}."
        )


def study_onset(labels: Labels, cohort: Cohort, platform: str) -> Onset:
    """Compare one cohort's adopters on one platform with matched creators who had not declared by then.

    Args:
        labels: what uploads declare.
        cohort: whose creators, on both sides.
        platform: name of the platform.
    """
    panel = labels.panel
    here = cohort.members & panel.on(platform)
    first = first_times(labels)
    last = panel.window(platform).last_complete
    adopting = here & (first.declared <= last)
    month = panel.month.astype(np.int64) + panel.start
    # Not yet, rather than never: who never declares is known only from the future, in which who goes on declares.
    usable = here[panel.row] & (month < first.declared[panel.row]) & (labels.asked > 0) & (month <= last)
    who, onset, weight, treated = _pairs(panel, np.where(adopting, first.declared, NEVER), usable)
    adopters, matched = int(adopting.sum()), int(treated.sum())
    if matched < FEWEST:
        return _refused(platform, cohort.name, adopters, matched, len(np.unique(who[~treated])))
    outcomes = _outcomes(panel, who, onset, last)
    return _compared(platform, cohort.name, adopters, (who, weight, treated), outcomes)


def _pairs(
    panel: Panel, onset: Whole, usable: npt.NDArray[np.bool_]
) -> tuple[Whole, Whole, Float, npt.NDArray[np.bool_]]:
    """Pair every adopter with the creators of their stratum who had not declared by then.

    Args:
        panel: creators and months.
        onset: month of the first declared upload, `NEVER` for those who are no adopters, shape (n,).
        usable: cells in which a creator may serve as a match, shape (cells,).

    Returns:
        Creator, month 0, weight (1 for an adopter; an adopter's matches weigh 1 together), whether it is an adopter.
    """
    lookup = _Lookup(panel)
    adopters = np.flatnonzero(onset < NEVER)
    cells = np.flatnonzero(usable)
    cells = cells[np.isin(panel.month[cells] + panel.start, onset[adopters])]
    who = np.concatenate([adopters, panel.row[cells].astype(np.int64)])
    zero = np.concatenate([onset[adopters], panel.month[cells].astype(np.int64) + panel.start])
    treated = np.arange(len(who)) < len(adopters)
    tenure = np.searchsorted(TENURE_BINS, zero - panel.first[who], side="right")
    recent = sum(lookup(who, zero - k) for k in range(1, RECENT + 1))
    earlier = sum(lookup(who, zero - k) for k in range(RECENT + 1, REACH + 1))
    parts = (lookup(who, zero), recent, earlier)
    volumes = [np.searchsorted(edges, part, side="right") for edges, part in zip(VOLUME_BINS, parts, strict=True)]
    bins = np.stack([zero, tenure, *volumes])
    stratum = np.unique(bins, axis=1, return_inverse=True)[1].ravel()
    sides = [np.bincount(stratum[side], minlength=int(stratum.max(initial=0)) + 1) for side in (treated, ~treated)]
    weight = np.where(treated, 1.0, sides[0][stratum] / np.maximum(sides[1][stratum], 1))
    kept = (sides[0][stratum] > 0) & (sides[1][stratum] > 0)
    return who[kept], zero[kept], weight[kept], treated[kept]


class _Lookup:
    """Find the uploads of creators in months, where there may be none."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.code = panel.row.astype(np.int64) * panel.n_months + panel.month

    def __call__(self, who: Whole, month: Whole) -> Whole:
        """Give uploads of creator `who[i]` in `month[i]`, shape (n,)."""
        offset = month - self.panel.start
        inside = (offset >= 0) & (offset < self.panel.n_months)
        wanted = who * self.panel.n_months + np.where(inside, offset, 0)
        at = np.minimum(np.searchsorted(self.code, wanted), len(self.code) - 1)
        return np.where(inside & (self.code[at] == wanted), self.panel.count[at], 0).astype(np.int64)


def _outcomes(panel: Panel, who: Whole, zero: Whole, last: int) -> Float:
    """Give uploads by relative month, shape (pairs, 25); not a number before the first upload or past the window."""
    lookup = _Lookup(panel)
    found = np.full((len(who), 2 * REACH + 1), np.nan)
    for column, k in enumerate(range(-REACH, REACH + 1)):
        month = zero + k
        seen = (month >= panel.first[who]) & (month <= last)
        found[seen, column] = lookup(who, month)[seen]
    return found


def _compared(
    platform: str, cohort: str, adopters: int, pairs: tuple[Whole, Float, npt.NDArray[np.bool_]], outcomes: Float
) -> Onset:
    """Compare weighted means by relative month; limits from the influence of each creator, whose pairs go together."""
    from scipy.special import ndtri

    who, weight, treated = pairs
    _, creator = np.unique(who, return_inverse=True)
    influence = np.zeros((int(creator.max()) + 1, outcomes.shape[1]))
    means = []
    for side, sign in ((treated, 1.0), (~treated, -1.0)):
        w = np.where(np.isfinite(outcomes[side]), weight[side][:, None], 0.0)
        total = np.maximum(w.sum(axis=0), 1e-12)
        y = np.nan_to_num(outcomes[side])
        mean = (w * y).sum(axis=0) / total
        np.add.at(influence, creator[side], sign * w * (y - mean) / total)
        means.append(np.where(w.sum(axis=0) > 0, mean, np.nan))
    raw = np.nan_to_num(means[0] - means[1])
    half = ndtri((1 + LEVEL) / 2)

    def contrast(weights: Float) -> tuple[float, float, float]:
        value, spread = float(raw @ weights), half * float(np.sqrt(((influence @ weights) ** 2).sum()))
        return value, value - spread, value + spread

    k = np.arange(-REACH, REACH + 1)
    each = np.array([contrast(column) for column in np.eye(len(k))])
    after, before = contrast(_mean_of(k >= 1)), contrast(_mean_of(k <= -1))
    return Onset(
        platform, cohort, adopters, int(treated.sum()), len(np.unique(who[~treated])), k, means[0], means[1],
        each[:, 0], each[:, 1], each[:, 2], *after, *before,
    )  # fmt: skip


def _mean_of(chosen: npt.NDArray[np.bool_]) -> Float:
    return np.asarray(chosen / chosen.sum(), float)


def _refused(platform: str, cohort: str, adopters: int, matched: int, controls: int) -> Onset:
    nothing = np.full(2 * REACH + 1, np.nan)
    numbers = (np.nan,) * 6
    why = f"{adopters} creators declared an upload and {matched} of them have a match; at least {FEWEST} are needed"
    return Onset(
        platform, cohort, adopters, matched, controls, np.arange(-REACH, REACH + 1), nothing, nothing, nothing, nothing,
        nothing, *numbers, refused=why,
    )  # fmt: skip
