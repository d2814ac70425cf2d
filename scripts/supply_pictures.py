"""Draw the supply of a simulated platform, and what its runway hangs on, for docs/supply.md.

Run it from the project: `python -m scripts.supply_pictures`.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from studies.coverage.worlds import NOW, SENSITIVITY, SPECIFICITY, draw_world

from precipice.profiles import RULES
from precipice.report.publication import Line
from precipice.report.saving import save
from precipice.report.supply_charts import fan, hangs_on
from precipice.supply import Horizon, Outlook, Scenario, find_runways, forecast, pool_generations, vary

HERE = Path(__file__).parents[1] / "docs" / "images"
UNTIL = NOW + 59
TRUTH = (
    f"a steady platform, a share of synthetic uploads that rises and levels off, and a label of sensitivity "
    f"{SENSITIVITY} and specificity {SPECIFICITY}."
)


def main() -> None:
    """Draw both pictures."""
    world = draw_world("steady", np.random.default_rng(11))
    flow, scenario = world.flow, Scenario("tail", 0.1, 0.9)
    drawn = forecast(flow, UNTIL, world.belief)
    runways = find_runways(
        pool_generations(drawn, 12), (scenario,), platform=flow.platform, cohorts=flow.cohorts, source=drawn.source
    )
    varied = vary(flow, world.belief, scenario, Horizon(UNTIL, 12))
    outlook = Outlook(flow.platform, RULES["pixiv"], world.belief, drawn, runways, varied)
    months, whole = flow.months.astype(np.int64), flow.uploads.sum(axis=0)
    nothing = np.zeros(len(months), np.bool_)
    known = Line(flow.platform, "all", 1, 1, months, months, whole, whole, whole, nothing, ~nothing, np.inf)
    pictures = {
        "Human and synthetic uploads a month on a simulated platform, and what may come": fan(outlook, "fan", known),
        "What the runway on that platform hangs on": hangs_on(varied, "simulated"),
    }
    for title, figure in pictures.items():
        save(replace(figure, title=title, truth=TRUTH), HERE / f"{figure.stem}.svg", millimetres=85)


if __name__ == "__main__":
    main()
