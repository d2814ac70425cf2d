"""The stochastic process: entrants, their lifetimes and dormancy, and the uploads of every month they are there.

Months are offsets from the population's first month throughout.  The steps, in order:

1. calendar: log factor of each month, a stationary AR(1), mean factor 1;
2. entrants: Poisson around a growing rate with a surge, times the calendar;
3. each creator: log-normal rate, and the tenure at exit, Weibull with gamma frailty (a Burr XII law, Lancaster 1979;
   Vaupel, Manton & Stallard 1979);
4. each month there: awake or dormant (a two-state Markov chain, awake at entry), and if awake a negative binomial
   count, rate × season × calendar × group shock × effect;
5. the month of entry counts half (entry falls anywhere in it), plus the upload by which the creator entered.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precipice.population.world import Population

Float = npt.NDArray[np.floating]
Int = npt.NDArray[np.integer]
Bool = npt.NDArray[np.bool_]

CHUNK = 1 << 19
"""Creator-months drawn at a time, so that memory stays near 30 MB however large the platform is."""

MONTHS_A_YEAR = 12
LEAST_FRAILTY = 1e-12  # a gamma of small shape underflows to 0, and such a creator would stay for ever anyway
LEAST_VARIANCE = 1e-9  # below it a gamma of mean 1 is 1 to four digits, and its shape soon overflows


@dataclass(frozen=True, eq=False)
class Entrants:
    """Everybody who ever entered, in the order of entry."""

    entry: npt.NDArray[np.int32]
    """Month of entry, shape (n,)."""
    log_rate: Float
    """Log of uploads in a month awake, all other factors 1, shape (n,)."""
    group: npt.NDArray[np.int32]
    """Group whose shocks the creator shares, shape (n,)."""
    incumbent: Bool
    """Entered before the event's month, shape (n,)."""
    stay: npt.NDArray[np.int32]
    """Months from entry to exit or the end of the window, at least 1, shape (n,)."""


def autoregression(shape: tuple[int, ...], sd: float, persistence: float, rng: np.random.Generator) -> Float:
    """Draw stationary AR(1) log factors along the last axis, shifted so that the mean of their exponentials is 1."""
    x = rng.standard_normal(shape)
    for month in range(1, shape[-1]):
        x[..., month] = persistence * x[..., month - 1] + np.sqrt(1 - persistence**2) * x[..., month]
    return np.asarray(sd * x - sd**2 / 2)


def expected_entries(population: Population) -> Float:
    """Give the mean number of entrants in each month, calendar factor 1, shape (months,)."""
    p = population
    months = p.start + np.arange(p.n_months)
    trend = p.entries * np.exp(p.growth * (months - p.start) / MONTHS_A_YEAR)
    bell = np.exp(-0.5 * ((months - p.surge_month) / p.surge_width) ** 2)
    return np.asarray(trend * (1 + p.surge * bell) * np.where(months < p.planted.month, 1, 1 + p.planted.entry))


def draw_entrants(population: Population, calendar: Float, rng: np.random.Generator) -> Entrants:
    """Draw who enters when, with what rate, group and lifetime.

    Args:
        population: the platform.
        calendar: log factor of each month, shape (months,).
        rng: source of chance.
    """
    p = population
    arrivals = rng.poisson(expected_entries(p) * np.exp(calendar))
    entry = np.repeat(np.arange(p.n_months, dtype=np.int32), arrivals)
    log_rate = np.log(p.rate) + p.rate_drift * entry / MONTHS_A_YEAR + p.rate_sigma * rng.standard_normal(len(entry))
    if p.groups == "tag":
        group = rng.integers(p.group_size, size=len(entry), dtype=np.int32)
    else:
        group = (entry // p.group_size if p.groups == "vintage" else np.zeros_like(entry)).astype(np.int32)
    incumbent = p.start + entry < p.planted.month
    tenure = draw_lifetimes(p, entry, incumbent, rng)
    stay = np.minimum(np.ceil(np.clip(tenure, 1, p.n_months)), p.n_months - entry).astype(np.int32)
    return Entrants(entry, log_rate, group, incumbent, stay)


def draw_lifetimes(population: Population, entry: Int, incumbent: Bool, rng: np.random.Generator) -> Float:
    """Draw each creator's tenure at exit in months, shape (n,).

    A unit exponential over the frailty is the Weibull hazard Λ(a) = (a / scale)^shape that a creator survives.  Where
    the event multiplies the hazard, what is left of it at the event is used up `exit` times as fast.

    Args:
        population: the platform.
        entry: months of entry, shape (n,).
        incumbent: entered before the event, shape (n,).
        rng: source of chance.
    """
    p = population
    budget = rng.standard_exponential(len(entry))
    if p.frailty > LEAST_VARIANCE:
        gamma = rng.standard_gamma(1 / p.frailty, len(entry)) * p.frailty
        budget /= np.maximum(gamma, LEAST_FRAILTY)
    scale = p.lifetime * np.exp(p.lifetime_drift * entry / MONTHS_A_YEAR)
    # An extreme shape takes hazards or tenures beyond floating point: an infinite tenure ends with the window.
    with np.errstate(over="ignore"):
        if p.planted.exit != 1:
            tenure = np.maximum(p.planted.month - p.start - entry, 0)
            before = np.minimum((tenure / scale) ** p.lifetime_shape, budget)
            left = (budget - before) / np.where(incumbent | p.planted.newcomers, p.planted.exit, 1.0)
            budget = before + left
        return np.asarray(scale * budget ** (1 / p.lifetime_shape))


def log_factors(population: Population, calendar: Float, group: Float) -> Float:
    """Give what a creator's rate is multiplied by in each month, in logs, shape (2 × groups, months).

    Row 2 g is for the newcomers of group g, row 2 g + 1 for its incumbents.

    Args:
        population: the platform.
        calendar: log factor of each month, shape (months,).
        group: log factor of each group and month, shape (groups, months).
    """
    p = population
    since = p.start + np.arange(p.n_months) - p.planted.month
    after = since >= 0
    everybody = calendar + np.asarray(p.season)[(p.start + np.arange(p.n_months)) % MONTHS_A_YEAR]
    everybody = everybody + after * np.log1p(p.platform_shock)
    effect = after * np.log1p(p.planted.level) + np.maximum(since, 0) * np.log1p(p.planted.slope)
    touched = np.stack([effect * p.planted.newcomers, effect])
    factors = everybody + group[:, None, :] + touched[None, :, :]
    return np.asarray(factors.reshape(-1, p.n_months))


def draw_awake(starts: Int, n: int, population: Population, rng: np.random.Generator) -> Bool:
    """Draw for each of `n` creator-months, creators one after the other, whether the creator is awake; shape (n,).

    One uniform moves both states of the chain: below `dormancy` either state goes dormant, above 1 - `waking` either
    wakes, between the two neither moves.  So the state is that of the last month whose uniform decided it, and a
    running maximum finds that month for all creators at once.

    Args:
        starts: where each creator's first month lies; everybody is awake there.
        n: number of creator-months.
        population: the platform.
        rng: source of chance.
    """
    uniform = rng.random(n, dtype=np.float32)
    awake = uniform >= 1 - population.waking
    decided = awake | (uniform < population.dormancy)
    awake[starts] = decided[starts] = True
    latest = np.maximum.accumulate(np.where(decided, np.arange(n, dtype=np.int32), 0))
    return np.asarray(awake[latest])


def draw_cells(
    population: Population, calendar: Float, entrants: Entrants, rng: np.random.Generator
) -> tuple[Int, Int, Int]:
    """Draw all uploads: creator, month and count of every cell that has any, in the order of a panel.

    Args:
        population: the platform.
        calendar: log factor of each month, shape (months,).
        entrants: everybody who ever entered.
        rng: source of chance.
    """
    p = population
    n_groups = int(entrants.group.max(initial=0)) + 1
    factors = log_factors(p, calendar, autoregression((n_groups, p.n_months), p.group_sd, p.group_persistence, rng))
    kind = 2 * entrants.group + entrants.incumbent
    parts = []
    for low, high in _chunks(entrants.stay):
        stay = entrants.stay[low:high]
        starts = np.cumsum(stay) - stay
        awake = np.flatnonzero(draw_awake(starts, int(stay.sum()), p, rng))
        row = np.repeat(np.arange(low, high, dtype=np.int32), stay)[awake]
        tenure = awake - np.repeat(starts, stay)[awake]
        month = entrants.entry[row] + tenure
        mean = np.exp(entrants.log_rate[row] + factors[kind[row], month])
        mean[tenure == 0] /= 2
        count = draw_counts(mean, p.dispersion, rng) + (tenure == 0)
        some = count > 0
        parts.append((row[some], month[some].astype(np.int32), count[some].astype(np.int32)))
    row, month, count = (np.concatenate(column) for column in zip(*parts, strict=True))
    return row, month, count


def draw_counts(mean: Float, dispersion: float, rng: np.random.Generator) -> Int:
    """Draw counts of variance mean + dispersion × mean²: Poisson around a gamma-distributed mean."""
    if dispersion > LEAST_VARIANCE:
        mean = mean * (rng.standard_gamma(1 / dispersion, len(mean)) * dispersion)
    return np.asarray(rng.poisson(mean))


def _chunks(stay: Int) -> Iterator[tuple[int, int]]:
    """Give ranges of creators that hold about `CHUNK` creator-months each."""
    ends = np.cumsum(stay, dtype=np.int64)
    limits = np.searchsorted(ends, np.arange(CHUNK, int(ends[-1]) if len(ends) else 0, CHUNK), side="right")
    edges = np.unique(np.concatenate([[0], limits, [len(stay)]]))
    yield from zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
