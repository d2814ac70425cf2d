"""Coverage: recall by human balls, which a model's outliers cannot inflate (Naeem et al. 2020)."""

from precipice.loops.distances.pair import Pair


def coverage(pair: Pair) -> float:
    """Share of human works with some work of the model inside their k-nearest-neighbour ball."""
    return float((pair.apart.min(axis=1) < pair.real.radii).mean())
