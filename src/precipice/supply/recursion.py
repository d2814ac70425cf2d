"""Generations of models: what each is trained on, and what is left of the real distribution, in closed form.

A generation is k months of uploads; the next model trains on them by a policy.  With n_r human and n_s synthetic
uploads, the latter from the generation before with a sampling bias λ (1 is none; below it, quality over diversity),
the expected variance of a generation, relative to the real one, is that of the pool it was trained on:

    a_g = Σ_pool (n_r + λ n_s a_{g-1}) / Σ_pool (n_r + n_s),   a_0 = 1.

Source: Alemohammad et al. 2024 (MAD), the fresh data loop's fixed point a = ρ/(1 − λ(1 − ρ)) at a human share ρ; the
accumulating pool as in Gerstgrasser et al. 2024 and Kazdan et al. 2024.  It is the large-sample part: uploads come in
thousands, and what a finite sample adds (1/n a generation) is below what is printed.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.months import month_text
from precipice.supply.forecast import Paths

Float = npt.NDArray[np.float64]

Policy = Literal["synthetic", "augment", "fresh", "accumulate", "accumulate_subsample", "real"]
POLICIES: dict[str, str] = {
    "synthetic": "each model trains on the output of the one before alone",
    "augment": "each model trains on the works from before the first generation, and on new synthetic ones",
    "fresh": "each model trains on the uploads of its own generation, human and synthetic",
    "accumulate": "each model trains on all uploads so far",
    "accumulate_subsample": "each model trains on some drawn from all uploads so far; in large samples as accumulate",
    "real": "each model trains on human uploads alone",
}
"""What models train on, in words."""


@dataclass(frozen=True, eq=False)
class Generations:
    """Uploads pooled into generations, on many paths."""

    months: int
    """k: calendar months a generation."""
    starts: npt.NDArray[np.int64]
    """First month of generations 1 to G, as in `precipice.months`, shape (G,)."""
    known: int
    """Generations that lie within the months at hand."""
    human: Float
    """Human uploads by cohort, shape (paths, C, G)."""
    synthetic: Float
    """Synthetic uploads, shape (paths, G)."""
    effective: Float
    """Effective sample size of each generation's unlabelled uploads, Σ over months of uploads × (human share)², shape
    (paths, G); Kanabar & Gastpar, IEEE Trans. Inf. Theory 72."""
    first: Float
    """Human uploads by cohort of generation 0, the k months before generation 1, shape (paths, C)."""
    before: Float
    """Human uploads by cohort in all months at hand before generation 1, shape (paths, C)."""


def pool_generations(paths: Paths, months: int) -> Generations:
    """Pool months into generations of k, from the first month with labels on.

    Generation 0 is the k months before, taken as wholly human; a remainder of months at the end is left out.

    Raises:
        InputError: a generation is shorter than a month, or longer than what lies before or after the first label.
    """
    length = len(paths.months)
    begin = max(paths.began, months)  # labels from the first month on leave no room for generation 0 before them
    count = (length - begin) // months if months >= 1 else 0
    if months < 1 or begin > paths.known or count < 1:
        raise InputError(
            f"a generation of {months} months does not fit the data",
            where="--generation-months",
            why=f"generation 0 needs {months} complete months, and from {month_text(int(paths.months[0]))} there are "
            f"{paths.known}; {length - paths.known} more are forecast",
            fix="choose a shorter generation, or forecast further: --until",
        )
    after = slice(begin, begin + count * months)
    human = paths.human[:, :, after].reshape(*paths.human.shape[:2], count, months)
    synthetic = paths.synthetic[:, after].reshape(len(paths.synthetic), count, months)
    monthly = human.sum(axis=1)
    both = monthly + synthetic
    share = np.divide(monthly, both, out=np.ones_like(both), where=both > 0)
    return Generations(
        months=months,
        starts=paths.months[begin] + months * np.arange(count, dtype=np.int64),
        known=max((paths.known - begin) // months, 0),
        human=human.sum(axis=3),
        synthetic=synthetic.sum(axis=2),
        effective=(monthly * share).sum(axis=2),
        first=paths.human[:, :, begin - months : begin].sum(axis=2),
        before=paths.human[:, :, :begin].sum(axis=2),
    )


@dataclass(frozen=True, eq=False)
class State:
    """What models of each generation keep, relative to generation 0, on many paths."""

    spread: Float
    """a_g: expected variance of what a model makes, shape (paths, G)."""
    strata: Float
    """Weight of each cohort's works in what a model makes, over their weight in generation 0, shape (paths, C, G); not
    a number for a cohort that generation 0 did not have."""
    weights: Float
    """Weight of each cohort's works in what a model makes, shape (paths, C, G); over cohorts they add up to 1."""


def run_generations(pooled: Generations, policy: str, bias: float) -> State:
    """Run the recursion over generations, all paths at once.

    Bias narrows what a model makes within each cohort's works and leaves the weights between them as they are.

    Args:
        pooled: uploads by generation.
        policy: a key of `POLICIES`.
        bias: λ, over 0 and at most 1.

    Raises:
        InputError: no such policy, or a bias that is none.
    """
    check_policy(policy, bias)
    human, synthetic = np.moveaxis(pooled.human, 2, 0), pooled.synthetic.T
    first = pooled.first.sum(axis=1, keepdims=True)
    w0 = np.divide(pooled.first, first, out=np.zeros_like(pooled.first), where=first > 0)
    a, q = np.ones(len(pooled.first)), w0.copy()
    kept_human = np.zeros_like(pooled.before)
    kept_real = pooled.before if policy in ("augment", "accumulate", "accumulate_subsample") else kept_human
    variance, mass, total = kept_real.sum(axis=1), kept_real.copy(), kept_real.sum(axis=1)
    spread, strata = [], []
    for n_r, n_s in zip(human, synthetic, strict=True):
        fresh = n_r if policy not in ("synthetic", "augment") else kept_human
        made = n_s if policy != "real" else np.zeros_like(n_s)
        made = np.where(total + fresh.sum(axis=1) + made > 0, made, 1.0)  # nothing new: only the last model is left
        new_variance = fresh.sum(axis=1) + bias * made * a
        new_mass = fresh + made[:, None] * q
        new_total = fresh.sum(axis=1) + made
        pool = total + new_total
        a, q = (variance + new_variance) / pool, (mass + new_mass) / pool[:, None]
        if policy in ("accumulate", "accumulate_subsample"):
            variance, mass, total = variance + new_variance, mass + new_mass, pool
        spread.append(a)
        strata.append(q)
    weights = np.stack(strata, axis=2)
    relative = np.full_like(weights, np.nan)
    np.divide(weights, w0[:, :, None], out=relative, where=w0[:, :, None] > 0)
    return State(np.stack(spread, axis=1), relative, weights)


def filtered(pooled: Generations, sensitivity: float, specificity: float) -> Generations:
    """Give the generations after whatever is labelled has been dropped: n_r(specificity) human, n_s(1 − sensitivity)
    synthetic uploads are left.

    The effective sample size is that of what is left, at the generation's mean human share.
    """  # noqa: D205  the formula belongs to the sentence
    return _changed(pooled, pooled.human * specificity, pooled.synthetic * (1 - sensitivity))


def with_elsewhere(pooled: Generations, times: float) -> Generations:
    """Give the generations with so many synthetic works from elsewhere for each one that is uploaded here.

    Raises:
        InputError: fewer than none.
    """
    if not 0 <= times < np.inf:
        raise InputError(
            f"{times:g} synthetic works from elsewhere are none",
            where="--elsewhere",
            why="it counts works for each synthetic upload here: 0 or more",
            fix="write it like 2, or leave it out where it is not known",
        )
    return _changed(pooled, pooled.human, pooled.synthetic * (1 + times)) if times else pooled


def _changed(pooled: Generations, human: Float, synthetic: Float) -> Generations:
    """Give generations of other sizes, with the effective size at each one's mean human share."""
    left = human.sum(axis=1)
    effective = np.divide(left**2, left + synthetic, out=np.zeros_like(left), where=left + synthetic > 0)
    return replace(pooled, human=human, synthetic=synthetic, effective=effective)


def check_policy(policy: str, bias: float) -> None:
    """Check a policy's name and a bias.

    Raises:
        InputError: no such policy, or a bias that is none.
    """
    if policy not in POLICIES:
        raise InputError(
            f"there is no policy '{policy}'", where="--policy", why=f"there are {', '.join(POLICIES)}",
            fix="name one of those",
        )  # fmt: skip
    if not 0 < bias <= 1:
        raise InputError(
            f"{bias:g} is no sampling bias",
            where="--bias",
            why="it is the share of the variance that sampling keeps: over 0, and 1 where nothing is lost",
            fix="write it like 0.9",
        )
