"""The runway: a first passage over paths, censored at the horizon."""

import numpy as np
import pytest
from scipy.stats import norm

from precipice.errors import InputError
from precipice.months import month_text
from precipice.supply import Generations, Runway, Scenario, find_runways, scenarios_of
from precipice.supply.recursion import State
from precipice.supply.runway import METRICS, first_passage, metric_of
from tests.unit.supply.flows import START


def generations(human: np.ndarray, synthetic: np.ndarray, known: int = 0) -> Generations:
    """Make generations of one cohort whose noughth had 100 human uploads."""
    paths, count = synthetic.shape
    return Generations(
        months=6, starts=START + 6 * np.arange(count, dtype=np.int64), known=known, human=human[:, None, :],
        synthetic=synthetic, effective=human**2 / (human + synthetic), first=np.full((paths, 1), 100.0),
        before=np.full((paths, 1), 100.0),
    )  # fmt: skip


def found(pooled: Generations, *scenarios: Scenario) -> tuple[Runway, ...]:
    return find_runways(pooled, scenarios, platform="site", cohorts=("senior",), source="labelled")


def test_the_first_passage_counts_paths_that_ever_crossed() -> None:
    relative = np.array([[1, 0.8, 1.2, 0.8], [1, 1, 1, 1], [0.5, 1, 1, 1], [np.nan, np.nan, 0.95, 0.89]])
    assert first_passage(relative, 0.1).tolist() == [0.25, 0.5, 0.5, 0.75]


def test_a_level_at_the_threshold_has_not_crossed_it() -> None:
    assert first_passage(np.array([[0.9, 0.9 - 1e-16]]), 0.1).tolist() == [0, 0]


def test_quantiles_are_months_of_generations_or_beyond_the_horizon() -> None:
    human = np.full((10, 4), 100.0)
    human[:2, 1:] = 50  # two of ten fall to a half in the second generation, four more in the fourth
    human[2:6, 3] = 50
    (runway,) = found(generations(human, np.zeros((10, 4))), Scenario("fresh", 0.2))
    assert runway.crossed.tolist() == [0, 0.2, 0.2, 0.6]
    assert [runway.quantile(q) for q in (0.1, 0.5, 0.9)] == [START + 6, START + 18, None]
    assert runway.probability == 0.6
    assert runway.error == pytest.approx((0.6 * 0.4 / 10) ** 0.5)
    told = runway.as_dict()
    assert (told["q10"], told["q50"], told["q90"]) == (month_text(START + 6), month_text(START + 18), None)
    assert told["censored"] == 0.4
    assert told["horizon"] == month_text(START + 23)
    words = runway.summary()
    assert "on 60 % of 10 paths" in words
    assert "40 % of paths are censored" in words
    assert "the rest later or never" in words


def test_what_has_crossed_within_the_months_at_hand_is_told_apart() -> None:
    human = np.full((4, 3), 100.0)
    human[0] = 10
    (runway,) = found(generations(human, np.zeros((4, 3)), known=2), Scenario("fresh", 0.2))
    assert runway.already == 0.25
    assert "25 % within the months at hand" in runway.summary()


def test_the_tail_is_that_of_a_gaussian_of_the_spread_that_is_left() -> None:
    state = State(np.array([[1.0, 0.8, 0.25]]), np.ones((1, 1, 3)), np.ones((1, 1, 3)))
    tail = METRICS["tail"].of(generations(np.ones((1, 3)), np.ones((1, 3))), state)[0]
    edge = norm.isf(0.05)
    assert tail == pytest.approx([2 * norm.sf(edge, scale=s) / 0.1 for s in (1, 0.8**0.5, 0.5)])


def test_metrics_differ_in_where_their_thresholds_lie() -> None:
    pooled = generations(np.full((1, 30), 50.0), np.full((1, 30), 50.0))
    spread, tail = found(pooled, Scenario("spread", 0.1, 0.9), Scenario("tail", 0.1, 0.9))
    assert spread.probability == 0  # at rest at .909
    assert tail.probability == 1


def test_each_runway_says_what_produced_it_and_whether_the_policy_matters() -> None:
    pooled = generations(np.full((1, 3), 50.0), np.full((1, 3), 50.0))
    for runway in found(pooled, *(Scenario(metric) for metric in METRICS), Scenario("stratum:senior")):
        assert runway.produced_by.startswith(("closed form", "count"))
        assert runway.produced_by in runway.summary()
        assert ("whatever the policy" in runway.summary()) == (runway.scenario.metric in ("fresh", "effective"))


def test_a_scenario_is_asked_once_where_its_policy_or_bias_does_not_matter() -> None:
    asked = scenarios_of(("spread", "fresh", "stratum:senior"), (0.1, 0.2), (1.0, 0.9), ("fresh", "accumulate", "real"))
    # Of each threshold: spread 2 + 2 + 1 (real has no bias), fresh once, the stratum once a policy.
    assert len(asked) == len(set(asked)) == 2 * (5 + 1 + 3)


def test_a_policy_or_bias_that_does_not_matter_is_not_said() -> None:
    pooled = generations(np.full((1, 3), 50.0), np.full((1, 3), 50.0))
    fresh, real, spread = found(
        pooled, Scenario("fresh"), Scenario("spread", policy="real"), Scenario("spread", bias=0.9)
    )
    assert (fresh.as_dict()["policy"], fresh.as_dict()["bias"]) == (None, None)
    assert (real.as_dict()["policy"], real.as_dict()["bias"]) == ("real", None)
    assert (spread.as_dict()["policy"], spread.as_dict()["bias"]) == ("fresh", 0.9)
    assert "whatever the bias" in real.summary()


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_a_threshold_that_is_none_is_an_error(threshold: float) -> None:
    with pytest.raises(InputError, match="is no threshold"):
        Scenario("spread", threshold)


def test_a_metric_that_is_not_there_is_an_error_with_those_that_are() -> None:
    with pytest.raises(InputError, match="no metric 'beauty'") as refused:
        metric_of("beauty", ("senior", "junior"))
    assert "stratum:junior" in refused.value.why
