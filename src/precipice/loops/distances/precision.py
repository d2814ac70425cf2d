"""Precision: how much of what is made looks human (Kynkäänniemi et al. 2019)."""

from precipice.loops.distances.pair import Pair


def precision(pair: Pair) -> float:
    """Share of the model's works that lie within the k-nearest-neighbour ball of some human work."""
    return float((pair.apart < pair.real.radii[:, None]).any(axis=0).mean())
