"""Draw the pictures of docs/why-seniors-fall.md: a simulated platform on which nothing happened.

Run it from the project: `python scripts/trap_picture.py`.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from precipice.cohorts import draw_by_cutoff, everyone
from precipice.effects import HEADLINE, estimate, read_naively, survive
from precipice.months import parse_month
from precipice.panel import Panel
from precipice.population import WORLDS, populate, truth
from precipice.records import EVENTS
from precipice.report import Figure, cohorts_on, save
from precipice.report.naive_chart import naive_beside_ours
from precipice.report.placebo_charts import placebos_on
from precipice.report.survival_chart import survival_figure
from precipice.series import count, retain
from precipice.study import Findings, Study
from precipice.study.events import find_events
from precipice.study.illustrating import NaivelyOn

IMAGES = Path(__file__).parent.parent / "docs" / "images"
EVENT = EVENTS["stable-diffusion"]
EARLIER = "2018-01"
"""A cutoff four years before the study's, with the same months around it."""


def found(panel: Panel, told: str, *, start: str, end: str, cutoff: int, events: bool = True) -> Findings:
    """Count the seniors and juniors of one cutoff, with what was planted written into every figure."""
    study = Study()
    first, last = parse_month(start), parse_month(end)
    return Findings(
        study=study.model_copy(update={"study": study.study.model_copy(update={"cutoff": cutoff})}),
        panel=panel, start=first, end=last, events=find_events(study.study.events, Path()) if events else (),
        overall=count(panel, everyone(panel), start=first, end=last),
        cohorts=count(panel, draw_by_cutoff(panel, cutoff), start=first, end=last),
        retention=retain(panel), sources=(), simulated=told,
    )  # fmt: skip


def pictures() -> dict[str, Figure]:
    """Give every picture by its file's name."""
    world = WORLDS["clean"]
    world = replace(world, entries=4 * world.entries)
    panel, told = populate(world, np.random.default_rng(1)), truth(world).words
    platform = panel.platforms[0]
    now = found(panel, told, start="2021-01", end="2023-10", cutoff=Study().study.cutoff)
    earlier = found(panel, told, start="2017-01", end="2019-10", cutoff=parse_month(EARLIER), events=False)
    effects = estimate(panel, EVENT.month, event=EVENT.name, methods=["S1", "S2"])
    readings = read_naively(panel, platform, Study().study.cutoff, EVENT.month)
    asked = replace(now, events=(EVENT,), effects=tuple(effects))
    curves = next(iter(survive(panel, event=EVENT.month)))
    drawn = {
        "trap": cohorts_on(now, platform),
        "trap-earlier": cohorts_on(earlier, platform),
        "trap-naive": naive_beside_ours(asked, NaivelyOn(platform, EVENT.name, readings)),
        "trap-placebos": placebos_on(
            asked, platform, [one for one in effects if one.outcome == HEADLINE and one.method == "S1"]
        ),
        "trap-silent": survival_figure(asked, curves),
    }
    return {name: figure for name, figure in drawn.items() if figure is not None}


def main() -> None:
    """Draw the pictures as SVG, a tenth of the size of a PNG, for a page and for a telephone."""
    for name, figure in pictures().items():
        save(figure, IMAGES / f"{name}.svg")
        save(figure, IMAGES / f"{name}-narrow.svg", millimetres=85)


if __name__ == "__main__":
    main()
