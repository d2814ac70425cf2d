"""Fréchet distance of two Gaussians fitted to works (Dowson & Landau 1982; Heusel et al. 2017 on features)."""

import numpy as np
import numpy.typing as npt

from precipice.loops.distances.pair import Pair

Float = npt.NDArray[np.float64]


def frechet(pair: Pair) -> float:
    """Squared Fréchet distance between Gaussians fitted to both; 0 for the same."""
    ours, theirs = pair.real.factor, pair.made.factor
    cross = np.linalg.svd(ours @ theirs.T, compute_uv=False).sum()
    apart = ((pair.real.mean - pair.made.mean) ** 2).sum()
    return float(max(apart + (ours**2).sum() + (theirs**2).sum() - 2 * cross, 0.0))


def frechet_of_moments(mean: Float, covariance: Float, other_mean: Float, other_covariance: Float) -> float:
    """Give the same from moments: |m₁−m₂|² + tr S₁ + tr S₂ − 2 ‖S₁^½ S₂^½‖, the nuclear norm.

    Real, not negative and finite for singular covariances too, where the matrix root of S₁S₂ gives imaginary parts.

    Args:
        mean: shape (d,).
        covariance: shape (d, d), symmetric and not negative; rounding below nought counts as nought.
        other_mean: as the first.
        other_covariance: as the second.
    """
    cross = np.linalg.svd(_root(covariance) @ _root(other_covariance), compute_uv=False).sum()
    apart = ((mean - other_mean) ** 2).sum() + np.trace(covariance) + np.trace(other_covariance)
    return float(max(apart - 2 * cross, 0.0))


def _root(covariance: Float) -> Float:
    values, vectors = np.linalg.eigh(covariance)
    values[values < len(values) * np.finfo(float).eps * values.max(initial=0.0)] = 0  # the root would raise rounding
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)
