"""Rogan and Gladen's estimator: published numbers, its own inverse, and its limits."""

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.profiles.correction import (
    Accuracy,
    correct,
    correct_draws,
    correct_shares,
    delta_variance,
    parse_accuracy,
)
from precipice.profiles.ratios import clopper_pearson


def test_the_estimate_is_the_published_one() -> None:
    # 23 of 150 cows test positive by a test of sensitivity .96 and specificity .89: 5.1 in 100 (0 to 13), the first
    # example of epi.prev in epiR 2.0 (Stevenson et al.), with Clopper and Pearson's limits put through the estimator.
    share = np.array(23 / 150)
    low, high = clopper_pearson(share, np.array(150.0))
    assert float(correct(share, 0.96, 0.89)) == pytest.approx(0.051, abs=0.0005)
    assert float(correct(low, 0.96, 0.89)) == 0
    assert float(correct(high, 0.96, 0.89)) == pytest.approx(0.13, abs=0.005)


def test_correcting_takes_back_what_the_label_did() -> None:
    p = np.linspace(0, 1, 11)
    labelled = p * 0.7 + (1 - p) * 0.02
    assert correct(labelled, 0.7, 0.98) == pytest.approx(p)


def test_a_share_below_the_false_positives_is_put_to_nought_and_said_so() -> None:
    found = correct_shares(
        np.array([0.01, 0.3]), np.array([1e6, 1e6]), Accuracy(0.8), Accuracy(0.95), np.random.default_rng(1)
    )
    assert found.value[0] == 0
    assert found.low[0] == 0
    assert found.clipped.tolist() == [True, False]


def test_draws_spread_as_the_delta_method_says() -> None:
    share, size, se, sp = 0.3, 2_000.0, Accuracy(0.8, 400), Accuracy(0.98, 500)
    drawn = correct_draws(np.array([share]), np.array([size]), se, sp, np.random.default_rng(2), 40_000)
    expected = delta_variance(share, share * (1 - share) / size, se, sp)
    # First order against all orders: they part by some per cent where sensitivity is as well known as here.
    assert drawn.var() == pytest.approx(expected, rel=0.08)


def test_limits_cover_the_truth_when_the_label_too_was_only_tried() -> None:
    rng, p, se, sp, n, tried = np.random.default_rng(3), 0.25, 0.8, 0.97, 600, 150
    covered = 0
    worlds = 400
    for _ in range(worlds):
        share = rng.binomial(n, p * se + (1 - p) * (1 - sp)) / n
        found_se, found_sp = (Accuracy(rng.binomial(tried, value) / tried, tried) for value in (se, sp))
        found = correct_shares(np.array([share]), np.array([float(n)]), found_se, found_sp, rng)
        covered += bool(found.low[0] <= p <= found.high[0])
    assert abs(covered / worlds - 0.95) < 4 * (0.95 * 0.05 / worlds) ** 0.5 + 0.01


def test_a_stated_accuracy_that_was_not_measured_does_not_vary() -> None:
    assert set(Accuracy(0.8).draw(5, np.random.default_rng(0))) == {0.8}


@pytest.mark.parametrize(("text", "value", "works"), [("0.8", 0.8, None), ("160/200", 0.8, 200), (" 1 ", 1.0, None)])
def test_an_accuracy_is_read_as_a_share_or_as_right_of_tried(text: str, value: float, works: int | None) -> None:
    assert parse_accuracy(text) == Accuracy(value, works)


@pytest.mark.parametrize("text", ["1.2", "-0.1", "80 %", "3/2", "0/0", "", "nan"])
def test_what_is_no_share_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match="is not how often a label is right"):
        parse_accuracy(text, where="--sensitivity")


def test_a_label_no_better_than_chance_is_an_error() -> None:
    with pytest.raises(InputError, match="says nothing"):
        correct_draws(np.array([0.1]), np.array([10.0]), Accuracy(0.4), Accuracy(0.6), np.random.default_rng(0))


def test_where_there_is_no_share_there_is_no_corrected_one() -> None:
    found = correct_shares(
        np.array([np.nan]), np.array([np.nan]), Accuracy(0.8), Accuracy(0.9), np.random.default_rng(0)
    )
    assert np.isnan([found.value[0], found.low[0], found.high[0]]).all()
