"""Styles: how alike the works of a cohort are, and how many styles that amounts to, one vote a creator.

Works are vectors of length 1 whose scalar product says how alike two works are (`precipice.embedders`); what "alike"
means is the embedder's.  All statistics are means over pairs of works by two different creators: a creator's own works
resemble each other, and a prolific one would otherwise be a trend.

The unit of likeness is measured: τ is the usual distance 1 − xᵀy between two works of one creator, and two works are
alike by z = exp(−(1 − xᵀy)/τ), a kernel that is positive definite since 2(1 − xᵀy) is the squared distance of unit
vectors.  So a style is as wide as the works of one creator usually are, whatever the embedder's scale.

Source: Leinster & Cobbold 2012, Ecology 93(3), 477-489 (diversity of order 2 by similarity, 1 / mean z); Friedman &
Dieng 2023, TMLR (Vendi score, exp of the entropy of the kernel's eigenvalues).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.cohorts import Cohort, mix
from precipice.errors import InputError
from precipice.panel import Panel
from precipice.replicates import weights

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

MOST_WORKS = 20
"""Works a creator, drawn at random: a vote is a vote, and pairs grow with the square."""
MOST_CREATORS = 2_000
"""Creators of a cohort, drawn at random: their pairs fill two tables of 32 MB."""
FEWEST = 5
"""Creators below which a cohort's styles are not measured."""
FEWEST_PAIRED = 10
"""Creators with two works below which the unit of likeness is not measured."""
REPLICATES = 1_000
SUBSETS, SUBSET = 200, 100
"""Subsets of creators, and the largest number of creators in one, for the Vendi score."""
BLOCK = 1_024
"""Works whose pairs with all others are made at a time."""


@dataclass(frozen=True, eq=False)
class Works:
    """Works as vectors, with who made them and when; sorted by creator."""

    vectors: Float
    """Unit vectors, shape (n, d)."""
    creator: Whole
    """Index among the panel's creators, never falling, shape (n,)."""
    month: Whole
    """As in `precipice.months`, shape (n,)."""
    origin: Whole
    """Index of each work among those that were given, shape (n,)."""

    def of(self, members: npt.NDArray[np.bool_]) -> "Works":
        """Give the works of some of the panel's creators, one truth value a creator."""
        kept = members[self.creator]
        return Works(self.vectors[kept], self.creator[kept], self.month[kept], self.origin[kept])


@dataclass(frozen=True)
class Variety:
    """How alike the works of one cohort are, one vote a creator."""

    platform: str
    cohort: str
    creators: int
    works: int
    similarity: float
    """Mean scalar product of two works by two different creators; not a number below `FEWEST` creators."""
    similarity_low: float
    similarity_high: float
    """95 % limits over creators."""
    styles: float
    """Effective number of styles: 1 / mean likeness of two works by two creators, in units of one creator's width."""
    styles_low: float
    styles_high: float
    vendi: float
    """Vendi score of one work each of `vendi_at` creators, mean over random subsets; grows with their number."""
    vendi_at: int
    """Creators in each subset, the same for all cohorts of a platform."""

    def as_dict(self) -> dict[str, Any]:
        """Give every field; None for what is no finite number."""
        return {name: _finite(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Contrast:
    """What juniors' works are beside seniors'."""

    platform: str
    similarity: float
    """Juniors' mean similarity less seniors'."""
    similarity_low: float
    similarity_high: float
    styles: float
    """Juniors' effective number of styles as a multiple of seniors'."""
    styles_low: float
    styles_high: float

    def as_dict(self) -> dict[str, Any]:
        """Give every field; None for what is no finite number."""
        return {name: _finite(value) for name, value in vars(self).items()}


def gather(vectors: Float, creator: Whole, month: Whole, rng: np.random.Generator) -> Works:
    """Sort works by creator, and keep at most `MOST_WORKS` of each, drawn at random.

    Args:
        vectors: unit vectors, shape (n, d).
        creator: index of each work's creator, shape (n,).
        month: month of each work, shape (n,).
        rng: draws.
    """
    order = np.lexsort((rng.random(len(creator)), creator))
    sorted_ = creator[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_, sorted_, side="left")
    kept = order[rank < MOST_WORKS]
    return Works(vectors[kept], creator[kept], month[kept], kept)


def likeness_unit(works: Works) -> float:
    """Measure τ, the median over creators of the mean distance between two of their works.

    Raises:
        InputError: fewer than `FEWEST_PAIRED` creators have two works.
    """
    starts, sizes = _groups(works.creator)
    sums = np.add.reduceat(works.vectors, starts, axis=0) if len(starts) else np.zeros((0, 1))
    several = sizes >= 2
    if several.sum() < FEWEST_PAIRED:
        raise InputError(
            "too few creators have two works",
            why=f"{int(several.sum())} have, and {FEWEST_PAIRED} are needed to measure how wide one creator's style is",
            fix="add files, or more of each creator's",
        )
    n = sizes[several].astype(float)
    within = ((sums[several] ** 2).sum(axis=1) - n) / (n * (n - 1))
    # Copies of one work have no distance, and a unit of nought would part all others for ever.
    return float(max(np.median(1 - within), 1e-6))


def pair_means(works: Works, tau: float) -> tuple[Float, Float]:
    """Give mean scalar product and mean likeness of the works of each pair of creators, each of shape (C, C)."""
    starts, sizes = _groups(works.creator)
    count = len(starts)
    product, likeness = np.zeros((count, count)), np.zeros((count, count))
    for low in range(0, len(works.vectors), BLOCK):
        block = works.vectors[low : low + BLOCK] @ works.vectors.T
        owner = np.searchsorted(starts, np.arange(low, low + len(block)), side="right") - 1
        for total, part in ((product, block), (likeness, np.exp((block - 1) / tau))):
            np.add.at(total, owner, np.add.reduceat(part, starts, axis=1))
    pairs = sizes[:, None] * sizes[None, :]
    return product / pairs, likeness / pairs


def mean_of_pairs(table: Float, weight: npt.ArrayLike) -> Float:
    """Give the mean over pairs of different creators, one a column of weights, shape (B,).

    Σ_{a≠b} w_a w_b G_ab / Σ_{a≠b} w_a w_b: unbiased for the population's mean at weights of 1, and its bootstrap at
    Poisson weights, copies of one creator not being paired with each other.

    Args:
        table: G, shape (C, C).
        weight: w, shape (C, B).
    """
    w = np.asarray(weight, float)
    apart = table - np.diag(np.diag(table))  # taken away afterwards, it would drown what is left
    above = np.einsum("ab,ab->b", w, apart @ w)
    below = w.sum(axis=0) ** 2 - (w**2).sum(axis=0)
    found: Float = np.divide(above, below, out=np.full(w.shape[1], np.nan), where=below > 0)
    return found


def vendi(kernel: Float) -> float:
    """Give the Vendi score of works, exp of the entropy of the eigenvalues of K / n (Friedman & Dieng 2023, def. 3.1).

    Args:
        kernel: K, positive semi-definite with ones on its diagonal, shape (n, n).
    """
    values = np.linalg.eigvalsh(kernel / len(kernel))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def measure_variety(
    panel: Panel, cohorts: Sequence[Cohort], platform: str, works: Works, tau: float, *, seed: int
) -> tuple[tuple[Variety, ...], Contrast | None]:
    """Measure how alike the works of cohorts are on one platform, and the second cohort beside the first.

    Args:
        panel: the creators.
        cohorts: seniors, juniors, and any others.
        platform: where the works were uploaded.
        works: of the platform's creators.
        tau: unit of likeness (see `likeness_unit`).
        seed: of every draw.
    """
    here = panel.on(platform)
    chosen = [_chosen(panel, here & cohort.members, works, seed) for cohort in cohorts]
    sizes = [len(np.unique(part.creator)) for part in chosen]
    at = min([SUBSET, *(size for size in sizes if size >= FEWEST)])
    measured = [
        _measure(panel, cohort.name, platform, part, tau, at=at, seed=seed)
        for cohort, part in zip(cohorts, chosen, strict=True)
    ]
    varieties = tuple(variety for variety, _ in measured)
    if len(cohorts) < 2 or min(sizes[:2]) < FEWEST:
        return varieties, None
    return varieties, _contrast(platform, varieties, measured[0][1], measured[1][1])


def _chosen(panel: Panel, members: npt.NDArray[np.bool_], works: Works, seed: int) -> Works:
    """Give the works of a cohort's creators, of at most `MOST_CREATORS` of them."""
    owners = np.unique(works.creator[members[works.creator]])
    if len(owners) > MOST_CREATORS:
        ticket = mix(panel.creators[owners].view(np.uint64), seed)
        owners = owners[np.argsort(ticket, kind="stable")[:MOST_CREATORS]]
    return works.of(np.isin(np.arange(len(panel)), owners))


def _measure(
    panel: Panel, name: str, platform: str, works: Works, tau: float, *, at: int, seed: int
) -> tuple[Variety, Float]:
    """Measure one cohort; beside it the replicates of similarity and likeness, shape (2, B)."""
    owners = np.unique(works.creator)
    count, nan = len(owners), float("nan")
    if count < FEWEST:
        empty = Variety(platform, name, count, len(works.creator), nan, nan, nan, nan, nan, nan, nan, 0)
        return empty, np.zeros((2, 0))
    tables = pair_means(works, tau)
    ones = np.ones((count, 1))
    similarity, likeness = (float(mean_of_pairs(table, ones)[0]) for table in tables)
    drawn = weights(panel.creators[owners], REPLICATES, seed)
    draws = np.array([mean_of_pairs(table, drawn) for table in tables])
    limits = np.nanquantile(draws, [0.025, 0.975], axis=1)
    rng = np.random.default_rng([seed, 1])
    variety = Variety(
        platform, name, count, len(works.creator), similarity, float(limits[0, 0]), float(limits[1, 0]),
        _inverse(likeness), _inverse(limits[1, 1]), _inverse(limits[0, 1]), _vendi_at(works, at, tau, rng), at,
    )  # fmt: skip
    return variety, draws


def _contrast(platform: str, varieties: Sequence[Variety], senior: Float, junior: Float) -> Contrast:
    first, second = varieties[0], varieties[1]
    difference = np.nanquantile(junior[0] - senior[0], [0.025, 0.975])
    ratio = np.nanquantile(senior[1] / junior[1], [0.025, 0.975])
    return Contrast(
        platform, second.similarity - first.similarity, float(difference[0]), float(difference[1]),
        second.styles / first.styles, float(ratio[0]), float(ratio[1]),
    )  # fmt: skip


def _vendi_at(works: Works, at: int, tau: float, rng: np.random.Generator) -> float:
    """Give the mean Vendi score of one work each of so many creators, over random subsets."""
    starts, sizes = _groups(works.creator)
    found = []
    for _ in range(SUBSETS):
        owners = rng.choice(len(starts), at, replace=False)
        part = works.vectors[starts[owners] + rng.integers(0, sizes[owners])]
        found.append(vendi(np.exp((part @ part.T - 1) / tau)))
    return float(np.mean(found))


def _inverse(mean: float) -> float:
    """Give how many there are of what has this mean likeness: without limit where nothing is alike."""
    return 1 / float(mean) if mean > 0 else float("inf")


def _finite(value: Any) -> Any:  # noqa: ANN401  a name or a number
    return None if isinstance(value, float) and not isfinite(value) else value


def _groups(creator: Whole) -> tuple[Whole, Whole]:
    """Give where each creator's works begin, and how many there are."""
    starts = np.flatnonzero(np.diff(creator, prepend=-1))
    return starts, np.diff(starts, append=len(creator))
