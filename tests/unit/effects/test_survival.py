"""Who stays: first lapses and Kaplan–Meier curves, on panels that fit on fingers."""

import numpy as np
import pytest

from precipice.effects import survive
from precipice.effects.sample import sample_of
from precipice.effects.survival import first_lapse, greenwood_limits, kaplan_meier, survival
from precipice.errors import InputError
from tests.unit.effects.panels import START, panel_from

ANN, BOB, CAT, DAN = range(1, 5)
MONTHS = 20  # the horizon is 20 − 1 − 6 = 13


def rows() -> list[tuple[int, int, int, int]]:
    return [
        (0, ANN, 0, 1),  # one upload and gone: lapses at 0
        (0, BOB, 0, 1), (0, BOB, 5, 2), (0, BOB, 14, 1),  # silent for 8 months after 5: lapses at 5, and comes back
        (0, CAT, 2, 1), (0, CAT, 8, 1), (0, CAT, 13, 1), (0, CAT, 18, 1),  # never silent for six: censored at 13
        (0, DAN, 12, 1), (0, DAN, 15, 1),  # silent since 15, for four months as far as is known
    ]  # fmt: skip


def test_a_lapse_is_dated_at_the_upload_that_six_silent_months_follow() -> None:
    sample = sample_of(panel_from(rows(), n_months=MONTHS), "here")
    assert first_lapse(sample).tolist() == [0, 5, MONTHS, MONTHS]


def test_six_silent_months_at_the_end_are_a_lapse_and_five_are_not_yet() -> None:
    cells = [(0, ANN, 13, 1), (0, BOB, 14, 1)]
    sample = sample_of(panel_from(cells, n_months=MONTHS), "here")
    assert first_lapse(sample).tolist() == [13, MONTHS]


def test_everybody_is_followed_to_the_horizon_and_censored_there() -> None:
    (found,) = survive(panel_from(rows(), n_months=MONTHS))
    first, second = found.curves
    assert (first.name, first.creators, second.name, second.creators) == ("2000", 3, "2001", 1)
    # Ann and Bob can be followed for 13 months, Cat, who came two months later, for 11.
    assert first.at_risk.tolist() == [3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1]
    assert first.lapsed.tolist() == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert first.survival == pytest.approx([2 / 3] * 5 + [1 / 3] * 7)
    assert second.at_risk.tolist() == [1, 1]
    assert second.lapsed.tolist() == [0, 0]


def test_whoever_lapsed_before_the_last_one_is_censored_leaves_a_longer_curve() -> None:
    at_risk, lapsed = kaplan_meier(np.array([0, 2]), np.array([99, 3]), horizon=5)
    assert at_risk.tolist() == [2, 2, 1, 1, 1, 1]
    assert lapsed.tolist() == [0, 1, 0, 0, 0, 0]


def test_entrants_after_the_horizon_cannot_be_followed() -> None:
    (found,) = survive(panel_from([*rows(), (0, 9, 15, 1)], n_months=MONTHS), "month")
    assert sum(curve.creators for curve in found.curves) == 4


def test_the_curve_before_an_event_uses_nothing_that_was_settled_after_it() -> None:
    """An event in month 12: followed to 12 − 1 − 6 = 5, where Bob's lapse of month 5 was known in month 11."""
    cells = rows()
    (found,) = survive(panel_from(cells, n_months=MONTHS), event=START + 12)
    assert found.before is not None
    assert found.before.at_risk.tolist() == [3, 2, 2, 2, 1, 1]
    assert found.before.lapsed.tolist() == [1, 0, 0, 0, 0, 1]
    # Whatever happens from month 12 on changes nothing.
    changed = [row for row in cells if row[2] < 12] + [(0, CAT, 14, 1), (0, DAN, 12, 1)]
    (other,) = survive(panel_from(changed, n_months=MONTHS), event=START + 12)
    assert other.before is not None
    assert other.before.at_risk.tolist() == found.before.at_risk.tolist()
    assert other.before.lapsed.tolist() == found.before.lapsed.tolist()


def test_an_event_before_anything_was_settled_leaves_no_curve() -> None:
    (found,) = survive(panel_from(rows(), n_months=MONTHS), event=START + 6)
    assert found.before is None


def test_a_truncated_history_leaves_out_its_first_year() -> None:
    (found,) = survive(panel_from(rows(), n_months=MONTHS, truncated=True))
    assert [curve.name for curve in found.curves] == ["2001"]


def test_a_history_of_half_a_year_has_no_curve() -> None:
    assert survive(panel_from([(0, ANN, 0, 1)], n_months=6)) == ()


def test_limits_lie_about_the_curve_and_within_nought_and_one() -> None:
    at_risk, lapsed = np.array([50, 40, 20, 3]), np.array([10, 15, 8, 3])
    low, high = greenwood_limits(at_risk, lapsed)
    share = survival(at_risk, lapsed)
    assert share == pytest.approx([0.8, 0.5, 0.3, 0.0])
    assert (low[:3] < share[:3]).all()
    assert (share[:3] < high[:3]).all()
    assert (low >= 0).all()
    assert (high <= 1).all()


def test_the_median_is_the_first_month_at_or_below_a_half() -> None:
    (found,) = survive(panel_from(rows(), n_months=MONTHS))
    assert [curve.median() for curve in found.curves] == [5, None]


def test_table_and_summary_say_the_same() -> None:
    (found,) = survive(panel_from(rows(), n_months=MONTHS))
    table = found.table().to_pylist()
    assert len(table) == 14
    assert table[5] == {
        "platform": "here", "vintage": "2000", "months": 5, "at_risk": 2, "lapsed": 1, "survival": pytest.approx(1 / 3),
        "low": table[5]["low"], "high": table[5]["high"],
    }  # fmt: skip
    assert "2000: 3 creators" in found.summary()


def test_another_vintage_is_an_error() -> None:
    with pytest.raises(InputError, match="no vintage 'week'"):
        survive(panel_from(rows(), n_months=MONTHS), "week")  # type: ignore[arg-type]
