"""What a runway hangs on: a grid on common random numbers, and how far each factor moves it."""

import pytest

from precipice.profiles import Accuracy
from precipice.supply import Belief, Horizon, Scenario, Stated, vary
from precipice.supply.sensitivity import BIASES, POLICIES, SENSITIVITIES
from tests.unit.supply.flows import START, flow

HORIZON = Horizon(START + 60 + 47, 6)


def test_the_grid_has_every_setting_and_the_drivers_every_factor() -> None:
    found = vary(flow(share=0.3), Belief(), Scenario("spread", 0.1), HORIZON, paths=200)
    assert len(found.runways) == len(SENSITIVITIES) * len(BIASES) * len(POLICIES)
    assert found.factors == ("sensitivity", "bias", "policy")
    assert set(found.drivers()) == set(found.factors)
    rows = found.table().to_pylist()
    assert {row["sensitivity"] for row in rows} == set(SENSITIVITIES)


def test_a_label_that_misses_more_leaves_less_and_so_does_more_bias() -> None:
    found = vary(flow(share=0.3), Belief(), Scenario("spread", 0.1), HORIZON, paths=300)
    value = dict(zip(found.settings, (runway.probability for runway in found.runways), strict=True))
    for bias in BIASES:
        # On common random numbers, so that no Monte Carlo error stands between two settings.
        falling = [value[se, bias, "fresh"] for se in SENSITIVITIES]
        assert falling == sorted(falling, reverse=True)
    assert value[0.5, 0.8, "fresh"] > value[0.5, 1.0, "fresh"] == 0
    assert value[0.5, 0.8, "fresh"] >= value[0.5, 0.8, "accumulate"]


def test_with_a_stated_share_the_labels_sensitivity_is_no_factor() -> None:
    found = vary(flow(labelled=0), Belief(stated=Stated(0.5, 0.5)), Scenario("spread", 0.1), HORIZON, paths=50)
    assert found.factors == ("bias", "policy")


def test_sensitivities_that_would_say_nothing_beside_the_specificity_are_left_out() -> None:
    belief = Belief(Accuracy(0.9), Accuracy(0.4))
    found = vary(flow(), belief, Scenario("spread", 0.1), HORIZON, paths=50)
    assert {setting[0] for setting in found.settings} == {0.7, 0.9, 1.0}


def test_drivers_are_the_mean_range_of_each_factor_alone() -> None:
    found = vary(flow(share=0.3), Belief(), Scenario("spread", 0.1), HORIZON, paths=100)
    value = dict(zip(found.settings, (runway.probability for runway in found.runways), strict=True))
    by_hand = [
        max(value[se, b, p] for b in BIASES) - min(value[se, b, p] for b in BIASES)
        for se in SENSITIVITIES
        for p in POLICIES
    ]
    assert found.drivers()["bias"] == pytest.approx(sum(by_hand) / len(by_hand))
    assert "points" in found.summary()


@pytest.mark.filterwarnings("ignore")
def test_the_way_of_forecasting_can_be_a_factor_too() -> None:
    pytest.importorskip("statsmodels")
    found = vary(
        flow(labelled=0), Belief(stated=Stated(0.5, 0.5)), Scenario("spread", 0.1), HORIZON, paths=50,
        forecasters=("bootstrap", "ets"),
    )  # fmt: skip
    assert found.factors[0] == "forecaster"
