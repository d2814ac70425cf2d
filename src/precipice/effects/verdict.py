"""The verdict: four rows and one plain sentence, generated, never stronger than the rows.

It speaks of an effect on incumbents only where two things hold together: incumbents changed against their own expected
path (S1, two-sided), and they changed further in that direction than newcomers of the same months or incumbents of a
control platform did (S2 or the control difference, one-sided).  Its p-value is the greater of the two, an
intersection–union test (Berger 1982): a change of the whole platform leaves S2 without effect, a choice of creators by
what they became leaves S1 without one, and in either case the whole errs no more often than the half that still holds.
One-sided suffices for the second half, since the first has named the direction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any, Literal

import numpy as np

from precipice.corrections import holm
from precipice.display import Plot, Shown, Together
from precipice.effects.effect import SIGNIFICANT, Effect, Status
from precipice.effects.outcomes import TRIM, OutcomeName
from precipice.months import month_text

HEADLINE: OutcomeName = "trimmed"
"""The outcome that verdicts rest on: it sees more than months with an upload and is carried by nobody as counts are."""

RowAnswer = Literal["yes", "no", "cannot tell"]

UNDERMINES = frozenset({"drift", "one_creator"})
"""Statuses for which a change cannot be believed; the other weakening ones leave it open whose change it is."""

CONSISTENT = "consistent with an effect on incumbents"
PLATFORM_WIDE = "a platform-wide change cannot be excluded"
NEWCOMERS = "could be newcomers or selection"
CONTROL = "could be a change of the control platform"
ORDINARY = "not distinguishable from ordinary attrition"
CONCLUSIONS = (CONSISTENT, PLATFORM_WIDE, NEWCOMERS, CONTROL, ORDINARY)
"""All that a verdict may say, besides that it cannot tell."""


@dataclass(frozen=True)
class Row:
    """One question of the verdict."""

    question: str
    """`incumbents changed?`, `more than newcomers?`, `more than on the control?` or `enough data?`."""
    answer: RowAnswer
    """What the data say."""
    detail: str
    """The number behind it, or why there is none."""


@dataclass(frozen=True)
class Verdict(Shown):
    """What all methods together say of one event on one platform."""

    plot = Plot("answer", "question", rows="event", kind="points")

    platform: str
    """Name of the platform."""
    event: str
    """Name of the event."""
    cutoff: int
    """Its month (see `precipice.months`)."""
    rows: tuple[Row, Row, Row, Row]
    """The four questions."""
    sentence: str
    """The answer in one sentence."""
    p: float = nan
    """p-value of an effect on incumbents: that they changed, and further than those they are compared with; NaN where
    either cannot be told."""
    p_holm: float = nan
    """The same, corrected for all the verdicts given together (Holm)."""
    conclusion: str = ""
    """The most that `sentence` says, as `CONSISTENT` and the others; empty where it cannot tell."""
    why: tuple[Status, ...] = ()
    """What keeps it from telling, the gravest first; empty where it tells."""

    def summary(self) -> str:
        """Give the sentence and the rows, a line each."""
        lines = [f"{row.question} {row.answer}: {row.detail}" for row in self.rows]
        return "\n".join([self.sentence, *lines])

    def as_dict(self) -> dict[str, Any]:
        """Give the parts by name, as JSON takes them."""
        rows = [{"question": row.question, "answer": row.answer, "detail": row.detail} for row in self.rows]
        plain = {"platform": self.platform, "event": self.event, "cutoff": month_text(self.cutoff)}
        numbers = {name: value if isfinite(value) else None for name, value in (("p", self.p), ("p_holm", self.p_holm))}
        told = {"conclusion": self.conclusion or "cannot tell", "sentence": self.sentence}
        return {**plain, **told, **numbers, "rows": rows}

    def table(self) -> Any:  # noqa: ANN401  a pyarrow.Table; pyarrow has no types and is imported on demand
        """Give the four rows: platform, event, question, answer, detail."""
        import pyarrow as pa

        of = {"platform": self.platform, "event": self.event}
        return pa.Table.from_pylist([of | row for row in self.as_dict()["rows"]])


def judge(effects: Iterable[Effect]) -> tuple[Verdict, ...]:
    """Give one verdict for each platform and event, from the effects on `HEADLINE`."""
    groups: dict[tuple[str, str, int], dict[str, Effect]] = {}
    for effect in effects:
        group = groups.setdefault((effect.platform, effect.event, effect.cutoff), {})
        if effect.outcome == HEADLINE:
            group[effect.method] = effect
    p = np.array([joint_p(*_three(group)) for group in groups.values()], np.float64)
    corrected = zip(groups.items(), p.tolist(), holm(p).tolist(), strict=True)
    return Together(_verdict(*key, group, each, by_family) for (key, group), each, by_family in corrected)


def _three(by_method: dict[str, Effect]) -> tuple[Effect | None, Effect | None, Effect | None]:
    return by_method.get("S1"), by_method.get("S2"), by_method.get("control")


def joint_p(incumbents: Effect | None, *others: Effect | None) -> float:
    """Give the p-value of the two halves together: S1's, or the least of the others' if that is greater.

    The others' are one-sided in the direction of S1, times the number of those that could be asked (Bonferroni).

    Args:
        incumbents: S1.
        others: S2 and the control difference, None where they were not asked.
    """
    asked = [other for other in others if other is not None and _trusted(other)]
    if incumbents is None or not _trusted(incumbents) or not asked:
        return nan
    least = min(_toward(other.p, other, incumbents) for other in asked)
    return max(incumbents.p, min(1.0, len(asked) * least))


def _toward(p: float, effect: Effect, reference: Effect) -> float:
    """Turn a two-sided p-value into that of a change in the direction of another effect."""
    return p / 2 if effect.estimate * reference.estimate > 0 else 1 - p / 2


def _trusted(effect: Effect) -> bool:
    return isfinite(effect.p) and not any(status.name in UNDERMINES for status in effect.reasons)


def _verdict(platform: str, event: str, cutoff: int, by_method: dict[str, Effect], p: float, p_holm: float) -> Verdict:
    incumbents, gap, control = _three(by_method)
    towards = incumbents if believed_sign(incumbents) else None
    asked = sum(other is not None and _trusted(other) for other in (gap, control))
    rows = (
        Row("incumbents changed?", *_answer(incumbents, "it was not asked")),
        Row("more than newcomers?", *_answer(gap, "it was not asked", towards, asked)),
        Row("more than on the control?", *_answer(control, "no control platform was named", towards, asked)),
        Row("enough data?", *_enough(incumbents)),
    )
    signs = (believed_sign(incumbents), *(believed_sign(other, towards, asked) for other in (gap, control)))
    concluded = _concluded(signs, p_holm)
    words = f"{platform}, {event} ({month_text(cutoff)}): {_sentence(incumbents, signs, concluded)}."
    found = "" if incumbents is None else concluded
    return Verdict(platform, event, cutoff, rows, words, p, p_holm, found, () if found else _graver(incumbents))


def believed_sign(effect: Effect | None, towards: Effect | None = None, asked: int = 1) -> int | None:
    """Give −1 or 1 for a change that can be believed, 0 for none to be seen, None where it cannot be told.

    Args:
        effect: what a method says.
        towards: an effect in whose direction a one-sided test is enough; None for a two-sided one.
        asked: one-sided tests of which one is enough.
    """
    if effect is None or effect.refused:
        return None
    one_sided = towards is not None and asked * _toward(effect.p_holm, effect, towards) < SIGNIFICANT
    if effect.verdict not in {"lower", "higher"} and not one_sided:
        return None if effect.verdict == "cannot tell" else 0
    if not _trusted(effect):
        return None
    return -1 if effect.estimate < 0 else 1


def conclusion(incumbents: int | None, gap: int | None, control: int | None) -> str:
    """Give the words that the believed signs of S1, S2 and the control difference allow; empty where none do."""
    others = (gap, control)
    if incumbents is None:
        return ""
    if incumbents == 0:
        return NEWCOMERS if gap else CONTROL if control else ORDINARY
    supported = incumbents in others and -incumbents not in others
    return CONSISTENT if supported else PLATFORM_WIDE


def _concluded(signs: Sequence[int | None], p_holm: float) -> str:
    """Give the words that signs allow, and their p-value together."""
    words = conclusion(*signs)
    return PLATFORM_WIDE if words == CONSISTENT and not p_holm < SIGNIFICANT else words


def _sentence(incumbents: Effect | None, signs: Sequence[int | None], words: str) -> str:
    if incumbents is None or not words:
        return f"cannot tell: {_why(incumbents)}"
    if words == ORDINARY:
        size = f"{incumbents.percent_detectable:.0f} %"
        return f"{ORDINARY}; an effect beyond {size} would have been seen four times in five"
    if signs[0] == 0:
        other = "the gap between incumbents and newcomers" if words == NEWCOMERS else "the difference from the control"
        return f"incumbents' change is {ORDINARY}; {other} is there, and {words}"
    return f"{_change(incumbents)}; {words}" + _reservations(incumbents, signs)


def _reservations(incumbents: Effect, signs: Sequence[int | None]) -> str:
    sign = signs[0]
    names = ("newcomers", "the control platform's incumbents")
    not_more = [name for name, other in zip(names, signs[1:], strict=True) if other == 0]
    less = [name for name, other in zip(names, signs[1:], strict=True) if other is not None and sign == -other]
    parts = [f"they changed no more than {name} as far as can be told" for name in not_more]
    parts += [f"{name} changed further" for name in less]
    parts += [status.reason for status in incumbents.reasons if status.weight == "weakens"]
    return f" (but {'; '.join(parts)})" if parts else ""


def _answer(effect: Effect | None, absent: str, towards: Effect | None = None, asked: int = 1) -> tuple[RowAnswer, str]:
    if effect is None:
        return "cannot tell", absent
    sign = believed_sign(effect, towards, asked)
    if sign is None:
        return "cannot tell", _why(effect)
    number = f"{effect.percent:+.1f} % ({effect.percent_low:+.1f} to {effect.percent_high:+.1f}), "
    if towards is None:
        number += f"p = {effect.p_holm:.3f}"
    else:
        p = min(1.0, asked * _toward(effect.p_holm, effect, towards))
        number += f"p = {p:.3f} for more in the incumbents' direction"
    doubts = "".join(f"; {status.reason}" for status in effect.reasons if status.weight == "weakens")
    return ("yes" if sign else "no"), number + doubts


def _enough(incumbents: Effect | None) -> tuple[RowAnswer, str]:
    if incumbents is None:
        return "cannot tell", "the incumbents' change was not asked"
    if incumbents.refused:
        return "no", _why(incumbents)
    seen = f"a fall beyond {incumbents.percent_detectable:.0f} % would have been seen four times in five"
    return ("no" if any(status.name == "small" for status in incumbents.reasons) else "yes"), seen


def _why(effect: Effect | None) -> str:
    """Say why there is no answer and what would be needed, the gravest reasons only."""
    if effect is None:
        return "the incumbents' change was not asked"
    return "; ".join(f"{status.reason} (needed: {status.needed})" for status in _graver(effect))


def _graver(effect: Effect | None) -> tuple[Status, ...]:
    """Give what keeps an effect from an answer: what refuses it, else what undermines it."""
    reasons = () if effect is None else effect.reasons
    return tuple(status for status in reasons if status.weight == "refuses") or tuple(
        status for status in reasons if status.name in UNDERMINES | {"small"}
    )


def _change(effect: Effect) -> str:
    ends = sorted((abs(effect.percent_low), abs(effect.percent_high)))
    than = "less" if effect.estimate < 0 else "more"
    size = f"{abs(effect.percent):.0f} % ({ends[0]:.0f} to {ends[1]:.0f})"
    return f"incumbents uploaded {size} {than} than expected of their tenure (at most {TRIM} a month counted)"
