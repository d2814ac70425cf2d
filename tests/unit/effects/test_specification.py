"""Specification curves: every combination, the headline among them, and what it says of agreement."""

from dataclasses import replace

import numpy as np
import pytest

from precipice.effects import TRIM, Choices, Question, Span, Specifications, case_for, estimate, specify
from precipice.effects.asking import ask_one
from precipice.effects.case import case_of
from precipice.effects.sample import sample_of
from precipice.effects.specification import WARNING
from precipice.errors import InputError
from precipice.panel import Panel
from tests.unit.effects.panels import START, quiet_panel

EVENT = START + 60
SPAN = Span(24, 6, 6)
CHOICES = Choices(shifts=(-1, 0, 2), look_backs=(12, 24), windows=(3, 6), caps=(1, 2, TRIM, None))


@pytest.fixture(scope="module")
def panel() -> Panel:
    return quiet_panel(11, creators=1500, n_months=72)


@pytest.fixture(scope="module")
def found(panel: Panel) -> Specifications:
    return specify(panel, "here", Question("event", EVENT, SPAN), choices=CHOICES)


def test_every_combination_is_asked_once(found: Specifications) -> None:
    chosen = {(s.shift, s.look_back, s.window, s.cap) for s in found.all}
    assert len(found.all) == len(chosen) == 3 * 2 * 2 * 4


def test_the_headline_is_the_estimate_that_was_asked_for(panel: Panel, found: Specifications) -> None:
    (_, _, asked) = estimate(panel, EVENT, methods=["S1"], look_back=24, window=6)
    headline = found.headline
    assert (headline.shift, headline.look_back, headline.window, headline.cap) == (0, 24, 6, TRIM)
    assert headline.effect.estimate == asked.estimate
    assert headline.effect.p == asked.p


def test_no_cap_is_the_outcome_of_all_uploads(panel: Panel, found: Specifications) -> None:
    (_, counts, _) = estimate(panel, EVENT, methods=["S1"], look_back=24, window=6)
    (own,) = (s for s in found.all if (s.shift, s.look_back, s.window, s.cap) == (0, 24, 6, None))
    assert own.effect.estimate == counts.estimate


def test_a_cap_of_two_counts_at_most_two_a_month(panel: Panel, found: Specifications) -> None:
    capped = replace(panel, count=np.minimum(panel.count, 2))
    (_, counts, _) = estimate(capped, EVENT, methods=["S1"], look_back=24, window=6)
    (own,) = (s for s in found.all if (s.shift, s.look_back, s.window, s.cap) == (0, 24, 6, 2))
    assert own.effect.estimate == counts.estimate


def test_a_cutoff_after_the_event_has_no_placebo_that_looks_past_the_event(found: Specifications) -> None:
    for own in found.all:
        last = max(placebo.cutoff for placebo in own.effect.placebos)
        assert last + own.window == min(EVENT, EVENT + own.shift)


def test_a_cutoff_after_the_event_uses_the_curve_from_before_the_event(panel: Panel) -> None:
    """Uploads from the event on, doubled, change the estimate at a later cutoff but none of its placebos."""
    month = panel.month + panel.start
    louder = replace(panel, count=np.where(month >= EVENT, 3 * panel.count, panel.count).astype(np.int32))
    question = Question("event", EVENT, SPAN)
    choices = Choices(shifts=(2,), look_backs=(24,), windows=(6,), caps=(None,))
    quiet, loud = (
        next(s for s in specify(p, "here", question, choices=choices).all if s.shift == 2 and s.cap is None)
        for p in (panel, louder)
    )
    assert [b.estimate for b in quiet.effect.placebos] == [b.estimate for b in loud.effect.placebos]
    assert quiet.effect.estimate != loud.effect.estimate


def test_the_cutoff_of_a_case_may_lie_after_the_month_that_its_placebos_end_before(panel: Panel) -> None:
    sample = sample_of(panel, "here")
    late = case_of(sample, EVENT + 2, SPAN, quiet=60)
    plain = case_of(sample, EVENT, SPAN)
    assert late.cutoffs("capped", 6) == plain.cutoffs("capped", 6)
    assert late.outcome("capped").tenure == pytest.approx(plain.outcome("capped").tenure)
    early = case_of(sample, EVENT - 2, SPAN, quiet=60)
    assert early.cutoffs("capped", 6).stop == 58 - 6 + 1


def test_agreement_counts_signs_and_intervals(found: Specifications) -> None:
    same, lower, higher = found.agreement()
    sign = np.sign(found.headline.effect.estimate)
    assert same == np.mean([np.sign(s.effect.estimate) == sign for s in found.told])
    assert lower == np.mean([s.effect.high < 0 for s in found.told])
    assert higher == np.mean([s.effect.low > 0 for s in found.told])


def test_a_large_effect_is_there_whatever_one_chooses(panel: Panel) -> None:
    """Half of incumbents' cells are taken away from the event on: every choice must find fewer."""
    entry, month = panel.first[panel.row], panel.month + panel.start
    lost = (entry < EVENT) & (month >= EVENT) & (np.random.default_rng(1).random(len(month)) < 0.5)
    kept = np.flatnonzero(~lost)
    thinner = replace(
        panel, month=panel.month[kept], count=panel.count[kept],
        indptr=np.searchsorted(kept, panel.indptr).astype(np.int64),
    )  # fmt: skip
    found = specify(thinner, "here", Question("event", EVENT, SPAN), choices=replace(CHOICES, shifts=(0,)))
    same, lower, _ = found.agreement()
    assert same == 1.0
    assert lower > 0.8  # a window of three months sees least


def test_words_give_the_range_the_agreement_and_the_warning(found: Specifications) -> None:
    words = found.summary()
    assert "S1 in 48 ways: 48 give a number" in words
    assert f"{found.told[0].effect.percent:+.1f} % to {found.told[-1].effect.percent:+.1f} %" in words
    assert WARNING in words


def test_rows_and_table_and_json_hold_every_combination(found: Specifications) -> None:
    table = found.table().to_pylist()
    assert len(table) == 48
    assert sum(row["headline"] for row in table) == 1
    assert {row["cap"] for row in table} == {1, 2, TRIM, None}
    assert {row["cutoff"] for row in table} == {"2004-12", "2005-01", "2005-03"}
    plain = found.as_dict()
    assert plain["same_sign"] == found.agreement()[0]
    assert plain["warning"] == WARNING


def test_where_no_choice_can_tell_it_says_so() -> None:
    short = quiet_panel(2, creators=300, n_months=30)
    found = specify(
        short, "here", Question("event", START + 14, SPAN), choices=replace(CHOICES, shifts=(0, 20), windows=(6,))
    )
    assert found.told == ()
    assert "cannot tell in any of them" in found.summary()
    assert np.isnan(found.agreement()).all()
    assert all(row["estimate"] is None for row in found.rows())
    assert all(row["statuses"] for row in found.rows())


def test_other_methods_have_curves_too(panel: Panel) -> None:
    question = Question("event", EVENT, SPAN)
    small = Choices(shifts=(0,), look_backs=(24,), windows=(6,), caps=(TRIM,))
    (own,) = specify(panel, "here", question, method="S2", choices=small).all
    assert own.effect.estimate == ask_one(case_for(panel, "here", question), question, "S2", "trimmed").estimate


@pytest.mark.parametrize("method", ["control", "lapse-S1", "age-period", "S9"])
def test_methods_that_cannot_be_asked_so_are_an_error(panel: Panel, method: str) -> None:
    with pytest.raises(InputError, match="no specification curve"):
        specify(panel, "here", Question("event", EVENT, SPAN), method=method)
