"""What is measured of works that a model made, beside human works: one file a member, one signature.

Each takes a `Pair` and gives a number.  Precision, recall, tail recall and Fréchet's distance are the headline; the
rest describes: total variance, Vendi score and effective rank can each move the wrong way while styles are lost.  All
depend on the number of works, so each is read beside its floor, the same number between human works and as many others.
"""

from collections.abc import Callable, Mapping

from precipice.loops.distances.coverage import coverage
from precipice.loops.distances.density import density
from precipice.loops.distances.effective_rank import effective_rank
from precipice.loops.distances.frechet import frechet, frechet_of_moments
from precipice.loops.distances.hill import hill
from precipice.loops.distances.pair import Pair, Works, pair_of
from precipice.loops.distances.precision import precision
from precipice.loops.distances.recall import recall
from precipice.loops.distances.tail_mass import tail_mass
from precipice.loops.distances.tail_recall import tail_recall
from precipice.loops.distances.variance import variance
from precipice.loops.distances.vendi import vendi
from precipice.loops.distances.wasserstein import wasserstein

Distance = Callable[[Pair], float]

DISTANCES: Mapping[str, Distance] = {
    "frechet": frechet,
    "precision": precision,
    "recall": recall,
    "tail_recall": tail_recall,
    "density": density,
    "coverage": coverage,
    "wasserstein": wasserstein,
    "tail_mass": tail_mass,
    "hill": hill,
    "effective_rank": effective_rank,
    "vendi": vendi,
    "variance": variance,
}
HEADLINE = ("frechet", "precision", "recall", "tail_recall")

__all__ = ["DISTANCES", "HEADLINE", "Distance", "Pair", "Works", "frechet_of_moments", "pair_of"]
