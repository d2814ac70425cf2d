"""Platforms whose artists tag their uploads, of known truth: what drifts without an event, and what an event did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.archive import TagCounts
from precipice.months import parse_month
from precipice.panel import Panel, Window, panel_of

Float = npt.NDArray[np.float64]

START = parse_month("2014-01")
EVENT = parse_month("2022-08")
CUTOFF = parse_month("2022-01")
END = parse_month("2023-10")
NEWCOMER = 12  # months for which a newcomer tags otherwise


@dataclass(frozen=True)
class World:
    """One platform; strengths are standard deviations in log points."""

    name: str
    words: str
    """What it is, for the table."""
    creators: int = 4_000
    tags: int = 150
    taste: float = 1.0
    """How far creators' use of topics differs: tags of one topic are used together."""
    cohorts: float = 0.4
    """How far tags differ by year of entry: seniors and juniors differ, before and after alike."""
    newcomers: float = 0.0
    """How far newcomers' tags differ from what they use later: drift that comes back at every date."""
    leavers: float = 0.0
    """How much sooner creators of some topics leave: those who stay are not those who began."""
    fashions: float = 0.0
    """How far a year's fashion moves the tags of those who entered in the three years before it, others not at all."""
    planted: Mapping[int, float] = field(default_factory=dict)
    """Tag → change of seniors' log-odds from the event on."""


TOPICS = 15

WORLDS = {
    world.name: world
    for world in (
        World("still", "creators and cohorts differ, and nothing changes"),
        World("newcomers", "newcomers begin with other tags than they go on with", newcomers=0.5),
        World("leavers", "artists of some topics leave sooner", leavers=0.7),
        World("fashions", "each year moves the tags of recent entrants alone", fashions=0.25),
        World("all", "all of these at once", newcomers=0.5, leavers=0.7, fashions=0.15),
    )
}


def draw(world: World, rng: np.random.Generator, *, expected: bool = False) -> tuple[Panel, TagCounts]:
    """Draw a platform: a panel, and tags by creator and month.

    Args:
        world: what it is like.
        rng: draws it.
        expected: give the uploads expected of each tag in place of a draw of them.
    """
    n, months = world.creators, END - START + 1
    topic = rng.integers(0, TOPICS, world.tags)
    taste = world.taste * rng.standard_normal((n, TOPICS))
    entry = np.floor(months * rng.random(n) ** 0.8).astype(np.int64)
    mean_life = 24 * np.exp(-world.leavers * taste[:, 0])
    life = np.ceil(rng.exponential(mean_life * rng.gamma(1.0, 1.0, n) + 0.5)).astype(np.int64)
    rate = np.exp(rng.normal(-0.7, 1.2, n))  # a heavy tail: the largest hundredth makes about a sixth of all uploads
    creator, month = _cells(entry, np.minimum(entry + life, months))
    uploads = rng.poisson(rate[creator])
    uploads[month == entry[creator]] += 1
    creator, month, uploads = (part[uploads > 0] for part in (creator, month, uploads))
    odds = _log_odds(world, rng, taste[:, topic], (creator, month, entry))
    chance = 1 / (1 + np.exp(-odds))
    count = uploads[:, None] * chance if expected else rng.binomial(uploads[:, None], chance)
    panel = panel_of(
        ("site",), np.zeros(len(creator), int), creator, START + month, uploads,
        windows={"site": Window(START, END, truncated_first=False, unfinished_last=False)}, origin="simulated",
    )  # fmt: skip
    return panel, _counts(creator, START + month, count)


def _cells(begin: npt.NDArray[np.int64], stop: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], ...]:
    """Give creator and month of every month at risk."""
    length = stop - begin
    creator = np.repeat(np.arange(len(begin)), length)
    month = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length) + begin[creator]
    return creator, month


def _log_odds(world: World, rng: np.random.Generator, taste: Float, cells: tuple[npt.NDArray[np.int64], ...]) -> Float:
    """Give the log-odds that an upload of a cell carries each tag, shape (cells, tags)."""
    creator, month, entry = cells
    years = (END - START) // 12 + 1
    base = np.log(0.25) - 0.9 * np.log1p(np.arange(world.tags) / 4)
    vintage = world.cohorts * np.cumsum(rng.standard_normal((years, world.tags)), axis=0) / np.sqrt(years)
    own = base + taste - 0.5 * world.taste**2 + vintage[entry // 12]
    odds = own[creator]
    if world.newcomers:
        odds[month - entry[creator] < NEWCOMER] += world.newcomers * rng.standard_normal(world.tags)
    if world.fashions:
        fashion = world.fashions * rng.standard_normal((years, world.tags))
        recent = month - entry[creator] < 36
        odds[recent] += fashion[month[recent] // 12]
    after = (month >= EVENT - START) & (entry[creator] < CUTOFF - START)
    for tag, change in world.planted.items():
        odds[after, tag] += change
    return np.asarray(odds, np.float64)


def _counts(creator: npt.NDArray[np.int64], months: npt.NDArray[np.int64], count: npt.NDArray[Any]) -> TagCounts:
    """Lay counts out as the archive gives them."""
    kept = np.flatnonzero(count.sum(axis=1))
    row, tag = np.nonzero(count[kept])
    lengths = np.bincount(row, minlength=len(kept))
    return TagCounts(
        platforms=("site",),
        tags=tuple(f"t{index}" for index in range(count.shape[1])),
        platform=np.zeros(len(kept), np.int16),
        creators=creator[kept],
        months=months[kept].astype(np.int32),
        indptr=np.concatenate([[0], np.cumsum(lengths)]),
        tag=tag.astype(np.uint16),
        count=count[kept][row, tag],
        uploads=len(creator),
        tagged=len(kept),
        tags_left_out=0,
    )
