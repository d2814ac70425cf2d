"""What the moving part of the page holds: of effects, those alone that have a number."""

from dataclasses import replace

from precipice.effects.effect import Status
from precipice.report.moving import numbers
from tests.unit.report.made import told


def test_an_effect_that_was_refused_is_not_shown_among_its_placebos() -> None:
    findings = told()
    given = numbers(findings)["placebos"]
    first, *others = [effect for effect in findings.effects if effect.placebos]
    nothing = float("nan")
    refused = replace(
        first, estimate=nothing, low=nothing, high=nothing, placebo_mean=nothing,
        reasons=(Status("small", "refuses", "a window holds fewer than 20 outcomes"),),
    )  # fmt: skip
    left = replace(findings, effects=(refused, *others))
    assert len(numbers(left)["placebos"]) == len(given) - 1
    assert not numbers(replace(findings, effects=(refused,)))["placebos"]
