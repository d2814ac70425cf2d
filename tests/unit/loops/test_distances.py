"""Distances: what every one of them obeys, and each in a world on fingers."""

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.loops.distances import DISTANCES, HEADLINE, pair_of
from precipice.loops.distances.hill import STYLES

RNG = np.random.default_rng(1)
REAL = RNG.standard_normal((200, 3))
OTHER = RNG.standard_normal((200, 3))
COLLAPSED = 0.01 * RNG.standard_normal((200, 3))
FAR = 100 + RNG.standard_normal((200, 3))

# name: (human works against others of the same law, a collapsed model, a model elsewhere), each between two numbers
EXPECTED = {
    "frechet": ((0, 0.2), (2, 4), (29_000, 31_000)),
    "precision": ((0.85, 1), (1, 1), (0, 0)),
    "recall": ((0.85, 1), (0, 0.05), (0, 0)),
    "tail_recall": ((0.3, 1), (0, 0), (0, 0)),
    "density": ((0.7, 1.3), (0.3, 20), (0, 0)),
    "coverage": ((0.85, 1), (0, 0.1), (0, 0)),
    "wasserstein": ((0, 1), (1.4, 2), (170, 177)),
    "tail_mass": ((0.03, 0.2), (0, 0), (1, 1)),
    "hill": ((15, 20), (1, 5), (1, 5)),
    "effective_rank": ((2.7, 3), (2.7, 3), (2.7, 3)),
    "vendi": ((2.7, 3), (2.5, 3), (1, 1.01)),
    "variance": ((0.8, 1.25), (5e-5, 2e-4), (0.8, 1.25)),
}


@pytest.mark.parametrize("name", DISTANCES)
def test_a_distance_tells_the_same_the_collapsed_and_the_elsewhere_apart(name: str) -> None:
    for made, (low, high) in zip((OTHER, COLLAPSED, FAR), EXPECTED[name], strict=True):
        assert low <= DISTANCES[name](pair_of(REAL, made)) <= high


@pytest.mark.parametrize("name", DISTANCES)
def test_a_distance_is_a_finite_number_that_no_order_of_works_changes(name: str) -> None:
    shuffled = RNG.permutation(OTHER)
    value = DISTANCES[name](pair_of(REAL, OTHER))
    assert isinstance(value, float)
    assert np.isfinite(value)
    assert DISTANCES[name](pair_of(REAL, shuffled)) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("name", DISTANCES)
def test_a_distance_is_defined_where_a_model_makes_one_and_the_same_work(name: str) -> None:
    same = np.tile(REAL[:1], (200, 1))
    assert np.isfinite(DISTANCES[name](pair_of(REAL, same)))


@pytest.mark.parametrize("name", DISTANCES)
def test_every_distance_says_in_a_line_what_it_is(name: str) -> None:
    assert (DISTANCES[name].__doc__ or "").splitlines()[0].endswith((".", "…"))


def test_the_headline_is_what_was_measured_to_move_the_right_way() -> None:
    assert HEADLINE == ("frechet", "precision", "recall", "tail_recall")


def test_tail_recall_looks_at_the_tenth_farthest_from_its_neighbours() -> None:
    """Nine tenths of human works in a clump, one tenth scattered; the model makes the clump alone."""
    clump, scattered = RNG.standard_normal((180, 2)), 30 * RNG.standard_normal((20, 2))
    made = RNG.standard_normal((200, 2))
    pair = pair_of(np.concatenate([clump, scattered]), made)
    assert DISTANCES["recall"](pair) > 0.8
    assert DISTANCES["tail_recall"](pair) < 0.15


def test_works_that_are_styles_are_counted_as_such() -> None:
    real = np.repeat(np.arange(10.0), 5)[:, None]
    made = np.repeat([3.0, 7.0], 25)[:, None]
    assert DISTANCES["hill"](pair_of(real, made)) == pytest.approx(2)
    assert DISTANCES["hill"](pair_of(real, real)) == pytest.approx(10)


def test_no_more_styles_are_found_than_there_are() -> None:
    assert DISTANCES["hill"](pair_of(REAL, REAL)) <= STYLES


@pytest.mark.parametrize("x", [np.zeros(5), np.zeros((1, 2)), np.full((5, 2), np.inf)])
def test_what_has_no_distance_is_refused(x: np.ndarray) -> None:
    with pytest.raises(InputError, match="cannot be compared"):
        pair_of(REAL, x)
