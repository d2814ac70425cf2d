"""Shares with limits over creators: against closed forms, against statsmodels, and by how often they cover."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from precipice.profiles.ratios import Sums, clopper_pearson, effective_size, interval_of_ratio, sums


def of(y: list[float], n: list[float]) -> Sums:
    return sums(y, n, np.zeros(len(y), int), 1)


@pytest.mark.parametrize(("yes", "asked"), [(0, 12), (3, 40), (23, 150), (40, 40)])
def test_limits_of_whole_numbers_are_clopper_and_pearsons(yes: int, asked: int) -> None:
    low, high = clopper_pearson(np.array(yes / asked), np.array(float(asked)))
    expected = proportion_confint(yes, asked, method="beta")
    assert (float(low), float(high)) == pytest.approx(expected, abs=1e-9)


def test_creators_with_one_upload_each_are_almost_independent_uploads() -> None:
    n = 400
    y = [1.0] * 100 + [0.0] * 300
    # Left: the factor (m - 1)/m and the t adjustment, both within two per cent of one at 400 creators.
    assert effective_size(of(y, [1.0] * n))[0] == pytest.approx(n, rel=0.02)


def test_creators_who_declare_all_or_nothing_count_as_one_upload_each() -> None:
    y = [10.0] * 10 + [0.0] * 30
    assert effective_size(of(y, [10.0] * 40))[0] == pytest.approx(40, rel=0.1)


def test_where_nobody_declared_creators_count_and_not_their_uploads() -> None:
    low, high = interval_of_ratio(of([0.0] * 3, [100.0] * 3))
    assert low[0] == 0
    assert high[0] == pytest.approx(1 - 0.025 ** (1 / 3))


def test_one_creator_is_one_upload() -> None:
    assert effective_size(of([5.0], [10.0]))[0] == 1


def test_where_nobody_was_asked_there_is_no_share() -> None:
    found = of([0.0], [0.0])
    assert np.isnan(found.ratio[0])
    assert all(np.isnan(limit[0]) for limit in interval_of_ratio(found))


@pytest.mark.parametrize(("creators", "alike"), [(15, 0.3), (60, 0.3), (60, 0.9), (300, 0.6)])
def test_limits_cover_the_true_share_as_often_as_they_say(creators: int, alike: float) -> None:
    rng, worlds, p = np.random.default_rng(creators), 1_500, 0.2
    n = 1 + rng.poisson(np.exp(rng.normal(0.5, 0.8, (worlds, creators))))
    own = rng.beta(p * (1 - alike) / alike, (1 - p) * (1 - alike) / alike, n.shape)  # intra-creator correlation: alike
    y = rng.binomial(n, own)
    key = np.repeat(np.arange(worlds), creators)
    low, high = interval_of_ratio(sums(y.ravel(), n.ravel(), key, worlds))
    covered = ((low <= p) & (p <= high)).mean()
    error = (0.95 * 0.05 / worlds) ** 0.5
    assert covered > 0.93 - 4 * error  # two points are lost at most to uneven creators (measured: .94 to .98)
    # They are no wider than they must be: one that is off by a fifth of a share never passes.
    assert covered < 1 or creators == 15
