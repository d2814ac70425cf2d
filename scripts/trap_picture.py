"""Draw docs/images/trap.png: seniors and juniors of a simulated platform on which nothing happened.

Run it from the project: `python scripts/trap_picture.py`.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from precipice.cohorts import draw_by_cutoff, everyone
from precipice.months import parse_month
from precipice.population import WORLDS, populate, truth
from precipice.report import cohorts_on, save
from precipice.series import count, retain
from precipice.study import Findings, Study
from precipice.study.settings import find_events


def main() -> None:
    """Draw the picture."""
    world = WORLDS["clean"]
    world = replace(world, entries=4 * world.entries)
    panel = populate(world, np.random.default_rng(1))
    start, end = parse_month("2021-01"), parse_month("2023-10")
    study = Study()
    cohorts = draw_by_cutoff(panel, study.study.cutoff)
    findings = Findings(
        study=study, panel=panel, start=start, end=end, events=find_events(study.study.events, Path()),
        overall=count(panel, everyone(panel), start=start, end=end),
        cohorts=count(panel, cohorts, start=start, end=end),
        retention=retain(panel), sources=(), simulated=truth(world).words,
    )  # fmt: skip
    save(cohorts_on(findings, panel.platforms[0]), Path(__file__).parent.parent / "docs" / "images" / "trap.png")


if __name__ == "__main__":
    main()
