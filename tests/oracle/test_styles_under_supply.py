"""The exact law of styles under every policy and a supply that changes, against the loop itself."""

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.loops import Loop, simulate
from precipice.loops.feed import series

FEED = series([60, 40, 20, 10, 5], [0, 10, 30, 40, 50], words="made up")


@pytest.mark.parametrize("policy", ["fresh", "augment", "accumulate", "real"])
def test_heterogeneity_follows_its_recursion(policy: str) -> None:
    """Means of 6,000 replicates within 4 of their standard errors, in each of four generations."""
    trace = simulate(Loop(model="styles", dimension=12, policy=policy, feed=FEED), replicates=6_000, seed=2)
    k = trace.metrics.index("heterogeneity")
    assert np.isfinite(trace.theory[k]).all()
    assert np.abs(trace.z()[k]).max() < 4
    assert trace.error[k, -1] < 0.0015


def test_only_own_output_is_the_published_law() -> None:
    feed = series([50] + [0] * 6, [0] + [50] * 6)
    trace = simulate(Loop(model="styles", dimension=12, feed=feed), replicates=10, seed=1)
    theory = trace.theory[trace.metrics.index("heterogeneity")]
    assert theory == pytest.approx(theory[0] * (1 - 1 / 50) ** np.arange(7))


def test_a_world_may_have_styles_of_its_own_in_any_order() -> None:
    own = np.array([0.1, 0.6, 0.3])
    trace = simulate(Loop(model="styles", styles=own, policy="real", n=1_000), replicates=50, seed=1)
    assert trace.of("heterogeneity")[0] == pytest.approx(1 - (own**2).sum())
    assert trace.of("tail_mass")[0] == pytest.approx(0.4)  # the rarer of three: the last two
    samples = Loop(model="styles", styles=own, policy="real", n=1_000, by_samples=True)
    assert simulate(samples, replicates=2, seed=1).of("hill")[0] == pytest.approx(trace.of("hill")[0, 0])
    with pytest.raises(InputError, match="no share"):
        Loop(model="styles", styles=np.array([0.5, 0.5, 0.0]))
