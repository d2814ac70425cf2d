"""Adoption: on fingers, against statsmodels with delayed entry, and nobody where nobody was asked."""

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight  # type: ignore[import-untyped]

from precipice.cohorts import everyone
from precipice.profiles import follow_adoption
from precipice.profiles.adoption import kaplan_meier
from tests.unit.profiles.worlds import labelled

M = 24_000  # well before any label: the year 2000


def test_the_share_by_month_is_of_those_asked_by_then() -> None:
    found = labelled([(1, M, 2, 0), (1, M + 2, 1, 1), (2, M + 1, 1, 1), (3, M + 3, 1, 0)])
    by_month, _ = follow_adoption(found, everyone(found.panel))
    assert by_month.at_risk.tolist() == [1, 2, 2, 3]
    assert by_month.adopted.tolist() == [0, 1, 2, 2]
    assert by_month.share.tolist() == pytest.approx([0, 0.5, 1, 2 / 3])


def test_by_tenure_a_creator_is_at_risk_from_the_first_question_on_whether_or_not_they_go_on() -> None:
    # 1 declares at tenure 2; 2 at tenure 0; 3 never does and stops at once, but stays at risk to the end of the window.
    found = labelled([(1, M, 2, 0), (1, M + 2, 1, 1), (2, M + 1, 1, 1), (3, M, 1, 0)], end=M + 3)
    _, by_tenure = follow_adoption(found, everyone(found.panel))
    assert by_tenure.at.tolist() == [0, 1, 2, 3]
    assert by_tenure.at_risk.tolist() == [3, 2, 2, 1]
    assert by_tenure.share.tolist() == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3])


@pytest.mark.filterwarnings("ignore")
def test_the_curve_with_delayed_entry_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(5)
    entry = rng.integers(0, 10, 400)
    leave = entry + rng.integers(0, 25, 400)
    event = rng.random(400) < 0.4
    at, at_risk, _, surviving, low, high = kaplan_meier(entry, leave, event)
    theirs = SurvfuncRight(leave.astype(float), event.astype(int), entry=entry - 0.5)
    kept = np.isin(at, theirs.surv_times)
    shown = np.isin(theirs.surv_times, at)
    assert surviving[kept] == pytest.approx(theirs.surv_prob[shown], abs=1e-12)
    assert at_risk[kept].tolist() == theirs.n_risk[shown].tolist()
    inside = kept & (surviving < 1) & (surviving > 0)
    errors = theirs.surv_prob_se[np.isin(theirs.surv_times, at[inside])]
    spread = 1.959964 * errors / np.abs(surviving[inside] * np.log(surviving[inside]))
    assert low[inside] == pytest.approx(surviving[inside] ** np.exp(spread), rel=1e-5)
    assert high[inside] == pytest.approx(surviving[inside] ** np.exp(-spread), rel=1e-5)


def test_limits_of_the_curve_cover_the_truth() -> None:
    rng, worlds, at = np.random.default_rng(6), 600, 8
    truth, covered = 0.95**9, 0
    for _ in range(worlds):
        entry = rng.integers(0, 5, 150)
        event_at = rng.geometric(0.05, 150) - 1
        seen = event_at >= entry
        censored = rng.integers(5, 30, 150)
        leave = np.minimum(event_at, censored)[seen]
        found = kaplan_meier(entry[seen], leave, (event_at <= censored)[seen])
        where = int(np.flatnonzero(found[0] == at)[0])
        covered += bool(found[4][where] <= truth <= found[5][where])
    # Greenwood's limits with some forty at risk at the outset: within two points of what they say (measured: .945).
    assert abs(covered / worlds - 0.95) < 0.02 + 4 * (0.95 * 0.05 / worlds) ** 0.5


def test_where_nobody_was_asked_the_curve_is_empty_and_says_so() -> None:
    found = labelled([(1, M, 2, 0)], "pixiv", end=M + 1)
    by_month, by_tenure = follow_adoption(found, everyone(found.panel))
    assert len(by_month.at) == len(by_tenure.at) == 0
    assert "nobody was asked" in by_month.summary()
