"""Recall: how much of what people make is still made (Kynkäänniemi et al. 2019)."""

from precipice.loops.distances.pair import Pair


def recall(pair: Pair) -> float:
    """Share of human works that lie within the k-nearest-neighbour ball of some of the model's."""
    return float((pair.apart < pair.made.radii[None, :]).any(axis=1).mean())
