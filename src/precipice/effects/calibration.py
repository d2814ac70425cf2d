"""Placebo cutoffs as the yardstick: how far a statistic strays at months when nothing happened.

At placebo cutoffs b the statistic is modelled as θ_b ~ N(μ, τ² + se_b²): τ² is the platform's own calendar noise, found
by Paule and Mandel's equation, μ the bias of the method on this panel.  The event's θ − μ is judged against
se² + τ² + var(μ).  Basis: Schuemie et al. 2014 (empirical calibration); critique: Gruber & Tchetgen Tchetgen 2016.

Placebo cutoffs share months.  What they share is read off the kernel of the statistic, the weight with which each month
around a cutoff enters it: −1/P for P months and 1/H for the H months after them, say.  Where months are independent,
two cutoffs j months apart correlate as the kernel with itself moved by j.  A kernel that sums to nought telescopes: the
placebos' mean is all but the difference of both ends of the history, and far better known than by counting windows.
"""

from dataclasses import dataclass
from functools import lru_cache
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


@dataclass(frozen=True)
class Worth:
    """What monthly placebo cutoffs are worth."""

    n_mean: float
    """Independent ones worth as much for their mean: B²/1'R1 with R their correlations."""
    n_var: float
    """Independent ones worth as much for their variance in a long history: B/(1 + 2Σρ_j²)."""
    degrees: float
    """Degrees of freedom of their variance: tr(MR)²/tr((MR)²) with M = I − 11'/B (Satterthwaite 1946)."""
    bias: float
    """Expectation of their variance over the variance of each: tr(MR)/(B − 1)."""


@dataclass(frozen=True)
class Kernel:
    """How a statistic weighs the months around its cutoff, which says what two cutoffs share."""

    weights: tuple[float, ...]
    """Weight of each month from the first that is looked at, in order."""
    paired: bool = False
    """True where it compares creators with themselves, before and after."""

    @property
    def reach(self) -> int:
        """Months after which two cutoffs share nothing."""
        return len(self.weights)


def kernel_of(before: int, after: int, *, gap: int = 0, paired: bool = False) -> Kernel:
    """Give the kernel of a statistic that sets a mean of months after a cutoff against one before it.

    Args:
        before: months before the cutoff, P; 0 for a statistic that looks at no month before it.
        after: months from the cutoff on, H.
        gap: months between the two that are left out.
        paired: whether it compares creators with themselves.
    """
    return Kernel((-1 / max(before, 1),) * before + (0.0,) * gap + (1 / max(after, 1),) * after, paired)


@lru_cache(maxsize=4096)
def independent(n_placebos: int, kernel: Kernel) -> Worth:
    """Say what consecutive monthly placebo cutoffs are worth.

    Args:
        n_placebos: B.
        kernel: how the statistic weighs the months around a cutoff.
    """
    if n_placebos < 2:
        return Worth(float(n_placebos), float(n_placebos), nan, nan)
    weights, n = np.array(kernel.weights), n_placebos
    shared = np.correlate(weights, weights, "full")[len(weights) - 1 :]
    rho = np.zeros(max(n, len(shared)))
    rho[: len(shared)] = shared / shared[0]
    correlations = rho[np.abs(np.subtract.outer(np.arange(n), np.arange(n)))]
    by_row = correlations.sum(axis=1)
    whole, squares = float(by_row.sum()), float((correlations**2).sum())
    trace = n - whole / n
    square = squares - 2 * float(by_row @ by_row) / n + whole**2 / n**2
    n_var = n / (1 + 2 * float(rho[1:] @ rho[1:]))
    return Worth(n * n / whole, n_var, trace**2 / square, trace / (n - 1))


def placebos_needed(kernel: Kernel, fewest: float = FEWEST_PLACEBOS) -> int:
    """Count the monthly placebo cutoffs that are worth `fewest` independent ones for a variance."""
    return int(np.ceil(2 * fewest / independent(2, kernel).n_var - 1e-9))


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


def degrees_of_freedom(known: float, estimated: float, placebos: float, *, paired: bool) -> float:
    """Give Student's degrees: those of the placebos' variance ν, or ν·(known + estimated)/estimated.

    The greater number credits what is known without placebos, the creators' own sampling error.  A statistic that
    compares creators with themselves does not bear it.  On 400 nulls a cell (Monte Carlo error a point), S1 on trimmed
    uploads rejects with calendar noise, on a lively platform, with drifting cohorts and with group shocks 4.2, 6.0, 5.5
    and 5.0 % by the smaller number and 7.5, 9.0, 8.0 and 7.5 % by the greater; S2 1.5, 0.8, 2.2 and 3.8 %, and 3.8,
    3.5, 3.5 and 6.0 %.

    Args:
        known: the event's own sampling variance, se².
        estimated: the variance that was estimated from the placebos, τ² + var(μ).
        placebos: degrees of the placebos' variance, ν.
        paired: whether the statistic compares creators with themselves.
    """
    return placebos if paired else placebos * (known + estimated) / estimated


def calibrate(estimate: float, se: float, estimates: Float, errors: Float, kernel: Kernel) -> Calibration:
    """Judge a statistic against the same statistic at placebo cutoffs.

    Args:
        estimate: θ at the event, in log points.
        se: its creator-robust standard error.
        estimates: θ_b, shape (B,).
        errors: se_b, shape (B,).
        kernel: how the statistic weighs the months around a cutoff.

    Returns:
        NaN throughout, but for the counts, where the placebos are worth no more than one independent one.
    """
    worth = independent(len(estimates), kernel)
    n_mean, n_var = worth.n_mean, worth.n_var
    if n_var <= 1 or not np.isfinite(estimate):
        return Calibration(nan, nan, nan, nan, nan, nan, nan, nan, nan, nan, n_mean, n_var)
    tau2 = paule_mandel(estimates, errors) / worth.bias
    weight = 1 / (errors**2 + tau2)
    mean = float(weight @ estimates / weight.sum())
    mean_variance = float(1 / weight.sum()) * len(estimates) / n_mean
    variance = se**2 + tau2 + mean_variance
    degrees = degrees_of_freedom(se**2, tau2 + mean_variance, worth.degrees, paired=kernel.paired)
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
