"""Styles of cohorts by tags: rare ones that go with their cohort, against counting in drawn works."""

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.supply import CohortTags, Generations, Scenario, find_runways, run_generations
from precipice.supply.tags import tail_recall

# Two tags of seniors alone, one of juniors alone, one that is everywhere.
TAGS = CohortTags(("senior", "junior"), np.array([[0.01, 0.03, 0.0, 0.9], [0.0, 0.0, 0.02, 0.9]]))


def recall(cohort: int, weight: float, works: float = 200.0) -> float:
    weights = np.array([[[weight], [1 - weight]]])
    return float(tail_recall(TAGS, cohort, weights, np.array([[0.5, 0.5]]), np.array([works]))[0, 0])


def test_a_cohorts_rare_tags_go_with_its_works() -> None:
    assert recall(0, 0.5) == pytest.approx(1)
    assert recall(0, 0.0) == 0
    assert recall(1, 0.0) > 1  # the juniors' own come oftener
    assert 0 < recall(0, 0.1) < recall(0, 0.3) < 1


def test_what_is_expected_is_what_drawn_works_hold() -> None:
    """20,000 sets of 200 works at a tenth of seniors: each tag's presence, within 4 standard errors."""
    rng, weight, works, draws = np.random.default_rng(1), 0.1, 200, 20_000
    tail, use = np.array([0.01, 0.03]), np.array([0.01, 0.03]) / 0.04
    now = (rng.binomial(works, weight * tail, (draws, 2)) > 0) @ use
    before = (1 - (1 - 0.5 * tail) ** works) @ use
    assert abs(recall(0, weight) - now.mean() / before) < 4 * now.std() / before / np.sqrt(draws)


def test_tags_of_equal_rates_count_each() -> None:
    twice = CohortTags(TAGS.cohorts, np.concatenate([TAGS.rates, TAGS.rates[:, :1]], axis=1))
    weights, first, works = np.array([[[0.1], [0.9]]]), np.array([[0.5, 0.5]]), np.array([200.0])
    rates = np.array([0.01, 0.01, 0.03])
    expected = [float((1 - (1 - q * rates) ** 200) @ rates) for q in (0.1, 0.5)]
    found = float(tail_recall(twice, 0, weights, first, works)[0, 0])
    assert found == pytest.approx(expected[0] / expected[1])


def generations(seniors: list[float]) -> Generations:
    senior = np.array([[seniors]])
    human = np.concatenate([senior, np.full_like(senior, 100.0)], axis=1)
    count = len(seniors)
    first = np.array([[100.0, 100.0]])
    return Generations(12, np.arange(count, dtype=np.int64), 0, human, np.full((1, count), 50.0),
                       np.full((1, count), 1.0), first, first)  # fmt: skip


def test_seniors_who_stop_are_a_loss_of_styles_that_their_weight_alone_does_not_size() -> None:
    pooled = generations([100, 30, 0, 0])
    asked = {"platform": "site", "cohorts": TAGS.cohorts, "source": "labelled"}
    scenarios = [Scenario(f"{kind}:senior", 0.5, 1.0, "real") for kind in ("styles", "stratum")]
    styles, stratum = find_runways(pooled, scenarios, tags=TAGS, **asked)  # type: ignore[arg-type]
    # 30 of 130 works are nearly half of a half: the weight has crossed, the tags are mostly still made.
    assert styles.crossed.tolist() == [0, 0, 1, 1]
    assert stratum.crossed.tolist() == [0, 1, 1, 1]
    assert styles.scenario.has_policy
    assert not styles.scenario.has_bias
    assert "expected number of tags" in styles.produced_by
    assert "stand-in" in stratum.produced_by


def test_weights_of_cohorts_add_up_to_one() -> None:
    for policy in ("fresh", "accumulate", "synthetic", "augment", "real"):
        state = run_generations(generations([100, 30, 0, 0]), policy, 0.9)
        assert state.weights.sum(axis=1) == pytest.approx(np.ones((1, 4)))


def test_without_tags_the_stand_in_is_named() -> None:
    with pytest.raises(InputError, match="the styles of seniors are not known") as refused:
        find_runways(generations([1, 1]), [Scenario("styles:senior")], platform="s", cohorts=("senior",), source="x")
    assert "stratum:senior" in refused.value.fix
