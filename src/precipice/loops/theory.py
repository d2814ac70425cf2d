"""Closed forms of self-consuming loops: what simulations here are held against, and drawn as dashed lines.

d dimensions, n samples a generation, t generations, λ the sampling bias (1 for none), S₀ the human covariance, ρ the
human share of what a generation is trained on.  Generation 0 is the human distribution itself, generation t the t-th
model fitted since.  Covariances are fitted without bias, over n − 1, unless a maximum-likelihood fit is named.

Sources, by the numbers of their arXiv versions:

* MAD: Alemohammad et al., Self-consuming generative models go MAD, 2307.01850, §2.3, §3.1, §5 and eq. 3 and 4.
* Suresh et al., Rate of model collapse in recursive training, 2412.17646.
* Kazdan et al., Collapse or thrive, 2410.16713.
* Dohmatob et al., Model collapse demystified, 2402.07712.
* Gerstgrasser et al., Is model collapse inevitable?, 2404.01413.
* He, Xu & Cheng, golden-ratio weighting, 2502.18049.
* Kanabar & Gastpar, IEEE Transactions on Information Theory 72.
* Seddik et al., How bad is training on synthetic data?, 2404.05090.
* Ferbach et al., Self-consuming generative models with curated data, 2407.09499.

What is marked as derived follows from these or is proved in the docstring, and every one is checked by simulation
(`make oracles`).  Moments under changing supply, which have no single formula, are in `precipice.loops.expectations`.
"""

from math import erf, exp, inf, lgamma, log, pi, sin, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]
Generations = int | npt.NDArray[np.integer[Any]]
"""One number of generations, or an array of them; answers have the same shape."""


def variance_left(t: Generations, bias: float = 1.0) -> Float:
    """Give E S_t / S₀ of the loop on its own output: λ^t (MAD §3.1).

    With λ = 1 the mean stays and yet S_t → 0 almost surely: see `log_variance`.
    """
    return np.asarray(bias ** _times(t))


def log_variance(t: Generations, n: int, bias: float = 1.0) -> tuple[Float, Float]:
    """Give mean and variance of the logarithm of one coordinate's variance, S₀ = 1 (derived).

    S_t is λ S_{t−1} times a chi-square over its n − 1 degrees of freedom, so its logarithm is a random walk with mean
    step ln λ + ψ((n−1)/2) − ln((n−1)/2), always below nought for λ ≤ 1, and variance ψ₁((n−1)/2).
    """
    from scipy.special import digamma, polygamma

    half = (n - 1) / 2
    step = log(bias) + float(digamma(half)) - log(half)
    return np.asarray(step * _times(t)), np.asarray(float(polygamma(1, half)) * _times(t))


def log_determinant(t: Generations, n: int, d: int, bias: float = 1.0) -> Float:
    """Give E ln det S_t of the loop on its own output, S₀ the identity; −∞ once n ≤ d (derived, from Bartlett).

    t · [Σ_{i<d} ψ((n−1−i)/2) + d ln(2/(n−1)) + d ln λ]
    """
    from scipy.special import digamma

    if n - 1 < d:
        return np.where(_times(t) > 0, -inf, 0.0)
    step = float(digamma((n - 1 - np.arange(d)) / 2).sum()) + d * (log(2 / (n - 1)) + log(bias))
    return np.asarray(step * _times(t))


def deviation_left(t: Generations, n: int, bias: float = 1.0, *, likelihood: bool = False) -> Float:
    """Give E σ_t / σ₀ of the loop on its own output (Suresh et al.).

    Each generation multiplies by √λ c₄(n), c₄(n) = √(2/(n−1)) Γ(n/2)/Γ((n−1)/2); by maximum likelihood 2/(n−1) becomes
    2/n, and the whole is about exp(−3t/4n).

    Args:
        t: generations.
        n: samples a generation.
        bias: λ.
        likelihood: fit over n, not over n − 1.
    """
    degrees = n if likelihood else n - 1
    shrunk = sqrt(2 / degrees) * exp(lgamma(n / 2) - lgamma((n - 1) / 2))
    return np.asarray((sqrt(bias) * shrunk) ** _times(t))


def drift(t: Generations, n: int, trace: float = 1.0, bias: float = 1.0) -> Float:
    """Give E |μ_t − μ₀|² of the loop on its own output: tr S₀ / n · Σ_{1≤s≤t} λ^s (MAD §3.1).

    Every generation is drawn with the bias, the first included; where the first is drawn without it, divide by λ.
    """
    powers = bias ** np.arange(1.0, np.max(t) + 1)
    return _at(trace / n * np.concatenate([[0.0], np.cumsum(powers)]), t)


def effective_rank(t: Generations, n: int, d: int) -> Float:
    """Give E (tr S_t)² / E tr S_t² of the loop on its own output, S₀ the identity (derived).

    With ν = n − 1, Wishart's second moments are linear in (tr S², (tr S)²): E tr S'² = (1 + 1/ν) tr S² + (tr S)²/ν and
    E (tr S')² = (tr S)² + 2 tr S²/ν.  The participation ratio halves after about n/d generations while the mean of the
    trace stays; λ cancels.
    """
    step = np.array([[1 + 1 / (n - 1), 1 / (n - 1)], [2 / (n - 1), 1.0]])
    moments = [np.array([d, d * d], dtype=float)]
    for _ in range(int(np.max(t))):
        moments.append(step @ moments[-1])
    return _at(np.array([whole / square for square, whole in moments]), t)


def variance_accumulated(t: Generations, n: int) -> Float:
    """Give E S_t / S₀ where everything so far is kept and fitted by maximum likelihood (Kazdan et al.).

    Π_{s≤t} (1 − 1/(n s²)); the distance of the mean is what is lost, E |μ_t|² = 1 − that.
    """
    factors = 1 - 1 / (n * np.arange(1.0, np.max(t) + 1) ** 2)
    return _at(np.concatenate([[1.0], np.cumprod(factors)]), t)


def variance_accumulated_forever(n: int) -> float:
    """Give the limit of `variance_accumulated`: sin(π/√n) / (π/√n) (Kazdan et al.)."""
    angle = pi / sqrt(n)
    return sin(angle) / angle


def regression_error(t: Generations, n: int, d: int, noise: float = 1.0) -> Float:
    """Give E |w_t − w₀|² of least squares on its own labels: σ² d/(n − d − 1) · t (Dohmatob et al.)."""
    return np.asarray(noise**2 * d / (n - d - 1) * _times(t))


def regression_error_accumulated(t: Generations, n: int, d: int, noise: float = 1.0) -> Float:
    """Give E |w_t − w₀|² of least squares on all labels so far, exactly: Σ_{i≤t} σ² d / (i (i n − d − 1)) (derived).

    Adding block i moves the fit by A_i⁻¹ X_i'ε_i, A_i the sum of all X'X; blocks are exchangeable, so each step adds
    σ² E tr A_i⁻¹ / i, with A_i Wishart.  Below Gerstgrasser et al.'s bound σ² d/(n−d−1) · π²/6 for every t.
    """
    i = np.arange(1.0, np.max(t) + 1)
    return _at(np.concatenate([[0.0], np.cumsum(noise**2 * d / (i * (i * n - d - 1)))]), t)


def regression_error_bound(n: int, d: int, noise: float = 1.0) -> float:
    """Give the bound on `regression_error_accumulated` for every t (Gerstgrasser et al.)."""
    return noise**2 * d / (n - d - 1) * pi**2 / 6


def effective_ratio(n_human: float, n_synthetic: float) -> float:
    """Give the limit of n_e/n_r as both grow, λ = 1: 1 + n_s/(n_r + n_s) (derived).

    n_e is the number of human samples that alone would do as well as the fresh loop (MAD eq. 3 and 4); the mean's error
    is (n_r + n_s)⁻¹ Σ_s ((1−ρ)²)^s of one sample's, and so is the covariance's.
    """
    return 1 + n_synthetic / (n_human + n_synthetic)


def admissible_bound(d: int, bias: float, *, second_order: bool = False) -> float:
    """Give the limit, constant as n_r grows, of the synthetic works that a fresh loop can take without harm (derived).

    [4(2−λ) + (d+1)(1/2 + 3λ/2 − λ²)] / (1−λ)² for Wasserstein's squared distance: sampling error falls in proportion to
    n_s/n_r², the squared bias grows as ((1−λ)n_s/n_r)², and with the distance's third-order term −tr (S−I)³/8 a biased
    covariance also meets its own sampling error.  Without that term, as `precipice.loops.expectations` takes the
    distance, the second bracket is 2 − λ².  It is why the curves of MAD's figure 11 bend back; ∞ for λ = 1.

    Args:
        d: dimensions.
        bias: λ.
        second_order: for the distance |μ|² + ‖S − I‖²/4.
    """
    if bias >= 1:
        return inf
    spread = 2 - bias**2 - (0 if second_order else 1.5 * (1 - bias))
    return (4 * (2 - bias) + (d + 1) * spread) / (1 - bias) ** 2


def diversity_left(share: float | Float, bias: float) -> Float:
    """Give the variance left in the long run at a human share, large samples: ρ / (1 − λ(1−ρ)) (derived).

    The fixed point of S = ρ + λ(1−ρ) S; with λ = 1 nothing is lost at any share above nought.
    """
    rho = np.asarray(share, dtype=np.float64)
    return np.asarray(rho / (1 - bias * (1 - rho)))


def least_share(lost: float, bias: float) -> float:
    """Give the least human share that keeps 1 − x of the variance: (1−x)(1−λ) / (1 − (1−x)λ) (derived)."""
    return (1 - lost) * (1 - bias) / (1 - (1 - lost) * bias)


def best_weight(n_human: float, n_synthetic: float) -> float:
    """Give the weight of the fresh human batch that fits the mean best: (√(k²+4k) − k)/2, k = n_r/n_s (He et al.).

    k = 1 gives 0.618, the golden ratio's inverse.
    """
    k = n_human / n_synthetic
    return (sqrt(k**2 + 4 * k) - k) / 2


def weighted_error(weight: float, n_human: float, n_synthetic: float, variance: float = 1.0) -> float:
    """Give the limit of E (μ_t − μ₀)² at a weight w, the variance known: He et al.

    σ² [w²/n_r + (1−w)²/n_s] / (1 − (1−w)²)
    """
    rest = (1 - weight) ** 2
    return variance * (weight**2 / n_human + rest / n_synthetic) / (1 - rest)


def effective_size(n: Float, share: Float) -> tuple[float, float]:
    """Give the human samples that uploads are worth: unlabelled Σ n a², labelled Σ n a (Kanabar & Gastpar).

    Args:
        n: uploads of each stratum, shape (k,).
        share: human share a of each, shape (k,).
    """
    return float((n * share**2).sum()), float((n * share).sum())


def detected(n: float, share: float, sensitivity: float, specificity: float) -> tuple[Float, Float]:
    """Split uploads by a label: how many pass as human and how many do not, and the human share of each, shape (2,)."""
    human, made = n * share, n * (1 - share)
    passed = np.array([human * specificity, human * (1 - specificity)])
    caught = np.array([made * (1 - sensitivity), made * sensitivity])
    return passed + caught, passed / (passed + caught)


def heterogeneity_left(t: Generations, m: int) -> Float:
    """Give E (1 − Σp²) over its start when styles are drawn anew from m works: (1 − 1/m)^t (Wright–Fisher; Seddik)."""
    return np.asarray((1 - 1 / m) ** _times(t))


def kernel_growth(t: Generations, n: int, bandwidth: float) -> Float:
    """Give how much a loop of kernel density estimates multiplies E S: ((1 − 1/n)(1 + h²))^t (derived).

    A draw is one of the samples plus noise of h² times their variance (over n), and the fit to n draws loses 1/n.
    Above 1 at Silverman's h: such loops do not collapse, they spread.

    Args:
        t: fits after the first.
        n: samples a generation.
        bandwidth: h, in standard deviations.
    """
    return np.asarray(((1 - 1 / n) * (1 + bandwidth**2)) ** _times(t))


def silverman(n: int, d: int = 1) -> float:
    """Give Silverman's bandwidth in standard deviations: (n (d+2)/4)^(−1/(d+4))."""
    return float((n * (d + 2) / 4) ** (-1 / (d + 4)))


def bias_of_truncation(c: float) -> float:
    """Give λ of keeping only |x| < c standard deviations: 1 − 2cφ(c)/(2Φ(c) − 1) (MAD §2.3)."""
    density = exp(-(c**2) / 2) / sqrt(2 * pi)
    return float(1 - 2 * c * density / erf(c / sqrt(2)))


def bias_of_guidance(w: float) -> float:
    """Give λ of guidance that sharpens a density to its power 1 + w: 1/(1+w) (MAD §2.3)."""
    return 1 / (1 + w)


def bias_of_curation(spread: float, taste: float) -> float:
    """Give λ of choosing by a Gaussian taste, width τ, among many outputs, width s: 1/(1 + s²/τ²) (Ferbach et al.)."""
    return 1 / (1 + spread**2 / taste**2)


def _times(t: Generations) -> Float:
    return np.asarray(t, dtype=np.float64)


def _at(values: Float, t: Generations) -> Float:
    """Take the values of these generations."""
    return np.asarray(values[np.asarray(t)])
