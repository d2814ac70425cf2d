"""A panel from a population, and one panel from several."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.panel import Bool, Panel, Window, sorted_panel
from precipice.population.frames import draw_followers, sampled
from precipice.population.process import Entrants, autoregression, draw_cells, draw_entrants
from precipice.population.world import Population

ORIGIN = "simulated"


def populate(population: Population, rng: np.random.Generator) -> Panel:
    """Draw one panel of a simulated platform; the same population and generator state give the same panel.

    Pseudonyms are running numbers in the order of entry.  Every creator's first cell is in the month of entry, unless
    the frame's records begin later.  Both ends of the window are complete.

    Args:
        population: the platform, the planted effect and the frame.
        rng: source of chance.

    Raises:
        InputError: nobody entered, or the frame cannot give as many creators as it is to draw.
    """
    p = population
    calendar = autoregression((p.n_months,), p.calendar_sd, p.calendar_persistence, rng)
    entrants = draw_entrants(p, calendar, rng)
    if len(entrants.entry) == 0:
        raise _nobody(p)
    row, month, count = draw_cells(p, calendar, entrants, rng)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row))]).astype(np.int64)
    uploads = np.add.reduceat(count, indptr[:-1], dtype=np.int64)
    span = month[indptr[1:] - 1] - month[indptr[:-1]] + 1
    panel = sorted_panel(
        (p.platform,), np.zeros(len(span), dtype=np.int16), np.arange(1, len(span) + 1), indptr,
        p.start + month, count, windows={p.platform: Window(p.start, p.end, False, False)},
        followers=draw_followers(uploads, span, p, rng), origin=ORIGIN,
    )  # fmt: skip
    panel = sampled(replace(panel, tags=_tags(p, entrants)), p.frame, rng)
    if len(panel) == 0:
        raise _nobody(p)
    return panel


def join_panels(parts: Sequence[Panel]) -> Panel:
    """Give one panel of all platforms of several panels, platforms sorted by name.

    A tag that a part does not know counts as never used there.

    Raises:
        InputError: no panel, a platform in two of them, or counts of different origin.
    """
    single = [part.only(platform) for part in parts for platform in part.platforms]
    single.sort(key=lambda panel: panel.platforms[0])
    names = tuple(panel.platforms[0] for panel in single)
    _check_parts(single, names)
    start, sizes = min(panel.start for panel in single), [len(panel) for panel in single]
    lengths = np.concatenate([np.diff(panel.indptr) for panel in single])
    return Panel(
        platforms=names,
        creators=np.concatenate([panel.creators for panel in single]),
        platform=np.repeat(np.arange(len(single), dtype=np.int16), sizes),
        start=start,
        end=max(panel.end for panel in single),
        indptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        month=np.concatenate([(panel.month + (panel.start - start)).astype(np.int16) for panel in single]),
        count=np.concatenate([panel.count for panel in single]),
        first=np.concatenate([panel.first for panel in single]),
        followers=np.concatenate([panel.followers for panel in single]),
        windows=tuple(panel.windows[0] for panel in single),
        tags={tag: _joined_tag(tag, single) for tag in sorted({tag for panel in single for tag in panel.tags})},
        origin=single[0].origin,
    )


def _joined_tag(tag: str, parts: Sequence[Panel]) -> Bool:
    return np.concatenate([part.tags.get(tag, np.zeros(len(part), dtype=np.bool_)) for part in parts])


def _check_parts(parts: Sequence[Panel], names: Sequence[str]) -> None:
    if not parts:
        raise InputError("there is no panel to join", why="the list of panels is empty", fix="give at least one")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"the platform '{twice[0]}' is in two of the panels",
            why="a creator belongs to one platform, and the same pseudonym in both would be two creators",
            fix="give the platforms different names before joining",
        )
    origins = sorted({part.origin for part in parts})
    if len(origins) > 1:
        raise InputError(
            "panels of different origin cannot be joined",
            why=f"they come from {' and '.join(origins)}, and every figure must be able to say which it shows",
            fix="keep simulated and measured platforms in panels of their own",
        )


def _tags(population: Population, entrants: Entrants) -> dict[str, npt.NDArray[np.bool_]]:
    if population.groups != "tag":
        return {}
    return {f"tag_{index + 1}": entrants.group == index for index in range(population.group_size)}


def _nobody(population: Population) -> InputError:
    return InputError(
        f"the simulated platform '{population.platform}' has no creators",
        why=f"its window and frame left none; it was to have {population.entries:g} entrants a month",
        fix="raise the population's entries, or widen its window or frame",
    )
