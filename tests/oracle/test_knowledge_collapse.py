"""The direction of Peterson's knowledge collapse (AI and the problem of knowledge collapse, 2024), over replicates.

There, people learn from samples of a t distribution with 10 degrees of freedom; cheap samples come from a model that
keeps only what lies near the middle, and Hellinger's distance of what is known from the truth grows with the share of
cheap ones.  The sizes he prints (0.09, 0.22, 0.40) look like single draws; the direction is what is tested here.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import gaussian_kde, t

from precipice.loops.feed import constant
from precipice.loops.loop import Plan, run
from precipice.loops.models.kde import FittedKernels, KernelDensity
from precipice.loops.policies import POLICIES
from precipice.loops.worlds import SampleWorld

FREEDOM, WIDTH = 10, 0.75
"""Degrees of freedom, and standard deviations of its own that the model keeps to either side."""
GRID = np.linspace(-8, 8, 401)
TRUTH = t.pdf(GRID, FREEDOM)
SHARES = (1.0, 0.5, 0.25, 0.1)
"""Of what people learn, from the full distribution; at three quarters nothing was lost, since kernels spread."""
REPLICATES, GENERATIONS = 12, 4


@dataclass(frozen=True)
class Narrow:
    """A model that makes only what is likely."""

    fitted: FittedKernels

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> np.ndarray:
        many = self.fitted.sample(8 * n, 1.0, rng)  # 0.55 of them are kept, and 8 n are more than enough
        near = np.abs(many[:, 0] - self.fitted.x.mean()) < WIDTH * self.fitted.x.std()
        return np.asarray(many[near][:n])


@dataclass(frozen=True)
class Narrowing:
    def fit(self, x: np.ndarray, rng: np.random.Generator) -> Narrow:
        return Narrow(KernelDensity().fit(x, rng))


def hellinger(fitted: Narrow, rng: np.random.Generator) -> np.ndarray:
    known = np.asarray(gaussian_kde(fitted.fitted.x[:, 0])(GRID))
    overlap = np.trapezoid(np.sqrt(known * TRUTH), GRID)
    return np.array([np.sqrt(max(1 - overlap, 0))])


def distances(share: float, seed: int) -> np.ndarray:
    """By generation, shape (G + 1,)."""
    world = SampleWorld(lambda n, rng: rng.standard_t(FREEDOM, (n, 1)))
    feed = constant(200, share, GENERATIONS)
    return run(world, Narrowing(), Plan(POLICIES["fresh"]), feed, hellinger, np.random.default_rng(seed))[:, 0]


def test_less_of_the_full_distribution_means_less_known_in_every_pair_of_shares() -> None:
    """Paired by seed: each difference of neighbouring shares is above nought by more than 4 standard errors."""
    found = np.array([[distances(share, seed)[-1] for share in SHARES] for seed in range(REPLICATES)])
    steps = np.diff(found, axis=1)
    z = steps.mean(axis=0) / (steps.std(axis=0, ddof=1) / np.sqrt(REPLICATES))
    assert (z > 4).all(), z


def test_what_is_lost_grows_by_generation_and_the_control_loses_nothing() -> None:
    fed, control = (np.array([distances(share, seed) for seed in range(REPLICATES)]) for share in (0.25, 1.0))
    grown = fed[:, -1] - fed[:, 0]
    assert grown.mean() > 4 * grown.std(ddof=1) / np.sqrt(REPLICATES)
    kept = control[:, -1] - control[:, 0]
    assert abs(kept.mean()) < 4 * kept.std(ddof=1) / np.sqrt(REPLICATES)
