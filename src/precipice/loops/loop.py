"""The loop: fit a model, let it make works, mix them with people's by a policy, fit the next one to that.

After Alemohammad et al., Self-consuming generative models go MAD (2307.01850), with a supply that may change.  What a
batch of works is belongs to the world: samples in rows (`precipice.loops.worlds`), or only their sufficient statistics
for many replicates at once (`precipice.loops.gaussian`, `precipice.loops.counts`).  The loop is the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from precipice.loops.feed import Feed

Float = npt.NDArray[np.float64]
B = TypeVar("B")
"""A batch of works."""
Made_co = TypeVar("Made_co", covariant=True)
"""A batch that a model made."""


class Fitted(Protocol[Made_co]):
    """A fitted model."""

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Made_co:
        """Make n works; a bias λ below 1 gives quality for diversity, 1 gives the model as it is."""


class Model(Protocol[B]):
    """A model that can be fitted."""

    def fit(self, x: B, rng: np.random.Generator) -> Fitted[B]:
        """Fit to works."""


class World(Protocol[B]):
    """Where human works come from, and what a batch of works is."""

    def start(self, n: int, rng: np.random.Generator) -> tuple[Fitted[B] | None, B | None]:
        """Give generation 0 as the human distribution itself, or else the n human works it is to be fitted to."""

    def draw(self, n: int, rng: np.random.Generator) -> B:
        """Draw n human works."""

    def join(self, batches: Sequence[B], weights: Sequence[float] | None = None) -> B:
        """Put batches together, each with its share of the works or with a weight."""

    def pick(self, batch: B, n: int, rng: np.random.Generator) -> B:
        """Choose n works of a batch at random; the whole of it where it has no more."""


@dataclass(frozen=True)
class Turn(Generic[B]):
    """What a policy may choose from when it feeds one generation."""

    world: World[B]
    fitted: Fitted[B]
    """The model of the generation before."""
    kept: B | None
    """What the policy has kept so far; at first the human works of generation 0, None where it is the world itself."""
    plan: "Plan"
    n_first: int
    """Human works of generation 0 that count as human supply."""
    n_human: int
    n_synthetic: int
    rng: np.random.Generator

    def human(self, n: int | None = None) -> B:
        """Draw new human works, as many as the supply has unless told otherwise."""
        return self.world.draw(self.n_human if n is None else n, self.rng)

    def made(self) -> B:
        """Let the model of the generation before make the synthetic works."""
        return self.fitted.sample(self.n_synthetic, self.plan.bias, self.rng)

    def join(self, *batches: B) -> B:
        """Put batches together, by their sizes."""
        return self.world.join(batches)

    def mix(self, human: B, made: B) -> B:
        """Put human and synthetic works together, by weight where there is one."""
        weight = self.plan.weight
        return self.world.join((human, made), None if weight is None else (weight, 1 - weight))


Policy = Callable[[Turn[Any]], tuple[Any, Any]]
"""From a turn to what the next model is fitted to, and what is kept for later turns."""


@dataclass(frozen=True)
class Plan:
    """How the works of a generation come about."""

    policy: Policy
    bias: float = 1.0
    """λ of what models make."""
    weight: float | None = None
    """Weight of the human batch in place of its share, for policies that mix two."""


def run(
    world: World[B],
    model: Model[B],
    plan: Plan,
    feed: Feed,
    measure: Callable[[Any, np.random.Generator], Float],
    rng: np.random.Generator,
) -> Float:
    """Run the loop and measure every generation.

    Args:
        world: where human works come from.
        model: what is fitted.
        plan: what a generation is fed, by policy, bias and weight.
        feed: how many human and synthetic works there are.
        measure: from a fitted model to numbers, shape (k, …).
        rng: source of chance.

    Returns:
        What was measured, shape (G + 1, k, …).
    """
    known, kept = world.start(int(feed.total[0]), rng)
    fitted = known if known is not None else model.fit(_given(kept), rng)
    measured = [measure(fitted, rng)]
    for generation in range(1, feed.generations + 1):
        n_human, n_synthetic = int(feed.human[generation]), int(feed.synthetic[generation])
        turn = Turn(world, fitted, kept, plan, int(feed.human[0]), n_human, n_synthetic, rng)
        works, kept = plan.policy(turn)
        fitted = model.fit(works, rng)
        measured.append(measure(fitted, rng))
    return np.stack(measured)


def _given(works: B | None) -> B:
    if works is None:
        raise ValueError("a world starts with itself or with works to fit generation 0 to")
    return works
