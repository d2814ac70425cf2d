"""Several tests at once: Holm's family-wise correction and Benjamini and Hochberg's false-discovery rate.

A family is one method and outcome over all the platforms and events that were asked together.  The verdict rests on
Holm's p, so that naming any platform "changed" errs at most one time in twenty over the family.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from precipice.effects.effect import SIGNIFICANT, Answer, Effect, Status
from precipice.effects.sample import Float, Index


def holm(p: Float) -> Float:
    """Correct p-values family-wise, shape (k,) (Holm 1979); NaN stays NaN and is no test."""
    order = _rising(p)
    corrected = np.full(len(p), np.nan)
    steps = p[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def benjamini_hochberg(p: Float) -> Float:
    """Correct p-values by false-discovery rate, shape (k,) (Benjamini & Hochberg 1995); NaN stays NaN."""
    order = _rising(p)
    corrected = np.full(len(p), np.nan)
    steps = p[order] * len(order) / np.arange(1, len(order) + 1)
    corrected[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return corrected


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


def _rising(p: Float) -> Index:
    """Give the places of the p-values that are none of them NaN, smallest first."""
    return np.argsort(p)[: int(np.isfinite(p).sum())]
