"""Ways of carrying a series on: what they keep of the past, and that they do not run away."""

import sys

import numpy as np
import pytest

from precipice.errors import MissingExtraError
from precipice.supply import FORECASTERS, Shape
from precipice.supply.paths import bootstrap, ets


def many(history: np.ndarray, paths: int = 3_000) -> np.ndarray:
    return np.broadcast_to(history, (paths, len(history)))


def test_a_constant_goes_on_as_it_is() -> None:
    ahead = bootstrap(many(np.full(48, 6.0)), 24, Shape(), np.random.default_rng(0))
    assert ahead == pytest.approx(np.full(ahead.shape, 6.0))


def test_a_straight_line_bends_and_stops_where_the_drift_has_died_away() -> None:
    shape = Shape(damping=0.9)
    ahead = bootstrap(many(0.05 * np.arange(40.0), 3), 400, shape, np.random.default_rng(0))
    start = 0.05 * np.arange(37, 40).mean()
    # Every block has the same slope and no noise, so all paths are one: start + slope × (φ + φ² + …).
    assert ahead[:, 0] == pytest.approx(start + 0.05 * 0.9)
    assert ahead[:, -1] == pytest.approx(start + 0.05 * 0.9 / 0.1)


def test_a_season_goes_on_in_its_months() -> None:
    months = np.arange(60)
    season = np.where(months % 12 == 9, 1.1, -0.1)
    ahead = bootstrap(many(5 + season, 5), 24, Shape(), np.random.default_rng(0)).mean(axis=0)
    assert set(np.flatnonzero(ahead > 5.5)) == {9, 21}


@pytest.mark.parametrize("months", [13, 23, 24, 61, 200])
def test_any_history_of_more_than_a_year_can_be_carried_on(months: int) -> None:
    rng = np.random.default_rng(months)
    ahead = bootstrap(rng.normal(0, 1, (7, months)), 50, Shape(), rng)
    assert ahead.shape == (7, 50)
    assert np.isfinite(ahead).all()


def test_paths_of_a_random_walk_spread_as_it_does() -> None:
    # A walk of step .1 for 60 months; six months ahead its own spread is .1 × √6.  Averaged over 300 histories, since
    # one tells its own steps only to a tenth.  Seasons and blocks take some of the spread, the drift adds some.
    rng = np.random.default_rng(2)
    walks = np.cumsum(rng.normal(0, 0.1, (300, 60)), axis=1)
    spread = [bootstrap(many(walk, 400), 6, Shape(), rng)[:, -1].var() for walk in walks]
    assert np.sqrt(np.mean(spread)) == pytest.approx(0.1 * 6**0.5, rel=0.35)


def test_the_same_generator_gives_the_same_paths() -> None:
    history = many(np.sin(np.arange(40.0)), 10)
    first, again = (bootstrap(history, 12, Shape(), np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.filterwarnings("ignore")
def test_exponential_smoothing_carries_on_with_its_own_draws() -> None:
    pytest.importorskip("statsmodels")
    rng = np.random.default_rng(4)
    history = 6 + 0.02 * np.arange(48) + rng.normal(0, 0.1, 48)
    first, again = (ets(many(history, 200), 12, Shape(), np.random.default_rng(1)) for _ in range(2))
    assert first.shape == (200, 12)
    assert np.array_equal(first, again)
    assert first[:, 0].mean() == pytest.approx(history[-6:].mean(), abs=0.2)
    assert 0.03 < first[:, 0].std() < 0.3


def test_without_statsmodels_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.tsa.exponential_smoothing.ets", None)
    with pytest.raises(MissingExtraError, match="statsmodels"):
        FORECASTERS["ets"](many(np.arange(30.0), 2), 3, Shape(), np.random.default_rng(0))
