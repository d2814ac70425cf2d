from dataclasses import replace
from itertools import product
from typing import Literal

import pytest

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


def test_a_fall_is_told_with_its_interval_and_what_speaks_against_it() -> None:
    sentence = verdict_of(-1, -1, 0).sentence
    assert "incumbents' months with an upload fell by 10 % (6 to 13)" in sentence
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


def test_only_months_with_an_upload_are_judged_and_each_platform_by_itself() -> None:
    mixed = [effect(platform="a"), effect(platform="b", estimate=0.001), effect(outcome="counts", estimate=0.3)]
    asked = adjust([*mixed[:2], replace(mixed[2], platform="a")])
    verdicts = judge(asked)
    assert [v.platform for v in verdicts] == ["a", "b"]
    assert "fell" in verdicts[0].sentence
    assert "was not asked" in verdicts[0].rows[1].detail


def test_without_the_incumbents_change_there_is_no_verdict() -> None:
    (verdict,) = judge(adjust([effect("S2")]))
    assert "cannot tell: the incumbents' change was not asked" in verdict.sentence
    assert verdict.rows[3].answer == "cannot tell"


def test_a_verdict_gives_rows_as_a_table_and_as_json() -> None:
    verdict = verdict_of(-1, -1, "absent")
    assert verdict.table().column_names == ["question", "answer", "detail"]
    assert verdict.as_dict()["cutoff"] == "2003-01"
    assert verdict.summary().count("\n") == 4
