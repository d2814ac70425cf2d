"""Simulated platforms against the laws they are said to follow, each at four Monte Carlo errors."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.months import parse_month
from precipice.panel import Panel, panel_of
from precipice.population import (
    WORLDS,
    Frame,
    Planted,
    Population,
    join_panels,
    paper_population,
    paper_worlds,
    populate,
    truth,
)
from precipice.population import process as steps

CLEAN = Population()
EVENT = CLEAN.planted.month
ERRORS = 4.0  # Monte Carlo errors allowed: one seed in 16,000 is further out

# Everybody uploads in every month there is: 20 uploads a month leave one month in 5e8 empty, a month of entry never.
BUSY = replace(CLEAN, rate=20.0, rate_sigma=0.0, dispersion=0.0, dormancy=0.0, season=(0.0,) * 12)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def quiet(population: Population) -> Any:
    """Calendar of a population without one: log factors of nought."""
    return np.zeros(population.n_months)


def monthly(panel: Panel, chosen: Any, weights: Any = None) -> Any:
    """Uploads (or, with weights of 1, active creators) a month of the chosen creators."""
    cells = chosen[panel.row]
    amounts = panel.count if weights is None else weights
    return np.bincount(panel.month[cells], amounts[cells], minlength=panel.n_months)


def uploads_by_side(population: Population, replications: int, seed: int) -> Any:
    """Uploads from the event on by incumbents and by newcomers, the upload of entry left out; shape (runs, 2)."""
    sums = []
    for run in range(replications):
        panel = populate(population, rng(seed + run))
        later = panel.start + panel.month > np.maximum(EVENT - 1, panel.first[panel.row])
        old = panel.first[panel.row] < EVENT
        sums.append([panel.count[later & old].sum(), panel.count[later & ~old].sum()])
    return np.array(sums, float)


def ratio_and_error(above: Any, below: Any) -> tuple[Any, Any]:
    """Ratio of the means of independent runs with its delta-method standard error."""
    ratio = above.mean(0) / below.mean(0)
    relative = above.var(0, ddof=1) / len(above) / above.mean(0) ** 2
    relative = relative + below.var(0, ddof=1) / len(below) / below.mean(0) ** 2
    return ratio, ratio * np.sqrt(relative)


# Entry


def test_entries_grow_surge_and_answer_to_the_event_as_written() -> None:
    p = replace(CLEAN, entries=10.0, growth=0.12, surge=0.5, surge_width=3.0, planted=Planted(entry=-0.3))
    mean = steps.expected_entries(p)
    peak, year = p.surge_month - p.start, 12
    assert mean.shape == (118,)
    assert mean[0] == pytest.approx(10.0, rel=1e-12)  # 28 widths from the peak
    assert mean[year] / mean[0] == pytest.approx(np.exp(0.12))
    assert mean[peak] == pytest.approx(10 * np.exp(0.12 * peak / 12) * 1.5)
    assert mean[peak + 3] == pytest.approx(10 * np.exp(0.12 * (peak + 3) / 12) * (1 + 0.5 * np.exp(-0.5)))
    after = np.arange(p.start, p.end + 1) >= EVENT
    before = steps.expected_entries(replace(p, planted=Planted()))
    assert mean / before == pytest.approx(np.where(after, 0.7, 1.0))


def test_entrants_a_month_are_poisson_with_that_mean() -> None:
    runs, source = 200, rng(1)
    entrants = [steps.draw_entrants(CLEAN, quiet(CLEAN), source).entry for _ in range(runs)]
    drawn = np.array([np.bincount(entry, minlength=CLEAN.n_months) for entry in entrants])
    mean = steps.expected_entries(CLEAN)
    z = (drawn.sum(0) - runs * mean) / np.sqrt(runs * mean)
    assert abs((z**2).sum() - 118) < ERRORS * np.sqrt(2 * 118)  # chi-squared on 118
    # Index of dispersion: (runs - 1) × variance / mean is chi-squared on runs - 1, summed over independent months.
    dispersion = ((drawn - drawn.mean(0)) ** 2 / drawn.mean(0)).sum()
    freedom = 118 * (runs - 1)
    assert abs(dispersion - freedom) < ERRORS * np.sqrt(2 * freedom)


# Counts


@pytest.mark.parametrize(("mean", "dispersion"), [(0.3, 1.2), (2.0, 0.5), (2.0, 0.0)])
def test_counts_follow_scipys_negative_binomial_or_poisson(mean: float, dispersion: float) -> None:
    from scipy import stats

    n = 200_000
    drawn = steps.draw_counts(np.full(n, mean), dispersion, rng(2))
    size = 1 / dispersion if dispersion else np.inf
    law = stats.nbinom(size, size / (size + mean)) if dispersion else stats.poisson(mean)
    assert law.var() == pytest.approx(mean + dispersion * mean**2)
    top = int(law.isf(20 / n))  # the last class holds about twenty
    expected = n * np.append(law.pmf(np.arange(top)), law.sf(top - 1))
    seen = np.bincount(np.minimum(drawn, top), minlength=top + 1)
    chi2 = ((seen - expected) ** 2 / expected).sum()
    assert abs(chi2 - top) < ERRORS * np.sqrt(2 * top)


def test_rates_are_log_normal_between_creators() -> None:
    entrants = steps.draw_entrants(replace(CLEAN, entries=500.0), quiet(CLEAN), rng(3))
    n = len(entrants.entry)
    assert abs(entrants.log_rate.mean() - np.log(CLEAN.rate)) < ERRORS * CLEAN.rate_sigma / np.sqrt(n)
    assert abs(entrants.log_rate.std() - CLEAN.rate_sigma) < ERRORS * CLEAN.rate_sigma / np.sqrt(2 * n)


# Lifetimes


@pytest.mark.parametrize(("frailty", "shape"), [(1.2, 0.5), (0.5, 1.5), (0.0, 0.7)])
def test_lifetimes_follow_scipys_burr_or_weibull(frailty: float, shape: float) -> None:
    from scipy import stats

    p, n = replace(CLEAN, lifetime=6.0, lifetime_shape=shape, frailty=frailty), 100_000
    drawn = steps.draw_lifetimes(p, np.zeros(n, int), np.ones(n, bool), rng(4))
    law = (
        stats.burr12(shape, 1 / frailty, scale=6 * frailty ** (-1 / shape))
        if frailty
        else stats.weibull_min(shape, scale=6)
    )
    distance = stats.kstest(drawn, law.cdf).statistic
    assert distance < np.sqrt(np.log(2 / 6.3e-5) / (2 * n))  # Dvoretzky–Kiefer–Wolfowitz at four standard errors


def left_after(panel: Panel, months: int, tenure: int) -> tuple[int, float]:
    """Creators of one tenure at the event who are there in the month before, and the share gone `months` later."""
    there = (panel.first == EVENT - tenure) & (panel.last >= EVENT)
    return int(there.sum()), float((panel.last[there] < EVENT + months).mean())


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_doubled_exits_double_a_constant_hazard(factor: float) -> None:
    p = replace(BUSY, entries=8000.0, growth=0.0, surge=0.0, start=EVENT - 3, end=EVENT + 3)
    p = replace(p, lifetime=5.0, lifetime_shape=1.0, frailty=0.0, planted=Planted(exit=factor))
    for months in (1, 2):
        n, gone = left_after(populate(p, rng(5)), months, tenure=2)
        law = 1 - np.exp(-factor * months / 5)
        assert n > 4000
        assert abs(gone - law) < ERRORS * np.sqrt(law * (1 - law) / n)


def test_doubled_exits_under_frailty_follow_the_closed_form() -> None:
    p = replace(BUSY, entries=8000.0, growth=0.0, surge=0.0, start=EVENT - 4, end=EVENT + 8)
    p = replace(p, planted=Planted(exit=2.0))
    n, gone = left_after(populate(p, rng(6)), 6, tenure=4)
    hazard_to, hazard_on = ((a / p.lifetime) ** p.lifetime_shape for a in (4, 10))
    staying = ((1 + p.frailty * (hazard_to + 2 * (hazard_on - hazard_to))) / (1 + p.frailty * hazard_to)) ** -(
        1 / p.frailty
    )
    assert n > 2000
    assert abs(gone - (1 - staying)) < ERRORS * np.sqrt(staying * (1 - staying) / n)


def test_exits_leave_newcomers_alone_unless_told() -> None:
    base = replace(CLEAN, planted=Planted(exit=2.0))
    entry = np.full(1000, EVENT - CLEAN.start + 2)
    old = np.zeros(1000, bool)
    untouched = steps.draw_lifetimes(CLEAN, entry, old, rng(7))
    assert np.array_equal(steps.draw_lifetimes(base, entry, old, rng(7)), untouched)
    told = replace(base, planted=Planted(exit=2.0, newcomers=True))
    # With twice the hazard from entry on, a Weibull lifetime shrinks by 2^(1/shape) = 4.
    assert steps.draw_lifetimes(told, entry, old, rng(7)) == pytest.approx(untouched / 4)


def test_extreme_shapes_end_with_the_window_and_without_a_warning() -> None:
    p = replace(CLEAN, lifetime_shape=0.005, planted=Planted(exit=2.0))
    tenure = steps.draw_lifetimes(p, np.zeros(1000, int), np.ones(1000, bool), rng(7))
    assert np.isinf(tenure).any()
    assert not np.isnan(tenure).any()
    assert steps.draw_entrants(p, quiet(p), rng(7)).stay.max() == p.n_months


# Dormancy, calendar, groups


def test_the_share_awake_falls_from_one_to_the_chains_balance() -> None:
    n, months = 40_000, 12
    awake = steps.draw_awake(np.arange(n) * months, n * months, CLEAN, rng(8)).reshape(n, months)
    balance = CLEAN.waking / (CLEAN.waking + CLEAN.dormancy)
    law = balance + (1 - balance) * (1 - CLEAN.waking - CLEAN.dormancy) ** np.arange(months)
    assert awake[:, 0].all()
    assert (np.abs(awake.mean(0) - law) <= ERRORS * np.sqrt(law * (1 - law) / n)).all()
    wakes = awake[:, 6][~awake[:, 5]]
    assert abs(wakes.mean() - CLEAN.waking) < ERRORS * np.sqrt(CLEAN.waking * (1 - CLEAN.waking) / len(wakes))


def test_calendar_factors_have_mean_one_and_the_stated_memory() -> None:
    n = 20_000
    x = steps.autoregression((n, 20), 0.2, 0.7, rng(9))
    assert (np.abs(np.exp(x).mean(0) - 1) < ERRORS * np.sqrt(np.expm1(0.04) / n)).all()
    assert (np.abs(x.std(0) - 0.2) < ERRORS * 0.2 / np.sqrt(2 * n)).all()
    for lag in (1, 3):
        law = 0.7**lag
        seen = np.corrcoef(x[:, 5], x[:, 5 + lag])[0, 1]
        assert abs(seen - law) < ERRORS * (1 - law**2) / np.sqrt(n)


def test_a_calendar_without_spread_is_no_calendar() -> None:
    assert not steps.autoregression((118,), 0.0, 0.6, rng(10)).any()


def test_log_factors_add_season_calendar_group_shock_and_effect() -> None:
    effect = Planted(level=-0.2, slope=-0.05)
    p = replace(CLEAN, planted=effect, platform_shock=0.1)
    calendar, group = rng(11).standard_normal(118), rng(12).standard_normal((2, 118))
    factors = steps.log_factors(p, calendar, group)
    season = np.array([p.season[(p.start + month) % 12] for month in range(118)])
    event = EVENT - p.start
    base = season + calendar + group[1] + np.where(np.arange(118) >= event, np.log(1.1), 0)
    assert factors.shape == (4, 118)
    assert factors[2] == pytest.approx(base)
    assert factors[3][:event] == pytest.approx(base[:event])
    assert factors[3][event] - base[event] == pytest.approx(np.log(0.8))
    assert factors[3][event + 4] - base[event + 4] == pytest.approx(np.log(0.8) + 4 * np.log(0.95))
    everybody = steps.log_factors(replace(p, planted=replace(effect, newcomers=True)), calendar, group)
    assert everybody[2] == pytest.approx(factors[3])


def test_season_begins_with_january() -> None:
    p = replace(CLEAN, season=(1.0, *(0.0,) * 11), start=parse_month("2020-03"), end=parse_month("2023-02"))
    factors = steps.log_factors(p, quiet(p), np.zeros((1, p.n_months)))
    assert np.flatnonzero(factors[0]).tolist() == [10, 22, 34]


def test_vintages_share_a_group_and_tags_part_the_creators() -> None:
    vintages = steps.draw_entrants(WORLDS["group_shocks"], quiet(CLEAN), rng(13))
    assert np.array_equal(vintages.group, vintages.entry // 6)
    panel = populate(WORLDS["tag_shocks"], rng(14))
    used = np.array(list(panel.tags.values()))
    assert list(panel.tags) == [f"tag_{index}" for index in range(1, 7)]
    assert (used.sum(0) == 1).all()
    share = used.mean(1)
    assert (np.abs(share - 1 / 6) < ERRORS * np.sqrt(5 / 36 / len(panel))).all()


def test_a_group_shock_moves_its_creators_together() -> None:
    tagged = replace(BUSY, groups="tag", group_size=2, group_sd=0.5, lifetime=1e9, surge=0.0, growth=0.0)
    panel = populate(tagged, rng(15))
    first, second = (
        monthly(panel, used)[60:] / monthly(panel, used, np.ones(len(panel.count)))[60:] for used in panel.tags.values()
    )
    # Counting noise of thousands of uploads is 1 %; a group's own factor is 50 %, and two groups have two of them.
    assert np.log(first).std() > 0.1
    assert np.log(first / second).std() > 0.1


def test_later_cohorts_drift_as_written() -> None:
    p = replace(CLEAN, rate_sigma=0.0, rate_drift=-0.06)
    entrants = steps.draw_entrants(p, quiet(p), rng(16))
    assert entrants.log_rate == pytest.approx(np.log(p.rate) - 0.06 * entrants.entry / 12)
    entry, old = np.arange(118), np.ones(118, bool)
    still = steps.draw_lifetimes(CLEAN, entry, old, rng(17))
    drifting = steps.draw_lifetimes(replace(CLEAN, lifetime_drift=-0.15), entry, old, rng(17))
    assert drifting == pytest.approx(still * np.exp(-0.15 * entry / 12))


# Effects seen in panels


@pytest.fixture(scope="module")
def null_uploads() -> Any:
    return uploads_by_side(CLEAN, 80, 1000)


@pytest.mark.parametrize(
    ("planted", "incumbents", "newcomers"),
    [
        (Planted(level=-0.2), 0.8, 1.0),
        (Planted(level=-0.2, newcomers=True), 0.8, 0.8),
        (Planted(entry=0.5), 1.0, 1.5),
    ],
)
def test_planted_effects_change_uploads_by_the_stated_ratio(
    null_uploads: Any, planted: Planted, incumbents: float, newcomers: float
) -> None:
    treated = uploads_by_side(replace(CLEAN, planted=planted), 80, 5000)
    ratio, error = ratio_and_error(treated, null_uploads)
    assert error.max() < 0.04  # fine enough to tell 0.8 from 1
    assert (np.abs(ratio - [incumbents, newcomers]) < ERRORS * error).all()


def test_incumbents_are_those_who_entered_before_the_events_month() -> None:
    entrants = steps.draw_entrants(CLEAN, quiet(CLEAN), rng(18))
    assert np.array_equal(entrants.incumbent, CLEAN.start + entrants.entry < EVENT)


@pytest.mark.parametrize("groups", ["vintage", "tag"])
def test_an_effect_reaches_the_incumbents_of_every_group_and_no_newcomer(groups: Literal["vintage", "tag"]) -> None:
    p = replace(BUSY, entries=200.0, lifetime=1e9, start=EVENT - 6, end=EVENT + 5, groups=groups, group_size=3)
    panel = populate(replace(p, planted=Planted(level=-0.5)), rng(18))
    tenure = panel.start + panel.month - panel.first[panel.row]
    touched = (panel.first[panel.row] < EVENT) & (panel.start + panel.month >= EVENT)
    vintage = (panel.first - panel.start) // 3
    labels = vintage if groups == "vintage" else np.argmax(list(panel.tags.values()), axis=0)
    for group in np.unique(labels):
        for halved in np.unique(touched[labels[panel.row] == group]):
            counts = panel.count[(labels[panel.row] == group) & (touched == halved) & (tenure > 0)]
            law = 10.0 if halved else 20.0
            assert abs(counts.mean() - law) < ERRORS * np.sqrt(law / len(counts))


def test_a_slope_compounds_month_by_month() -> None:
    p = replace(BUSY, entries=100.0, lifetime=1e9, start=EVENT - 6, end=EVENT + 11)
    faded = populate(replace(p, planted=Planted(slope=-0.1)), rng(18))
    series = monthly(faded, faded.first < EVENT)[6:]
    law = (faded.first < EVENT).sum() * 20 * 0.9 ** np.arange(12)
    assert (np.abs(series - law) < ERRORS * np.sqrt(law)).all()


# The trap


def expected_uploads(population: Population, senior: bool) -> Any:
    """Mean uploads a month of seniors or juniors, by hand from the five steps (no calendar, no effect)."""
    p = population
    months = np.arange(p.n_months)
    entries = steps.expected_entries(p) * ((p.start + months < EVENT) == senior)
    tenure = months[:, None] - months[None, :]  # month × entry
    a = np.maximum(tenure, 0)
    balance = p.waking / (p.waking + p.dormancy)
    awake = balance + (1 - balance) * (1 - p.waking - p.dormancy) ** a
    there = (1 + p.frailty * (a / p.lifetime) ** p.lifetime_shape) ** (-1 / p.frailty)
    share = np.where(tenure > 0, there * awake, 0) + np.where(tenure == 0, 0.5, 0)
    mean = p.rate * np.exp(p.rate_sigma**2 / 2) * np.exp(np.asarray(p.season)[(p.start + months) % 12])
    return mean * (share @ entries) + entries  # and the upload of entry


def test_with_no_effect_at_all_seniors_fall_and_juniors_rise() -> None:
    runs, event = 100, EVENT - CLEAN.start
    series = np.zeros((2, runs, CLEAN.n_months))
    for run in range(runs):
        panel = populate(CLEAN, rng(20_000 + run))
        senior = panel.first < EVENT
        series[0, run], series[1, run] = monthly(panel, senior), monthly(panel, ~senior)
    law = np.array([expected_uploads(CLEAN, True), expected_uploads(CLEAN, False)])
    years = [slice(event - 12, event), slice(event, event + 12)]
    for side in (0, 1):
        for year in years:
            total = series[side, :, year].sum(1)
            error = total.std(ddof=1) / np.sqrt(runs)
            assert abs(total.mean() - law[side, year].sum()) <= ERRORS * error
    seniors, juniors = (law[side] for side in (0, 1))
    assert seniors[years[1]].sum() < 0.75 * seniors[years[0]].sum()  # a quarter gone, and nothing happened
    assert juniors[event + 6 : event + 12].sum() > 1.2 * juniors[event : event + 6].sum()
    # The reading that takes this for an effect is fooled in every single run.
    assert (series[0, :, years[1]].sum(1) < series[0, :, years[0]].sum(1)).all()
    assert (series[1, :, years[1]].sum(1) > series[1, :, years[0]].sum(1)).all()


def test_incumbents_of_a_large_null_platform_decline_without_a_jump() -> None:
    law = expected_uploads(replace(CLEAN, season=(0.0,) * 12), True)[EVENT - CLEAN.start :]
    change = law[1:] / law[:-1]
    assert (change < 1).all()
    # Past the first month (in which the last entrants' first uploads are missing) the fall slows smoothly.
    assert (np.diff(change[1:]) > 0).all()
    assert change[1] > 0.85


# Panels


def test_the_same_seed_gives_the_same_panel_and_another_seed_another() -> None:
    one, same, other = (populate(WORLDS["group_shocks"], rng(seed)) for seed in (21, 21, 22))
    for name in ("creators", "indptr", "month", "count", "first", "followers"):
        assert np.array_equal(getattr(one, name), getattr(same, name))
    assert len(one.count) != len(other.count) or not np.array_equal(one.count, other.count)


def test_every_creators_first_cell_is_in_the_month_of_entry() -> None:
    source = rng(23)
    calendar = steps.autoregression((CLEAN.n_months,), 0.0, CLEAN.calendar_persistence, source)
    entrants = steps.draw_entrants(CLEAN, calendar, source)
    panel = populate(CLEAN, rng(23))
    assert np.array_equal(panel.first, CLEAN.start + entrants.entry)
    assert np.array_equal(panel.start + panel.month[panel.indptr[:-1]], panel.first)
    assert (panel.last - panel.first < entrants.stay).all()


def test_panels_say_that_they_are_simulated_and_complete() -> None:
    panel = populate(CLEAN, rng(24))
    assert panel.origin == "simulated"
    assert str(panel.window("simulated")) == "2014-01 to 2023-10"
    assert (panel.start, panel.end) == (CLEAN.start, CLEAN.end)


def test_drawing_in_small_chunks_follows_the_same_law(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = populate(replace(BUSY, lifetime=1e9), rng(25))
    monkeypatch.setattr(steps, "CHUNK", 1000)
    pieces = populate(replace(BUSY, lifetime=1e9), rng(25))
    # All who entered stay and upload: the cells are certain, only the counts are drawn in another order.
    assert np.array_equal(whole.month, pieces.month)
    assert np.array_equal(whole.indptr, pieces.indptr)
    total = 20 * len(whole.count)
    assert abs(int(whole.count.sum()) - int(pieces.count.sum())) < ERRORS * np.sqrt(2 * total)


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_gives_a_panel_whose_truth_can_be_told(name: str) -> None:
    world = WORLDS[name]
    panel = populate(world, rng(26))
    assert len(panel) == (world.frame.size or len(panel))
    assert (panel.followers >= 0).all()
    told = truth(world)
    assert told.summary().startswith("Simulated, not measured")
    assert ("No effect was planted" in told.words) == world.planted.nothing


# Frames


def test_the_followers_frame_holds_only_creators_with_more_than_two_thousand() -> None:
    panel = populate(WORLDS["many_followers"], rng(27))
    assert len(panel) == 250
    assert panel.followers.min() > 2000


def test_the_recent_frame_holds_only_creators_seen_lately() -> None:
    panel = populate(WORLDS["recently_active"], rng(28))
    assert len(panel) == 250
    assert panel.last.min() > CLEAN.end - 12


def test_a_random_draw_is_even() -> None:
    world = replace(CLEAN, frame=Frame("random", size=400))
    old = [(populate(world, rng(seed)).first < parse_month("2019-01")).mean() for seed in range(40)]
    mean = steps.expected_entries(CLEAN)
    share = mean[:60].sum() / mean.sum()
    assert abs(np.mean(old) - share) < ERRORS * np.sqrt(share * (1 - share) / 400 / 40)


def test_left_truncation_forgets_first_uploads_and_says_so() -> None:
    cut = parse_month("2021-01")
    whole, short = populate(CLEAN, rng(29)), populate(replace(CLEAN, frame=Frame(history_from=cut)), rng(29))
    later = whole.start + whole.month >= cut
    assert np.array_equal(short.creators, np.unique(whole.creators[whole.row[later]]))
    assert np.array_equal(short.count, whole.count[later])
    assert np.array_equal(short.start + short.month, (whole.start + whole.month)[later])
    assert np.array_equal(short.creators[short.row], whole.creators[whole.row[later]])
    assert short.first.min() == cut
    old = np.isin(short.creators, whole.creators[whole.first < cut])
    assert (short.first[~old] == whole.first[np.isin(whole.creators, short.creators[~old])]).all()
    assert str(short.window("simulated")) == "2021-01 to 2023-10 (first month truncated)"


def test_followers_grow_with_uploads_and_tenure_as_written() -> None:
    panel = populate(replace(CLEAN, entries=200.0, followers=1e6), rng(30))
    years = 1 + (panel.last - panel.first) / 12
    X = np.column_stack([np.ones(len(panel)), np.log(panel.uploads), np.log(years)])
    y = np.log(panel.followers)  # a million at the median, so rounding down is nothing
    beta = np.linalg.solve(X.T @ X, X.T @ y)
    error = 1.2 * np.sqrt(np.diag(np.linalg.inv(X.T @ X)))
    assert (np.abs(beta - [np.log(1e6), 0.9, 1.0]) < ERRORS * error).all()
    assert abs((y - X @ beta).std() - 1.2) < ERRORS * 1.2 / np.sqrt(2 * len(panel))


def test_a_frame_that_cannot_be_filled_says_how_many_there_are() -> None:
    world = replace(CLEAN, frame=Frame("followers", size=2000))
    with pytest.raises(InputError, match=r"cannot give 2,000 creators") as refused:
        populate(world, rng(31))
    assert "simulated ones are in it" in refused.value.why


def test_a_platform_nobody_enters_is_refused() -> None:
    with pytest.raises(InputError, match="has no creators"):
        populate(replace(CLEAN, entries=1e-9), rng(32))
    with pytest.raises(InputError, match="has no creators"):
        populate(replace(CLEAN, frame=Frame("followers", followers_over=10**12)), rng(32))


# Joining


def test_joining_keeps_platforms_apart() -> None:
    late = replace(CLEAN, platform="zeta", start=parse_month("2018-04"), end=parse_month("2022-12"))
    tagged = replace(WORLDS["tag_shocks"], platform="alpha")
    parts = {world.platform: populate(world, rng(33)) for world in (late, tagged)}
    joined = join_panels(list(parts.values()))
    assert joined.platforms == ("alpha", "zeta")
    assert joined.origin == "simulated"
    assert (joined.start, joined.end) == (CLEAN.start, CLEAN.end)
    for name, part in parts.items():
        alone = joined.only(name)
        assert alone.window(name) == part.window(name)
        assert np.array_equal(alone.start + alone.month, part.start + part.month)
        for field in ("creators", "indptr", "count", "first", "followers"):
            assert np.array_equal(getattr(alone, field), getattr(part, field))
    assert not joined.only("zeta").tags["tag_1"].any()
    assert np.array_equal(joined.only("alpha").tags["tag_1"], parts["alpha"].tags["tag_1"])


def test_joining_a_joined_panel_again_is_the_same_as_joining_all_at_once() -> None:
    a, b, c = (populate(replace(CLEAN, platform=name), rng(34)) for name in "abc")
    nested, flat = join_panels([join_panels([c, a]), b]), join_panels([a, b, c])
    for field in ("platforms", "windows", "creators", "platform", "month", "count", "first"):
        assert np.array_equal(getattr(nested, field), getattr(flat, field))


def measured() -> Panel:
    one = np.array([1])
    return panel_of(("real",), one * 0, one, one * EVENT, one)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (list, "no panel to join"),
        (lambda: [populate(CLEAN, rng(1)), populate(CLEAN, rng(2))], "in two of the panels"),
        (lambda: [populate(CLEAN, rng(1)), measured()], "different origin"),
    ],
)
def test_panels_that_cannot_be_joined_are_refused(parts: Callable[[], list[Panel]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        join_panels(parts())


# The paper's shape, and the truth in words


def test_the_papers_world_has_its_frames_and_no_effect() -> None:
    panel = paper_population(rng(35))
    assert panel.platforms == ("artstation", "danbooru", "deviantart")
    assert [int(panel.on(name).sum()) for name in panel.platforms] == [250, 4000, 250]
    for name in ("artstation", "deviantart"):
        assert panel.followers[panel.on(name)].min() > 2000
    assert all(world.planted.nothing and world.platform_shock == 0 for world in paper_worlds())
    assert panel.first.min() < parse_month("2015-01")


def test_the_papers_world_can_be_given_an_effect() -> None:
    worlds = paper_worlds(Planted(level=-0.2))
    assert [truth(world).numbers["level"] for world in worlds] == [-0.2] * 3
    ratio, error = ratio_and_error(
        *(
            np.array(
                [
                    [monthly(panel, panel.on("danbooru") & (panel.first < EVENT))[-15:].sum()]
                    for panel in (paper_population(rng(seed + run), planted) for run in range(30))
                ],
                float,
            )
            for seed, planted in ((100, Planted(level=-0.2)), (200, None))
        )
    )
    assert abs(ratio[0] - 0.8) < ERRORS * error[0]


def test_the_truth_tells_each_planted_number() -> None:
    planted = Planted(level=-0.2, slope=0.01, exit=2.0, entry=-0.5)
    told = truth(replace(CLEAN, planted=planted, platform_shock=0.1, frame=Frame("recent", size=5, history_from=24200)))
    assert told.words == (
        "Simulated, not measured ('simulated', 2014-01 to 2023-10; creators with an upload in the last 12 months, "
        "5 of them, seen only from 2016-09 on). Planted from 2022-08 on: incumbents' upload rate -20 %; incumbents' "
        "upload rate +1 % with every further month; incumbents' hazard of leaving times 2; entrants a month -50 %. "
        "From 2022-08 on all creators' upload rate is +10 % for another reason."
    )
    assert told.numbers["incumbent_rate_ratio"] == pytest.approx(0.8 * (1.01**12 - 1) / 0.12)
    assert told.table().to_pydict()["value"][:6] == [EVENT, -0.2, 0.01, 2.0, -0.5, 0.0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"end": CLEAN.start - 1}, "end is before start"),
        ({"entries": 0.0}, "must be positive"),
        ({"rate": float("nan")}, "must be finite"),
        ({"lifetime_shape": -1.0}, "must be positive"),
        ({"dispersion": -0.1}, "must not be negative"),
        ({"dormancy": 0.6, "waking": 0.5}, "nor their sum above 1"),
        ({"calendar_persistence": 1.0}, "between 0 and 1"),
        ({"season": (0.0,) * 11}, "12 numbers"),
        ({"group_size": 0}, "group_size"),
        ({"planted": Planted(level=-1.0)}, "above -1"),
        ({"planted": Planted(exit=0.0)}, "exit must be positive"),
        ({"planted": Planted(month=CLEAN.end + 1, level=-0.2)}, "outside the window"),
        ({"frame": Frame(size=0)}, "at least 1"),
        ({"frame": Frame(history_from=CLEAN.end + 1)}, "history_from"),
    ],
)
def test_numbers_out_of_range_are_refused_by_name(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputError) as refused:
        replace(CLEAN, **changes)
    assert reason in refused.value.why


def test_all_wrong_numbers_are_named_at_once() -> None:
    with pytest.raises(InputError) as refused:
        replace(CLEAN, entries=0.0, frame=Frame(size=0))
    assert "must be positive" in refused.value.why
    assert "size and recent_months" in refused.value.why


# Beside a real platform


def retention(first: Any, last: Any, end: int, months: int) -> float:
    """Share still seen `months` after their first upload, of those who could be."""
    could = first + months <= end
    return float((last[could] - first[could] >= months).mean())


def test_the_defaults_keep_about_as_many_creators_as_shadertoy(shared: Path) -> None:
    months = defaultdict(list)
    with gzip.open(shared / "panels" / "shadertoy.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            months[row["creator_id"]].append(parse_month(row["timestamp"][:7]))
    first, last = (np.array([pick(seen) for seen in months.values()]) for pick in (min, max))
    panel = populate(replace(CLEAN, entries=226.0), rng(36))
    for tenure in (1, 6, 12, 24, 36):
        real = retention(first, last, int(last.max()), tenure)
        made = retention(panel.first, panel.last, panel.end, tenure)
        assert abs(made - real) < 0.04  # of 33, 24, 21, 17 and 14 %: chosen by hand to be near, not fitted
