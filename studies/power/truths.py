"""What each statistic makes of what is planted: the value that its intervals should hold.

A statistic on months with an upload does not move as the rate does, nor by the same amount for incumbents and
newcomers.  Its true value is the statistic's mean on large platforms with what happens at the event, less its mean on
the same ones without; calendar and group noise off, everybody in the panel.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from precipice.effects.case import Span, Statistic, case_of
from precipice.effects.gap import gap_between
from precipice.effects.incumbents import change
from precipice.effects.newcomers import change_beyond_newcomers, newcomers_change
from precipice.effects.outcomes import OutcomeName
from precipice.effects.reference import Standardised
from precipice.effects.sample import sample_of
from precipice.population import Frame, Planted, Population, populate

LARGE = 40.0
"""Times as many entrants as in the study's worlds."""
PANELS = 8
SEED = 20_220_822

STATISTICS: Mapping[str, tuple[Callable[[Standardised, int, Span], Statistic], OutcomeName]] = {
    "S1": (change, "capped"),
    "S1-counts": (change, "counts"),
    "S1-trimmed": (change, "trimmed"),
    "S2": (gap_between, "capped"),
    "S2-counts": (gap_between, "counts"),
    "S2-trimmed": (gap_between, "trimmed"),
    "SJ": (newcomers_change, "capped"),
    "SJ-trimmed": (newcomers_change, "trimmed"),
    "S12": (change_beyond_newcomers, "capped"),
    "S12-trimmed": (change_beyond_newcomers, "trimmed"),
    "lapse-S1": (change, "lapse"),
    "lapse-S2": (gap_between, "lapse"),
}
"""Statistic and outcome of each method that has one number at the event."""
CONTROLS: Mapping[str, str] = {"control": "S1", "control-counts": "S1-counts", "control-trimmed": "S1-trimmed"}
"""Each control difference with the statistic that it is the difference of."""


def true_values(population: Population) -> dict[str, tuple[float, float]]:
    """Give each method's true value in log points and its Monte Carlo error; noughts where nothing happens."""
    quiet = replace(
        population, entries=LARGE * population.entries, calendar_sd=0.0, group_sd=0.0, groups="none", frame=Frame()
    )
    nothing = replace(quiet, planted=Planted(quiet.planted.month), platform_shock=0.0)
    if quiet == nothing:
        return dict.fromkeys((*STATISTICS, *CONTROLS), (0.0, 0.0))
    drawn = [[_measured(world, seed) for seed in range(PANELS)] for world in (quiet, nothing)]
    found = {}
    for method in STATISTICS:
        with_it, without = (np.array([values[method] for values in panels]) for panels in drawn)
        error = np.sqrt((with_it.var(ddof=1) + without.var(ddof=1)) / PANELS)
        found[method] = (float(with_it.mean() - without.mean()), float(error))
    return found


def _measured(population: Population, seed: int) -> dict[str, float]:
    panel = populate(population, np.random.default_rng([SEED, seed]))
    sample = sample_of(panel, panel.platforms[0])
    case = case_of(sample, population.planted.month, Span())
    found = {}
    for method, (statistic, outcome) in STATISTICS.items():
        found[method] = statistic(case.outcome(outcome), case.event, case.fitting(outcome)).value
    return found
