"""Wasserstein distance between the works themselves, by optimal assignment."""

import numpy as np

from precipice.errors import MissingExtraError
from precipice.loops.distances.pair import Pair


def wasserstein(pair: Pair) -> float:
    """Wasserstein-2 distance between the works, every one of the same weight.

    As many of both are matched exactly; other numbers need POT.

    Raises:
        MissingExtraError: numbers differ and POT is not installed.
    """
    cost = pair.apart**2
    if cost.shape[0] == cost.shape[1]:
        from scipy.optimize import linear_sum_assignment

        rows, columns = linear_sum_assignment(cost)
        return float(np.sqrt(cost[rows, columns].mean()))
    try:
        import ot
    except ModuleNotFoundError as error:
        raise MissingExtraError("POT", "loops") from error
    weights = [np.full(n, 1 / n) for n in cost.shape]
    return float(np.sqrt(ot.emd2(*weights, cost, numItermax=1_000_000)))
