"""The loop and its policies, in a world on fingers: works are letters, H for human, and the generation's number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from precipice.loops.feed import Feed
from precipice.loops.loop import Plan, run
from precipice.loops.policies import POLICIES
from precipice.loops.worlds import SampleWorld, normal, works

RNG = np.random.default_rng(0)


@dataclass(frozen=True)
class Copy:
    """A model that knows what it was fitted to, and makes its own number."""

    works: str = ""
    number: int = 0

    def fit(self, x: str, rng: np.random.Generator) -> "Copy":
        made = max((int(work) for work in x if work != "H"), default=-1)
        return Copy(x, made + 1)

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> str:
        return str(self.number) * n


class Letters:
    known: Copy | None = None

    def start(self, n: int, rng: np.random.Generator) -> tuple[Copy | None, str | None]:
        return (self.known, None) if self.known else (None, "H" * n)

    def draw(self, n: int, rng: np.random.Generator) -> str:
        return "H" * n

    def join(self, batches: Sequence[str], weights: Sequence[float] | None = None) -> str:
        return "".join(batches)

    def pick(self, batch: str, n: int, rng: np.random.Generator) -> str:
        return batch[len(batch) - n :] if n < len(batch) else batch


FEED = Feed(np.array([3, 2, 2]), np.array([1, 1, 2]), "on fingers")
FED = {
    "synthetic": ["HHHH", "0", "11"],
    "augment": ["HHHH", "HHH0", "HHH11"],
    "fresh": ["HHHH", "HH0", "HH11"],
    "accumulate": ["HHHH", "HHHHHH0", "HHHHHH0HH11"],
    "accumulate_subsample": ["HHHH", "HH0", "HH11"],
    "real": ["HHHH", "HHH", "HHHH"],
}


@pytest.mark.parametrize("policy", POLICIES)
def test_each_policy_feeds_what_it_says(policy: str) -> None:
    fed: list[str] = []

    def measure(fitted: Copy, rng: np.random.Generator) -> np.ndarray:
        fed.append(fitted.works)
        return np.zeros(1)

    measured = run(Letters(), Copy(), Plan(POLICIES[policy]), FEED, measure, RNG)
    assert fed == FED[policy]
    assert measured.shape == (3, 1)


def test_a_world_that_the_model_knows_is_generation_0_and_no_pool() -> None:
    world = Letters()
    world.known = Copy("world", 0)
    fed: list[str] = []

    def measure(fitted: Copy, rng: np.random.Generator) -> np.ndarray:
        fed.append(fitted.works)
        return np.zeros(1)

    run(world, Copy(), Plan(POLICIES["accumulate"]), FEED, measure, RNG)
    assert fed == ["world", "HH0", "HH0HH11"]
    fed.clear()
    run(world, Copy(), Plan(POLICIES["augment"]), FEED, measure, RNG)
    assert fed == ["world", "HHH0", "HHH11"]


def test_a_supply_without_one_kind_is_mixed_from_the_other() -> None:
    fed: list[str] = []

    def measure(fitted: Copy, rng: np.random.Generator) -> np.ndarray:
        fed.append(fitted.works)
        return np.zeros(1)

    feed = Feed(np.array([2, 0, 2]), np.array([0, 3, 0]), "one kind at a time")
    run(Letters(), Copy(), Plan(POLICIES["fresh"]), feed, measure, RNG)
    assert fed == ["HH", "000", "HH"]


def test_weighted_rows_are_repeated_until_they_have_their_share_and_none_is_lost() -> None:
    world = SampleWorld(normal(1))
    human, made = np.arange(4.0)[:, None], np.arange(10.0, 30.0)[:, None]
    joined = world.join((human, made), (0.5, 0.5))
    assert (joined < 10).sum() == (joined >= 10).sum() == 20
    assert np.unique(joined).size == 24
    assert set(np.unique(joined[joined < 10], return_counts=True)[1]) == {5}


def test_real_works_are_drawn_without_any_twice() -> None:
    drawn = works(np.arange(10.0)[:, None])(10, RNG)
    assert sorted(drawn[:, 0]) == list(range(10))
