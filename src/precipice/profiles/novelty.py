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
from precipice.replicates import weights

if TYPE_CHECKING:
    from precipice.archive import TagSample

REFERENCE = 2_000
"""Earlier uploads that every month is held against; months with fewer before them are left out."""
FEWEST_ACTIVE = 20
"""Creators of a cohort in a month, below which nothing is said of it."""
PEAK = 0.95
"""The peak is the novelty that so large a share of uploads stays below: a largest value grows with their number."""
REPLICATES = 200
"""Bootstrap draws of creators for the limits of the peak."""
LEVEL = 0.95


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
    peak_low: float
    """Lower 95 % limit of the peak over creators, by the bootstrap."""
    peak_high: float
    """Upper limit."""

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
    seed: int = 0,
) -> tuple[Novelty, ...]:
    """Measure the novelty of a sample of uploads by month and cohort.

    Args:
        panel: creators.
        sample: uploads drawn at random with their tags.
        cohorts: groups of the panel's creators.
        platform: one of the panel's.
        rng: draws the earlier uploads.
        reference: earlier uploads that every month is held against.
        seed: of the bootstrap; a creator's weights depend on pseudonym, number and seed alone.
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
            who = part.creators[place[now][inside]]
            one = _of_cohort((platform, cohort.name, month), who, novelty[inside], seed)
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


def _of_cohort(key: tuple[str, str, int], creator: Index, novelty: Float, seed: int) -> Novelty | None:
    creators, who = np.unique(creator, return_inverse=True)
    if len(creators) < FEWEST_ACTIVE:
        return None
    mean = np.bincount(who, novelty) / np.bincount(who)
    error = float(mean.std(ddof=1) / np.sqrt(len(mean)))
    drawn = weights(creators, REPLICATES, seed)[who].astype(np.float64)
    low, high = np.quantile(weighted_quantile(novelty, drawn, PEAK), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    peak = float(np.quantile(novelty, PEAK))
    return Novelty(
        *key, creators=len(creators), uploads=len(novelty), average=float(mean.mean()), average_se=error, peak=peak,
        peak_low=min(peak, float(low)), peak_high=max(peak, float(high)),
    )  # fmt: skip


def weighted_quantile(values: Float, weight: Float, level: float) -> Float:
    """Give the least value up to which so large a share of the weight lies, one a column, shape (B,).

    Args:
        values: shape (n,).
        weight: shape (n, B), no column without any.
        level: share.
    """
    order = np.argsort(values)
    reached = np.cumsum(weight[order], axis=0)
    return np.asarray(values[order][(reached >= level * reached[-1]).argmax(axis=0)], np.float64)
