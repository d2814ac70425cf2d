"""Ready-made populations, and a world shaped like the paper's study."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from precipice.panel import Panel
from precipice.population.simulation import join_panels, populate
from precipice.population.world import Frame, Planted, Population

CLEAN = Population()

REALISTIC = replace(CLEAN, calendar_sd=0.1)
"""Months move together by a tenth.  Beyond season, smooth trend and Poisson noise the monthly activity of the panels at
hand moves by 0.09 (Shadertoy), 0.17 (Emacs packages), 0.19 (icon archives), 0.23 (tldr-pages) log points."""

MANY = 4.0
"""Platforms that are sampled from have this many times the entrants, so that every frame can give its creators."""


def _sampled(frame: Frame) -> Population:
    return replace(REALISTIC, entries=MANY * REALISTIC.entries, frame=frame)


WORLDS: Mapping[str, Population] = {
    # Nulls: nothing is planted, and whatever is found at the event is found wrongly.
    "clean": CLEAN,
    "realistic": REALISTIC,
    # Better retention than Shadertoy's: 1.7 times as many incumbents are active in a month as in `realistic`.
    "lively": replace(REALISTIC, lifetime=6.0, waking=0.25),
    "group_shocks": replace(REALISTIC, groups="vintage", group_sd=0.15),
    "tag_shocks": replace(REALISTIC, groups="tag", group_sd=0.15),
    "drift": replace(REALISTIC, rate_drift=-0.06, lifetime_drift=-0.15),
    "platform_shock": replace(REALISTIC, platform_shock=-0.2),
    "random_250": _sampled(Frame("random", size=250)),
    "many_followers": _sampled(Frame("followers", size=250)),
    "recently_active": _sampled(Frame("recent", size=250)),
    "short_history": replace(REALISTIC, frame=Frame(history_from=REALISTIC.start + 84)),
    # Effects of known size on the realistic null.
    "rate_down_20": replace(REALISTIC, planted=Planted(level=-0.2)),
    "rate_down_30": replace(REALISTIC, planted=Planted(level=-0.3)),
    "fading": replace(REALISTIC, planted=Planted(slope=-0.03)),
    "exits_doubled": replace(REALISTIC, planted=Planted(exit=2.0)),
    "entries_down_30": replace(REALISTIC, planted=Planted(entry=-0.3)),
    "everybody_down_20": replace(REALISTIC, planted=Planted(level=-0.2, newcomers=True)),
}
"""Populations by name; the event of all of them is Stable Diffusion's month."""


def paper_worlds(planted: Planted | None = None) -> tuple[Population, ...]:
    """Give the populations of a study shaped like Porres & Gomez-Villa (2024).

    ArtStation and DeviantArt: 250 artists each, drawn among those with more than 2,000 followers at the end.  Danbooru:
    4,000 artists, drawn at random.  All open in 2014-01 and are watched until 2023-10, so that first uploads are true
    where the paper's window begins (2021-01).  Entrants, rates and lifetimes are those of `realistic`, not of the real
    platforms: only the shape of the frames is the paper's.

    Args:
        planted: the effect on each platform; None plants nothing.
    """
    planted = planted or Planted()
    followed = Frame("followers", size=250)
    sampled_from = MANY * REALISTIC.entries
    shapes = (
        ("artstation", sampled_from, followed),
        ("danbooru", 26.0, Frame("random", size=4000)),  # about 4,800 artists, so that 4,000 are always there
        ("deviantart", sampled_from, followed),
    )
    return tuple(
        replace(REALISTIC, platform=platform, entries=entries, frame=frame, planted=planted)
        for platform, entries, frame in shapes
    )


def paper_population(rng: np.random.Generator, planted: Planted | None = None) -> Panel:
    """Draw one panel of the three platforms of `paper_worlds`, by default with no effect of any event.

    With no effect the seniors fall and the juniors rise all the same, by construction: seniors can only stop, juniors
    only arrive.  It is plain on Danbooru, where anybody is drawn, and weak on the other two, where whoever is much
    followed at the end has mostly stayed.  `truth` of each of `paper_worlds` says what was planted; figures must carry
    it.

    Args:
        rng: source of chance.
        planted: the effect on each platform; None plants nothing.
    """
    return join_panels([populate(world, rng) for world in paper_worlds(planted)])
