"""Several tests at once: Holm's family-wise correction and Benjamini and Hochberg's false-discovery rate.

A family is one method and outcome over all the platforms and events that were asked together.  The verdict rests on
Holm's p, so that naming any platform "changed" errs at most one time in twenty over the family.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from precipice.corrections import benjamini_hochberg, holm
from precipice.effects.effect import SIGNIFICANT, Answer, Effect, Status


def adjust(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Correct the p-values within each method and outcome, and read the verdicts off Holm's; may be repeated."""
    effects = tuple(effects)
    families: dict[tuple[str, str], list[int]] = {}
    for index, effect in enumerate(effects):
        families.setdefault((effect.method, effect.outcome), []).append(index)
    corrected = list(effects)
    for members in families.values():
        p = np.array([effects[index].p for index in members])
        for index, by_family, by_rate in zip(members, holm(p), benjamini_hochberg(p), strict=True):
            corrected[index] = _corrected(effects[index], float(by_family), float(by_rate), int(np.isfinite(p).sum()))
    return tuple(corrected)


def answer(effect: Effect, p: float) -> Answer:
    """Read a verdict off a p-value: a panel too small to see a large effect cannot say no."""
    if effect.refused or not np.isfinite(p):
        return "cannot tell"
    if p < SIGNIFICANT:
        return "lower" if effect.estimate < 0 else "higher"
    return "cannot tell" if any(status.name == "small" for status in effect.reasons) else "not distinguishable"


def _corrected(effect: Effect, by_family: float, by_rate: float, tests: int) -> Effect:
    reasons = tuple(status for status in effect.reasons if status.name != "several_tests")
    if tests > 1 and not effect.refused:
        words = f"one of {tests} tests of {effect.method} on {effect.outcome}: the verdict rests on Holm's p"
        reasons += (Status("several_tests", "notes", words),)
    return replace(effect, p_holm=by_family, p_bh=by_rate, reasons=reasons, verdict=answer(effect, by_family))
