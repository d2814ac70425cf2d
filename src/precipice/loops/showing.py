"""What models of a loop make, to look at: a few works of some generations."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.loops.loop import run
from precipice.loops.models import make
from precipice.loops.settings import Loop
from precipice.loops.worlds import SampleWorld, works
from precipice.threads import one_thread

Float = npt.NDArray[np.float64]


def show_generations(loop: Loop, generations: Sequence[int], count: int, *, seed: int = 0) -> dict[int, Float]:
    """Run a loop on works once, and give works that its models made, each of shape (count, d), by generation.

    Args:
        loop: one with works.
        generations: which.
        count: works of each; the same chance draws them in every generation, so that what differs is the model.
        seed: of all chance.

    Raises:
        ValueError: the loop has no works.
    """
    if loop.works is None:
        raise ValueError("only a loop on works makes works to look at")
    made: list[Float] = []

    def draw(fitted: Any, rng: np.random.Generator) -> Float:  # noqa: ANN401  a fitted model
        made.append(fitted.sample(count, loop.bias, np.random.default_rng([seed, 1])))
        return np.zeros(1)

    with one_thread():
        run(SampleWorld(works(loop.works)), make(loop.model, loop.options), loop.plan(), loop.supply(), draw,
            np.random.default_rng(seed))  # fmt: skip
    return {generation: made[generation] for generation in generations}
