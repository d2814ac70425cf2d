"""Loops on any supply: what holds whatever is fed."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from precipice.loops import POLICIES, Loop, simulate
from precipice.loops.distances import DISTANCES, pair_of
from precipice.loops.expectations import Rule, moments
from precipice.loops.feed import Feed, series

amounts = st.lists(st.tuples(st.integers(0, 40), st.integers(2, 40)), min_size=2, max_size=5)


def feed_of(entries: list[tuple[int, int]]) -> Feed:
    human, synthetic = zip(*entries, strict=True)
    return Feed(np.array((max(human[0], 2), *human[1:])), np.array(synthetic), "any")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(entries=amounts, policy=st.sampled_from(sorted(POLICIES)), bias=st.floats(0.05, 1), d=st.integers(1, 5))
def test_any_supply_runs_to_its_end_with_finite_moments(
    entries: list[tuple[int, int]], policy: str, bias: float, d: int
) -> None:
    feed = feed_of(entries)
    loop = Loop(policy=policy, feed=feed, bias=bias, dimension=d, metrics=("variance", "drift"))
    trace = simulate(loop, replicates=3, seed=1, jobs=1)
    assert trace.values.shape == (2, len(entries), 3)
    assert np.isfinite(trace.values).all()
    assert (trace.values >= 0).all()
    assert np.isfinite(trace.theory).all()
    assert (trace.theory >= 0).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(entries=amounts, d=st.integers(1, 5))
def test_without_bias_the_mean_variance_of_unbiased_fits_is_never_lost(entries: list[tuple[int, int]], d: int) -> None:
    """Of its own output it stays; beside new human works, whose mean differs, it can only grow."""
    feed = feed_of(entries)
    for policy in ("synthetic", "real"):
        np.testing.assert_allclose(moments(policy, feed.human, feed.synthetic, Rule(d))[0], 1)
    assert (moments("fresh", feed.human, feed.synthetic, Rule(d))[0] > 1 - 1e-9).all()
    assert (np.diff(moments("synthetic", feed.human, feed.synthetic, Rule(d))[1]) > 0).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    human=st.lists(st.integers(2, 10**6), min_size=2, max_size=30), months=st.integers(1, 6),
    sensitivity=st.floats(0.51, 1), specificity=st.floats(0.51, 1),
)  # fmt: skip
def test_sums_and_labels_make_no_works(human: list[int], months: int, sensitivity: float, specificity: float) -> None:
    if len(human) < 2 * months:
        return
    feed = series(human, [2 * n for n in human], months=months)
    whole = len(human) // months * months
    assert feed.total.sum() == 3 * sum(human[:whole])
    kept = feed.filtered(sensitivity, specificity)
    assert (kept.human <= feed.human).all()
    assert (kept.synthetic <= feed.synthetic).all()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 30), m=st.integers(2, 30), d=st.integers(1, 6))
def test_distances_are_finite_and_shares_lie_between_nought_and_one(seed: int, n: int, m: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    pair = pair_of(rng.standard_normal((n, d)), rng.standard_normal((m, d)) + rng.standard_normal(d))
    for name, distance in DISTANCES.items():
        if name == "wasserstein" and n != m:
            continue  # other numbers need an optional part
        value = distance(pair)
        assert np.isfinite(value)
        assert value >= 0
        if name in ("precision", "recall", "tail_recall", "coverage", "tail_mass"):
            assert value <= 1
