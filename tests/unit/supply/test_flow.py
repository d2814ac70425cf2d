"""The flow of uploads, and the share of synthetic ones in it with what is not known of it."""

from dataclasses import replace

import numpy as np
import pytest

from precipice.cohorts import draw_by_cutoff
from precipice.errors import InputError
from precipice.months import parse_month
from precipice.profiles import Accuracy, correct, measure_shares
from precipice.series import count
from precipice.supply import Belief, Flow, Stated, flow_of
from precipice.supply.flow import draw_shares, first_labelled, parse_share
from tests.unit.profiles.worlds import labelled
from tests.unit.supply.flows import flow

RNG = 4


def drawn(rows: int = 40, months: int = 30, platform: str = "pixiv") -> Flow:
    start = parse_month("2021-01")
    cells = [
        (who, start + t, 2, int(t > 24 and who % 4 == 0)) for who in range(1, rows) for t in range(who % 7, months)
    ]
    labels = labelled(cells, platform)
    cohorts = draw_by_cutoff(labels.panel, start + 3)
    return flow_of(count(labels.panel, cohorts), measure_shares(labels, cohorts))


def test_a_flow_is_read_off_series_and_shares() -> None:
    found = drawn()
    assert found.cohorts == ("senior", "junior")
    assert found.uploads.shape == found.share.shape == (2, 30)
    # Pixiv asked from November 2022 on, the 23rd month, and the first declared upload is of the 26th.
    assert np.isnan(found.share[:, :22]).all()
    assert np.isfinite(found.share[:, 22:]).all()
    assert found.began == 25


def test_too_short_a_history_is_an_error_that_says_how_long_it_is() -> None:
    with pytest.raises(InputError, match="23 complete months"):
        drawn(months=23)


def test_a_platform_that_nobody_uses_any_more_has_no_supply() -> None:
    start = parse_month("2018-01")
    labels = labelled([(1, start, 3, 0), (2, start + 1, 2, 0)], end=start + 40)
    cohorts = draw_by_cutoff(labels.panel, start + 1)
    with pytest.raises(InputError, match="no supply to forecast"):
        flow_of(count(labels.panel, cohorts))


def test_synthetic_uploads_begin_with_the_first_hundredth_of_them_and_not_with_a_stray_tag() -> None:
    share = np.zeros((1, 50))
    share[0, 3] = 0.001  # one upload of a thousand
    share[0, 30:] = 0.1
    assert first_labelled(share, np.full((1, 50), 1_000.0)) == 30
    assert first_labelled(np.full((1, 50), np.nan), np.ones((1, 50))) == 50
    assert first_labelled(np.where(np.arange(50) < 20, np.nan, 0.0)[None], np.ones((1, 50))) == 20


def test_drawn_shares_are_around_what_the_labels_say_and_as_unsure_as_they_are() -> None:
    one = flow(share=0.2, size=200)
    found = draw_shares(one, Belief(), 4_000, np.random.default_rng(RNG))
    assert not found[:, :, : one.began].any()
    month = found[:, 0, one.began + 12]
    # Around .2, drawn from 200 uploads beside twelve that the months about count for.
    assert month.mean() == pytest.approx(0.2, abs=4 * month.std() / 4_000**0.5 + 0.001)
    assert month.std() == pytest.approx((0.2 * 0.8 / 212) ** 0.5, rel=0.08)


def test_few_uploads_without_a_declared_one_are_not_taken_for_synthetic() -> None:
    found = draw_shares(flow(share=0.0, size=1.0), Belief(), 4_000, np.random.default_rng(RNG))
    # 12 uploads about each month, none declared: Jeffreys' mean is .5/13 = .038, not the .25 of a month alone.
    assert found[:, :, -12].mean() < 0.045


def test_a_correction_takes_back_what_the_label_misses_on_every_path() -> None:
    plain = draw_shares(flow(), Belief(), 500, np.random.default_rng(RNG))
    told = draw_shares(flow(), Belief(Accuracy(0.5), Accuracy(1.0)), 500, np.random.default_rng(RNG))
    assert told == pytest.approx(correct(plain, 0.5, 1.0))


def test_a_stated_share_is_of_the_months_to_come() -> None:
    assert not draw_shares(flow(), Belief(stated=Stated(0.2, 0.3)), 5, np.random.default_rng(0)).any()


def test_without_labels_there_are_no_shares() -> None:
    with pytest.raises(InputError, match="cannot be told apart") as refused:
        draw_shares(flow(labelled=0), Belief(), 5, np.random.default_rng(0))
    assert "says nothing" in refused.value.why
    with pytest.raises(InputError, match="cannot be told apart") as refused:
        draw_shares(flow(labelled=11), Belief(), 5, np.random.default_rng(0))
    assert "11 complete months have labels" in refused.value.why


@pytest.mark.parametrize(
    ("text", "share"), [("0.2", Stated(0.2, 0.2)), ("0.1..0.3", Stated(0.1, 0.3)), ("0", Stated(0, 0))]
)
def test_a_share_is_read_as_a_number_or_a_range(text: str, share: Stated) -> None:
    assert parse_share(text) == share
    assert parse_share(str(share)) == share


@pytest.mark.parametrize("text", ["1.2", "1", "-0.1", "0.4..0.2", "much", "", "0.1..", "nan"])
def test_what_is_no_share_is_an_error(text: str) -> None:
    if text == "0.1..":
        assert parse_share(text) == Stated(0.1, 0.1)
        return
    with pytest.raises(InputError, match="share"):
        parse_share(text)


def test_a_label_no_better_than_chance_is_no_belief() -> None:
    with pytest.raises(InputError, match="says nothing"):
        Belief(Accuracy(0.3), Accuracy(0.7))


def test_a_negative_supply_and_a_share_over_one_are_errors() -> None:
    one = flow()
    with pytest.raises(InputError, match="less than nothing"):
        replace(one, uploads=one.uploads - 10_000)
    with pytest.raises(InputError, match="outside of 0 to 1"):
        replace(one, share=one.share * 100)
