"""Hill's diversity of styles: the effective number of styles among what is made (Hill 1973)."""

import numpy as np

from precipice.loops.counts import hill_number
from precipice.loops.distances.pair import Pair

STYLES = 20
"""Styles that human works are split into, unless each work is one number, its style."""
ROUNDS = 10
SEED = 0


def hill(pair: Pair) -> float:
    """Effective number of styles among the model's works, exp of Shannon's entropy: a description, not a distance.

    Styles are the nearest of k-means centres of the human works (seeded, so that the same works have the same styles),
    or the numbers themselves where works are whole numbers in one column.
    """
    real, made = pair.real.x, pair.made.x
    if made.shape[1] == 1 and (made == np.rint(made)).all() and (real == np.rint(real)).all():
        counts = np.unique(made, return_counts=True)[1]
    else:
        counts = np.bincount(styles_of(real, made))
    return float(hill_number(counts / counts.sum()))


def styles_of(real: np.ndarray, works: np.ndarray) -> np.ndarray:
    """Give the style of each work: the nearest of the human works' k-means centres, shape (m,)."""
    from scipy.cluster.vq import kmeans2, vq

    k = min(STYLES, len(np.unique(real, axis=0)))
    centres, _ = kmeans2(real, k, iter=ROUNDS, minit="++", seed=np.random.default_rng(SEED), missing="warn")
    return np.asarray(vq(works, centres)[0])
