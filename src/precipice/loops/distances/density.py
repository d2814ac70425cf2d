"""Density: precision that counts, so that one outlying human work cannot vouch for many (Naeem et al. 2020)."""

import numpy as np

from precipice.loops.distances.pair import NEIGHBOURS, Pair


def density(pair: Pair) -> float:
    """Human k-nearest-neighbour balls that a work of the model lies in, over k; about 1 for human works."""
    within = (pair.apart < pair.real.radii[:, None]).sum(axis=0)
    return float(np.mean(within) / min(NEIGHBOURS, len(pair.real.x) - 1))
