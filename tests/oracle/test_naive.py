"""Naive readings against published numbers and other implementations."""

import numpy as np
import pytest

from precipice.effects.naive_creators import last_seen, two_way, within_creators
from precipice.effects.naive_series import (
    fit_structural,
    forecast_sum,
    means,
    quasi_poisson,
    segmented,
    structural,
    trends,
)

sm = pytest.importorskip("statsmodels.api")

# Acute coronary events in Sicily by month, 2002-01 to 2006-11, and the population standardised by age; smoking was
# banned in 2005-01.  Barone-Adesi et al. 2011, as published with Bernal, Cummins & Gasparrini 2017.
EVENTS = np.array([
    728, 659, 791, 734, 757, 726, 760, 740, 720, 814, 795, 858, 887, 766, 851, 769, 781, 756, 766, 752, 765, 831, 879,
    928, 914, 808, 937, 840, 916, 828, 845, 818, 860, 839, 887, 886, 831, 796, 833, 820, 877, 758, 767, 738, 781, 843,
    850, 908, 1021, 859, 976, 888, 962, 838, 810, 876, 843, 936, 912,
], float)  # fmt: skip
POPULATION = np.array([
    379875.3, 376495.5, 377040.8, 377116.4, 377383.4, 374113.1, 379513.3, 376295.5, 374653.2, 378485.6, 375955.5,
    378349.7, 376762.4, 379032.3, 379360.4, 376162.0, 377972.4, 381830.7, 379888.6, 380872.2, 380966.9, 381240.4,
    382104.9, 381802.7, 381656.3, 383680.0, 383504.2, 386462.9, 383783.1, 380836.8, 383483.0, 380906.2, 382926.8,
    384052.4, 384449.6, 383428.4, 388153.2, 388373.2, 386470.1, 386033.2, 383686.4, 385509.3, 385901.9, 386516.6,
    388436.5, 383255.2, 390148.7, 385874.9, 391613.6, 391750.4, 394005.6, 391364.9, 391664.6, 389022.3, 391878.5,
    388575.3, 392989.0, 390018.8, 390712.3,
])  # fmt: skip
BAN = 36


def nile() -> np.ndarray:
    """Flow of the Nile at Aswan, 1871 to 1970, in 10⁸ cubic metres."""
    return np.asarray(sm.datasets.nile.load_pandas().data["volume"], float)


def test_quasi_poisson_gives_the_published_effect_of_the_sicilian_smoking_ban() -> None:
    """Rate ratio 0.8944 (0.8647 to 0.9251): Bernal et al. 2017, before allowing for over-dispersion and season."""
    found = quasi_poisson(EVENTS, BAN, offset=np.log(POPULATION))
    assert found.estimate + 1 == pytest.approx(0.8944, abs=5e-5)


def test_quasi_poisson_with_two_harmonics_gives_the_published_effect_with_its_interval() -> None:
    """Rate ratio 0.8851 (0.8394 to 0.9332)."""
    found = quasi_poisson(EVENTS, BAN, offset=np.log(POPULATION), of_year=np.arange(59) % 12)
    ends = np.exp(found.coefficient + np.array([0, -1.959964, 1.959964]) * found.se)
    assert ends == pytest.approx([0.8851, 0.8394, 0.9332], abs=1e-4)


def test_means_before_and_after_give_the_fall_of_the_nile_in_1899() -> None:
    """Cobb 1978 and many after him: 247.78 less from 1899 on."""
    found = means(nile(), 28)
    assert found.coefficient == pytest.approx(-247.78, abs=0.005)
    assert found.estimate == pytest.approx(-247.78 / 1097.75, abs=1e-5)


def test_local_level_gives_the_published_variances_of_the_nile() -> None:
    """Durbin & Koopman 2012, section 2.10: 15,099 and 1,469.1, from a start that knows nothing of the level.

    statsmodels' start knows nothing only nearly so, which is worth two thirds of a per cent.
    """
    assert fit_structural(nile(), trend=False).params == pytest.approx([15_099, 1_469.1], rel=7e-3)


def test_the_forecast_of_a_local_levels_sum_has_its_closed_form() -> None:
    """With P the variance of the level now, h²P + σ²η Σ_{i<h} i² + hσ²ε."""
    found, h = fit_structural(nile(), trend=False), 12
    noise, drift = found.params
    level, spread = (found.filter_results.predicted_state[0, -1], found.filter_results.predicted_state_cov[0, 0, -1])
    mean, variance = forecast_sum(found, h)
    assert mean == pytest.approx(h * level)
    assert variance == pytest.approx(h**2 * spread + drift * sum(i**2 for i in range(h)) + h * noise)


def test_the_forecast_of_a_local_linear_trends_sum_is_that_of_simulated_futures() -> None:
    """20,000 futures: the mean to four standard errors, the standard deviation to 4/√40,000."""
    y = 50 + 2 * np.arange(40) + np.random.default_rng(1).standard_normal(40).cumsum()
    found, h, draws = fit_structural(y, trend=True), 6, 20_000
    mean, variance = forecast_sum(found, h)
    futures = found.simulate(h, repetitions=draws, anchor="end", rng=np.random.default_rng(2))
    sums = np.asarray(futures).reshape(h, draws).sum(axis=0)
    assert sums.mean() == pytest.approx(mean, abs=4 * (variance / draws) ** 0.5)
    assert sums.std() == pytest.approx(variance**0.5, rel=4 / (2 * draws) ** 0.5)


def test_a_structural_series_without_change_is_within_its_forecast() -> None:
    found = structural(np.append(nile()[:28], nile()[:12]), 28, trend=False)
    assert found.p > 0.05


def test_chows_test_is_the_comparison_of_two_lines_with_one() -> None:
    """F of one line over all against a line on either side (Chow 1960), by least squares alone."""
    y, event = nile(), 28
    time = np.arange(100.0)

    def squares(of: slice) -> float:
        X = np.column_stack([np.ones(len(time[of])), time[of]])
        return float(np.linalg.lstsq(X, y[of])[1][0])

    apart = squares(slice(0, event)) + squares(slice(event, 100))
    f = ((squares(slice(0, 100)) - apart) / 2) / (apart / 96)
    from scipy.stats import f as law

    assert segmented(y, event).p == pytest.approx(law.sf(f, 2, 96), rel=1e-8)


def test_segmented_regression_with_newey_and_wests_errors_and_seasons_is_statsmodels() -> None:
    time, after = np.arange(59.0), (np.arange(59) >= BAN).astype(float)
    angle = 2 * np.pi * np.arange(59) / 12
    waves = [np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)]
    X = np.column_stack([np.ones(59), time, after, after * (time - BAN), *waves])
    theirs = sm.OLS(EVENTS, X).fit(cov_type="HAC", cov_kwds={"maxlags": 3}, use_t=True)
    ours = segmented(EVENTS, BAN, of_year=np.arange(59) % 12, lags=3)
    assert ours.coefficient == pytest.approx(theirs.params[2])
    assert ours.se == pytest.approx(theirs.bse[2])
    assert ours.p == pytest.approx(float(theirs.f_test(np.eye(8)[2:4]).pvalue))


def test_trends_are_two_one_sided_tests_of_slopes() -> None:
    falling, rising = nile()[:40], np.arange(40.0) + nile()[40:80] / 50
    time = sm.add_constant(np.arange(40.0))
    fits = [sm.OLS(y, time).fit() for y in (falling, rising)]
    expected = max(
        fit.pvalues[1] / 2 if sign * fit.params[1] > 0 else 1 - fit.pvalues[1] / 2
        for fit, sign in zip(fits, (-1, 1), strict=True)
    )
    assert trends(falling, rising).p == pytest.approx(expected)


@pytest.fixture(scope="module")
def activity() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whether each of 40 creators was active in each of 14 months, month of entry, and who is a senior."""
    rng = np.random.default_rng(4)
    entry = rng.integers(-5, 7, 40)
    active = rng.random((40, 14)) < rng.uniform(0.1, 0.9, (40, 1)) * np.linspace(1, 0.6, 14)
    active &= np.arange(14)[None, :] >= entry[:, None]
    return active.astype(float), entry, entry < 2


EVENT = 8


def test_creator_effects_are_the_regression_with_a_dummy_a_creator(activity: tuple[np.ndarray, ...]) -> None:
    """Months before entry are not watched; statsmodels' factor (N − 1)/(N − K) is taken out of its variance."""
    active, entry, _ = activity
    months = np.arange(14)[None, :]
    watched = months >= entry[:, None]
    creator, month = np.nonzero(watched)
    X = np.column_stack([month >= EVENT, creator[:, None] == np.arange(40)]).astype(float)
    fit = sm.OLS(active[watched], X).fit(cov_type="cluster", cov_kwds={"groups": creator})
    before, after = active[:, :EVENT], active[:, EVENT:]
    ours = within_creators(
        before.sum(axis=1), watched[:, :EVENT].sum(axis=1), after.sum(axis=1), watched[:, EVENT:].sum(axis=1)
    )
    factor = (len(X) - 1) / (len(X) - X.shape[1])
    assert ours.coefficient == pytest.approx(fit.params[0])
    assert ours.se == pytest.approx(fit.bse[0] / factor**0.5)
    assert ours.estimate == pytest.approx(fit.params[0] / active[:, :EVENT][watched[:, :EVENT]].mean())


def test_two_way_effects_are_the_regression_with_dummies_of_creators_and_months(
    activity: tuple[np.ndarray, ...],
) -> None:
    active, _, senior = activity
    creator, month = (a.ravel() for a in np.indices(active.shape))
    dummies = [creator[:, None] == np.arange(40), month[:, None] == np.arange(1, 14)]
    X = np.column_stack([senior[creator] & (month >= EVENT), *dummies]).astype(float)
    fit = sm.OLS(active.ravel(), X).fit(cov_type="cluster", cov_kwds={"groups": creator})
    ours = two_way(active[:, :EVENT].mean(axis=1), active[:, EVENT:].mean(axis=1), senior)
    factor = (len(X) - 1) / (len(X) - X.shape[1])
    assert ours.coefficient == pytest.approx(fit.params[0])
    assert ours.se == pytest.approx(fit.bse[0] / factor**0.5)


def test_last_seen_is_coxs_regression_with_a_covariate_that_changes_at_the_event() -> None:
    """statsmodels' PHReg with Breslow's ties, each creator in two pieces with late entry into the second.

    A creator at risk at tenure a is one who entered the piece before a and leaves it at a or later, hence
    the half; statsmodels takes no times below nought, hence the month added.
    """
    rng = np.random.default_rng(5)
    entry = rng.integers(-20, 25, 300)
    last = np.minimum(entry + rng.geometric(0.08, 300) - 1, 33 + rng.integers(0, 3, 300))
    last = np.maximum(last, entry)
    n_months, event = 34, 19
    rows = []
    for first, final in zip(entry.tolist(), last.tolist(), strict=True):
        end, gone = min(final, n_months - 1) - first, final < n_months - 1
        turn = max(event - first, 0)
        if turn > 0:
            rows.append((0.5, 1 + min(end, turn - 1), gone and end < turn, 0))
        if end >= turn:
            rows.append((turn + 0.5, 1 + end, gone, 1))
    start, stop, status, after = (np.array(column, float) for column in zip(*rows, strict=True))
    theirs = sm.PHReg(stop, after[:, None], status=status, entry=start, ties="breslow").fit()
    ours = last_seen(entry, last, event, n_months)
    assert ours.coefficient == pytest.approx(theirs.params[0], abs=1e-6)
    assert ours.se == pytest.approx(theirs.bse[0], rel=1e-5)
