import numpy as np
import pytest
from scipy import stats

from precipice.effects.calibration import (
    calibrate,
    degrees_of_freedom,
    detectable,
    independent,
    interval_and_p,
    paule_mandel,
    placebos_needed,
)


def test_eight_cutoffs_at_windows_of_six_months_are_worth_one_and_a_third() -> None:
    assert independent(8, 9)[1] == pytest.approx(1.3, abs=0.05)


def test_eighty_cutoffs_at_windows_of_a_year_are_worth_four_for_a_mean_and_seven_for_a_variance() -> None:
    n_mean, n_var = independent(80, 18)
    assert n_mean == pytest.approx(80 / 18)
    assert n_var == pytest.approx(80 / (1 + 17 * 35 / 54))


def test_cutoffs_that_share_nothing_count_in_full() -> None:
    assert independent(10, 1) == (10, 10)


def test_thirty_seven_cutoffs_are_worth_three_at_windows_of_a_year() -> None:
    assert placebos_needed(18) == 37
    assert independent(36, 18)[1] < 3 <= independent(37, 18)[1]


@pytest.mark.parametrize("seed", range(5))
def test_paule_mandel_solves_its_equation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    errors = rng.uniform(0.01, 0.05, 30)
    estimates = rng.normal(0.02, np.hypot(errors, 0.06))
    tau2 = paule_mandel(estimates, errors)
    weight = 1 / (tau2 + errors**2)
    spread = estimates - weight @ estimates / weight.sum()
    assert tau2 > 0
    assert weight @ spread**2 == pytest.approx(29, rel=1e-9)


def test_placebos_no_more_spread_than_their_errors_have_no_calendar_noise() -> None:
    assert paule_mandel(np.array([0.01, -0.01, 0.0, 0.005]), np.full(4, 0.05)) == 0


def test_calibration_follows_its_formulas_on_a_case_done_by_hand() -> None:
    estimates, errors = np.array([-0.1, 0.0, 0.1, 0.2]), np.zeros(4) + 1e-9
    found = calibrate(0.5, 0.03, estimates, errors, 1.0)
    spread = np.var(estimates, ddof=1) * 4 / 3
    assert found.tau2 == pytest.approx(spread)
    assert found.mean == pytest.approx(0.05)
    assert found.estimate == pytest.approx(0.45)
    assert found.se**2 == pytest.approx(0.03**2 + spread + spread / 4)
    assert found.p == pytest.approx(2 * stats.t.sf(0.45 / found.se, found.degrees))
    assert found.high - found.estimate == pytest.approx(stats.t.ppf(0.975, found.degrees) * found.se)
    assert found.degrees == pytest.approx(3 * found.se**2 / (spread + spread / 4))
    assert found.p_rank == pytest.approx(1 / 5)


def test_degrees_grow_with_the_part_of_the_variance_that_is_known() -> None:
    assert degrees_of_freedom(0.0, 0.01, 4.0) == 3
    assert degrees_of_freedom(0.04, 0.01, 4.0) == pytest.approx(15)


def test_rank_p_counts_placebos_at_least_as_far_from_their_median() -> None:
    estimates = np.array([-0.3, -0.1, 0.0, 0.1, 0.2])
    assert calibrate(0.15, 0.01, estimates, np.full(5, 0.01), 1.0).p_rank == pytest.approx((1 + 2) / 6)


def test_no_more_than_one_independent_placebo_gives_no_number() -> None:
    found = calibrate(0.1, 0.02, np.zeros(8), np.full(8, 0.02), 18.0)
    assert np.isnan(found.estimate)
    assert np.isnan(found.p)
    assert found.n_var < 1


def test_rejections_of_a_true_null_follow_students_law() -> None:
    """With exact placebos τ² is s²·B/(B−1), so the statistic is a t with B − 1 degrees shrunk by √((B−1)/B)."""
    rng = np.random.default_rng(7)
    placebos, draws = 10, 4000
    theta = rng.normal(0.3, 0.1, (draws, placebos + 1))
    nearly_exact = np.full(placebos, 1e-6)
    p = np.array([calibrate(float(row[0]), 0.0, row[1:], nearly_exact, 1.0).p for row in theta])
    critical = stats.t.ppf(0.975, placebos - 1)
    law = 2 * stats.t.sf(critical * np.sqrt(placebos / (placebos - 1)), placebos - 1)
    assert np.mean(p < 0.05) == pytest.approx(law, abs=4 * np.sqrt(law * (1 - law) / draws))


def test_many_degrees_of_freedom_see_two_point_eight_standard_errors_four_times_in_five() -> None:
    assert detectable(0.01, 1e6) == pytest.approx(0.028, abs=0.0001)
    assert detectable(0.01, 5) > detectable(0.01, 50)


def test_interval_and_p_agree_at_the_edge() -> None:
    half, p = interval_and_p(1.0, 0.5, 7.0)
    assert interval_and_p(half, 0.5, 7.0)[1] == pytest.approx(0.05)
    assert p == pytest.approx(2 * stats.t.sf(2.0, 7))
