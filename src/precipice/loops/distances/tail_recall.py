"""Tail recall: recall of the human works that are least like others."""

import numpy as np

from precipice.loops.distances.pair import Pair

TAIL = 0.1
"""Share of human works that count as the tail."""


def tail_recall(pair: Pair) -> float:
    """Recall among the tenth of human works that lie farthest from their neighbours."""
    n = max(1, round(TAIL * len(pair.real.x)))
    tail = np.argsort(pair.real.radii, kind="stable")[-n:]
    return float((pair.apart[tail] < pair.made.radii[None, :]).any(axis=1).mean())
