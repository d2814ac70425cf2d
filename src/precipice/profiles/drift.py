"""Drift: how far the centre of a cohort's works moved, against what chance moves it.

A creator has one vote in each period: the mean of their works in it.  A period's centre is the mean of these votes, and
its drift the squared distance of that centre from the centre of the reference periods, as a share of the usual squared
distance of two votes.  Any two finite groups differ, so drift is never nought: it is read against what it is when
creators exchange their works.

Under "styles have nothing to do with time" a creator's list of votes is as likely as that of any other creator with
votes in as many periods, and in any order; so lists are dealt anew among creators of equal length and shuffled within.
The band and the p-value are exact up to the number of deals (Phipson & Smyth 2010, SAGMB 9(1), 39).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]

DEALS = 999
FEWEST = 5
"""Creators below which a period is left out."""
"""What a statistic of many tags does at dates when nothing happened: the yardstick for the date of an event.

Tags drift without any event: newcomers always begin with other tags than they go on with, and fashions come and go.  At
D earlier dates the same statistic is Δ_kd = μ_k + ε_kd + sampling error, with μ_k ~ N(0, σ²) coming back at every date
and ε_kd ~ N(0, τ²) new at each; σ² and τ² are moments over all tags.  The event's Δ is compared with what the other
dates predict, and the pooled errors of such predictions at the dates themselves, one left out at a time, are the null
law: Student's t with their own scale, never narrower than the normal law.  Empirical nulls: Efron (2004); empirical
calibration at negative controls: Schuemie et al. (2014).



from precipice.profiles.tag_sums import Float

DEGREES = (3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 30.0, 1_000.0)
"""Degrees of freedom tried; the last is as good as normal."""
FEWEST_DATES = 3
"""Dates without an event, below which nothing is compared with them."""
FEWEST_ERRORS = 60
"""Errors at such dates, over tags and dates, below which their law is not known."""


@dataclass(frozen=True, eq=False)
class Drift:
    """How far one cohort's centre moved, by period."""

    platform: str
    cohort: str
    width: int
    """Months of a period."""
    period: Whole
    """First month of each period, rising, shape (T,)."""
    reference: npt.NDArray[np.bool_]
    """Periods whose centre the others are measured from; each of them is measured from the others, shape (T,)."""
    creators: Whole
    """Votes of each period, shape (T,)."""
    value: Float
    """Squared distance of centres as a share of that of two votes, shape (T,)."""
    low: Float
    high: Float
    """Between these lie 95 % of deals, period by period, each of shape (T,)."""
    p: float
    """Chance of a deal whose largest standardised drift after the reference is as large."""

    def as_dict(self) -> dict[str, Any]:
        """Give what is not an array."""
        return {"platform": self.platform, "cohort": self.cohort, "months_a_period": self.width, "p": self.p}


def measure_drift(  # noqa: PLR0913  what, whose, when, from where, how
    platform: str, cohort: str, vectors: Float, creator: Whole, month: Whole, *, split: int, width: int = 12,
    deals: int = DEALS, rng: np.random.Generator,
) -> Drift:  # fmt: skip
    """Measure how far the centre of works moved from that of the periods before a month.

    Args:
        platform, cohort: whose.
        vectors: works, shape (n, d).
        creator: of each work, shape (n,).
        month: of each work, shape (n,).
        split: the reference ends before this month; periods are counted from it on and back.
        width: months of a period.
        deals: how often works are dealt anew.
        rng: deals.

    Raises:
        InputError: fewer than two periods before or none after the split have `FEWEST` creators.
    """
    votes, owner, period = _votes(vectors, creator, (month - split) // width)
    names, at, count = np.unique(period, return_inverse=True, return_counts=True)
    full = count >= FEWEST
    inside = full[at]
    votes, owner, period = votes[inside], owner[inside], period[inside]
    names, at = np.unique(period, return_inverse=True)
    reference = names < 0
    if reference.sum() < 2 or reference.all():
        raise InputError(
            "drift cannot be measured",
            why=f"{int(reference.sum())} periods before and {int((~reference).sum())} after the cutoff have "
            f"{FEWEST} creators with files, and two and one are needed",
            fix="move the cutoff, or add files",
        )
    spread = _spread(votes)
    value = _distances(votes, at, reference) / spread
    dealt = np.array([_distances(votes[_deal(owner, rng)], at, reference) for _ in range(deals)]) / spread
    low, high = np.quantile(dealt, [0.025, 0.975], axis=0)
    p = _largest(value, dealt, ~reference)
    return Drift(platform, cohort, width, split + names * width, reference, count[full], value, low, high, p)


def _votes(vectors: Float, creator: Whole, period: Whole) -> tuple[Float, Whole, Whole]:
    """Give each creator's mean work in each period, sorted by creator and period."""
    order = np.lexsort((period, creator))
    owner, when = creator[order], period[order]
    starts = np.flatnonzero(np.diff(owner, prepend=-1) | np.diff(when, prepend=when[:1]))
    sizes = np.diff(starts, append=len(order))
    means = np.add.reduceat(vectors[order], starts, axis=0) / sizes[:, None]
    return means, owner[starts], when[starts]


def _spread(votes: Float) -> float:
    """Give the mean squared distance of two votes."""
    n = len(votes)
    total = votes.sum(axis=0)
    return float(2 * (n * (votes**2).sum() - total @ total) / (n * (n - 1)))


def _distances(votes: Float, at: Whole, reference: npt.NDArray[np.bool_]) -> Float:
    """Give each period's squared distance from the reference without it, shape (T,)."""
    count = np.bincount(at).astype(float)
    sums = np.zeros((len(count), votes.shape[1]))
    np.add.at(sums, at, votes)
    rest = sums[reference].sum(axis=0) - np.where(reference[:, None], sums, 0)
    left = count[reference].sum() - np.where(reference, count, 0)
    return np.asarray(((sums / count[:, None] - rest / left[:, None]) ** 2).sum(axis=1))


def _deal(owner: Whole, rng: np.random.Generator) -> Whole:
    """Deal lists of votes anew among owners of equally many, each shuffled; gives the vote for each place."""
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    sizes = np.diff(starts, append=len(owner))
    source = np.arange(len(owner))
    for size in np.unique(sizes):
        places = starts[sizes == size][:, None] + np.arange(size)
        source[places] = rng.permuted(rng.permutation(places), axis=1)
    return source


def _largest(value: Float, dealt: Float, after: npt.NDArray[np.bool_]) -> float:
    """Give the chance of a largest standardised drift as large as the one that was seen."""
    every = np.vstack([value, dealt])[:, after]
    spread = every.std(axis=0)
    scaled = (every - every.mean(axis=0)) / np.where(spread > 0, spread, 1)
    largest = scaled.max(axis=1)
    return float((largest >= largest[0] - 1e-12).mean())
    """The event's statistic judged against dates when nothing happened."""

    estimate: Float
    """Δ less what other dates predict, in log points, shape (K,)."""
    se: Float
    """Its standard error, drift included, shape (K,)."""
    p: Float
    """Two-sided, shape (K,)."""
    p_rank: Float
    """(1 + errors at other dates at least as large)/(1 + all of them), shape (K,)."""
    half: Float
    """Half the width of the 95 % interval, shape (K,)."""
    returning: float
    """σ, in log points: drift that comes back at every date."""
    passing: float
    """τ, in log points: drift of one date alone."""
    scale: float
    """By how much errors at dates without an event are wider than these allow for, at least 1."""
    degrees: float
    """Degrees of freedom of their law."""
    errors: Float
    """Standardised errors at the dates without an event, shape (K, D)."""


def sampling_only(estimate: Float, variance: Float) -> Drift:
    """Judge a statistic by its sampling error alone, where there are no dates to compare with.

        estimate: Δ, shape (K,).
        variance: over creators, shape (K,).
    from scipy.special import ndtr

    se = np.sqrt(variance)
    p = np.asarray(2 * ndtr(-np.abs(estimate) / se), np.float64)
    none = np.full(len(p), np.nan)
    return Drift(estimate, se, p, none, 1.959963984540054 * se, np.nan, np.nan, 1.0, DEGREES[-1], none[:, None][:, :0])


def judge(estimates: Float, covariance: Float) -> Drift:
    """Judge the first of D + 1 dates against the others.

        estimates: Δ of K tags at D + 1 dates, the event first, shape (K, D + 1).
        covariance: over creators, of the dates of one tag, shape (K, D + 1, D + 1).
    from scipy.special import ndtr, stdtr, stdtrit

    returning, passing = components(estimates[:, 1:], covariance[:, 1:, 1:])
    whole = covariance + returning + passing * np.eye(covariance.shape[1])
    others, spread = left_out(estimates[:, 1:], whole[:, 1:, 1:])
    errors = others / np.sqrt(spread)
    scale, degrees = student(errors.ravel())
    residual, variance = (part[:, 0] for part in left_out(estimates, whole))
    se = np.sqrt(variance)
    z = np.abs(residual) / se
    p = np.maximum(2 * stdtr(degrees, -z / scale), 2 * ndtr(-z))
    ranked = np.sort(np.abs(errors), axis=None)
    p_rank = (1 + len(ranked) - np.searchsorted(ranked, z)) / (1 + len(ranked))
    half = float(max(scale * stdtrit(degrees, 0.975), 1.959963984540054)) * se
    return Drift(
        residual, se, p, p_rank, half, float(np.sqrt(returning)), float(np.sqrt(passing)), scale, degrees, errors
    )


def components(estimates: Float, covariance: Float) -> tuple[float, float]:
    """Estimate the variances of drift that returns at every date and of drift of one date, by weighted moments.

    Over two dates E Δ_d Δ_e = Σ_de + σ², and at one E Δ_d² = Σ_dd + σ² + τ².  Products weigh by the inverse of their
    sampling variances' product, about what is best where there is no drift.

        estimates: shape (K, D).
        covariance: shape (K, D, D).
    product = estimates[:, :, None] * estimates[:, None, :] - covariance
    diagonal = np.diagonal(covariance, axis1=1, axis2=2)
    weight = 1 / (diagonal[:, :, None] * diagonal[:, None, :])
    own = np.eye(covariance.shape[1], dtype=bool)
    single = float((product * weight)[:, own].sum() / weight[:, own].sum())
    returning = float((product * weight)[:, ~own].sum() / weight[:, ~own].sum())
    returning = min(max(returning, 0.0), max(single, 0.0))
    return returning, max(single - returning, 0.0)


def left_out(estimates: Float, covariance: Float) -> tuple[Float, Float]:
    """Give each date's estimate less what the other dates predict of it, and that error's variance.

    With C the covariance and Λ its inverse, they are (Λ Δ)_d/Λ_dd and 1/Λ_dd.

        estimates: shape (K, D).
        covariance: shape (K, D, D).
    inverse = np.linalg.inv(covariance)
    own = np.diagonal(inverse, axis1=1, axis2=2)
    return np.asarray(np.einsum("kde,ke->kd", inverse, estimates) / own), np.asarray(1 / own)


def student(errors: Float) -> tuple[float, float]:
    """Fit Student's t to standardised errors by likelihood: scale, at least 1, and degrees of freedom.

    The scale is found by the EM steps of the t law (Lange, Little & Taylor 1989), for each of `DEGREES`.

        errors: shape (n,).
    from scipy.special import gammaln

    best = (-np.inf, 1.0, DEGREES[-1])
    squares = errors**2
    for degrees in DEGREES:
        variance = 1.0
        for _ in range(60):
            variance = float(np.mean((degrees + 1) * squares / (degrees + squares / variance)))
        fit = len(squares) * (gammaln((degrees + 1) / 2) - gammaln(degrees / 2) - 0.5 * np.log(degrees * variance)) - (
            degrees + 1
        ) / 2 * float(np.log1p(squares / (degrees * variance)).sum())
        if fit > best[0]:
            best = (float(fit), float(np.sqrt(variance)), degrees)
    return max(best[1], 1.0), best[2]
