"""Settings, replicates and traces of loops."""

from typing import Any

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.loops import POLICIES, Loop, simulate
from precipice.loops.feed import series
from precipice.loops.trace import Trace

RNG = np.random.default_rng(11)


def test_the_same_seed_gives_the_same_numbers_with_any_number_of_threads() -> None:
    loop = Loop(policy="fresh", n=20, dimension=8, generations=3)
    one, two = (simulate(loop, replicates=9_000, seed=1, jobs=jobs) for jobs in (1, 3))
    other = simulate(loop, replicates=9_000, seed=2)
    np.testing.assert_array_equal(one.values, two.values)
    assert (one.values[:, 1:] != other.values[:, 1:]).any()


def test_single_precision_differs_in_its_digits_alone() -> None:
    loop: dict[str, Any] = {"n": 100, "dimension": 8, "generations": 5, "bias": 0.9}
    trace = simulate(Loop(single=True, **loop), replicates=4_000, seed=1)
    assert np.abs(trace.z()[0]).max() < 4
    assert trace.values.dtype == np.float64


def test_a_supply_that_changes_is_run_to_its_end_unless_told_otherwise() -> None:
    feed = series([100, 80, 60, 40], [10, 20, 30, 40])
    assert simulate(Loop(policy="fresh", feed=feed), replicates=10).generations == 3
    assert simulate(Loop(policy="fresh", feed=feed, generations=2), replicates=10).generations == 2
    with pytest.raises(InputError, match="the supply ends with generation 3"):
        Loop(policy="fresh", feed=feed, generations=4)


@pytest.mark.parametrize("policy", POLICIES)
def test_real_works_are_measured_beside_their_floor(policy: str) -> None:
    works = np.concatenate([RNG.standard_normal((150, 3)), 6 + RNG.standard_normal((150, 3))])
    loop = Loop(policy=policy, works=works, n=60, generations=2, options={"likelihood": True})
    trace = simulate(loop, replicates=2, seed=1)
    assert trace.source == "samples"
    assert trace.metrics == ("frechet", "precision", "recall", "tail_recall")
    assert np.isfinite(trace.values).all()
    assert np.isfinite(trace.floor).all()
    assert np.isnan(trace.theory).all()


def test_works_are_measured_in_the_features_asked_for() -> None:
    works = np.column_stack([RNG.standard_normal(200), 1e6 * RNG.standard_normal(200)])
    loop: dict[str, Any] = {"works": works, "n": 50, "generations": 1, "metrics": ("frechet",)}
    small = simulate(Loop(features=lambda x: x[:, :1], **loop), replicates=2, seed=1)
    large = simulate(Loop(**loop), replicates=2, seed=1)
    assert small.mean.max() < 10
    assert large.mean.min() > 1e6


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": "gausian"}, "no model 'gausian'"),
        ({"policy": "replace"}, "no policy 'replace'"),
        ({"bias": 0}, "sampling bias is 0"),
        ({"bias": 1.5}, "sampling bias is 1.5"),
        ({"share": 1.01, "policy": "fresh"}, "the human share is 1.01"),
        ({"n": 0}, "n is 0"),
        ({"dimension": 0}, "0 dimensions"),
        ({"model": "styles"}, "one style cannot lose diversity"),
        ({"weight": 0.5}, "takes no weight"),
        ({"weight": 1.5, "policy": "fresh"}, "the weight is 1.5"),
        ({"share": 1.0}, "fed with fewer than two synthetic works"),
        ({"share": 0.0, "policy": "augment"}, "fed with no human works"),
        ({"label": (0.4, 0.6)}, "tells nothing"),
        ({"n": 10, "generations": 0}, "0 generations"),
    ],
)
def test_settings_that_cannot_be_run_are_refused(settings: dict, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        Loop(**settings)
    assert refused.value.fix


@pytest.mark.parametrize(
    ("settings", "replicates", "words"),
    [
        ({}, 0, "0 replicates"),
        ({"metrics": ("recal",)}, 2, "no measure 'recal'"),
        ({"metrics": ("recal",), "works": np.zeros((9, 2)), "n": 3}, 2, "no measure 'recal'"),
        ({"options": {"components": 3}, "n": 10}, 2, "the model 'gaussian' has no option 'components'"),
        ({"works": np.zeros((9, 2)), "n": 30, "policy": "real"}, 2, "there are 6"),
        ({"works": np.full((9, 2), np.nan), "n": 3}, 2, "cannot be used"),
        ({"works": np.zeros(9), "n": 3}, 2, "cannot be used"),
        ({"model": "regression", "n": 3, "dimension": 5}, 2, "3 works cannot settle 5 coefficients"),
        ({"model": "mixture", "n": 10, "dimension": 2}, 2, "cannot be split into 20 components"),
    ],
)
def test_runs_that_cannot_be_done_are_refused(settings: dict, replicates: int, words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        simulate(Loop(**settings), replicates=replicates)
    assert refused.value.fix


def test_a_loop_with_fewer_works_than_dimensions_goes_on_and_says_so() -> None:
    trace = simulate(Loop(n=4, dimension=8, generations=2), replicates=50, seed=1)
    assert any("singular covariance" in note for note in trace.notes)
    assert np.isneginf(trace.of("log_variance")[1:]).all()
    assert (trace.of("effective_rank")[1:] <= 3).all()
    rows = [row for row in trace.rows() if row["metric"] == "log_variance"]
    assert [row["mean"] for row in rows] == [0.0, None, None]


def made(values: np.ndarray) -> Trace:
    nothing = np.full(values.shape[:2], np.nan)
    return Trace(("recall",), values, nothing, np.array([0.9]), "by hand", "samples")


def test_limits_are_students_and_a_single_replicate_has_none() -> None:
    values = np.array([[[1.0, 2.0, 3.0], [2.0, 2.0, 2.0]]])
    low, high = made(values).interval()
    assert (low[0, 0], high[0, 0]) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5))  # t of 2 degrees
    assert low[0, 1] == high[0, 1] == 2
    one = made(values[:, :, :1])
    assert np.isnan(one.interval()[0]).all()
    assert one.rows()[0] == {"generation": 0, "metric": "recall", "mean": 1.0, "low": None, "high": None,
                             "theory": None}  # fmt: skip


def test_a_trace_gives_its_table_and_its_words() -> None:
    trace = made(np.array([[[0.8, 0.9], [0.4, 0.5]]]))
    table = trace.table().to_pylist()
    assert table[1]["mean"] == pytest.approx(0.45)
    assert table[1]["floor"] == 0.9
    assert (table[1]["from"], table[1]["to"]) == (0.4, 0.5)
    assert "recall: 0.85 in generation 0, 0.45 (" in trace.summary()
    assert "human against human 0.9" in trace.summary()


def test_progress_reaches_its_end() -> None:
    seen: list[float | None] = []
    simulate(Loop(n=5, generations=2, by_samples=True), replicates=3, progress=lambda step, share: seen.append(share))
    assert len(seen) == 9
    assert seen[-1] == 1
    seen.clear()
    simulate(Loop(n=5, generations=2), replicates=9_000, progress=lambda step, share: seen.append(share))
    assert seen == [pytest.approx(1 / 3), pytest.approx(2 / 3), 1]
