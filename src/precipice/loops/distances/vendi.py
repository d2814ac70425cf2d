"""Vendi score: effective number of different works by similarity (Friedman & Dieng 2023)."""

import numpy as np

from precipice.loops.distances.pair import Pair


def vendi(pair: Pair) -> float:
    """Exp of the entropy of the eigenvalues of cosine similarities among the model's works; a description.

    On real pictures it rose while recall fell: never read it alone.
    """
    x = pair.made.x
    lengths = np.linalg.norm(x, axis=1, keepdims=True)
    unit = x / np.where(lengths > 0, lengths, 1.0)
    values = np.linalg.svd(unit, compute_uv=False) ** 2 / len(x)
    return float(np.exp(-(values * np.log(values, where=values > 0, out=np.zeros_like(values))).sum()))
