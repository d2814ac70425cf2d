"""Naive readings of a monthly series: trends, means, segmented regression, quasi-Poisson, structural time series.

Each is a function of the series and the month of the event; the fits are statsmodels'.  Sources: Chow 1960; Bernal,
Cummins & Gasparrini 2017 (interrupted series); Brodersen et al. 2015 (structural series); Harvey 1989.
"""

import warnings
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np

from precipice.effects.sample import Float, Index
from precipice.errors import MissingExtraError


@dataclass(frozen=True)
class Finding:
    """One number with its standard error and p-value."""

    estimate: float
    """Relative change: −0.2 is a fifth less."""
    p: float
    """NaN where it cannot be computed."""
    coefficient: float = nan
    """The number as fitted: a difference, a slope, a log ratio."""
    se: float = nan
    """Its standard error."""


NOTHING = Finding(nan, nan)


def trends(falling: Float, rising: Float) -> Finding:
    """Read two straight lines: the first falls and the second rises, both at 5 % one-sided.

    Args:
        falling: series that should fall, shape (months,).
        rising: series that should rise, same months.

    Returns:
        the slope of the first relative to its mean, a year; p is the greater of the two, so that both must hold.
    """
    from scipy.stats import linregress

    if min(np.ptp(falling), np.ptp(rising)) == 0:
        return NOTHING
    months = np.arange(len(falling))
    down = linregress(months, falling, alternative="less")
    up = linregress(months, rising, alternative="greater")
    slope = float(down.slope)
    return Finding(12 * slope / float(falling.mean()), float(max(down.pvalue, up.pvalue)), slope, float(down.stderr))


def means(y: Float, event: int) -> Finding:
    """Compare means before and after by Welch's test.

    Args:
        y: series, shape (months,).
        event: first month after.
    """
    from scipy.stats import ttest_ind

    before, after = y[:event], y[event:]
    if np.ptp(before) == 0 and np.ptp(after) == 0:
        return NOTHING
    difference = float(after.mean() - before.mean())
    found = ttest_ind(after, before, equal_var=False)
    return Finding(
        _ratio(difference, before.mean()), float(found.pvalue), difference, difference / float(found.statistic)
    )


def segmented(y: Float, event: int, *, of_year: Index | None = None, lags: int | None = None) -> Finding:
    """Fit a line with a change of level and slope at the event; F test of both (Chow).

    Args:
        y: series, shape (months,).
        event: first month after.
        of_year: month of the year of each, for two harmonics of the year; None for none.
        lags: lags of Newey and West's errors; None for ordinary ones.

    Returns:
        the mean change over the months after, relative to the line from before; coefficient and se are the level's.
    """
    sm = _statsmodels()
    time = np.arange(len(y), dtype=np.float64)
    after = (time >= event).astype(np.float64)
    change = np.column_stack([after, after * (time - event)])
    X = np.column_stack([change, np.ones(len(y)), time, *_harmonics(of_year)])
    if np.ptp(y) == 0:
        return NOTHING
    model = sm.OLS(y, X)
    found = model.fit(use_t=True) if lags is None else model.fit(cov_type="HAC", cov_kwds={"maxlags": lags}, use_t=True)
    test = found.f_test(np.eye(2, X.shape[1]))
    expected = X[event:, 2:] @ found.params[2:]
    estimate = _ratio(float((change @ found.params[:2])[event:].mean()), float(expected.mean()))
    return Finding(estimate, float(test.pvalue), float(found.params[0]), float(found.bse[0]))


def quasi_poisson(y: Float, event: int, *, offset: Float | None = None, of_year: Index | None = None) -> Finding:
    """Fit a log-linear trend with a change of level at the event, over-dispersed.

    Args:
        y: counts, shape (months,).
        event: first month after.
        offset: log of the numbers at risk, shape (months,); None for none.
        of_year: month of the year of each, for two harmonics of the year; None for none.

    Returns:
        the rate ratio less 1; coefficient and se are of its logarithm.
    """
    sm = _statsmodels()
    time = np.arange(len(y), dtype=np.float64)
    if min(y[:event].sum(), y[event:].sum()) == 0:
        return NOTHING
    X = np.column_stack([time >= event, np.ones(len(y)), time, *_harmonics(of_year)]).astype(np.float64)
    found = sm.GLM(y, X, family=sm.families.Poisson(), offset=offset).fit(scale="X2")
    return Finding(
        float(np.expm1(found.params[0])), float(found.pvalues[0]), float(found.params[0]), float(found.bse[0])
    )


def structural(y: Float, event: int, *, trend: bool) -> Finding:
    """Forecast the months after from the months before, and judge the sum of the differences.

    Args:
        y: series, shape (months,).
        event: first month after.
        trend: local linear trend; otherwise local level.

    Returns:
        the differences' sum relative to the forecast's; coefficient and se are the sum's.
    """
    if np.ptp(y[:event]) == 0:
        return NOTHING
    found = fit_structural(y[:event], trend=trend)
    total, variance = forecast_sum(found, len(y) - event)
    difference, se = float(y[event:].sum()) - total, float(np.sqrt(variance))
    from scipy.special import ndtr

    return Finding(_ratio(difference, total), float(2 * ndtr(-abs(difference) / se)), difference, se)


def fit_structural(y: Float, *, trend: bool) -> Any:  # noqa: ANN401  statsmodels' results, which have no types
    """Fit a local level, or a local linear trend, by maximum likelihood."""
    _statsmodels()
    from statsmodels.tsa.statespace.structural import UnobservedComponents  # type: ignore[import-untyped]

    model = UnobservedComponents(y, "local linear trend" if trend else "local level")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on so few months the search often ends on a flat or a boundary
        return model.fit(disp=False)


def forecast_sum(found: Any, horizon: int) -> tuple[float, float]:  # noqa: ANN401  statsmodels' results
    """Give the mean and the variance of the sum of the next months.

    With Σ_{j ≤ h} Z T^{j−1} as weights of the next state, each later shock carries the same sum over fewer months.

    Args:
        found: the fitted series.
        horizon: months, h.
    """
    ssm = found.filter_results
    Z, T = ssm.design[0, :, 0], ssm.transition[:, :, 0]
    shock = ssm.selection[:, :, 0] @ ssm.state_cov[:, :, 0] @ ssm.selection[:, :, 0].T
    state, spread = ssm.predicted_state[:, -1], ssm.predicted_state_cov[:, :, -1]
    # Weights of the state k months before the end, k = 0 … h − 1: Z + Z T + … + Z T^k.
    weights = [Z]
    for _ in range(horizon - 1):
        weights.append(Z + weights[-1] @ T)
    # The first of the states is predicted with its shock already; the others add theirs.
    variance = weights[-1] @ spread @ weights[-1] + sum(w @ shock @ w for w in weights[:-1])
    return float(weights[-1] @ state), float(variance + horizon * ssm.obs_cov[0, 0, 0])


def _harmonics(of_year: Index | None) -> list[Float]:
    if of_year is None:
        return []
    angle = 2 * np.pi * of_year / 12
    return [wave(k * angle) for k in (1, 2) for wave in (np.sin, np.cos)]


def _ratio(change: float, of: float) -> float:
    return change / float(of) if of > 0 else nan


def _statsmodels() -> Any:  # noqa: ANN401  a module without types
    try:
        import statsmodels.api as sm  # type: ignore[import-untyped]
    except ImportError as missing:
        raise MissingExtraError("statsmodels", "effects") from missing
    return sm
