"""Specification curve: the same question asked with other cutoffs, look-backs, windows and caps.

It shows how far an answer hangs on choices that might have been made otherwise (Simonsohn, Simmons & Nelson 2020).
It is not a menu: the headline is fixed before the curve is seen, and the smallest of so many p-values is no evidence.
Of 120 simulated panels where nothing happened, 5 % had a headline below 5 % and 44 % some specification.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import isfinite, nan
from typing import Any, NamedTuple

import numpy as np

from precipice.display import Plot, Shown
from precipice.effects.asking import METHODS, OUTCOMES, Question, ask_one, refused
from precipice.effects.case import Span, case_of
from precipice.effects.effect import SIGNIFICANT, Effect
from precipice.effects.guards import outside
from precipice.effects.outcomes import TRIM, OutcomeName
from precipice.effects.sample import Sample, sample_of
from precipice.errors import InputError
from precipice.months import month_text
from precipice.panel import Panel

WARNING = (
    "The headline was fixed before the curve was drawn; to pick another specification because of its number makes "
    "its p-value worthless"
)
NUMBERS = ("estimate", "low", "high", "p", "se", "percent", "percent_low", "percent_high")
SLOW = frozenset({"age-period"})
"""Methods that take seconds each time."""


@dataclass(frozen=True)
class Choices:
    """What may be chosen otherwise; every combination is asked, with the headline's own choices among them."""

    shifts: tuple[int, ...] = (-1, 0, 1)
    """Months by which the cutoff lies after the event; placebos and curve never look past the earlier of the two."""
    look_backs: tuple[int, ...] = (24, 36, 60)
    """Months of entry that make an incumbent."""
    windows: tuple[int, ...] = (6, 9, 12)
    """Months compared before the cutoff and from it on."""
    caps: tuple[int | None, ...] = (1, TRIM, None)
    """Most uploads counted a month and creator, None for all; at the headline's own the month of entry counts too."""


@dataclass(frozen=True)
class Specification:
    """One combination of choices and what the method says under it."""

    shift: int
    """Months by which the cutoff lies after the event."""
    look_back: int
    """Months of entry that make an incumbent."""
    window: int
    """Months compared before the cutoff and from it on."""
    cap: int | None
    """Most uploads counted a month and creator; None for all."""
    effect: Effect
    """The answer; its p is not corrected for the others'."""

    @property
    def sign(self) -> int:
        """−1 or 1 where the 95 % interval excludes none, else 0."""
        if self.effect.refused or not self.effect.p < SIGNIFICANT:
            return 0
        return 1 if self.effect.estimate > 0 else -1


@dataclass(frozen=True)
class Specifications(Shown):
    """One method's answers about one event on one platform under every combination of choices."""

    plot = Plot("percent", "look_back", by="headline", kind="points")

    platform: str
    """Name of the platform."""
    event: str
    """Name of the event."""
    month: int
    """Its month (see `precipice.months`)."""
    method: str
    """A key of `METHODS`."""
    headline: Specification
    """The one that was fixed beforehand."""
    all: tuple[Specification, ...]
    """Every combination, the headline among them; those refused have no number."""

    @property
    def told(self) -> tuple[Specification, ...]:
        """Those with a number, the lowest estimate first."""
        return tuple(sorted((s for s in self.all if not s.effect.refused), key=lambda s: s.effect.estimate))

    def agreement(self) -> tuple[float, float, float]:
        """Give shares of those with a number: of the headline's sign, clearly lower, clearly higher (5 %, each alone).

        NaN where the headline, or everything, was refused.
        """
        told = self.told
        if not told or self.headline.effect.refused:
            return nan, nan, nan
        same = [np.sign(s.effect.estimate) == np.sign(self.headline.effect.estimate) for s in told]
        lower, higher = (float(np.mean([s.sign == sign for s in told])) for sign in (-1, 1))
        return float(np.mean(same)), lower, higher

    def summary(self) -> str:
        """Say it in plain words, with the warning against picking."""
        told, refusals = self.told, len(self.all) - len(self.told)
        opening = f"{self.platform}, {self.event} ({month_text(self.month)}), {self.method} in {len(self.all)} ways"
        if not told:
            return f"{opening}: cannot tell in any of them."
        ends = " to ".join(f"{s.effect.percent:+.1f} %" for s in (told[0], told[-1]))
        middle = 100 * np.expm1(np.median([s.effect.estimate for s in told]))
        words = [f"{opening}: {len(told)} give a number, from {ends}, median {middle:+.1f} %."]
        if refusals:
            words.append(f"{refusals} cannot tell.")
        same, lower, higher = self.agreement()
        if isfinite(same):
            words.append(
                f"Headline {self.headline.effect.percent:+.1f} %: {100 * same:.0f} % have its sign; {100 * lower:.0f} "
                f"% are clearly lower than none and {100 * higher:.0f} % clearly higher, each at 5 % on its own."
            )
        return " ".join([*words, f"{WARNING}."])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give a plain row for each combination, None for what was refused."""
        for one in self.all:
            numbers = {name: _plain(getattr(one.effect, name)) for name in NUMBERS}
            yield {
                "cutoff": month_text(self.month + one.shift), "shift": one.shift, "look_back": one.look_back,
                "window": one.window, "cap": one.cap, **numbers, "n_creators": one.effect.n_creators,
                "n_placebos": one.effect.n_placebos, "headline": one is self.headline,
                "statuses": [status.name for status in one.effect.reasons],
            }  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Give the parts by name, as JSON takes them."""
        shares = dict(zip(("same_sign", "clearly_lower", "clearly_higher"), map(_plain, self.agreement()), strict=True))
        return {"platform": self.platform, "event": self.event, "cutoff": month_text(self.month),
                "method": self.method, **shares, "warning": WARNING, "specifications": list(self.rows())}  # fmt: skip

    def table(self) -> Any:  # noqa: ANN401  a pyarrow.Table; pyarrow has no types and is imported on demand
        """Give one row a combination: cutoff, choices, estimate with its interval and p, whether it is the headline."""
        import pyarrow as pa

        kinds = {"cap": pa.int64(), **dict.fromkeys(NUMBERS, pa.float64())}
        whole = pa.Table.from_pylist(list(self.rows()))
        for name, kind in kinds.items():
            index = whole.schema.get_field_index(name)
            whole = whole.set_column(index, name, whole.column(name).cast(kind))
        return whole


class _Choice(NamedTuple):
    """One combination, as in `Specification`."""

    shift: int
    look_back: int
    window: int
    cap: int | None


@dataclass(frozen=True, eq=False)
class _Asked:
    """What stays the same under every combination."""

    sample: Sample
    question: Question
    method: str


def specify(
    panel: Panel, platform: str, question: Question, *, method: str = "S1", choices: Choices | None = None
) -> Specifications:
    """Ask one method about one event on one platform under every combination of choices.

    Args:
        panel: uploads by creator and month.
        platform: one of its platforms.
        question: the event, and the headline's windows; its cutoff is the event's month and its outcome `trimmed`.
        method: a key of `METHODS` that reads uploads and needs no control platform.
        choices: what may be chosen otherwise; None for the defaults.

    Raises:
        InputError: there is no such platform, or the method cannot be asked so.
    """
    _check(method)
    choices = choices or Choices()
    asked = _Asked(sample_of(panel, platform), question, method)
    own = _Choice(0, question.span.look_back, question.span.before, TRIM)
    combinations = [
        _Choice(*chosen)
        for chosen in product(
            dict.fromkeys((*choices.shifts, own.shift)),
            dict.fromkeys((*choices.look_backs, own.look_back)),
            dict.fromkeys((*choices.windows, own.window)),
            dict.fromkeys((*choices.caps, own.cap)),
        )
    ]
    possible = [chosen for chosen in combinations if chosen.look_back >= chosen.window]
    # The widest first: what is worked out for it serves the others.
    widest = sorted(possible, key=lambda chosen: (chosen.look_back + chosen.window, chosen.shift), reverse=True)
    answers = {chosen: _answer(asked, chosen) for chosen in widest}
    found = tuple(Specification(*chosen, answers[chosen]) for chosen in possible)
    return Specifications(platform, question.event, question.month, method, found[possible.index(own)], found)


def _answer(asked: _Asked, chosen: _Choice) -> Effect:
    sample, original, cap = asked.sample, asked.question, chosen.cap
    span = Span(chosen.look_back, chosen.window, chosen.window)
    question = replace(original, month=original.month + chosen.shift, span=span)
    named: dict[int | None, OutcomeName] = {1: "capped", TRIM: "trimmed"}
    outcome = named.get(cap, "counts")
    quiet = min(question.month, original.month) - sample.start
    if not sample.washed < quiet or not question.month - sample.start < sample.n_months:
        return refused(sample.platform, question, [asked.method], outside(sample, question.month, question.span))[0]
    if cap not in (1, TRIM, None):
        sample = replace(sample, panel=replace(sample.panel, count=np.minimum(sample.panel.count, cap)))
    case = case_of(sample, question.month, question.span, outcomes=(outcome,), excluded=question.excluded, quiet=quiet)
    return ask_one(case, question, asked.method, outcome)


def _check(method: str) -> None:
    able = [name for name in METHODS if "trimmed" in OUTCOMES[name] and name not in SLOW | {"control"}]
    if method not in able:
        raise InputError(
            f"the method '{method}' has no specification curve",
            why="it does not read uploads, needs a control platform, takes too long, or there is none of that name",
            fix=f"one of {', '.join(able)}",
        )


def _plain(value: float) -> float | None:
    return value if isfinite(value) else None
