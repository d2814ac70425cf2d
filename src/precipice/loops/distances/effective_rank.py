"""Effective rank of the covariance of what is made, by participation ratio."""

from precipice.loops.distances.pair import Pair


def effective_rank(pair: Pair) -> float:
    """(tr S)² / tr S² of the model's works: dimensions their variance is spread over; a description, no distance."""
    squares = pair.made.squares
    total = float(squares.sum())
    return total**2 / float((squares**2).sum()) if total > 0 else 0.0
