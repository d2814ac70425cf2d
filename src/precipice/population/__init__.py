"""Simulated platforms with a known truth: what a method must find, and what it must not.

A `Population` says what a platform is made of; `populate` draws a `Panel` of it, of origin `simulated`; `truth` says
what was planted.  The process and its sources stand in `precipice.population.process`.
"""

from precipice.population.simulation import join_panels, populate
from precipice.population.truths import Truth, truth
from precipice.population.world import Frame, Planted, Population
from precipice.population.worlds import WORLDS, paper_population, paper_worlds

__all__ = [
    "WORLDS",
    "Frame",
    "Planted",
    "Population",
    "Truth",
    "join_panels",
    "paper_population",
    "paper_worlds",
    "populate",
    "truth",
]
