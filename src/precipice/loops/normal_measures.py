"""What is measured of fitted Gaussians, and what theory expects of it by generation."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from precipice.loops import theory
from precipice.loops.expectations import Fresh, Rule, moments
from precipice.loops.feed import Feed
from precipice.loops.gaussian import Normal, Real

Float = npt.NDArray[np.float64]


def variance(fitted: Normal) -> Real:
    """Mean variance over the dimensions, tr S / d: 1 for the human distribution."""
    d = fitted.mean.shape[-1]
    return np.asarray(fitted.trace / d)


def log_variance(fitted: Normal) -> Real:
    """Mean logarithm of the variances along the principal axes, ln det S / d: −∞ where S is singular."""
    with np.errstate(divide="ignore"):
        return np.asarray(2 * np.log(np.abs(np.diagonal(fitted.factor, axis1=-2, axis2=-1))).mean(axis=-1))


def deviation(fitted: Normal) -> Real:
    """Mean standard deviation over the dimensions."""
    return np.asarray(np.sqrt(np.einsum("rij,rij->ri", fitted.factor, fitted.factor)).mean(axis=-1))


def drift(fitted: Normal) -> Real:
    """Squared distance of the mean from the human one, |μ|²."""
    return np.asarray(np.einsum("ri,ri->r", fitted.mean, fitted.mean))


def effective_rank(fitted: Normal) -> Real:
    """Participation ratio (tr S)² / tr S²: how many dimensions the variance is spread over."""
    return np.asarray(fitted.trace**2 / fitted.trace_of_square)


def distance(fitted: Normal) -> Real:
    """Wasserstein's squared distance to second order, |μ|² + ‖S − I‖²/4."""
    d = fitted.mean.shape[-1]
    return np.asarray(drift(fitted) + (fitted.trace_of_square - 2 * fitted.trace + d) / 4)


def frechet(fitted: Normal) -> Real:
    """Fréchet's (Wasserstein's squared) distance from the human distribution, |μ|² + ‖√S − I‖², exactly."""
    roots = np.linalg.svd(fitted.factor, compute_uv=False)
    return np.asarray(drift(fitted) + ((roots - 1) ** 2).sum(axis=-1))


MEASURES: Mapping[str, Callable[[Normal], Real]] = {
    "variance": variance,
    "log_variance": log_variance,
    "deviation": deviation,
    "drift": drift,
    "effective_rank": effective_rank,
    "distance": distance,
    "frechet": frechet,
}


def usual(d: int) -> tuple[str, ...]:
    """Give what is measured unless told otherwise; one dimension has a rank of one, and a deviation."""
    return ("variance", "log_variance", "drift", "effective_rank" if d > 1 else "deviation")


def measure_all(names: Sequence[str]) -> Callable[[Normal, np.random.Generator], Float]:
    """Give a function that measures all of these, shape (k, R)."""

    def measure(fitted: Normal, rng: np.random.Generator) -> Float:
        return np.stack([MEASURES[name](fitted) for name in names]).astype(np.float64)

    return measure


def expected(name: str, policy: str, feed: Feed, rule: Rule) -> Float:
    """Give what theory expects of a measure by generation, shape (G + 1,); not a number where it has no closed form."""
    nothing = np.full(feed.generations + 1, np.nan)
    if name in ("variance", "drift"):
        return moments(policy, feed.human, feed.synthetic, rule)[name == "drift"]
    unchanging = (feed.human == feed.human[0]).all() and (feed.synthetic == feed.synthetic[0]).all()
    if not unchanging or rule.weight is not None:
        return nothing
    if policy == "synthetic":
        return _expected_alone(name, feed, rule, nothing)
    if policy == "fresh" and name == "distance" and not rule.likelihood and min(feed.human[0], feed.synthetic[0]) > 1:
        loop = Fresh(rule.d, float(feed.human[0]), float(feed.synthetic[0]), rule.bias)
        return np.array([loop.distance(t) for t in range(feed.generations + 1)])
    return nothing


def _expected_alone(name: str, feed: Feed, rule: Rule, nothing: Float) -> Float:
    """Give what is expected of a loop on its own output."""
    n, d, bias = int(feed.synthetic[0]), rule.d, rule.bias
    t = np.arange(feed.generations + 1)
    if name == "deviation":
        return theory.deviation_left(t, n, bias, likelihood=rule.likelihood)
    if name == "log_variance":
        shrunk = t * np.log((n - 1) / n) if rule.likelihood else 0.0
        return np.asarray(theory.log_determinant(t, n, d, bias) / d + shrunk)
    return nothing
