"""How far a cohort's uploads changed from the first to the last months shown, and how sure that is over creators.

A description, not an effect: seniors fall and juniors rise with no event at all (`precipice.effects` says what is
beyond that).
"""

from dataclasses import dataclass
from math import exp, inf, isfinite, log, sqrt
from typing import Literal

import numpy as np

from precipice.cohorts import draw_by_cutoff
from precipice.report.publication import Float, Line, split
from precipice.series import interval_of_sum
from precipice.study.findings import Findings

Direction = Literal["fell", "rose", "not clear", "withheld"]

WINDOW = 12  # one whole year keeps the seasons out
NORMAL = 1.959963984540054
"""Half the width of a 95 % interval in standard errors."""


@dataclass(frozen=True)
class Change:
    """Mean uploads a month of one cohort in the first and in the last months shown."""

    line: Line
    first: tuple[int, int]
    """First and last month of the first window, as in `precipice.months`."""
    last: tuple[int, int]
    """The same of the last window."""
    before: float
    """Mean uploads a month in the first window; not a number where one of its months is withheld."""
    after: float
    low: float
    """Lower 95 % limit over creators of the relative change, minus 1 at the least; not a number without both means."""
    high: float

    @property
    def ratio(self) -> float:
        """The relative change: −0.2 is a fifth less; infinite from nought."""
        return self.after / self.before - 1 if self.before else inf

    @property
    def direction(self) -> Direction:
        """What may be said of it: clear only where the interval excludes nought."""
        if not (isfinite(self.before) and isfinite(self.after)):
            return "withheld"
        return "fell" if self.high < 0 else "rose" if self.low > 0 else "not clear"


def changes(findings: Findings, platform: str) -> tuple[Change | None, ...]:
    """Compare the first and the last year of each cohort of a platform; None where there are too few complete months.

    Raises:
        InputError: there is no such platform.
    """
    return tuple(_change(findings, line) for line in split(findings, platform, capped=True))


def _change(findings: Findings, line: Line) -> Change | None:
    lengths = line.end - line.start + 1
    complete = np.flatnonzero(line.complete & (lengths == line.period))
    size = min(max(1, WINDOW // line.period), len(complete) // 2)
    if size == 0:
        return None
    windows = complete[:size], complete[-size:]
    first, last = ((int(line.start[w[0]]), int(line.end[w[-1]])) for w in windows)
    before, after = (float((line.value[w] * lengths[w]).sum() / lengths[w].sum()) for w in windows)
    low = high = np.nan
    if np.isfinite(before) and np.isfinite(after):
        low, high = ratio_limits(*(_by_creator(findings, line, window) for window in (first, last)))
        months = [window[1] - window[0] + 1 for window in (first, last)]
        low, high = ((1 + limit) * months[0] / months[1] - 1 for limit in (low, high))
    return Change(line, first, last, before, after, low, high)


def _by_creator(findings: Findings, line: Line, window: tuple[int, int]) -> Float:
    """Sum each creator's capped uploads over the months of a window."""
    part = findings.panel.only(line.platform)
    cohorts = draw_by_cutoff(part, findings.study.study.cutoff)
    members = next(cohort.members for cohort in cohorts if cohort.name == line.name)
    month = part.month.astype(np.int64) + part.start
    cells = members[part.row] & (month >= window[0]) & (month <= window[1])
    counts = np.minimum(part.count[cells], findings.study.study.cap)
    return np.bincount(part.row[cells], counts, minlength=len(part)).astype(np.float64)


def ratio_limits(before: Float, after: Float) -> tuple[float, float]:
    """Give 95 % limits over creators of Σafter/Σbefore − 1, on the log scale by the delta method.

    Where one sum is nought, its upper limit is held against the other's lower one (Garwood 1936).

    Args:
        before, after: each creator's sum, shape (n,); the same creators in both.
    """
    sums = float(before.sum()), float(after.sum())
    if not all(sums):
        lows, highs = zip(*(interval_of_sum(sum(part), sum(part**2)) for part in (before, after)), strict=True)
        return float(lows[1] / highs[0]) - 1, float(highs[1] / lows[0]) - 1 if sums[0] else inf
    se = sqrt(float(((after / sums[1] - before / sums[0]) ** 2).sum()))
    middle = log(sums[1] / sums[0])
    return exp(middle - NORMAL * se) - 1, exp(middle + NORMAL * se) - 1
