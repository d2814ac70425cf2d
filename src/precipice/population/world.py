"""What a simulated platform is made of: one documented number a line, and the checks on them."""

import math
from dataclasses import dataclass, field
from typing import Literal

from precipice.errors import InputError
from precipice.months import month_text, parse_month
from precipice.records import EVENTS

SEASON = (0.05, -0.02, 0.05, 0.02, -0.02, -0.05, -0.04, -0.02, -0.03, 0.10, 0.00, -0.04)
"""Log factor of January to December.  The real panels at hand swing by about 0.1 either way once a yearly drive is
left out (Shadertoy -0.08 to 0.10); October is high because monthly drawing challenges fall there.  Sums to nought."""


@dataclass(frozen=True)
class Planted:
    """The effect that is planted at an event; the default plants none.

    Incumbents are the creators whose first upload is before the event's month, newcomers all others.
    """

    month: int = EVENTS["stable-diffusion"].month
    """The event's month (see `precipice.months`), the first in which rates can differ."""
    level: float = 0.0
    """Relative change of the incumbents' upload rate from the event on: -0.2 is a fifth less."""
    slope: float = 0.0
    """Relative change of their rate with every further month, compounded; the event's month itself has none of it."""
    exit: float = 1.0
    """Factor on their hazard of leaving: with 2, twice as many leave in the event's month and in any later one."""
    entry: float = 0.0
    """Relative change of the number of entrants a month from the event on."""
    newcomers: bool = False
    """True where level, slope and exit touch newcomers too; the upload by which a newcomer enters is never lost."""

    @property
    def nothing(self) -> bool:
        """True where no effect is planted at all."""
        return self.level == 0 and self.slope == 0 and self.exit == 1 and self.entry == 0


@dataclass(frozen=True)
class Frame:
    """Which creators of the platform come into the panel, and from when on they are seen."""

    kind: Literal["population", "random", "followers", "recent"] = "population"
    """All or a random draw; only creators with many followers; only creators who uploaded lately.  The last two are
    judged at the END of the window, as a researcher would who samples today."""
    size: int | None = None
    """Creators drawn at random among those in the frame; None takes all of them."""
    followers_over: int = 2000
    """For `followers`: only creators with more than this many (the 2,000 of Porres & Gomez-Villa, 2024)."""
    recent_months: int = 12
    """For `recent`: only creators with an upload in this many months at the end of the window."""
    history_from: int | None = None
    """Month in which records begin: earlier uploads are not in the panel, so first uploads before it are unknown;
    None where the whole history is there."""


@dataclass(frozen=True)
class Population:
    """One simulated platform: who enters, how much they upload, when they leave, and what else moves them.

    The defaults are the clean null: about 4,200 creators in 118 months, no shock, no drift, no effect.
    Rates, lifetimes and dormancy were set by hand to come near Shadertoy, 2013 to 2021 (3,931 makers of moving
    pictures; in brackets the defaults' own figures, from 41,000 creators): uploads in one month only 67 % (64); still
    seen in or after month 1, 12, 36: 33, 21, 14 % (37, 22, 15); active in month 1, 12, 36: 11.5, 3.3, 2.0 %
    (13.9, 3.4, 2.4); uploads of an active month: mean 1.7 (1.8), variance 3.3 (4.1).
    No platform of artists was at hand with its whole history: their retention may well be better, and a study of power
    should vary it.
    """

    platform: str = "simulated"
    """Name of the platform."""
    start: int = parse_month("2014-01")
    """First month; the platform opens in it, so that every first upload is true."""
    end: int = parse_month("2023-10")
    """Last month, included: the last of the paper's window."""
    entries: float = 22.6
    """Creators who enter in a month at the start, on average (Poisson)."""
    growth: float = 0.07
    """Growth of the entries, log points a year (Shadertoy 2013 to 2020: 0.12 on average, 0.04 from 2015 on)."""
    surge: float = 0.8
    """Relative height of a surge of entries.  Entries of tldr-pages rose by three quarters from 2019 to 2020."""
    surge_month: int = parse_month("2021-01")
    """Month of the surge's peak: between the lockdowns and the NFT boom of March 2021."""
    surge_width: float = 5.0
    """Standard deviation of the surge's bell, months."""
    rate: float = 0.42
    """Median creator's uploads in a month awake."""
    rate_sigma: float = 1.0
    """Standard deviation of the log rate between creators (log-normal)."""
    dispersion: float = 1.2
    """Over-dispersion of a month's count: variance = mean + dispersion × mean² (negative binomial; 0 is Poisson)."""
    lifetime: float = 1.8
    """Scale of the lifetime, months: the Weibull hazard accumulated to tenure a is frailty × (a / lifetime)^shape."""
    lifetime_shape: float = 0.5
    """Weibull shape; below 1 the hazard falls with tenure."""
    frailty: float = 1.2
    """Variance of the gamma frailty (mean 1) on the hazard; with it the share still there at tenure a is
    (1 + frailty × (a / lifetime)^shape)^(-1/frailty), a tail heavier than any Weibull's."""
    dormancy: float = 0.25
    """Chance a month to fall dormant; a dormant creator uploads nothing and may leave."""
    waking: float = 0.13
    """Chance a month to wake up again; dormancy + waking is at most 1."""
    season: tuple[float, ...] = SEASON
    """Log factor on upload rates in January to December, 12 numbers."""
    calendar_sd: float = 0.0
    """Standard deviation of the platform-wide log factor on upload rates and entries alike, AR(1), mean factor 1."""
    calendar_persistence: float = 0.6
    """Correlation of that factor with the month before."""
    groups: Literal["none", "vintage", "tag"] = "none"
    """Whether creators share group shocks, and with whom: those who entered in the same months, or those with the same
    tag (one tag a creator, drawn evenly; the panel's `tags` name them)."""
    group_size: int = 6
    """Months in a vintage, or number of tags."""
    group_sd: float = 0.0
    """Standard deviation of each group's log factor on upload rates, AR(1), mean factor 1."""
    group_persistence: float = 0.9
    """Correlation of that factor with the month before."""
    rate_drift: float = 0.0
    """Change of the median rate with the year of entry, log points a year: later cohorts are other people."""
    lifetime_drift: float = 0.0
    """Change of the lifetime's scale with the year of entry, log points a year."""
    platform_shock: float = 0.0
    """Relative change of everybody's upload rate from the event's month on: what no control-free method can tell
    from an effect."""
    followers: float = 30.0
    """Median followers after one upload and one month."""
    followers_sigma: float = 1.2
    """Standard deviation of the log of followers given uploads and tenure (1.19 on Foundation)."""
    planted: Planted = field(default_factory=Planted)
    """The effect planted at the event."""
    frame: Frame = field(default_factory=Frame)
    """Which creators come into the panel."""

    def __post_init__(self) -> None:
        """Check that every number can be used.

        Raises:
            InputError: a number is out of its range; all such are named at once.
        """
        wrong = _out_of_range(self)
        if wrong:
            raise InputError(
                f"the population '{self.platform}' cannot be simulated",
                why="; ".join(wrong),
                fix="change those numbers; `precipice.population.Population` says what each means",
            )

    @property
    def n_months(self) -> int:
        """Months simulated."""
        return self.end - self.start + 1


def _out_of_range(population: Population) -> list[str]:
    """Say in words which numbers are out of range."""
    p, e, f = population, population.planted, population.frame
    numbers = [v for v in (*vars(p).values(), *vars(e).values(), *p.season) if isinstance(v, float)]
    rules = {
        "every number must be finite": not all(map(math.isfinite, numbers)),
        "end is before start": p.end < p.start,
        "entries, rate, lifetime, lifetime_shape, surge_width and followers must be positive": min(
            p.entries, p.rate, p.lifetime, p.lifetime_shape, p.surge_width, p.followers
        )
        <= 0,
        "rate_sigma, dispersion, frailty, calendar_sd, group_sd and followers_sigma must not be negative": min(
            p.rate_sigma, p.dispersion, p.frailty, p.calendar_sd, p.group_sd, p.followers_sigma
        )
        < 0,
        "dormancy and waking must not be negative, nor their sum above 1": min(p.dormancy, p.waking) < 0
        or p.dormancy + p.waking > 1,
        "calendar_persistence and group_persistence lie between 0 and 1": not (
            0 <= p.calendar_persistence < 1 and 0 <= p.group_persistence < 1
        ),
        "season must have 12 numbers": len(p.season) != 12,
        "group_size must be at least 1": p.group_size < 1,
        "relative changes (level, slope, entry, platform_shock, surge) must be above -1": min(
            e.level, e.slope, e.entry, p.platform_shock, p.surge
        )
        <= -1,
        "exit must be positive": e.exit <= 0,
        f"the event ({month_text(e.month)}) is outside the window, and something happens at it": not (
            p.start <= e.month <= p.end
        )
        and not (e.nothing and p.platform_shock == 0),
        "size and recent_months must be at least 1": min(1 if f.size is None else f.size, f.recent_months) < 1,
        "history_from must lie in the window": f.history_from is not None and not p.start <= f.history_from <= p.end,
    }
    return [words for words, broken in rules.items() if broken]
