"""Forecast paths: what monthly numbers may do next, judged by what they did.

The default resamples blocks of a series' own monthly log-changes, whose mean is taken off, on a drift that is itself
resampled from the past and dies away; so a path is as restless as the history and as unsure of where it is going.
Damping and capping are needed: an automatic exponential smoothing carried a log-linear series of 60 months to e^15.8.
Sources: Künsch 1989 (block bootstrap); Gardner & McKenzie 1985 (damped trend).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precipice.errors import MissingExtraError

Float = npt.NDArray[np.float64]

BLOCK = 12
"""Months of a block: a whole year keeps the season and the noise that takes itself back."""
RECALL = 60
"""Months of the past that are resampled; what a platform did before says little of where it is going."""
SMOOTH = 3
"""Last months whose mean is where paths set out: one month alone is noise."""


@dataclass(frozen=True)
class Shape:
    """How far the past is carried on."""

    damping: float = 0.93
    """What is left of the drift from month to month; at 0.93 a drift moves the level by 13 of its months in all."""
    cap: float = 3.0
    """Most uploads a month, in multiples of the best year of the past."""


Forecaster = Callable[[Float, int, Shape, np.random.Generator], Float]
"""From histories of shape (paths, T), on a scale without limits, to futures of shape (paths, horizon)."""


def bootstrap(history: Float, horizon: int, shape: Shape, rng: np.random.Generator) -> Float:
    """Carry histories on by blocks of their own changes around a resampled, damped drift.

    Args:
        history: on a scale without limits (logs), one a path, shape (paths, T), T at least 13.
        horizon: months to come.
        shape: damping.
        rng: source of chance.

    Returns:
        Shape (paths, horizon).
    """
    past = history[:, -RECALL:]
    paths, months = past.shape
    season = _season(past)
    level = past - season
    changes = np.diff(level, axis=1)
    mean = changes.mean(axis=1, keepdims=True)
    noise = changes - mean
    length = min(BLOCK, months - 1)
    blocks = -(-horizon // length)
    starts = rng.integers(0, months - length, (paths, blocks))
    at = (starts[:, :, None] + np.arange(length)).reshape(paths, -1)[:, :horizon]
    shocks = np.take_along_axis(noise, at, axis=1)
    drift = _drift(changes, length, rng)[:, None] * shape.damping ** np.arange(1, horizon + 1)
    start = level[:, -SMOOTH:].mean(axis=1, keepdims=True)
    ahead = season[:, (np.arange(horizon) + months) % BLOCK] if months >= 2 * BLOCK else 0.0
    return np.asarray(start + np.cumsum(shocks + drift, axis=1) + ahead)


def _season(past: Float) -> Float:
    """Give the mean of each month of the year about a straight line, shape (paths, T); nought in less than two years.

    Shrunk by one pseudo-year of nought, since few years tell little of a season.
    """
    months = past.shape[1]
    if months < 2 * BLOCK:
        return np.zeros_like(past)
    t = np.arange(months) - (months - 1) / 2
    slope = (past * t).sum(axis=1) / (t**2).sum()
    rest = past - past.mean(axis=1, keepdims=True) - slope[:, None] * t
    of_year = np.arange(months) % BLOCK
    years = np.bincount(of_year, minlength=BLOCK)
    mean = np.stack([rest[:, of_year == m].sum(axis=1) / (years[m] + 1) for m in range(BLOCK)], axis=1)
    mean -= mean.mean(axis=1, keepdims=True)
    return np.asarray(mean[:, of_year])


def _drift(changes: Float, length: int, rng: np.random.Generator) -> Float:
    """Resample the mean change a month from blocks, as many as there are, shape (paths,)."""
    paths, months = changes.shape
    sums = np.cumsum(np.pad(changes, ((0, 0), (1, 0))), axis=1)
    windows = (sums[:, length:] - sums[:, :-length]) / length
    some = max(1, months // length)
    chosen = rng.integers(0, windows.shape[1], (paths, some))
    return np.asarray(np.take_along_axis(windows, chosen, axis=1).mean(axis=1))


def ets(history: Float, horizon: int, shape: Shape, rng: np.random.Generator) -> Float:
    """Carry histories on by exponential smoothing with a damped trend, fitted to their mean, paths simulated.

    Raises:
        MissingExtraError: statsmodels is not installed.
    """
    try:
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise MissingExtraError("statsmodels", "effects") from error
    centre = history[:, -RECALL:].mean(axis=0)
    seasonal = "add" if len(centre) >= 2 * BLOCK else None
    periods = BLOCK if seasonal else None
    model = ETSModel(centre, error="add", trend="add", damped_trend=True, seasonal=seasonal, seasonal_periods=periods)
    fitted = model.fit(disp=False)
    # Errors drawn here: what the argument for chance is called differs between versions of statsmodels.
    errors = rng.normal(0.0, np.sqrt(fitted.scale), (horizon, len(history)))
    drawn = fitted.simulate(horizon, anchor="end", repetitions=len(history), random_errors=errors)
    ahead = np.asarray(drawn, float).reshape(horizon, len(history)).T
    own = history[:, -SMOOTH:].mean(axis=1, keepdims=True) - centre[-SMOOTH:].mean()
    return np.asarray(ahead + own)


FORECASTERS: Mapping[str, Forecaster] = {"bootstrap": bootstrap, "ets": ets}
"""Every way of carrying a series on, by name."""
