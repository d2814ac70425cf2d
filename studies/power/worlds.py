"""The worlds of the study: platforms on which nothing happens at the event, and platforms on which something does."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import numpy.typing as npt

from precipice.effects.guards import Frame
from precipice.panel import Panel, Window, sorted_panel
from precipice.population import WORLDS, Planted, Population, join_panels, populate
from precipice.population import Frame as Sampling
from precipice.population.process import autoregression, draw_cells, draw_entrants
from precipice.population.simulation import ORIGIN

OURS = ("S1", "S1-counts", "S1-trimmed", "S2", "S2-counts", "S2-trimmed", "SJ", "SJ-trimmed", "S12",
        "S12-trimmed", "lapse-S1", "lapse-S2")  # fmt: skip
AGAINST_NEWCOMERS = frozenset({"S2", "S2-counts", "S2-trimmed", "S12", "S12-trimmed", "age-period"})
CONTROLS = frozenset({"control", "control-counts", "control-trimmed"})
OF_NEWCOMERS = frozenset({"SJ", "SJ-trimmed"})
ALL = frozenset({*OURS, "age-period", *CONTROLS, "verdict"})
NONE: frozenset[str] = frozenset()

HERE, THERE = "here", "there"

REALISTIC, LIVELY = WORLDS["realistic"], WORLDS["lively"]


@dataclass(frozen=True)
class Setting:
    """One world and what the methods are told of it."""

    name: str
    words: str
    """What it is, for the table."""
    population: Population
    """The platform that is asked about, with what is planted on it."""
    null: frozenset[str] = ALL
    """Methods for which nothing happens here, so that whatever they find is found wrongly."""
    partner: Population | None = None
    """The control platform; None where there is none."""
    shared: float = 1.0
    """Share of the calendar's variance that the two platforms have in common."""
    frame: Frame = "population"
    """How the creators are said to be chosen."""
    claims_whole: bool = False
    """True where a truncated history is passed off as whole."""

    def rng(self, replication: int) -> np.random.Generator:
        """Give the source of chance of one replication: its own for each world and number."""
        return np.random.default_rng([crc32(self.name.encode()), replication])

    def draw(self, replication: int) -> Panel:
        """Draw one panel; the platform that is asked about is the first."""
        rng = self.rng(replication)
        if self.partner is not None:
            return draw_pair(self.population, self.partner, self.shared, rng)
        panel = populate(self.population, rng)
        if self.claims_whole:
            panel = replace(panel, windows=tuple(replace(window, truncated_first=False) for window in panel.windows))
        return panel

    @property
    def parameters(self) -> str:
        """Name every number that differs from `Population()`, for the record."""
        parts = list(_differing("", self.population, Population()))
        if self.partner is not None:
            parts += _differing("partner.", self.partner, Population())
            parts.append(f"shared={self.shared:g}")
        parts += [f"told frame={self.frame}"] if self.frame != "population" else []
        parts += ["told history=whole"] if self.claims_whole else []
        return "; ".join(parts) or "defaults"


def draw_pair(here: Population, there: Population, shared: float, rng: np.random.Generator) -> Panel:
    """Draw two platforms whose calendar factors have a share of their variance in common.

    Args:
        here: the platform that is asked about; its `calendar_sd` and `calendar_persistence` are both platforms'.
        there: the control platform.
        shared: share of the variance, between 0 and 1.
        rng: source of chance.
    """
    shape, sd, persistence = (here.n_months,), here.calendar_sd, here.calendar_persistence
    common = autoregression(shape, sd * shared**0.5, persistence, rng)
    parts = []
    for name, population in ((HERE, here), (THERE, there)):
        own = autoregression(shape, sd * (1 - shared) ** 0.5, persistence, rng)
        parts.append(_on_calendar(replace(population, platform=name), common + own, rng))
    return join_panels(parts)


def _on_calendar(population: Population, calendar: npt.NDArray[np.floating], rng: np.random.Generator) -> Panel:
    """Draw a platform on a given calendar, everybody in it."""
    p = population
    row, month, count = draw_cells(p, calendar, draw_entrants(p, calendar, rng), rng)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row))]).astype(np.int64)
    creators = np.arange(1, len(indptr))
    return sorted_panel(
        (p.platform,), np.zeros(len(creators), np.int16), creators, indptr, p.start + month, count,
        windows={p.platform: Window(p.start, p.end, False, False)}, origin=ORIGIN,
    )  # fmt: skip


def _differing(prefix: str, one: object, other: object) -> list[str]:
    parts: list[str] = []
    for name, value in vars(one).items():
        if isinstance(value, Planted | Sampling):
            parts += _differing(f"{prefix}{name}.", value, getattr(other, name))
        elif value != getattr(other, name):
            parts.append(f"{prefix}{name}={value:g}" if isinstance(value, float) else f"{prefix}{name}={value}")
    return parts


def _planted(base: Population, **numbers: float) -> Population:
    return replace(base, planted=Planted(**numbers))  # type: ignore[arg-type]  # all of them are floats


def _truncated(months: int) -> Population:
    return replace(REALISTIC, frame=Sampling(history_from=REALISTIC.end - months + 1))


SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("clean", "no calendar noise at all", WORLDS["clean"]),
        Setting("realistic", "months move together by a tenth", REALISTIC),
        Setting("lively", "the same, with 1.7 times as many incumbents active", LIVELY),
        Setting("group_shocks", "and entrants of the same half-year move together", WORLDS["group_shocks"]),
        Setting("tag_shocks", "and creators of the same tag move together", WORLDS["tag_shocks"]),
        Setting("drift", "and later entrants upload less and leave sooner", WORLDS["drift"]),
        Setting("random_250", "250 creators drawn at random", WORLDS["random_250"]),
        Setting("random_1000", "1,000 creators drawn at random",
                replace(WORLDS["random_250"], frame=Sampling("random", size=1000))),
        Setting("pair", "a control platform on the same calendar", REALISTIC, partner=REALISTIC),
        Setting("pair_half", "a control platform that shares half the calendar's variance", REALISTIC,
                partner=REALISTIC, shared=0.5),
        Setting("many_followers", "250 creators with over 2,000 followers at the end, not declared",
                WORLDS["many_followers"]),
        Setting("many_followers_told", "the same, declared", WORLDS["many_followers"], frame="followers"),
        Setting("recently_active", "250 creators active in the last year, not declared", WORLDS["recently_active"]),
        Setting("recently_active_told", "the same, declared", WORLDS["recently_active"], frame="recent"),
        Setting("many_followers_shock", "250 such creators, not declared, and a shock of the whole platform at once",
                replace(WORLDS["many_followers"], platform_shock=-0.2), null=frozenset({"verdict"})),
        Setting("young_platform", "a platform that opened four years before the event",
                replace(REALISTIC, start=REALISTIC.planted.month - 49, entries=2 * REALISTIC.entries)),
        Setting("short_history", "records of 34 months, as in the paper", WORLDS["short_history"]),
        Setting("truncated_96", "records of 96 months, first uploads before unknown", _truncated(96)),
        Setting("truncated_96_claimed", "the same, passed off as whole", _truncated(96), claims_whole=True),
        Setting("platform_shock", "everybody uploads a fifth less from the event on, for another reason",
                WORLDS["platform_shock"], null=AGAINST_NEWCOMERS | {"verdict"}),
        Setting("pair_shock", "the same on both of two platforms",
                replace(REALISTIC, platform_shock=-0.2), null=AGAINST_NEWCOMERS | CONTROLS | {"verdict"},
                partner=replace(REALISTIC, platform_shock=-0.2)),
        Setting("entries_down_30", "three tenths fewer enter from the event on, incumbents do as before",
                WORLDS["entries_down_30"]),
        Setting("everybody_down_20", "incumbents' and newcomers' rate −20 %", WORLDS["everybody_down_20"],
                null=AGAINST_NEWCOMERS | {"verdict"}),
        Setting("rate_down_20", "incumbents' rate −20 %", WORLDS["rate_down_20"], null=OF_NEWCOMERS),
        Setting("rate_down_30", "incumbents' rate −30 %", WORLDS["rate_down_30"], null=OF_NEWCOMERS),
        Setting("lively_down_20", "incumbents' rate −20 %, lively", _planted(LIVELY, level=-0.2),
                null=OF_NEWCOMERS),
        Setting("lively_down_30", "incumbents' rate −30 %, lively", _planted(LIVELY, level=-0.3),
                null=OF_NEWCOMERS),
        Setting("fading", "incumbents' rate −3 % a month, compounded", WORLDS["fading"], null=OF_NEWCOMERS),
        Setting("exits_doubled", "incumbents' hazard of leaving doubled", WORLDS["exits_doubled"],
                null=OF_NEWCOMERS),
        Setting("random_250_down_30", "incumbents' rate −30 %, 250 creators at random",
                replace(WORLDS["random_250"], planted=Planted(level=-0.3)), null=OF_NEWCOMERS),
        Setting("pair_down_20", "incumbents' rate −20 % here, not on the control", _planted(REALISTIC, level=-0.2),
                null=OF_NEWCOMERS, partner=REALISTIC),
        Setting("pair_down_30", "incumbents' rate −30 % here, not on the control", _planted(REALISTIC, level=-0.3),
                null=OF_NEWCOMERS, partner=REALISTIC),
    )
}  # fmt: skip
"""Every world by name."""
