"""The verdict: four rows and one plain sentence, generated, never stronger than the rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from precipice.effects.effect import Effect, Status
from precipice.months import month_text

RowAnswer = Literal["yes", "no", "cannot tell"]

UNDERMINES = frozenset({"drift", "one_creator"})
"""Statuses for which a change cannot be believed; the other weakening ones leave it open whose change it is."""

CONSISTENT = "consistent with an effect on incumbents"
PLATFORM_WIDE = "a platform-wide change cannot be excluded"
NEWCOMERS = "could be newcomers or selection"
CONTROL = "could be a change of the control platform"
ORDINARY = "not distinguishable from ordinary attrition"


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
class Verdict:
    """What all methods together say of one event on one platform."""

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

    def summary(self) -> str:
        """Give the sentence and the rows, a line each."""
        lines = [f"{row.question} {row.answer}: {row.detail}" for row in self.rows]
        return "\n".join([self.sentence, *lines])

    def as_dict(self) -> dict[str, Any]:
        """Give the parts by name, as JSON takes them."""
        rows = [{"question": row.question, "answer": row.answer, "detail": row.detail} for row in self.rows]
        plain = {"platform": self.platform, "event": self.event, "cutoff": month_text(self.cutoff)}
        return {**plain, "sentence": self.sentence, "rows": rows}

    def table(self) -> Any:  # noqa: ANN401  a pyarrow.Table; pyarrow has no types and is imported on demand
        """Give the four rows: question, answer, detail."""
        import pyarrow as pa

        return pa.Table.from_pylist(self.as_dict()["rows"])


def judge(effects: Iterable[Effect]) -> tuple[Verdict, ...]:
    """Give one verdict for each platform and event, from the effects on months with an upload."""
    groups: dict[tuple[str, str, int], dict[str, Effect]] = {}
    for effect in effects:
        group = groups.setdefault((effect.platform, effect.event, effect.cutoff), {})
        if effect.outcome == "capped":
            group[effect.method] = effect
    return tuple(_verdict(*key, group) for key, group in groups.items())


def _verdict(platform: str, event: str, cutoff: int, by_method: dict[str, Effect]) -> Verdict:
    incumbents, gap, control = (by_method.get(name) for name in ("S1", "S2", "control"))
    rows = (
        Row("incumbents changed?", *_answer(incumbents, "it was not asked")),
        Row("more than newcomers?", *_answer(gap, "it was not asked")),
        Row("more than on the control?", *_answer(control, "no control platform was named")),
        Row("enough data?", *_enough(incumbents)),
    )
    signs = tuple(believed_sign(effect) for effect in (incumbents, gap, control))
    words = _sentence(incumbents, signs)
    return Verdict(platform, event, cutoff, rows, f"{platform}, {event} ({month_text(cutoff)}): {words}.")


def believed_sign(effect: Effect | None) -> int | None:
    """Give −1 or 1 for a change that can be believed, 0 for none to be seen, None where it cannot be told."""
    if effect is None or effect.verdict == "cannot tell":
        return None
    if effect.verdict == "not distinguishable":
        return 0
    if any(status.name in UNDERMINES for status in effect.reasons):
        return None
    return -1 if effect.verdict == "lower" else 1


def conclusion(incumbents: int | None, gap: int | None, control: int | None) -> str:
    """Give the words that the believed signs of S1, S2 and the control difference allow; empty where none do."""
    others = (gap, control)
    if incumbents is None:
        return ""
    if incumbents == 0:
        return NEWCOMERS if gap else CONTROL if control else ORDINARY
    supported = incumbents in others and -incumbents not in others
    return CONSISTENT if supported else PLATFORM_WIDE


def _sentence(incumbents: Effect | None, signs: Sequence[int | None]) -> str:
    words = conclusion(*signs)
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


def _answer(effect: Effect | None, absent: str) -> tuple[RowAnswer, str]:
    if effect is None:
        return "cannot tell", absent
    sign = believed_sign(effect)
    if sign is None:
        return "cannot tell", _why(effect)
    number = (
        f"{effect.percent:+.1f} % ({effect.percent_low:+.1f} to {effect.percent_high:+.1f}), p = {effect.p_holm:.3f}"
    )
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
    graver: tuple[Status, ...] = tuple(status for status in effect.reasons if status.weight == "refuses") or tuple(
        status for status in effect.reasons if status.name in UNDERMINES | {"small"}
    )
    return "; ".join(f"{status.reason} (needed: {status.needed})" for status in graver)


def _change(effect: Effect) -> str:
    ends = sorted((abs(effect.percent_low), abs(effect.percent_high)))
    verb = "fell" if effect.estimate < 0 else "rose"
    return f"incumbents' months with an upload {verb} by {abs(effect.percent):.0f} % ({ends[0]:.0f} to {ends[1]:.0f})"
