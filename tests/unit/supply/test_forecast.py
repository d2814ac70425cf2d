"""Human and synthetic uploads to come: within all uploads, capped, on common random numbers."""

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.profiles import Accuracy
from precipice.supply import Belief, Shape, Stated, forecast
from tests.unit.supply.flows import START, flow

UNTIL = START + 60 + 23


def test_the_months_at_hand_are_as_counted() -> None:
    one = flow()
    found = forecast(one, UNTIL, Belief(), paths=200)
    whole = found.human.sum(axis=1) + found.synthetic
    assert np.allclose(whole[:, : found.known], one.uploads.sum(axis=0))
    assert (found.months[0], found.months[-1]) == (START, UNTIL)


def test_nothing_is_negative_and_nothing_beyond_the_cap() -> None:
    one = flow(noise=0.8)
    found = forecast(one, START + 60 + 119, Belief(), paths=500, shape=Shape(cap=1.5))
    whole = found.human.sum(axis=1) + found.synthetic
    assert found.human.min() >= 0
    assert found.synthetic.min() >= 0
    best = np.convolve(one.uploads.sum(axis=0), np.ones(12) / 12, "valid").max()
    assert whole[:, found.known :].max() <= 1.5 * best * (1 + 1e-9)


def test_one_seed_gives_the_same_total_whatever_is_believed_of_the_label() -> None:
    totals = [
        found.human.sum(axis=1) + found.synthetic
        for believed in (Belief(), Belief(Accuracy(0.5), Accuracy(0.99)), Belief(stated=Stated(0.3, 0.3)))
        for found in [forecast(flow(), UNTIL, believed, paths=100, seed=7)]
    ]
    assert np.allclose(totals[0], totals[1])
    assert np.allclose(totals[0], totals[2])
    other = forecast(flow(), UNTIL, Belief(), paths=100, seed=8)
    assert not np.allclose(totals[0], other.human.sum(axis=1) + other.synthetic)


def test_a_stated_share_is_that_share_of_what_comes_and_none_of_what_was() -> None:
    found = forecast(flow(labelled=0), UNTIL, Belief(stated=Stated(0.1, 0.4)), paths=2_000)
    share = found.synthetic / (found.human.sum(axis=1) + found.synthetic)
    assert not share[:, : found.known].any()
    ahead = share[:, found.known :]
    assert np.allclose(ahead, ahead[:, :1])
    assert ahead.min() >= 0.1
    assert ahead.max() <= 0.4
    assert ahead[:, 0].mean() == pytest.approx(0.25, abs=4 * 0.3 / 12**0.5 / 2_000**0.5)
    assert found.began == found.known


def test_without_any_belief_all_uploads_are_forecast_as_one() -> None:
    found = forecast(flow(labelled=0), UNTIL, None, paths=50)
    assert found.source == "unknown"
    assert {str(row["kind"]) for row in found.bands()} == {"all uploads", "all uploads, senior", "all uploads, junior"}
    assert "synthetic" not in found.summary()


def test_a_cohort_of_less_than_a_year_keeps_its_level() -> None:
    one = flow()
    one.uploads[1, :-6] = 0
    found = forecast(one, UNTIL, None, paths=300)
    share = found.human[:, 1, found.known :].sum() / found.human[:, :, found.known :].sum()
    assert 0.05 < share < 0.6


def test_the_bands_have_a_row_a_month_and_kind_and_the_years_a_row_a_year() -> None:
    found = forecast(flow(), UNTIL, Belief(), paths=50)
    rows = found.table().to_pylist()
    assert len(rows) == 4 * (60 + 24)
    assert sum(row["forecast"] for row in rows) == 4 * 24
    assert all(row["low"] <= row["middle"] <= row["high"] for row in rows)
    assert [row["from"] for row in found.years()] == ["2023-01", "2024-01"] * 2


@pytest.mark.parametrize("until", [START, START + 59, START + 60 + 120])
def test_a_month_that_cannot_be_forecast_is_an_error_with_those_that_can(until: int) -> None:
    with pytest.raises(InputError, match="cannot be forecast") as refused:
        forecast(flow(), until, Belief(), paths=10)
    assert "2023-01 to 2032-12" in refused.value.fix


def test_a_short_history_is_carried_on_three_times_its_length_at_most() -> None:
    with pytest.raises(InputError, match="cannot be forecast") as refused:
        forecast(flow(months=30), START + 30 + 90, Belief(), paths=10)
    assert "from 30 of them at most 90 more" in refused.value.why


def test_a_forecaster_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match="no forecaster 'guess'"):
        forecast(flow(), UNTIL, Belief(), forecaster="guess")
