"""The sentences of every verdict as a page shows them, to be read as a whole, and what none of them may claim."""

import re
from itertools import product

import pytest

from precipice.effects import CONCLUSIONS, Effect, Status, Verdict, judge
from precipice.effects.multiplicity import adjust
from precipice.effects.verdict import CONSISTENT
from precipice.records import EVENTS
from precipice.report.words import verdict_sentence
from tests.golden.test_words import check
from tests.unit.effects.effects import effect, status
from tests.unit.report.made import ordinary

CLAIMS = re.compile(
    r"\b(because|cause[ds]?|due to|led to|killed|drove|driven|responsible|impact|proves?|shows that|no effect|did not|"
    r"unaffected|harm(ed)?|thanks to)\b",
    re.IGNORECASE,
)
"""What no sentence says: neither that an event did it, nor that it did nothing."""
CASES: dict[str, tuple[Effect, ...]] = {
    "a clear effect: incumbents fell, and further than newcomers": (effect(), effect("S2")),
    "a clear rise": (effect(estimate=0.1), effect("S2", estimate=0.1)),
    "a fall, and further than the control; newcomers alike": (
        effect(), effect("S2", estimate=0.001), effect("control"),
    ),
    "a fall of everybody": (effect(), effect("S2", estimate=0.001)),
    "a fall, newcomers fell further": (effect(), effect("S2", estimate=0.1)),
    "a fall, and nobody to compare with": (effect(),),
    "a fall while another event lies close": (
        effect(reasons=[status("overlap")]), effect("S2"),
    ),
    "none": (effect(estimate=0.001), effect("S2", estimate=0.001)),
    "no change of incumbents, a gap to newcomers": (effect(estimate=0.001), effect("S2")),
    "no change of incumbents, a difference from the control": (
        effect(estimate=0.001), effect("S2", estimate=0.001), effect("control"),
    ),
    "cannot tell: refused": (effect(reasons=[status("no_placebo", "refuses")]), effect("S2")),
    "cannot tell: not to be believed": (effect(reasons=[status("drift")]), effect("S2")),
    "cannot tell: too few": (effect(estimate=0.001, reasons=[status("small", "notes")]),),
    "cannot tell: not asked": (effect("S2"),),
}  # fmt: skip


def judged(*asked: Effect) -> Verdict:
    (verdict,) = judge(adjust(asked))
    return verdict


def test_the_sentence_of_every_verdict_is_the_one_that_was_read_and_approved() -> None:
    parts = []
    for name, asked in CASES.items():
        verdict = judged(*asked)
        parts.append(f"{name}\n  concludes: {verdict.conclusion or 'cannot tell'}\n  says: {said(verdict)}")
    check("verdicts.txt", "\n\n".join(parts) + "\n")


def said(verdict: Verdict) -> str:
    return verdict_sentence(ordinary(), verdict)


def test_every_conclusion_is_among_the_cases() -> None:
    assert {judged(*asked).conclusion for asked in CASES.values()} == {*CONCLUSIONS, ""}


@pytest.mark.parametrize("reason", [None, "overlap", "contaminated_pre", "drift", "small", "no_placebo", "edge"])
def test_no_sentence_says_more_than_its_conclusion_and_its_rows(reason: str | None) -> None:
    """Every combination of a fall, none, a rise, a refusal and nothing asked, for three methods."""
    sizes = {"fell": -0.1, "none": 0.001, "rose": 0.1}
    weights = {"no_placebo": "refuses", "edge": "refuses", "small": "notes"}
    own: tuple[Status, ...] = () if reason is None else (status(reason, weights.get(reason, "weakens")),)  # type: ignore[arg-type]
    for signs in product(sizes, (*sizes, "absent"), (*sizes, "absent")):
        methods = zip(("S1", "S2", "control"), signs, strict=True)
        asked = [
            effect(method, estimate=sizes[sign], reasons=own if method == "S1" else ())
            for method, sign in methods
            if sign != "absent"
        ]
        verdict = judged(*asked)
        sentence = said(verdict)
        assert not CLAIMS.search(sentence), sentence
        changed, *others = (row.answer for row in verdict.rows[:3])
        assert ("than expected of their tenure" in sentence) == (changed == "yes")
        assert (CONSISTENT in sentence) == (verdict.conclusion == CONSISTENT)
        if CONSISTENT in sentence:
            assert "yes" in others
            assert verdict.p_holm < 0.05
        if verdict.conclusion:
            assert verdict.conclusion in sentence
        else:
            assert ": cannot tell: " in sentence
            assert not re.search(r"\d+ %", sentence)
        if "would have been seen" in sentence:
            assert changed == "no"


def test_events_are_named_as_on_figures() -> None:
    found = ordinary()
    event = EVENTS["stable-diffusion"]
    verdict = Verdict("site", event.name, event.month, judged(effect()).rows, "site, stable-diffusion (2022-08): so.")
    assert verdict_sentence(found, verdict) == "site, Stable Diffusion (2022-08): so."
