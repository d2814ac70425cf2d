from dataclasses import replace
from itertools import product
from typing import Literal

import numpy as np
import pytest
from scipy.special import ndtr

from precipice.effects.effect import Status
from precipice.effects.multiplicity import adjust
from precipice.effects.verdict import (
    CONSISTENT,
    CONTROL,
    NEWCOMERS,
    ORDINARY,
    PLATFORM_WIDE,
    Verdict,
    conclusion,
    joint_p,
    judge,
)
from tests.unit.effects.effects import effect, status

Sign = int | Literal["absent"] | None

SIZE: dict[Sign, float] = {-1: -0.1, 0: -0.001, 1: 0.1}
SIGNS = (-1, 0, 1, None)


def verdict_of(incumbents: Sign, gap: Sign, control: Sign, reasons: tuple[Status, ...] = ()) -> Verdict:
    """Judge effects of given signs; None for one that was refused, "absent" for one not asked."""
    signs = {"S1": incumbents, "S2": gap, "control": control}
    asked = [
        effect(name, estimate=SIZE.get(sign, 0), reasons=(*(reasons if name == "S1" else ()), *refusal(sign)))
        for name, sign in signs.items()
        if sign != "absent"
    ]
    (verdict,) = judge(adjust(asked))
    return verdict


def refusal(sign: Sign) -> tuple[Status, ...]:
    return (status("no_placebo", "refuses"),) if sign is None else ()


@pytest.mark.parametrize(("incumbents", "gap", "control"), list(product(SIGNS, SIGNS, (*SIGNS, "absent"))))
def test_the_sentence_is_never_stronger_than_the_rows(incumbents: Sign, gap: Sign, control: Sign) -> None:
    verdict = verdict_of(incumbents, gap, control)
    changed, more_new, more_control, enough = (row.answer for row in verdict.rows)
    answer = {-1: "yes", 1: "yes", 0: "no", None: "cannot tell", "absent": "cannot tell"}
    assert (changed, more_new, more_control) == (answer[incumbents], answer[gap], answer[control])
    assert enough == ("no" if incumbents is None else "yes")
    said = [words for words in (CONSISTENT, PLATFORM_WIDE, NEWCOMERS, CONTROL) if words in verdict.sentence]
    assert len(said) <= 1
    if CONSISTENT in said:
        assert changed == "yes"
        assert isinstance(incumbents, int)
        assert incumbents in (gap, control)
        assert -incumbents not in (gap, control)
    elif changed == "yes":
        assert said == [PLATFORM_WIDE]
    if incumbents is None:
        assert verdict.sentence.startswith("here, event (2003-01): cannot tell: there is no_placebo (needed:")
    if incumbents == 0:
        assert ORDINARY in verdict.sentence
        assert said == ([NEWCOMERS] if gap else [CONTROL] if control in (-1, 1) else [])


@pytest.mark.parametrize(
    ("signs", "words"),
    [
        ((-1, -1, None), CONSISTENT),
        ((-1, None, -1), CONSISTENT),
        ((-1, 0, -1), CONSISTENT),
        ((-1, 0, None), PLATFORM_WIDE),
        ((-1, None, None), PLATFORM_WIDE),
        ((-1, 1, None), PLATFORM_WIDE),
        ((-1, 1, -1), PLATFORM_WIDE),
        ((0, -1, None), NEWCOMERS),
        ((0, None, 1), CONTROL),
        ((0, 0, 0), ORDINARY),
        ((None, -1, -1), ""),
    ],
)
def test_conclusions_follow_the_table_of_words(signs: tuple[int | None, ...], words: str) -> None:
    assert conclusion(*signs) == words


def pair(gap: float, *, control: float | None = None) -> Verdict:
    """Judge a sure fall of incumbents with a gap (and a control difference) of a given two-sided p."""
    asked = [effect("S1", p=0.001), effect("S2", estimate=-0.1, p=gap)]
    asked += [] if control is None else [effect("control", estimate=-0.1, p=control)]
    (verdict,) = judge(adjust(asked))
    return verdict


def test_the_gap_is_asked_in_the_direction_of_the_incumbents_alone() -> None:
    """Two-sided p = 0.08 is 0.04 one-sided."""
    verdict = pair(0.08)
    assert verdict.p == pytest.approx(0.04)
    assert CONSISTENT in verdict.sentence
    assert verdict.rows[1].answer == "yes"
    assert "p = 0.040 for more in the incumbents' direction" in verdict.rows[1].detail
    assert PLATFORM_WIDE in pair(0.12).sentence


def test_a_gap_the_other_way_supports_nothing() -> None:
    (verdict,) = judge(adjust([effect("S1", p=0.001), effect("S2", estimate=0.1, p=0.08)]))
    assert verdict.p == pytest.approx(0.96)
    assert CONSISTENT not in verdict.sentence
    assert verdict.rows[1].answer == "no"


def test_two_comparisons_of_which_one_is_enough_are_paid_for() -> None:
    assert pair(0.08, control=0.5).p == pytest.approx(0.08)
    assert CONSISTENT not in pair(0.08, control=0.5).sentence
    assert pair(0.04, control=0.5).p == pytest.approx(0.04)
    assert CONSISTENT in pair(0.04, control=0.5).sentence


def test_verdicts_given_together_are_corrected_together() -> None:
    asked = [effect(name, p=p, platform=f"p{k}") for k in range(3) for name, p in (("S1", 0.001), ("S2", 0.08))]
    verdicts = judge(adjust(asked))
    assert [v.p for v in verdicts] == pytest.approx([0.04] * 3)
    assert [v.p_holm for v in verdicts] == pytest.approx([0.12] * 3)
    assert not any(CONSISTENT in v.sentence for v in verdicts)


def test_the_joint_test_errs_no_more_often_than_the_half_that_holds() -> None:
    """S1 far from nought and the gap without effect: uniform p one-sided; and the other way round, by half, since the
    direction must agree.  20,000 draws, four Monte Carlo errors."""
    rng = np.random.default_rng(3)
    draws = 20_000
    half = np.sqrt(0.05 * 0.95 / draws) * 4
    z = rng.normal(size=draws)
    shock = [joint_p(effect("S1", p=1e-9), effect("S2", estimate=-v, p=float(2 * ndtr(-abs(v))))) for v in z]
    assert np.mean(np.array(shock) < 0.05) == pytest.approx(0.05, abs=half)
    chosen = [joint_p(effect("S1", estimate=-v, p=float(2 * ndtr(-abs(v)))), effect("S2", p=1e-9)) for v in z]
    assert np.mean(np.array(chosen) < 0.05) == pytest.approx(0.025, abs=half)


def test_a_fall_is_told_with_its_interval_and_what_speaks_against_it() -> None:
    sentence = verdict_of(-1, -1, 0).sentence
    assert (
        "incumbents uploaded 10 % (6 to 13) less than expected of their tenure (at most 3 a month counted)" in sentence
    )
    assert "they changed no more than the control platform's incumbents as far as can be told" in sentence


def test_no_change_says_what_would_have_been_seen() -> None:
    assert "an effect beyond 5 % would have been seen four times in five" in verdict_of(0, 0, "absent").sentence


@pytest.mark.parametrize("name", ["drift", "one_creator"])
def test_a_change_that_cannot_be_believed_is_no_change(name: str) -> None:
    verdict = verdict_of(-1, -1, "absent", (status(name),))
    assert verdict.rows[0].answer == "cannot tell"
    assert CONSISTENT not in verdict.sentence
    assert f"cannot tell: there is {name}" in verdict.sentence


@pytest.mark.parametrize("name", ["contaminated_pre", "overlap", "coincident_shock"])
def test_a_change_that_may_be_anothers_says_so_in_the_row_and_in_the_sentence(name: str) -> None:
    verdict = verdict_of(-1, -1, "absent", (status(name),))
    assert f"there is {name}" in verdict.rows[0].detail
    assert f"there is {name}" in verdict.sentence


def test_a_panel_too_small_says_so_instead_of_no() -> None:
    verdict = verdict_of(0, "absent", "absent", (status("small", "notes"),))
    assert verdict.rows[0].answer == "cannot tell"
    assert verdict.rows[3].answer == "no"
    assert "cannot tell: there is small (needed: no small)" in verdict.sentence


def test_only_the_headline_outcome_is_judged_and_each_platform_by_itself() -> None:
    mixed = [effect(platform="a"), effect(platform="b", estimate=0.001), effect(outcome="counts", estimate=0.3)]
    asked = adjust([*mixed[:2], replace(mixed[2], platform="a")])
    verdicts = judge(asked)
    assert [v.platform for v in verdicts] == ["a", "b"]
    assert "less than expected" in verdicts[0].sentence
    assert "was not asked" in verdicts[0].rows[1].detail


def test_without_the_incumbents_change_there_is_no_verdict() -> None:
    (verdict,) = judge(adjust([effect("S2")]))
    assert "cannot tell: the incumbents' change was not asked" in verdict.sentence
    assert verdict.rows[3].answer == "cannot tell"


def test_a_verdict_gives_rows_as_a_table_and_as_json() -> None:
    verdict = verdict_of(-1, -1, "absent")
    assert verdict.table().column_names == ["platform", "event", "question", "answer", "detail"]
    assert verdict.as_dict()["cutoff"] == "2003-01"
    assert verdict.summary().count("\n") == 4
