"""Novelty of uploads against the archive before them, by month and cohort: on average and at its peak.

An upload's novelty is one less the largest cosine of its tags with those of earlier uploads; average and peak after
Zhou & Lee (2024), who take it of pictures.  Against the whole archive it would fall by the archive's growth alone, so
every month is held against as many earlier uploads, drawn at random: products of some hundreds with some thousands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.cohorts import Cohort
from precipice.months import month_text
from precipice.panel import Panel
from precipice.profiles.tag_sums import Float, Index

if TYPE_CHECKING:
    from precipice.archive import TagSample

REFERENCE = 2_000
"""Earlier uploads that every month is held against; months with fewer before them are left out."""
FEWEST_ACTIVE = 20
"""Creators of a cohort in a month, below which nothing is said of it."""
PEAK = 0.95
"""The peak is the novelty that so large a share of uploads stays below: a largest value grows with their number."""


@dataclass(frozen=True)
class Novelty:
    """One cohort in one month on one platform; from 0 (some earlier upload has the same tags) to 1 (none in common)."""

    platform: str
    cohort: str
    month: int
    """As in `precipice.months`."""
    creators: int
    """Creators whose uploads were drawn."""
    uploads: int
    """Uploads drawn."""
    average: float
    """Mean over creators of their mean novelty."""
    average_se: float
    """Its standard error over creators."""
    peak: float
    """The novelty that 95 % of uploads stay below."""

    def as_dict(self) -> dict[str, object]:
        """Give the numbers by name."""
        return {**vars(self), "month": month_text(self.month)}


def measure_novelty(
    panel: Panel,
    sample: "TagSample",
    cohorts: Sequence[Cohort],
    platform: str,
    *,
    rng: np.random.Generator,
    reference: int = REFERENCE,
) -> tuple[Novelty, ...]:
    """Measure the novelty of a sample of uploads by month and cohort.

    Args:
        panel: creators.
        sample: uploads drawn at random with their tags.
        cohorts: groups of the panel's creators.
        platform: one of the panel's.
        rng: draws the earlier uploads.
        reference: earlier uploads that every month is held against.
    """
    part, on = panel.only(platform), panel.on(platform)
    index = sample.platforms.index(platform) if platform in sample.platforms else -1
    rows = np.flatnonzero(sample.platform == index)
    vectors, months = _unit_vectors(sample, rows), sample.months[rows].astype(np.int64)
    place = np.searchsorted(part.creators, sample.creators[rows])
    known = (place < len(part)) & (part.creators[np.minimum(place, len(part) - 1)] == sample.creators[rows])
    found = []
    for month in np.unique(months).tolist():
        earlier = np.flatnonzero(months < month)
        if len(earlier) < reference or month > panel.window(platform).last_complete:
            continue
        now = np.flatnonzero((months == month) & known)
        drawn = rng.choice(earlier, reference, replace=False)
        novelty = novelties(vectors[now], vectors[drawn])
        for cohort in cohorts:
            inside = cohort.members[on][place[now]]
            one = _of_cohort(platform, cohort.name, month, place[now][inside], novelty[inside])
            found += [one] if one is not None else []
    return tuple(found)


def novelties(vectors: Any, earlier: Any) -> Float:  # noqa: ANN401  scipy's sparse arrays
    """Give one less the largest cosine with any earlier vector, shape (n,).

    Args:
        vectors: of length one, `csr_array` of shape (n, K).
        earlier: the same, shape (R, K).
    """
    closest = (vectors @ earlier.T).max(axis=1)
    return np.clip(1 - np.asarray(closest.todense(), np.float64).ravel(), 0.0, 1.0)


def _unit_vectors(sample: "TagSample", rows: Index) -> Any:  # noqa: ANN401  scipy's own
    """Give the tags of some uploads as vectors of length one, a `csr_array` of shape (rows, tags)."""
    from scipy.sparse import csr_array

    lengths = np.diff(sample.indptr)
    data = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths)
    whole = csr_array((data, sample.tag, sample.indptr), shape=(len(lengths), len(sample.tags)))
    return whole[rows]


def _of_cohort(platform: str, cohort: str, month: int, creator: Index, novelty: Float) -> Novelty | None:
    creators, who = np.unique(creator, return_inverse=True)
    if len(creators) < FEWEST_ACTIVE:
        return None
    mean = np.bincount(who, novelty) / np.bincount(who)
    error = float(mean.std(ddof=1) / np.sqrt(len(mean)))
    peak = float(np.quantile(novelty, PEAK))
    return Novelty(platform, cohort, month, len(creators), len(novelty), float(mean.mean()), error, peak)
