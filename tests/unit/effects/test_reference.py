import numpy as np
import pytest

from precipice.effects.outcomes import Outcome, OutcomeName
from precipice.effects.reference import proportional_fit, standardise
from precipice.effects.sample import open_months, sample_of
from precipice.panel import Panel
from tests.unit.effects.panels import (
    START,
    at_risk,
    cells_of,
    dense,
    naive_expected,
    panel_from,
    quiet_panel,
    small_case,
    sums,
)


def outcome(panel: Panel, name: OutcomeName, *, oldest: int = 24, excluded: tuple[int, ...] = ()) -> Outcome:
    sample = sample_of(panel, "here")
    return Outcome(name, sample, open_months(sample.n_months, sample.start, excluded), oldest, reach=24)


def test_a_month_is_at_risk_from_tenure_one_to_the_oldest() -> None:
    rows = [(0, 1, m, 2) for m in (0, 1, 3, 4)]
    _, month, value = cells_of(outcome(panel_from(rows, n_months=6), "counts", oldest=3))
    assert month.tolist() == [1, 3]
    assert value.tolist() == [2, 2]


def test_capped_activity_counts_a_month_once() -> None:
    panel = panel_from([(0, 1, 0, 5), (0, 1, 2, 7)], n_months=4)
    assert cells_of(outcome(panel, "capped"))[2].tolist() == [1]
    assert cells_of(outcome(panel, "counts"))[2].tolist() == [7]


def test_trimmed_uploads_leave_out_the_one_that_brings_a_creator_and_stop_at_three_a_month() -> None:
    panel = panel_from([(0, 1, 0, 5), (0, 1, 2, 7), (0, 1, 3, 2), (0, 2, 1, 1), (0, 2, 2, 1)], n_months=5)
    cells = cells_of(outcome(panel, "trimmed"))
    of_each = {(int(row), int(month)): value for row, month, value in zip(*cells, strict=True)}
    assert of_each == {(0, 0): 3, (0, 2): 3, (0, 3): 2, (1, 1): 0, (1, 2): 1}


def test_the_month_of_entry_is_expected_to_hold_what_earlier_entrants_uploaded_beyond_their_first() -> None:
    """Each of 40 creators enters with three uploads, two beyond the first, and does nothing else."""
    panel = panel_from([(0, c, c % 8, 3) for c in range(40)], n_months=12)
    trimmed = outcome(panel, "trimmed", oldest=10)
    standard = standardise(trimmed, 10, pseudo=0.0)
    o, e = sums(standard, slice(0, 10))
    assert o.tolist() == [2] * 40
    assert e.sum() == pytest.approx(80)
    assert standard.tenure[1:].max() == 0


def test_a_lapse_is_an_upload_that_six_silent_months_follow_dated_at_the_upload() -> None:
    # Months with an upload: 0, 1, 8, 14, 16; observed to month 23.
    panel = panel_from([(0, 1, m, 1) for m in (0, 1, 8, 14, 16)], n_months=24)
    _, month, value = cells_of(outcome(panel, "lapse"))
    # After 1 come six silent months (2 to 7); after 8 five; after 14 one; after 16 seven and then the end.
    assert dict(zip(month.tolist(), value.tolist(), strict=True)) == {1: 1, 8: 0, 14: 0, 16: 1}


def test_an_upload_in_the_last_six_months_is_not_at_risk_of_a_lapse_whatever_follows() -> None:
    _, month, _ = cells_of(outcome(panel_from([(0, 1, m, 1) for m in (0, 17, 18, 20)], n_months=24), "lapse"))
    assert month.tolist() == [17]


@pytest.mark.parametrize("name", ["capped", "counts", "lapse"])
def test_the_curve_uses_nothing_observed_in_the_events_month_or_later(name: OutcomeName) -> None:
    panel = quiet_panel(2)
    early = panel.month < 30
    later = panel_from(
        [
            (0, int(panel.creators[r]), int(m), int(c) if e else int(c) + 3)
            for r, m, c, e in zip(panel.row, panel.month, panel.count, early, strict=True)
        ]
        + [(0, 10_000 + i, 36, 50) for i in range(40)],
        n_months=48,
    )
    before, after = (standardise(outcome(p, name), 30) for p in (panel, later))
    assert before.tenure == pytest.approx(after.tenure, rel=1e-12)
    assert before.season == pytest.approx(after.season, rel=1e-12)


def test_the_curve_of_lapses_stops_six_months_before_the_event() -> None:
    rows = [(0, 1, m, 1) for m in (0, 2, 20, 30)]
    with_reply, without = (
        standardise(outcome(panel_from(rows + extra, n_months=48), "lapse"), 26) for extra in ([(0, 1, 26, 1)], [])
    )
    assert with_reply.tenure == pytest.approx(without.tenure)


def test_sums_equal_a_walk_over_creators_and_months() -> None:
    panel = quiet_panel(3)
    standard = small_case(panel).outcome("counts")
    entry, counts = dense(panel)
    expected = naive_expected(standard, entry, panel.n_months)
    observed = at_risk(entry, counts, standard.outcome.oldest)
    for weight in (1.0, np.linspace(0.5, 2, 8)):
        o, e = sums(standard, slice(30, 38), weight)
        assert o == pytest.approx((observed[:, 30:38] * weight).sum(axis=1))
        assert e == pytest.approx((expected[:, 30:38] * weight).sum(axis=1))


def test_sums_of_lapses_expect_them_in_months_with_an_upload_only() -> None:
    panel = quiet_panel(4)
    standard = small_case(panel).outcome("lapse")
    entry, counts = dense(panel)
    expected = np.where(counts > 0, naive_expected(standard, entry, panel.n_months), 0)
    _, e = sums(standard, slice(20, 30))
    assert e == pytest.approx(expected[:, 20:30].sum(axis=1))


def test_excluded_months_have_neither_outcome_nor_expectation() -> None:
    panel = quiet_panel(5)
    case = small_case(panel, excluded=(START + 31, START + 33))
    for name in ("capped", "lapse"):
        standard = case.outcome(name)
        assert (standard.outcome.counted[:, [31, 33]] == 0).all()
        assert (standard.outcome.at_risk[:, [31, 33]] == 0).all()
        assert (standard.outcome.counted[:, 32] > 0).any()
        assert (standard.expected[:, [31, 33]] == 0).all()
        assert (standard.expected[:, 32] > 0).any()


def test_seasons_average_one_over_the_cells_at_risk() -> None:
    rng = np.random.default_rng(6)
    at_risk_cells = rng.integers(1, 200, (20, 12)).astype(float)
    counted = rng.poisson(at_risk_cells * np.linspace(0.1, 0.3, 12)).astype(float)
    _, season = proportional_fit(counted, at_risk_cells)
    assert season @ at_risk_cells.sum(axis=0) / at_risk_cells.sum() == pytest.approx(1, abs=1e-12)


def test_two_pseudo_cells_pull_a_thin_tenure_towards_the_grand_mean() -> None:
    at_risk_cells = np.array([[1000.0, 1000.0], [1.0, 1.0]])
    counted = np.array([[100.0, 100.0], [2.0, 2.0]])
    free, _ = proportional_fit(counted, at_risk_cells, 0.0)
    pulled, _ = proportional_fit(counted, at_risk_cells, 2.0)
    mean = counted.sum() / at_risk_cells.sum()
    assert free == pytest.approx([0.1, 2.0])
    assert pulled[1] == pytest.approx((4 + 2 * mean) / (2 + 2), rel=1e-3)


def test_a_tenure_that_nobody_reached_has_no_expectation_and_an_unseen_season_none_of_its_own() -> None:
    f, s = proportional_fit(np.array([[3.0, 0.0], [0.0, 0.0]]), np.array([[10.0, 0.0], [0.0, 0.0]]))
    assert f[1] == 0
    assert s[1] == 1
    f, s = proportional_fit(np.zeros((2, 2)), np.ones((2, 2)))
    assert (f == 0).all()
    assert (s == 1).all()
