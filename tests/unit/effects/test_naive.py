"""Naive readings: marked as naive, and wrong as often as is said of them."""

import sys
from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from precipice.effects.naive import Naive, months_of, read_naively, table
from precipice.effects.naive_creators import last_seen, partial_likelihood, two_way, within_creators
from precipice.effects.naive_series import means, quasi_poisson, segmented, structural, trends
from precipice.errors import InputError, MissingExtraError
from precipice.months import parse_month
from precipice.panel import Panel, Window
from precipice.population import WORLDS, populate
from tests.unit.worlds import panel

NAMES = ("trends", "means", "segmented", "segmented, seasons", "quasi-Poisson", "local level", "local linear trend",
         "creator effects", "two-way effects", "last seen")  # fmt: skip
EVENT = WORLDS["realistic"].planted.month
CUTOFF = parse_month("2022-01")


@pytest.fixture(scope="module")
def nothing() -> Panel:
    return populate(WORLDS["realistic"], np.random.default_rng(1))


@pytest.fixture(scope="module")
def readings(nothing: Panel) -> dict[str, Naive]:
    return {naive.name: naive for naive in read_naively(nothing, "simulated", CUTOFF, EVENT)}


def fingers() -> Panel:
    """Two seniors, one before the window, and a junior; the window runs from 2021-03 to 2022-12."""
    return panel(
        {
            "old": {"2019-05": 1, "2021-02": 1, "2021-03": 4, "2021-11": 1},
            "late": {"2021-12": 1, "2022-04": 2, "2022-12": 1},
            "young": {"2022-03": 1, "2022-07": 1},
        },
        window=Window(parse_month("2019-05"), parse_month("2022-12"), False, False),
    )


def test_every_reading_is_there_and_says_that_it_is_naive(readings: dict[str, Naive]) -> None:
    assert tuple(readings) == NAMES
    for naive in readings.values():
        assert naive.summary().startswith(f"Naive ({naive.name}): ")
        assert naive.why_it_misleads in naive.summary()


def test_with_nothing_planted_most_readings_find_something(readings: dict[str, Naive]) -> None:
    """Trends, means, creator and two-way effects and "last seen" reject on nearly every such panel of 4,000."""
    wrong = {"trends", "means", "creator effects", "two-way effects", "last seen"}
    assert wrong <= {name for name, naive in readings.items() if naive.found}
    assert all(readings[name].estimate < 0 for name in wrong - {"last seen"})
    assert readings["last seen"].estimate > 0


def test_a_reading_that_finds_nothing_says_so(readings: dict[str, Naive]) -> None:
    quiet = [naive for naive in readings.values() if not naive.found]
    assert quiet
    assert all(naive.says.startswith("nothing to be seen (p = ") for naive in quiet)


def test_a_table_has_a_row_a_reading(readings: dict[str, Naive]) -> None:
    rows = table(readings.values()).to_pylist()
    assert [row["name"] for row in rows] == list(NAMES)
    assert rows[1] == readings["means"].table().to_pylist()[0]
    assert rows[1]["p"] == readings["means"].p


def test_seniors_and_juniors_are_counted_by_month_and_capped_at_one() -> None:
    m = months_of(fingers(), parse_month("2022-03"), parse_month("2022-04"))
    assert m.seniors.tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    assert m.juniors.sum() == 2
    assert (m.cutoff, m.event) == (12, 13)
    assert m.of_year[0] == 2
    assert m.senior.tolist() == [True, True, False]
    assert m.entry.tolist() == [-22, 9, 12]
    assert m.last.tolist() == [8, 21, 16]
    assert m.before.tolist() == [2, 1, 1]
    assert m.after.tolist() == [0, 2, 1]


def test_an_unfinished_last_month_is_left_out() -> None:
    there = fingers()
    window = replace(there.windows[0], unfinished_last=True)
    m = months_of(replace(there, windows=(window,)), parse_month("2022-03"), parse_month("2022-04"))
    assert len(m.seniors) == 21


@pytest.mark.parametrize(("cutoff", "event"), [("2022-05", "2022-04"), ("2022-03", "2022-06"), ("2019-06", "2019-08")])
def test_too_few_months_or_a_cutoff_after_the_event_are_refused(cutoff: str, event: str) -> None:
    with pytest.raises(InputError, match="do not allow"):
        read_naively(fingers(), "site", parse_month(cutoff), parse_month(event))


def test_an_unknown_platform_is_refused() -> None:
    with pytest.raises(InputError, match="no platform 'nowhere'"):
        read_naively(fingers(), "nowhere", CUTOFF, EVENT)


def test_a_longer_window_can_be_asked_for(nothing: Panel) -> None:
    short, long = (months_of(nothing, EVENT, EVENT, lead) for lead in (12, 36))
    assert len(long.seniors) == len(short.seniors) + 24
    assert long.seniors[24:].tolist() == short.seniors.tolist()
    means_of = {n.name: n for n in read_naively(nothing, "simulated", EVENT, EVENT, lead=36)}["means"]
    assert means_of.p == means(long.seniors, 36).p


def test_a_reading_that_cannot_be_computed_says_so() -> None:
    """On three creators there are months enough and nothing to fit."""
    silent = panel(
        {"old": {"2019-05": 1}, "young": {"2022-03": 1}},
        window=Window(parse_month("2019-05"), parse_month("2022-12"), False, False),
    )
    found = read_naively(silent, "site", parse_month("2022-03"), parse_month("2022-04"))
    by_name = {naive.name: naive for naive in found}
    for name in ("trends", "means", "segmented", "quasi-Poisson", "local level", "creator effects", "last seen"):
        assert isnan(by_name[name].p)
        assert by_name[name].says == "it cannot be computed here"
        assert not by_name[name].found
        assert table([by_name[name]]).to_pylist()[0]["p"] is None


def test_without_statsmodels_the_extra_is_named(nothing: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    monkeypatch.setitem(sys.modules, "statsmodels.api", None)
    with pytest.raises(MissingExtraError, match="statsmodels is not installed"):
        read_naively(nothing, "simulated", CUTOFF, EVENT)


def test_a_planted_step_is_read_off_exactly_where_there_is_no_noise() -> None:
    """A line that drops by a quarter, a growing level that halves (wavering by a hundredth), and means that halve."""
    time = np.arange(30.0)
    line = 100 + 2 * time
    dropped = np.where(time >= 18, 0.75 * line, line)
    assert segmented(dropped, 18).estimate == pytest.approx(-0.25)
    growing = np.exp(4 + 0.01 * time) * (1 + 0.01 * (-1) ** time)
    assert quasi_poisson(np.where(time >= 18, growing / 2, growing), 18).estimate == pytest.approx(-0.5, abs=0.005)
    wave = 50.0 + (time % 2)
    assert means(np.where(time >= 18, wave / 2, wave), 18).estimate == pytest.approx(-0.5)
    assert trends(100 - time, 10 + time).estimate == pytest.approx(-12 / (100 - 14.5))


def test_a_line_that_runs_below_nought_gives_no_relative_change() -> None:
    rng = np.random.default_rng(3)
    y = np.maximum(60.0 - 5 * np.arange(30), 4) + rng.random(30)
    found = segmented(y, 12)
    assert isnan(found.estimate)
    assert found.p < 0.01


def test_a_structural_series_sees_a_level_that_halves() -> None:
    rng = np.random.default_rng(4)
    y = np.where(np.arange(40) >= 25, 50, 100) + rng.standard_normal(40)
    found = structural(y, 25, trend=False)
    assert found.estimate == pytest.approx(-0.5, abs=0.02)
    assert found.p < 1e-6


def test_creators_who_were_watched_on_one_side_only_do_not_count() -> None:
    before, after = np.array([2.0, 1.0, 0.0]), np.array([1.0, 0.0, 5.0])
    both = within_creators(before, np.array([4, 4, 0]), after, np.array([4, 4, 5]))
    two = within_creators(before[:2], np.array([4, 4]), after[:2], np.array([4, 4]))
    assert both == two
    assert two.coefficient == pytest.approx(-0.25)
    assert two.estimate == pytest.approx(-0.25 / 0.375)


def test_two_way_effects_are_a_difference_of_differences() -> None:
    before, after = np.array([0.5, 0.3, 0.1, 0.0]), np.array([0.2, 0.1, 0.4, 0.3])
    found = two_way(before, after, np.array([True, True, False, False]))
    assert found.coefficient == pytest.approx(-0.25 - 0.3)
    assert found.estimate == pytest.approx(-0.55 / 0.4)


def test_the_partial_likelihood_of_one_tenure_is_the_ratio_of_rates() -> None:
    """With one tenure the estimate is (5/40)/(10/160) and its variance the inverse of d·s·(1 − s)."""
    found = partial_likelihood(np.array([15.0]), np.array([5.0]), np.array([160.0]), np.array([40.0]))
    assert found.estimate + 1 == pytest.approx(2.0)
    assert found.se == pytest.approx((15 * (1 / 3) * (2 / 3)) ** -0.5)


def test_no_tenure_seen_on_both_sides_gives_no_ratio() -> None:
    last = np.array([0, 4, 5, 9, 9, 9, 9, 9, 9, 9])
    assert isnan(last_seen(np.zeros(10, np.int64), last, 4, 10).p)


def test_an_upload_in_the_last_month_is_no_exit() -> None:
    """Only month 1 of tenure is seen on both sides with an exit: 1 of 4 before, 2 of 5 after, so a ratio of 1.6."""
    entry = np.array([0, 0, 0, 0, 0, 3, 3, 3, 3, 3])
    found = last_seen(entry, np.array([0, 1, 9, 9, 9, 4, 4, 9, 9, 9]), 4, 10)
    assert found.estimate + 1 == pytest.approx(1.6)
    assert last_seen(entry, np.array([0, 1, 20, 20, 20, 4, 4, 20, 20, 20]), 4, 10) == found
