"""Self-consuming loops: what becomes of models that are trained on what models made.

`simulate` runs a `Loop` in replicates and gives a `Trace`.  The loop itself is one function, `run` in
`precipice.loops.loop`; policies, models and distances are passed in.  `precipice.loops.theory` has the closed forms,
`precipice.loops.expectations` exact moments under any supply.
"""

from precipice.loops.distances import DISTANCES
from precipice.loops.feed import Feed, constant, series
from precipice.loops.models import MODELS
from precipice.loops.policies import POLICIES
from precipice.loops.settings import Loop
from precipice.loops.simulation import simulate
from precipice.loops.trace import Trace

__all__ = ["DISTANCES", "MODELS", "POLICIES", "Feed", "Loop", "Trace", "constant", "series", "simulate"]
