"""What a check is, and what a simulation says with its Monte Carlo error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.loops import Loop, simulate

Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number from a simulation."""

    value: float
    error: float
    """Monte Carlo standard error."""


Measure = Callable[[int, np.random.Generator], Estimate]
"""From a number of replicates and a source of chance to an estimate."""


@dataclass(frozen=True)
class Check:
    """One closed form at one setting."""

    row: int
    """Of the list of closed forms."""
    what: str
    setting: str
    theory: float
    measure: Measure
    replicates: int
    """In the study."""
    short: int
    """In the tests."""


def mean_of(x: Float) -> Estimate:
    """Give the mean of replicates."""
    return Estimate(float(x.mean()), float(x.std(ddof=1) / sqrt(len(x))))


def variance_of(x: Float) -> Estimate:
    """Give the variance of replicates; its error is from the spread of the squared deviations."""
    found = mean_of((x - x.mean()) ** 2)
    scale = len(x) / (len(x) - 1)
    return Estimate(found.value * scale, found.error * scale)


def ratio_of(x: Float, y: Float) -> Estimate:
    """Give the ratio of two means, its error by the delta method."""
    ratio = x.mean() / y.mean()
    return Estimate(float(ratio), mean_of((x - ratio * y) / y.mean()).error)


def last(metric: str, generations: int, scale: float = 1.0, **loop: Any) -> Measure:  # noqa: ANN401  fields of Loop
    """Give a measure of the last generation's mean of a metric, times a scale."""

    def measure(replicates: int, rng: np.random.Generator) -> Estimate:
        return mean_of(scale * ended(metric, generations, replicates, rng, loop))

    return measure


def ended(metric: str, generations: int, replicates: int, rng: np.random.Generator, loop: Mapping[str, Any]) -> Float:
    """Give a metric of the last generation in every replicate, shape (R,)."""
    settings: dict[str, Any] = {"generations": generations, **loop}
    if settings.get("model") != "regression":
        settings["metrics"] = (metric,)
    trace = simulate(Loop(**settings), replicates=replicates, seed=int(rng.integers(2**31)))
    return np.asarray(trace.of(trace.metrics[0])[-1])
