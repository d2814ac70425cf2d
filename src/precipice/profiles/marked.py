"""Shares of cohorts' files whose own marks say something, with limits over creators."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.cohorts import Cohort
from precipice.panel import Panel
from precipice.profiles.ratios import clopper_pearson, interval_of_ratio, sums

Whole = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MarkedShare:
    """Of one cohort's files on one platform, the share that is marked; a lower limit of what the mark means."""

    platform: str
    cohort: str
    measure: str
    """What the marks say: `made with a model`, `training not allowed`."""
    files: int
    marked: int
    creators: int
    """Creators with a file."""
    creators_marked: int
    """Creators with a marked file."""
    share: float
    """Marked files of all files; not a number where there is none."""
    low: float
    high: float
    """95 % limits over creators (`precipice.profiles.ratios`)."""
    creator_share: float
    """Creators with a marked file of all creators with a file: one vote a creator."""
    creator_low: float
    creator_high: float
    """95 % limits by Clopper and Pearson (1934)."""

    def as_dict(self) -> dict[str, Any]:
        """Give every field; None for what is not a number."""
        return {name: None if value != value else value for name, value in vars(self).items()}  # noqa: PLR0124


def share_marked(
    panel: Panel, cohort: Cohort, platform: str, measure: str, *, creator: Whole, marked: Bool
) -> MarkedShare:
    """Measure the share of a cohort's files on one platform that is marked.

    Args:
        panel: the creators.
        cohort: whose files.
        platform: where they were uploaded.
        measure: what the mark says.
        creator: index of each file's creator among the panel's, shape (links,).
        marked: whether each file is marked, shape (links,).
    """
    inside = (cohort.members & panel.on(platform))[creator]
    row, said = creator[inside], marked[inside]
    number = np.bincount(row, minlength=len(panel))
    yes = np.bincount(row, said.astype(float), minlength=len(panel))
    owners = np.flatnonzero(number)
    found = sums(yes[owners], number[owners], np.zeros(len(owners), np.int64), 1)
    low, high = interval_of_ratio(found)
    many, some = len(owners), int((yes[owners] > 0).sum())
    ratio = np.array([some / many if many else np.nan])
    least, most = clopper_pearson(ratio, np.array([float(many)]))
    return MarkedShare(
        platform, cohort.name, measure, int(number.sum()), int(yes.sum()), many, some,
        float(found.ratio[0]), float(low[0]), float(high[0]), float(ratio[0]), float(least[0]), float(most[0]),
    )  # fmt: skip
