from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from precipice.effects import METHODS, Effect, Question, Span, case_for, estimate, judge
from precipice.effects.asking import OUTCOMES
from precipice.effects.words import WORDS
from precipice.errors import InputError, MissingExtraError
from precipice.panel import Panel
from precipice.population import Frame, Planted, Population, join_panels, populate
from tests.unit.effects.panels import panel_from, quiet_rows

EVENT = Planted().month
WORLD = Population(lifetime=8.0, rate=1.0, waking=0.3)


@pytest.fixture(scope="module")
def panel() -> Panel:
    return populate(WORLD, np.random.default_rng(61))


def by_method(effects: Iterable[Effect], outcome: str = "capped") -> dict[str, Effect]:
    return {effect.method: effect for effect in effects if effect.outcome in {outcome, "lapse"}}


def statuses(effect: Effect) -> dict[str, str]:
    return {status.name: status.weight for status in effect.reasons}


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_words_and_outcomes_and_answers_in_one_shape(panel: Panel, name: str) -> None:
    both = join_panels([panel, populate(replace(WORLD, platform="control"), np.random.default_rng(62))])
    effects = estimate(both, EVENT, methods=[name], control="control")
    assert [effect.outcome for effect in effects] == list(OUTCOMES[name])
    for effect in effects:
        assert effect.platform == "simulated"
        assert effect.method == name
        assert np.isfinite([effect.estimate, effect.low, effect.high, effect.p, effect.detectable]).all()
        assert effect.low < effect.estimate < effect.high
        assert effect.n_creators > 0
        assert (effect.n_placebos == 0) == (name == "age-period")
        assert (effect.compares_with, effect.cannot_say) == (WORDS[name].compares_with, WORDS[name].cannot_say)
        effect.summary()
        effect.as_dict()


def test_a_large_planted_effect_is_found_and_called_consistent_with_an_effect() -> None:
    world = replace(WORLD, entries=300.0, planted=Planted(level=-0.5))
    effects = estimate(populate(world, np.random.default_rng(63)), EVENT, event="planted", methods=["S1", "S2", "SJ"])
    (verdict,) = judge(effects)
    assert by_method(effects)["S1"].verdict == by_method(effects)["S2"].verdict == "lower"
    assert "consistent with an effect on incumbents" in verdict.sentence


def test_a_shock_of_the_whole_platform_is_not_called_an_effect_on_incumbents() -> None:
    world = replace(WORLD, entries=300.0, platform_shock=-0.5)
    effects = estimate(populate(world, np.random.default_rng(64)), EVENT, methods=["S1", "S2", "SJ"])
    assert "coincident_shock" in statuses(by_method(effects)["S1"])
    (verdict,) = judge(effects)
    assert "a platform-wide change cannot be excluded" in verdict.sentence


def test_everything_but_the_control_difference_is_asked_where_no_control_is_named(panel: Panel) -> None:
    assert {effect.method for effect in estimate(panel, EVENT)} == set(METHODS) - {"control"}


def test_a_short_history_is_refused_with_what_is_needed() -> None:
    rows = quiet_rows(np.random.default_rng(65), creators=500, n_months=40)
    short = panel_from(rows, n_months=40)
    effects = estimate(short, short.start + 26, methods=["S1", "S2"])
    assert all(effect.refused and np.isnan(effect.estimate) for effect in effects)
    assert statuses(effects[0])["no_placebo"] == "refuses"
    assert len(effects[0].placebos) == 3
    assert "25 cutoffs: at least 48 complete months" in effects[0].summary()
    (verdict,) = judge(effects)
    assert "cannot tell: the history holds 3 placebo cutoffs" in verdict.sentence


def test_an_event_too_near_the_end_is_refused_and_none_of_its_months_is_used(panel: Panel) -> None:
    effects = estimate(panel, panel.end - 3, methods=["S1", "lapse-S1"])
    assert all(statuses(effect)["edge"] == "refuses" for effect in effects)
    assert all(effect.placebos == () for effect in effects)


def test_a_truncated_history_leaves_out_its_first_years_entrants(panel: Panel) -> None:
    truncated = replace(panel, windows=(replace(panel.windows[0], truncated_first=True),))
    washed = by_method(estimate(truncated, EVENT, methods=["S1"]))["S1"]
    assert statuses(washed)["unknown_tenure"] == "notes"
    assert washed.n_placebos == 68
    refused = estimate(truncated.keep(truncated.first >= EVENT - 60), EVENT, methods=["S1"], wash_out=0)[0]
    assert statuses(refused).get("unknown_tenure") == "notes"


def test_a_history_shorter_than_the_wash_out_says_how_long_it_must_be() -> None:
    rows = quiet_rows(np.random.default_rng(69), creators=200, n_months=18)
    short = panel_from(rows, n_months=18, truncated=True)
    (verdict,) = judge(estimate(short, short.start + 9, methods=["S1"]))
    assert "9 months before the event, and who is new is known after 12" in verdict.sentence
    assert "at least 60 complete months before the event" in verdict.sentence


def test_a_panel_that_starts_in_the_middle_of_creators_lives_is_refused() -> None:
    world = replace(WORLD, frame=Frame(history_from=EVENT - 40))
    effects = estimate(populate(world, np.random.default_rng(66)), EVENT, methods=["S1"])
    assert statuses(effects[0])["unknown_tenure"] == "refuses"


def test_a_selected_frame_withholds_the_gap_and_says_so(panel: Panel) -> None:
    found = by_method(estimate(panel, EVENT, methods=["S1", "S2"], frame="followers"))
    assert found["S2"].refused
    assert not found["S1"].refused
    assert all("selected_frame" in statuses(effect) for effect in found.values())


def test_other_events_and_left_out_months_are_told(panel: Panel) -> None:
    october = tuple(EVENT + 2 - 12 * k for k in range(6))
    effects = estimate(
        panel, EVENT, event="stable-diffusion", methods=["S1"], exclude=october,
        others={"stable-diffusion": EVENT, "dall-e-2": EVENT - 4},
    )  # fmt: skip
    assert {"contaminated_pre", "excluded_months"} <= set(statuses(effects[0]))
    assert "overlap" not in statuses(effects[0])
    plain = estimate(panel, EVENT, methods=["S1"])[0]
    assert effects[0].estimate != plain.estimate


def test_one_creator_who_carries_the_counts_is_named(panel: Panel) -> None:
    count = panel.count.copy()
    old = np.flatnonzero((panel.first >= EVENT - 30) & (panel.first < EVENT - 12) & (panel.last >= EVENT))[0]
    cells = slice(panel.indptr[old], panel.indptr[old + 1])
    count[cells] = np.where(panel.month[cells] + panel.start >= EVENT, 20_000, count[cells])
    found = {e.outcome: e for e in estimate(replace(panel, count=count), EVENT, methods=["S1"])}
    assert "one_creator" in statuses(found["counts"])
    assert "one_creator" not in statuses(found["capped"])


def test_several_platforms_are_corrected_together(panel: Panel) -> None:
    second = populate(replace(WORLD, platform="second"), np.random.default_rng(67))
    effects = estimate(join_panels([panel, second]), EVENT, methods=["S1"])
    capped = [effect for effect in effects if effect.outcome == "capped"]
    assert [effect.platform for effect in capped] == ["second", "simulated"]
    assert max(e.p_holm for e in capped) >= max(e.p for e in capped)
    assert min(e.p_holm for e in capped) == pytest.approx(min(1, 2 * min(e.p for e in capped)))
    assert all("several_tests" in statuses(effect) for effect in capped)


def test_a_platform_that_the_event_misses_is_refused_beside_one_that_has_it(panel: Panel) -> None:
    rows = quiet_rows(np.random.default_rng(68), creators=50, n_months=30)
    elsewhere = panel_from(rows, n_months=30, platforms=("ended",))
    effects = estimate(join_panels([replace(elsewhere, origin="simulated"), panel]), EVENT, methods=["S1"])
    found = {effect.platform: effect for effect in effects if effect.outcome == "capped"}
    assert statuses(found["ended"])["edge"] == "refuses"
    assert "Needed: an event inside them" in found["ended"].summary()
    assert not found["simulated"].refused


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"methods": ["S3"]}, "there is no method 'S3'"),
        ({"methods": ["control"]}, "needs a control platform"),
        ({"control": "nowhere"}, "there is no platform 'nowhere'"),
        ({"control": "simulated"}, "no platform to ask about"),
        ({"frame": "friends"}, "there is no frame 'friends'"),
        ({"look_back": 3}, "windows"),
        ({"window": 0}, "windows"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(panel: Panel, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        estimate(panel, EVENT, **wrong)


def test_an_event_outside_every_platform_is_refused_with_first_and_last_month(panel: Panel) -> None:
    with pytest.raises(InputError, match="outside the panel") as caught:
        estimate(panel, panel.end + 1)
    assert "2014-01 to 2023-10" in caught.value.why


def test_age_period_asked_by_name_without_statsmodels_names_the_extra(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("precipice.effects.estimation.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError):
        estimate(panel, EVENT, methods=["age-period"])
    assert "age-period" not in {effect.method for effect in estimate(panel, EVENT)}


def test_a_case_can_be_prepared_for_power_with_the_same_question(panel: Panel) -> None:
    case = case_for(panel, "simulated", Question("event", EVENT, Span(24, 6, 6)))
    assert case.event == EVENT - panel.start
    assert case.span == Span(24, 6, 6)
