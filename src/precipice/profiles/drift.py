"""What a statistic of many tags does at dates when nothing happened: the yardstick for the date of an event.

Tags drift without any event: newcomers always begin with other tags than they go on with, and fashions come and go.  At
D earlier dates the same statistic is Δ_kd = μ_k + ε_kd + sampling error, with μ_k ~ N(0, σ²) coming back at every date
and ε_kd ~ N(0, τ²) new at each; σ² and τ² are moments over all tags.  The event's Δ is compared with what the other
dates predict, and the pooled errors of such predictions at the dates themselves, one left out at a time, are the null
law: Student's t with their own scale, never narrower than the normal law.  Empirical nulls: Efron (2004); empirical
calibration at negative controls: Schuemie et al. (2014).
"""

from dataclasses import dataclass

import numpy as np

from precipice.profiles.tag_sums import Float

DEGREES = (3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 30.0, 1_000.0)
"""Degrees of freedom tried; the last is as good as normal."""
SAME = 1e-6
"""Variance, in log points squared, below which a tag stands on every upload alike and says nothing of drift."""
FEWEST_DATES = 3
"""Dates without an event, below which nothing is compared with them."""
FEWEST_ERRORS = 60
"""Errors at such dates, over tags and dates, below which their law is not known."""


@dataclass(frozen=True, eq=False)
class Drift:
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

    Args:
        estimate: Δ, shape (K,).
        variance: over creators, shape (K,).
    """
    from scipy.special import ndtr

    se = np.sqrt(np.maximum(variance, SAME))
    p = np.asarray(2 * ndtr(-np.abs(estimate) / se), np.float64)
    none = np.full(len(p), np.nan)
    return Drift(estimate, se, p, none, 1.959963984540054 * se, np.nan, np.nan, 1.0, DEGREES[-1], none[:, None][:, :0])


def judge(estimates: Float, covariance: Float) -> Drift:
    """Judge the first of D + 1 dates against the others.

    Args:
        estimates: Δ of K tags at D + 1 dates, the event first, shape (K, D + 1).
        covariance: over creators, of the dates of one tag, shape (K, D + 1, D + 1).
    """
    from scipy.special import ndtr, stdtr, stdtrit

    returning, passing = components(estimates[:, 1:], covariance[:, 1:, 1:])
    whole = covariance + returning + (passing + SAME) * np.eye(covariance.shape[1])
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

    Args:
        estimates: shape (K, D).
        covariance: shape (K, D, D).
    """
    product = estimates[:, :, None] * estimates[:, None, :] - covariance
    diagonal = np.diagonal(covariance, axis1=1, axis2=2)
    precision = np.divide(1.0, diagonal, out=np.zeros_like(diagonal), where=diagonal > SAME)
    weight = precision[:, :, None] * precision[:, None, :]
    if not weight.any():
        return 0.0, 0.0
    own = np.eye(covariance.shape[1], dtype=bool)
    single = float((product * weight)[:, own].sum() / weight[:, own].sum())
    returning = float((product * weight)[:, ~own].sum() / weight[:, ~own].sum())
    returning = min(max(returning, 0.0), max(single, 0.0))
    return returning, max(single - returning, 0.0)


def left_out(estimates: Float, covariance: Float) -> tuple[Float, Float]:
    """Give each date's estimate less what the other dates predict of it, and that error's variance.

    With C the covariance and Λ its inverse, they are (Λ Δ)_d/Λ_dd and 1/Λ_dd.

    Args:
        estimates: shape (K, D).
        covariance: shape (K, D, D).
    """
    inverse = np.linalg.inv(covariance)
    own = np.diagonal(inverse, axis1=1, axis2=2)
    return np.asarray(np.einsum("kde,ke->kd", inverse, estimates) / own), np.asarray(1 / own)


def student(errors: Float) -> tuple[float, float]:
    """Fit Student's t to standardised errors by likelihood: scale, at least 1, and degrees of freedom.

    The scale is found by the EM steps of the t law (Lange, Little & Taylor 1989), for each of `DEGREES`.

    Args:
        errors: shape (n,).
    """
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
