import numpy as np
import pytest

from precipice.cohorts import everyone
from precipice.panel import Panel, panel_of
from precipice.replicates import gini, median, replicate, weights
from precipice.series import covariance


def crowd(n: int = 300, months: int = 5) -> Panel:
    rng = np.random.default_rng(4)
    cells = rng.poisson(rng.gamma(0.7, 2.0, n)[:, None], (n, months))
    creators, offsets = np.nonzero(cells)
    ids = rng.integers(0, 2**62, n)
    return panel_of(("a",), np.zeros(len(creators), int), ids[creators], offsets + 24000, cells[creators, offsets])


def test_weights_follow_a_poisson_law_with_mean_one() -> None:
    drawn = weights(np.arange(2_000, dtype=np.int64), 1_000, seed=3)
    n = drawn.size
    for value, p in enumerate(np.exp(-1) / np.array([1, 1, 2, 6, 24])):
        assert abs((drawn == value).mean() - p) < 4 * np.sqrt(p * (1 - p) / n) + 2**-17
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 4 / np.sqrt(2_000)
    assert abs(np.corrcoef(drawn[0], drawn[1])[0, 1]) < 4 / np.sqrt(1_000)


def test_a_weight_depends_on_creator_replicate_and_seed_alone() -> None:
    ids = np.array([5, 9, 2**62 + 7], dtype=np.int64)
    whole = weights(ids, 64, seed=1)
    assert (weights(ids[1:2], 64, seed=1)[0] == whole[1]).all()
    assert (weights(ids, 16, seed=1) == whole[:, :16]).all()
    assert (weights(ids, 64, seed=2) != whole).any()


@pytest.mark.parametrize("chunk", [1, 7, 300, 100_000])
def test_chunks_change_nothing(chunk: int) -> None:
    world = crowd()
    usual = replicate(world, everyone(world)[0], gini, replicates=20, seed=1)
    other = replicate(world, everyone(world)[0], gini, replicates=20, seed=1, chunk=chunk)
    assert (usual.draws == other.draws).all()


def test_replicates_of_a_sum_have_the_closed_form_covariance() -> None:
    world = crowd()

    def total(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
        return np.asarray((values[:, None] * weight).sum(axis=0))

    found = replicate(world, everyone(world)[0], total, replicates=20_000, seed=1)
    exact = covariance(world, everyone(world)[0], cap=None)
    error = np.sqrt((exact**2 + np.outer(exact.diagonal(), exact.diagonal())) / found.draws.shape[1])
    assert (np.abs(np.cov(found.draws) - exact) < 4.5 * error).all()
    assert found.value == pytest.approx([world.count[world.month == t].sum() for t in range(5)])


def test_gini_of_known_distributions() -> None:
    assert gini(np.array([3]), np.array([[10.0]])) == pytest.approx([0.0])
    # Half have 1 and half have 3: the mean difference is 1, twice the mean 4.
    assert gini(np.array([1, 3]), np.array([[5.0], [5.0]])) == pytest.approx([0.25])


def test_gini_and_median_equal_numpys_on_plain_values() -> None:
    world = crowd()
    found_gini = replicate(world, everyone(world)[0], gini, replicates=1)
    found_median = replicate(world, everyone(world)[0], median, replicates=1)
    for t in range(5):
        values = np.sort(world.count[world.month == t]).astype(float)
        pairs = np.abs(values[:, None] - values[None, :]).mean()
        assert found_gini.value[t] == pytest.approx(pairs / (2 * values.mean()))
        assert found_median.value[t] == values[(len(values) - 1) // 2]


def test_limits_stand_around_the_value() -> None:
    world = crowd(2_000)
    found = replicate(world, everyone(world)[0], gini, replicates=200)
    low, high = found.interval()
    assert ((low < found.value) & (found.value < high)).all()


def test_months_without_anybody_have_no_limits_and_no_warning() -> None:
    month = np.array([24000, 24000, 24002])
    world = panel_of(("a",), np.zeros(3, int), np.array([1, 2, 3]), month, np.ones(3, int))
    low, high = replicate(world, everyone(world)[0], gini, replicates=50).interval()
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [False, True, False]
