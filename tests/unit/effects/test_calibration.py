import numpy as np
import pytest
from scipy import stats

from precipice.effects.calibration import (
    Kernel,
    calibrate,
    degrees_of_freedom,
    detectable,
    independent,
    interval_and_p,
    kernel_of,
    paule_mandel,
    placebos_needed,
)

ONE_MONTH = Kernel((1.0,))


def test_cutoffs_that_share_nothing_count_in_full() -> None:
    worth = independent(10, ONE_MONTH)
    assert (worth.n_mean, worth.n_var, worth.degrees, worth.bias) == pytest.approx((10, 10, 9, 1))


def test_eight_cutoffs_at_windows_of_six_months_are_worth_fewer_than_three() -> None:
    assert independent(8, kernel_of(6, 6)).n_var < 3


def test_twenty_five_cutoffs_are_worth_three_at_windows_of_a_year() -> None:
    """ρ_j = 1 − j/8 to j = 12 and j/24 − 1 from there to 24, by hand."""
    kernel = kernel_of(12, 12)
    lag = np.arange(1, 24)
    rho = np.where(lag <= 12, 1 - lag / 8, lag / 24 - 1)
    assert independent(40, kernel).n_var == pytest.approx(40 / (1 + 2 * np.sum(rho**2)))
    assert placebos_needed(kernel) == 25
    assert independent(24, kernel).n_var < 3 <= independent(25, kernel).n_var


@pytest.mark.parametrize(
    "kernel", [kernel_of(12, 12), kernel_of(0, 12), kernel_of(6, 12, gap=6)], ids=["S1", "S2", "lapse"]
)
def test_the_worth_of_cutoffs_is_that_of_moving_means_of_independent_months(kernel: Kernel) -> None:
    """20,000 histories of white months: the variance of the placebos' mean, and mean and variance of their variance.

    A variance of normal draws has a relative Monte Carlo error of √(2/20,000) = 1 %, of which four are allowed; the
    law of a variance is only nearly χ², so its own spread is given 10 %.
    """
    histories, count = 20_000, 60
    months = np.random.default_rng(11).normal(size=(histories, count + kernel.reach - 1))
    windows = np.lib.stride_tricks.sliding_window_view(months, kernel.reach, axis=1)
    placebos = windows @ np.array(kernel.weights) / np.linalg.norm(kernel.weights)
    worth = independent(count, kernel)
    assert placebos.mean(axis=1).var() == pytest.approx(1 / worth.n_mean, rel=0.04)
    spread = placebos.var(axis=1, ddof=1)
    assert spread.mean() == pytest.approx(worth.bias, rel=0.04)
    assert 2 * spread.mean() ** 2 / spread.var() == pytest.approx(worth.degrees, rel=0.1)


def test_the_mean_of_before_and_after_telescopes() -> None:
    assert independent(80, kernel_of(12, 12)).n_mean > 6 * independent(80, kernel_of(0, 12)).n_mean


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
    found = calibrate(0.5, 0.03, estimates, errors, ONE_MONTH)
    spread = np.var(estimates, ddof=1)
    assert found.tau2 == pytest.approx(spread)
    assert found.mean == pytest.approx(0.05)
    assert found.estimate == pytest.approx(0.45)
    assert found.se**2 == pytest.approx(0.03**2 + spread + spread / 4)
    assert found.p == pytest.approx(2 * stats.t.sf(0.45 / found.se, found.degrees))
    assert found.high - found.estimate == pytest.approx(stats.t.ppf(0.975, found.degrees) * found.se)
    assert found.degrees == pytest.approx(3 * found.se**2 / (spread + spread / 4))
    assert found.p_rank == pytest.approx(1 / 5)


def test_degrees_grow_with_the_part_of_the_variance_that_is_known() -> None:
    assert degrees_of_freedom(0.0, 0.01, 3.0, paired=False) == 3
    assert degrees_of_freedom(0.04, 0.01, 3.0, paired=False) == pytest.approx(15)


def test_creators_compared_with_themselves_have_the_placebos_degrees() -> None:
    assert degrees_of_freedom(0.04, 0.01, 3.0, paired=True) == 3


def test_rank_p_counts_placebos_at_least_as_far_from_their_median() -> None:
    estimates = np.array([-0.3, -0.1, 0.0, 0.1, 0.2])
    assert calibrate(0.15, 0.01, estimates, np.full(5, 0.01), ONE_MONTH).p_rank == pytest.approx((1 + 2) / 6)


def test_no_more_than_one_independent_placebo_gives_no_number() -> None:
    found = calibrate(0.1, 0.02, np.zeros(8), np.full(8, 0.02), kernel_of(12, 12))
    assert np.isnan(found.estimate)
    assert np.isnan(found.p)
    assert found.n_var <= 1


def test_rejections_of_a_true_null_follow_students_law() -> None:
    """With exact placebos the statistic is (θ − mean)/(s√(1 + 1/B)): Student's t with B − 1 degrees."""
    rng = np.random.default_rng(7)
    placebos, draws = 10, 4000
    theta = rng.normal(0.3, 0.1, (draws, placebos + 1))
    nearly_exact = np.full(placebos, 1e-6)
    p = np.array([calibrate(float(row[0]), 0.0, row[1:], nearly_exact, ONE_MONTH).p for row in theta])
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / draws))


def test_many_degrees_of_freedom_see_two_point_eight_standard_errors_four_times_in_five() -> None:
    assert detectable(0.01, 1e6) == pytest.approx(0.028, abs=0.0001)
    assert detectable(0.01, 5) > detectable(0.01, 50)


def test_interval_and_p_agree_at_the_edge() -> None:
    half, p = interval_and_p(1.0, 0.5, 7.0)
    assert interval_and_p(half, 0.5, 7.0)[1] == pytest.approx(0.05)
    assert p == pytest.approx(2 * stats.t.sf(2.0, 7))
