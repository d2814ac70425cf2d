"""Tail mass: how much of what is made lies where few human works do."""

import numpy as np

from precipice.loops.distances.pair import Pair, Works
from precipice.loops.distances.tail_recall import TAIL


def tail_mass(pair: Pair) -> float:
    """Share of the model's works beyond the human 90 % quantile of Mahalanobis distance; about 0.1 for human works.

    Directions in which human works do not vary are left out.
    """
    basis = _whitening(pair.real)
    ours, theirs = (((works.x - pair.real.mean) @ basis) ** 2 for works in (pair.real, pair.made))
    limit = np.quantile(ours.sum(axis=1), 1 - TAIL)
    return float((theirs.sum(axis=1) > limit).mean())


def _whitening(works: Works) -> np.ndarray:
    _, scales, directions = np.linalg.svd(works.factor, full_matrices=False)
    kept = scales > 1e-9 * scales.max(initial=0.0)
    return np.asarray(directions[kept].T / scales[kept])
