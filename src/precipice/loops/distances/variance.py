"""Total variance of what is made, relative to the human works'."""

from precipice.loops.distances.pair import Pair


def variance(pair: Pair) -> float:
    """Tr S of the model's works over that of the human works; a description: it can rise while styles are lost."""
    return float(pair.made.squares.sum() / pair.real.squares.sum())
