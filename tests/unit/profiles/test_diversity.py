"""Diversity by cohort and year: comparable numbers, their errors, sameness and turnover."""

import numpy as np
import pytest

from precipice.cohorts import Cohort, everyone
from precipice.errors import InputError
from precipice.months import parse_month
from precipice.profiles.diversity import Diversity, horn, measure_diversity
from precipice.study.profiling.diversity import DiversityProfile
from tests.unit.profiles.tagged import tagged

YEARS = ("2020-01", "2021-12")


def platform(
    rng: np.random.Generator, creators: int, chances: np.ndarray, *, uploads: int = 3
) -> dict[str, dict[str, dict[str, int]]]:
    """Make creators who each carry tags of given chances, in one month of each year, with distinct taste by chance."""
    used: dict[str, dict[str, dict[str, int]]] = {}
    for number in range(creators):
        for year in ("2020", "2021"):
            drawn = np.flatnonzero(rng.random(len(chances)) < chances)
            month = f"{year}-{rng.integers(1, 13):02d}"
            used.setdefault(f"{number}", {})[month] = {f"t{k:03d}": uploads for k in drawn} or {"t000": uploads}
    return used


def measured(used: dict[str, dict[str, dict[str, int]]], seed: int = 0, halves: int = 15) -> list[Diversity]:
    panel, counts = tagged(used, window=YEARS)
    return list(measure_diversity(panel, counts, everyone(panel), "site", halves=halves, seed=seed))


def test_a_larger_cohort_of_the_same_kind_has_the_same_effective_numbers() -> None:
    # Of 300 tags with chances as 1/rank; the larger cohort sees more of them, and at one coverage both have as many.
    rng = np.random.default_rng(1)
    chances = 0.5 / np.arange(1, 301)
    used = platform(rng, 400, chances)
    panel, counts = tagged(used, window=YEARS)
    small = np.arange(len(panel)) < 60
    cohorts = (Cohort("small", small, ""), Cohort("large", ~small, ""))
    few, many = (
        next(
            one
            for one in measure_diversity(panel, counts, cohorts, "site")
            if (one.cohort, one.start) == (name, parse_month("2020-01"))
        )
        for name in ("small", "large")
    )
    assert many.tags > 1.5 * few.tags
    assert few.standard == many.standard <= few.covered < many.covered
    for order in (0, 1, 2):
        apart = abs(np.log(few.hill[order] / many.hill[order]))
        assert apart < 4 * np.hypot(few.hill_se[order] / few.hill[order], many.hill_se[order] / many.hill[order])


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    # The truth: the mean over many draws of the same number at the same coverage.
    chances = 0.6 / np.arange(1, 61)
    worlds = [measured(platform(np.random.default_rng(seed), 80, chances), halves=20)[0] for seed in range(40)]
    from precipice.profiles.hill import Incidence, hill, size_for

    whole = Incidence.of(200_000, np.round(chances * 200_000).astype(int))
    for order in (1, 2):
        inside = []
        for one in worlds:
            truth = hill(whole, size_for(whole, one.standard), order)
            low, high = one.limits(order)
            inside.append(low <= truth <= high)
        # Four binomial standard errors, and two points for an error of few halves.
        assert np.mean(inside) > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 40) - 0.02


def test_the_top_tag_and_its_share_are_over_creators_not_uploads() -> None:
    used = {f"{n}": {"2020-03": {"cat": 20}} for n in range(30)}
    used["prolific"] = {"2020-03": {"dog": 10_000}}
    (one,) = (year for year in measured(used) if year.start == parse_month("2020-01"))
    assert one.top == "cat"
    # 30 creators of 20 tags weigh a half each, the prolific one 10,000/10,020.
    assert one.top_share == pytest.approx(15 / (15 + 10_000 / 10_020))
    assert one.gini > 0.9


def test_horns_overlap_is_one_of_the_same_and_nought_of_nothing_in_common() -> None:
    same, other = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.0, 0.0, 0.0, 1.0])
    assert horn(same, same) == pytest.approx(1)
    assert horn(same, other) == pytest.approx(0)
    # Two of three equally common tags in common: Horn's overlap of N equal ones is the share in common (Jost 2007).
    assert horn(np.array([1, 1, 1, 0]) / 3, np.array([0, 1, 1, 1]) / 3) == pytest.approx(2 / 3)


def test_where_nothing_changed_turnover_is_what_chance_makes() -> None:
    found = [measured(platform(np.random.default_rng(seed), 100, np.full(40, 0.1)))[1] for seed in range(8)]
    ratios = np.array([one.turnover / one.turnover_by_chance for one in found])
    assert ratios.mean() == pytest.approx(1, abs=4 * ratios.std() / np.sqrt(len(ratios)) + 0.05)


def test_the_error_of_turnover_is_its_spread_over_worlds() -> None:
    # Tags whose chances change from one year to the next, so that turnover is more than chance.
    rng = np.random.default_rng(7)
    chances = np.stack([np.full(20, 0.25), np.linspace(0.05, 0.45, 20)])
    found = []
    for _ in range(60):
        used: dict[str, dict[str, dict[str, int]]] = {}
        for number in range(80):
            for year, chance in zip(("2020-05", "2021-05"), chances, strict=True):
                drawn = np.flatnonzero(rng.random(20) < chance)
                used.setdefault(f"{number}", {})[year] = {f"t{k:03d}": 3 for k in drawn} or {"t000": 3}
        found.append(measured(used, halves=2)[1])
    spread = np.std([one.turnover for one in found], ddof=1)
    errors = np.mean([one.turnover_se for one in found])
    # A spread of 60 is off by 1/√118, an error of 100 draws by 1/√200 each and far less on average.
    assert errors / spread == pytest.approx(1, abs=4 / np.sqrt(118))
    low, high = found[0].turnover_limits()
    assert 0 <= low < found[0].turnover < high <= 1


def test_a_year_without_a_year_before_has_no_turnover() -> None:
    first, second = measured(platform(np.random.default_rng(3), 40, np.full(20, 0.2)))
    assert np.isnan(first.turnover)
    assert np.isfinite(second.turnover)
    assert first.as_dict()["turnover"] is first.as_dict()["turnover_se"] is None
    assert np.isnan(first.turnover_limits()).all()


def test_the_seed_decides_alone() -> None:
    used = platform(np.random.default_rng(3), 40, np.full(20, 0.2))
    assert measured(used, seed=1)[0].hill_se.tolist() == measured(used, seed=1)[0].hill_se.tolist()
    assert measured(used, seed=1)[0].hill_se.tolist() != measured(used, seed=2)[0].hill_se.tolist()


def test_too_few_creators_are_refused() -> None:
    with pytest.raises(InputError, match="has 20 creators with tags"):
        measured(platform(np.random.default_rng(3), 19, np.full(20, 0.2)))


def test_the_summary_says_which_way_and_whether_a_tag_dominates() -> None:
    rng = np.random.default_rng(5)
    used = platform(rng, 80, np.full(40, 0.2))
    for months in used.values():  # in the second year everybody draws the same
        for month in [month for month in months if month.startswith("2021")]:
            months[month] = {"cat": 9, "dog": 1}
    text = DiversityProfile(tuple(measured(used)), (), (), 3).summary()
    assert "common tags fell" in text
    assert "cat, is 90.0 % of an artist's tags" in text
    assert "3 rarer tags were left out" in text
