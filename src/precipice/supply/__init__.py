"""Supply: fresh human and synthetic uploads to come, and the runway of models that train on them.

`flow_of` takes what series and labels say, `forecast` carries it on as paths, `pool_generations` and `find_runways` ask
when a model would have lost how much, and `vary` what that hangs on.  No model is fitted here: everything is a closed
form on measured and forecast numbers.
"""

from precipice.supply.flow import Belief, Flow, Stated, flow_of
from precipice.supply.forecast import Paths, forecast
from precipice.supply.outlook import Outlook
from precipice.supply.paths import FORECASTERS, Shape
from precipice.supply.recursion import POLICIES, Generations, filtered, pool_generations, run_generations
from precipice.supply.runway import CAVEATS, METRICS, Runway, Scenario, find_runways, scenarios_of
from precipice.supply.sensitivity import Horizon, Sensitivity, vary
from precipice.supply.tags import CohortTags

__all__ = [
    "CAVEATS",
    "FORECASTERS",
    "METRICS",
    "POLICIES",
    "Belief",
    "CohortTags",
    "Flow",
    "Generations",
    "Horizon",
    "Outlook",
    "Paths",
    "Runway",
    "Scenario",
    "Sensitivity",
    "Shape",
    "Stated",
    "filtered",
    "find_runways",
    "flow_of",
    "forecast",
    "pool_generations",
    "run_generations",
    "scenarios_of",
    "vary",
]
