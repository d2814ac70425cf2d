"""Styles: closed forms of likeness and variety, one vote a creator, limits and drift by their laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precipice.cohorts import Cohort, everyone
from precipice.errors import InputError
from precipice.panel import Panel
from precipice.profiles import styles
from precipice.profiles.neighbours import nearest_earlier
from precipice.profiles.style_drift import measure_drift
from precipice.profiles.styles import (
    Works,
    gather,
    likeness_unit,
    mean_of_pairs,
    measure_variety,
    pair_means,
    vendi,
)
from tests.unit.profiles.worlds import panel_from

START = 24_000


def some_panel(creators: int) -> Panel:
    return panel_from([(number + 1, START, 1) for number in range(creators)])


def works_of(vectors: np.ndarray, creator: np.ndarray, seed: int = 0) -> Works:
    return gather(vectors, creator, np.full(len(creator), START), np.random.default_rng(seed))


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def drawn(creators: int, rng: np.random.Generator, *, dimensions: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Draw works of creators of five styles, 1 to 7 each."""
    centres = np.random.default_rng(5).normal(size=(5, dimensions))
    own = centres[rng.choice(5, creators, p=[0.4, 0.25, 0.2, 0.1, 0.05])] + 0.3 * rng.normal(
        size=(creators, dimensions)
    )
    creator = np.repeat(np.arange(creators), rng.integers(1, 8, creators))
    return unit(own[creator] + 0.2 * rng.normal(size=(len(creator), dimensions))), creator


@given(st.integers(1, 6), st.integers(1, 5))
@settings(deadline=None)
def test_the_vendi_score_of_equal_groups_is_their_number(groups: int, size: int) -> None:
    kernel = np.kron(np.eye(groups), np.ones((size, size)))
    assert vendi(kernel.astype(np.float64)) == pytest.approx(groups)


def test_the_vendi_score_of_two_works_has_a_closed_form() -> None:
    # The eigenvalues of K / 2 are (1 ± k) / 2.
    for k in (0.0, 0.3, 0.9):
        halves = np.array([(1 + k) / 2, (1 - k) / 2])
        assert vendi(np.array([[1, k], [k, 1]])) == pytest.approx(float(np.exp(-(halves * np.log(halves)).sum())))


def test_the_mean_over_pairs_is_that_of_a_loop() -> None:
    rng = np.random.default_rng(1)
    table = rng.normal(size=(6, 6))
    table += table.T
    weight = rng.poisson(1, (6, 3)).astype(float)
    for column in range(3):
        pairs = [(weight[a, column] * weight[b, column], table[a, b]) for a in range(6) for b in range(6) if a != b]
        expected = sum(w * value for w, value in pairs) / sum(w for w, _ in pairs)
        assert mean_of_pairs(table, weight)[column] == pytest.approx(expected)


def test_pairs_of_creators_are_means_over_pairs_of_their_works() -> None:
    rng = np.random.default_rng(2)
    vectors, creator = drawn(12, rng)
    works = works_of(vectors, creator)
    product, likeness = pair_means(works, 0.1)
    for a, b in ((0, 1), (3, 11), (5, 5)):
        block = works.vectors[works.creator == a] @ works.vectors[works.creator == b].T
        assert product[a, b] == pytest.approx(block.mean())
        assert likeness[a, b] == pytest.approx(np.exp((block - 1) / 0.1).mean())


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    works = works_of(*drawn(30, np.random.default_rng(3)))
    whole = pair_means(works, 0.1)
    monkeypatch.setattr(styles, "BLOCK", 7)
    np.testing.assert_allclose(pair_means(works, 0.1), whole)


def test_a_prolific_creator_has_one_vote() -> None:
    rng = np.random.default_rng(4)
    vectors, creator = drawn(20, rng)
    first = np.flatnonzero(creator == 0)[:1]
    many = np.concatenate([vectors, np.repeat(vectors[first], 500, axis=0)])
    whose = np.concatenate([creator, np.zeros(500, int)])
    works = works_of(many, whose)
    assert (works.creator == 0).sum() == styles.MOST_WORKS
    panel = some_panel(20)
    alone, crowd = (
        measure_variety(panel, everyone(panel), "site", part, 0.1, seed=0)[0][0]
        for part in (works_of(vectors, creator), works)
    )
    # All of their works become the one that is copied; nineteen others keep their say.
    assert abs(alone.similarity - crowd.similarity) < 2 / 20


def test_works_that_are_all_alike_are_one_style_and_unlike_ones_are_many() -> None:
    panel = some_panel(30)
    same = np.tile(np.eye(40)[0], (60, 1))
    creator = np.repeat(np.arange(30), 2)
    tau = likeness_unit(works_of(same, creator))
    (one,), _ = measure_variety(panel, everyone(panel), "site", works_of(same, creator), tau, seed=0)
    np.testing.assert_allclose([one.similarity, one.styles, one.vendi], 1)
    apart = np.repeat(np.eye(40)[:30], 2, axis=0)
    (all_,), _ = measure_variety(panel, everyone(panel), "site", works_of(apart, creator), 0.01, seed=0)
    assert all_.similarity == 0
    assert all_.vendi == pytest.approx(30)
    assert all_.styles > 1e30  # no two creators are alike: the number has no limit that these could show


def test_the_unit_of_likeness_is_the_usual_width_of_one_creator() -> None:
    # Two works at an angle: 1 − cos.  Creators of one work say nothing.
    angles = np.radians([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55])
    vectors = np.concatenate([[[1.0, 0.0], [np.cos(a), np.sin(a)]] for a in angles] + [[[0.0, 1.0]]])
    creator = np.concatenate([np.repeat(np.arange(11), 2), [11]])
    assert likeness_unit(works_of(vectors, creator)) == pytest.approx(1 - np.cos(np.radians(30)))
    with pytest.raises(InputError, match="too few creators have two works"):
        likeness_unit(works_of(vectors[:10], creator[:10]))


def test_cohorts_are_compared_at_one_size_and_few_creators_are_not_measured() -> None:
    vectors, creator = drawn(60, np.random.default_rng(6))
    panel = some_panel(60)
    index = np.arange(60)
    cohorts = (Cohort("senior", index < 40, ""), Cohort("junior", index >= 40, ""))
    works = works_of(vectors, creator)
    (senior, junior), contrast = measure_variety(panel, cohorts, "site", works, 0.1, seed=0)
    assert senior.vendi_at == junior.vendi_at == 20
    assert contrast is not None
    assert contrast.similarity == pytest.approx(junior.similarity - senior.similarity)
    assert contrast.similarity_low < 0 < contrast.similarity_high  # both were drawn from one law
    assert contrast.styles_low < 1 < contrast.styles_high
    few = (Cohort("senior", index < 56, ""), Cohort("junior", index >= 56, ""))
    (_, left), contrast = measure_variety(panel, few, "site", works, 0.1, seed=0)
    assert contrast is None
    assert left.creators == 4
    assert left.as_dict()["similarity"] is None


def test_limits_hold_the_truth_as_often_as_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(styles, "SUBSETS", 1)
    rng = np.random.default_rng(7)
    tau, runs, size = 0.05, 200, 40
    large = [pair_means(works_of(*drawn(1_000, rng)), tau) for _ in range(4)]
    ones = np.ones((1_000, 1))
    truth = [np.mean([mean_of_pairs(pair[part], ones)[0] for pair in large]) for part in range(2)]
    panel, held = some_panel(size), np.zeros(2)
    for run in range(runs):
        (found,), _ = measure_variety(panel, everyone(panel), "site", works_of(*drawn(size, rng)), tau, seed=run)
        held += [found.similarity_low <= truth[0] <= found.similarity_high,
                 found.styles_low <= 1 / truth[1] <= found.styles_high]  # fmt: skip
    # 95 % within 4 standard errors of 200 runs (6.2 points) below; above they may be careful.
    assert (held / runs > 0.95 - 4 * np.sqrt(0.95 * 0.05 / runs)).all()


def spread_over_time(
    rng: np.random.Generator, *, creators: int = 60, shift: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw works over six years by creators who stay one to three of them; from the fourth year on all are shifted."""
    own = rng.normal(size=(creators, 8))
    first = rng.integers(0, 6, creators)
    stay = rng.integers(1, 4, creators)
    pairs = [(c, y) for c in range(creators) for y in range(first[c], min(6, first[c] + stay[c])) for _ in range(2)]
    creator, year = np.array(pairs).T
    vectors = own[creator] + 0.5 * rng.normal(size=(len(creator), 8))
    vectors[year >= 3, 0] += shift
    return unit(vectors), creator, START + 12 * year


def test_a_drift_that_is_none_is_found_as_seldom_as_it_says() -> None:
    rng = np.random.default_rng(8)
    runs = 150
    p = np.array([
        measure_drift("site", "all", *spread_over_time(rng), split=START + 36, deals=99, rng=rng).p for _ in range(runs)
    ])  # fmt: skip
    for level in (0.05, 0.2, 0.5):
        # The p-value is exact: within 4 standard errors.
        assert abs((p <= level).mean() - level) <= 4 * np.sqrt(level * (1 - level) / runs)


def test_a_planted_drift_is_found_where_it_was_planted() -> None:
    rng = np.random.default_rng(9)
    found = measure_drift("site", "all", *spread_over_time(rng, shift=2.0), split=START + 36, deals=199, rng=rng)
    assert found.p == 1 / 200
    assert found.reference.tolist() == [True] * 3 + [False] * 3
    assert found.period.tolist() == [START + 12 * year for year in range(6)]
    assert (found.value[3:] > found.high[3:]).all()
    assert (found.creators >= 5).all()


def test_drift_on_fingers() -> None:
    # Five creators a year; the last year's works stand at a right angle to the others'.
    east, north = [1.0, 0.0], [0.0, 1.0]
    vectors = np.array([east] * 10 + [north] * 5)
    creator = np.arange(15)
    month = START + 12 * np.repeat([0, 1, 2], 5)
    found = measure_drift(
        "site", "all", vectors, creator, month, split=START + 24, deals=19, rng=np.random.default_rng(0)
    )
    # Squared distance of centres 2; mean squared distance of two votes 2 · (100 pairs of 210 at a right angle).
    np.testing.assert_allclose(found.value, [0, 0, 2 / (2 * 100 / 210)])


def test_too_few_periods_are_one_clear_error() -> None:
    vectors, creator, month = spread_over_time(np.random.default_rng(10))
    for split in (START + 12, START + 120):
        with pytest.raises(InputError, match="drift cannot be measured"):
            measure_drift("site", "all", vectors, creator, month, split=split, rng=np.random.default_rng(0))


def test_neighbours_are_earlier_works_by_others_the_nearest_first() -> None:
    angle = np.radians([0, 10, 20, 30, 40, 90])
    vectors = np.column_stack([np.cos(angle), np.sin(angle)])
    creator = np.array([0, 1, 2, 0, 3, 4])
    month = np.array([1, 2, 3, 4, 5, 6])
    found = nearest_earlier(vectors, creator, month, np.array([3, 0, 5]), k=3)
    assert found.work.tolist() == [3, 5]  # the first work of all has none before it; the least new comes first
    assert found.nearest.tolist() == [[2, 1, -1], [4, 3, 2]]
    assert found.similarity[0, 0] == pytest.approx(np.cos(np.radians(10)))
    assert np.isnan(found.similarity[0, 2])


def test_no_creator_fills_the_rows_alone() -> None:
    rng = np.random.default_rng(11)
    vectors = unit(rng.normal(size=(200, 5)))
    creator = np.repeat([0, 1, 2, 3], 50)
    found = nearest_earlier(vectors, creator, np.arange(200), np.arange(50, 200), rows=6)
    assert sorted(creator[found.work].tolist()) == [1, 2, 3]
    assert (np.diff(found.similarity[:, 0]) <= 0).all()
