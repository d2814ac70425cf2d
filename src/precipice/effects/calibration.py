"""Placebo cutoffs as the yardstick: how far a statistic strays at months when nothing happened.

At placebo cutoffs b the statistic is modelled as θ_b ~ N(μ, τ² + se_b²): τ² is the platform's own calendar noise, found
by Paule and Mandel's equation, μ the bias of the method on this panel.  The event's θ − μ is judged against
se² + τ² + var(μ).  Basis: Schuemie et al. 2014 (empirical calibration); critique: Gruber & Tchetgen Tchetgen 2016.
"""

from dataclasses import dataclass
from math import nan

import numpy as np

from precipice.effects.sample import Float

FEWEST_PLACEBOS = 3.0  # independent ones (n_var), below which no verdict is given
LEVEL = 0.95


@dataclass(frozen=True)
class Calibration:
    """An estimate judged against its placebos."""

    estimate: float
    """θ − μ, in log points."""
    se: float
    """Root of se² + τ² + var(μ)."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end."""
    p: float
    """Two-sided p-value of no effect."""
    p_rank: float
    """(1 + placebos at least as far from their median)/(B + 1), not studentised."""
    mean: float
    """μ."""
    tau2: float
    """τ²: variance of the platform's calendar noise."""
    mean_variance: float
    """var(μ)."""
    degrees: float
    """Degrees of freedom of the t distribution."""
    n_mean: float
    """Placebos' worth of independent information on a mean."""
    n_var: float
    """Placebos' worth of independent information on a variance."""


def independent(n_placebos: int, overlap: float) -> tuple[float, float]:
    """Count how many independent placebos overlapping ones are worth, for a mean and for a variance.

    Cutoffs j months apart correlate as ρ_j = 1 − j/w: n_mean = B/(1 + 2Σρ_j), n_var = B/(1 + 2Σρ_j²).

    Args:
        n_placebos: B.
        overlap: w, in months.
    """
    rho = 1 - np.arange(1, int(np.ceil(overlap))) / overlap
    return n_placebos / (1 + 2 * float(rho.sum())), n_placebos / (1 + 2 * float(rho @ rho))


def placebos_needed(overlap: float, fewest: float = FEWEST_PLACEBOS) -> int:
    """Count the monthly placebo cutoffs that are worth `fewest` independent ones for a variance."""
    return int(np.ceil(fewest / independent(1, overlap)[1]))


def paule_mandel(estimates: Float, errors: Float) -> float:
    """Solve Σ (θ_b − μ)²/(τ² + se_b²) = B − 1 for τ², μ being the mean weighted by 1/(τ² + se_b²).

    Zero where the spread is no more than the errors explain.  The left side falls and is convex in τ², so Newton's
    steps from zero rise to the root (DerSimonian & Kacker 2007).

    Args:
        estimates: θ_b, shape (B,), B at least 2.
        errors: se_b, shape (B,).
    """
    tau2 = 0.0
    for _ in range(200):
        weight = 1 / (tau2 + errors**2)
        from_mean = estimates - weight @ estimates / weight.sum()
        excess = float(weight @ from_mean**2) - (len(estimates) - 1)
        step = excess / float(weight**2 @ from_mean**2) if excess > 0 else 0.0
        tau2 += step
        if step <= 1e-12 * tau2:
            break
    return tau2


def degrees_of_freedom(known: float, estimated: float, n_var: float) -> float:
    """Give Student's degrees: (n_var − 1)·(known + estimated)/estimated.

    Satterthwaite's formula squares the ratio, but n_var is itself a guess.  S1 on 2,000 nulls a cell, half of them
    drawn after the choice (Monte Carlo error half a point), rejects with calendar noise, group shocks and drifting
    cohorts 4.8, 4.4 and 5.6 %, and sees −20 % and −30 % in 42 and 80 of 100.  Squared: 5.5, 5.2 and 7.1 %, seeing 46
    and 83; with (n_var − 1)·max((known/estimated)², 1): 4.5, 3.8 and 5.6 %, seeing 39 and 75.

    Args:
        known: the event's own sampling variance, se².
        estimated: the variance that was estimated from the placebos, τ² + var(μ).
        n_var: independent placebos' worth.
    """
    return (n_var - 1) * (known + estimated) / estimated


def calibrate(estimate: float, se: float, estimates: Float, errors: Float, overlap: float) -> Calibration:
    """Judge a statistic against the same statistic at placebo cutoffs.

    Args:
        estimate: θ at the event, in log points.
        se: its creator-robust standard error.
        estimates: θ_b, shape (B,).
        errors: se_b, shape (B,).
        overlap: w, months after which two cutoffs share nothing.

    Returns:
        NaN throughout, but for the counts, where the placebos are worth no more than one independent one.
    """
    n_mean, n_var = independent(len(estimates), overlap)
    if n_var <= 1 or not np.isfinite(estimate):
        return Calibration(nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, n_mean, n_var)
    tau2 = paule_mandel(estimates, errors) * n_var / (n_var - 1)
    weight = 1 / (errors**2 + tau2)
    mean = float(weight @ estimates / weight.sum())
    mean_variance = float(1 / weight.sum()) * len(estimates) / n_mean
    variance = se**2 + tau2 + mean_variance
    degrees = degrees_of_freedom(se**2, tau2 + mean_variance, n_var)
    half, p = interval_and_p(estimate - mean, float(np.sqrt(variance)), degrees)
    middle = float(np.median(estimates))
    further = int(np.sum(np.abs(estimates - middle) >= abs(estimate - middle)))
    return Calibration(
        estimate=estimate - mean,
        se=float(np.sqrt(variance)),
        low=estimate - mean - half,
        high=estimate - mean + half,
        p=p,
        p_rank=(1 + further) / (len(estimates) + 1),
        mean=mean,
        tau2=tau2,
        mean_variance=mean_variance,
        degrees=degrees,
        n_mean=n_mean,
        n_var=n_var,
    )


def interval_and_p(estimate: float, se: float, degrees: float) -> tuple[float, float]:
    """Give the half-width of the 95 % interval and the two-sided p-value by Student's t."""
    from scipy.special import stdtr, stdtrit

    half = float(stdtrit(degrees, (1 + LEVEL) / 2)) * se
    return half, float(2 * stdtr(degrees, -abs(estimate) / se))


def detectable(se: float, degrees: float, power: float = 0.8) -> float:
    """Give the size that is seen with a given power, in log points: 2.8·se where the degrees of freedom are many."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + LEVEL) / 2) + stdtrit(degrees, power)) * se
