"""What is worked out to be drawn: of which platforms and events, and by which question."""

from dataclasses import replace

import pytest

from precipice.effects import HEADLINE
from precipice.errors import InputError
from precipice.months import parse_month
from precipice.records import EVENTS
from precipice.study.illustrating import _pairs, question_of, specify_events
from precipice.study.settings import Study
from tests.unit.effects.effects import effect, status
from tests.unit.report.made import told

EVENT, OTHER = EVENTS["stable-diffusion"], EVENTS["dall-e-2"]


def test_of_few_platforms_and_events_all_are_drawn_even_where_refused() -> None:
    asked = [
        replace(effect(platform=name, outcome=HEADLINE, reasons=[status("edge", "refuses")]), event=EVENT.name)
        for name in "abc"
    ]
    assert _pairs([EVENT], asked) == [("a", EVENT.name), ("b", EVENT.name), ("c", EVENT.name)]


def test_of_many_only_each_platforms_last_event_with_a_number() -> None:
    refusal = [status("no_placebo", "refuses")]
    asked = [
        replace(effect(platform=name, outcome=HEADLINE, reasons=reasons), event=event.name)
        for name, reasons_by_event in (("a", ([], [])), ("b", ([], refusal)), ("c", (refusal, refusal)))
        for event, reasons in zip((OTHER, EVENT), reasons_by_event, strict=True)
    ]
    assert sorted(_pairs([EVENT, OTHER], asked)) == [("a", EVENT.name), ("b", OTHER.name)]


def test_a_question_carries_the_studys_windows_and_is_told_of_the_other_events() -> None:
    study = Study.model_validate({
        "study": {"frame": "random"},
        "effects": {"look_back": 36, "window": 9, "exclude": ["2022-10", "2021-10"]},
    })  # fmt: skip
    question = question_of(study, EVENT, (OTHER, EVENT))
    assert (question.span.look_back, question.span.before, question.span.after) == (36, 9, 9)
    assert question.excluded == (parse_month("2021-10"), parse_month("2022-10"))
    assert question.others == {OTHER.name: OTHER.month}
    assert question.frame == "random"


def test_the_curve_is_of_the_first_method_that_the_study_names() -> None:
    findings = told()
    asked = findings.study.effects.model_copy(update={"methods": ("S2", "S1")})
    study = findings.study.model_copy(update={"effects": asked})
    (found,) = specify_events(findings.panel, study, findings.events)
    assert found.method == "S2"
    lapses = findings.study.model_copy(
        update={"effects": findings.study.effects.model_copy(update={"methods": ("lapse-S1",)})}
    )
    with pytest.raises(InputError, match="'lapse-S1' has no specification curve"):
        specify_events(findings.panel, lapses, findings.events)
