"""p-values corrected for several tests at once: Holm's family-wise error, Benjamini and Hochberg's discovery rate."""

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]


def holm(p: Float) -> Float:
    """Correct p-values family-wise, shape (k,) (Holm 1979); NaN stays NaN and is no test."""
    order = _rising(p)
    corrected = np.full(len(p), np.nan)
    steps = p[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def benjamini_hochberg(p: Float) -> Float:
    """Correct p-values by false-discovery rate, shape (k,) (Benjamini & Hochberg 1995); NaN stays NaN."""
    order = _rising(p)
    corrected = np.full(len(p), np.nan)
    steps = p[order] * len(order) / np.arange(1, len(order) + 1)
    corrected[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return corrected


def _rising(p: Float) -> npt.NDArray[np.int64]:
    """Give the places of the p-values that are none of them NaN, smallest first."""
    return np.argsort(p)[: int(np.isfinite(p).sum())]
