"""What the methods answer on one panel, in the few numbers that the study counts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, nan

from precipice.effects import Effect, estimate, judge
from precipice.effects.effect import SIGNIFICANT
from precipice.effects.verdict import CONSISTENT, believed_sign
from precipice.panel import Panel
from studies.power.worlds import Setting

CHEAP = ("S1", "S2", "SJ", "S12", "lapse-S1", "lapse-S2")


@dataclass(frozen=True)
class Answer:
    """One method's answer on one panel."""

    method: str
    refused: bool
    """No number was given."""
    p: float = nan
    p_rank: float = nan
    estimate: float = nan
    """In log points (naive readings: relative change)."""
    se: float = nan
    low: float = nan
    high: float = nan
    believed: bool = False
    """The verdict would rest on it: significant, and no guard undermines it."""

    @property
    def rejects(self) -> bool:
        """Says that something happened, at 5 %."""
        return not self.refused and self.p < SIGNIFICANT

    @property
    def rejects_by_rank(self) -> bool:
        """The same by the rank of the event among the placebos."""
        return not self.refused and isfinite(self.p_rank) and self.p_rank < SIGNIFICANT

    def covers(self, value: float) -> bool:
        """Say whether the 95 % interval holds a value."""
        return not self.refused and self.low <= value <= self.high


def ask_ours(setting: Setting, panel: Panel) -> list[Answer]:
    """Ask S1, S2, SJ, S12, the lapse hazards and, with a control platform, the difference."""
    control = panel.platforms[1] if setting.partner is not None else None
    month, here = setting.population.planted.month, panel.platforms[0]
    methods = (*CHEAP, "control") if control else CHEAP
    effects = estimate(panel, month, methods=methods, control=control, frame=setting.frame)
    effects = tuple(effect for effect in effects if effect.platform == here)
    return [*(_answer(effect, _label(effect)) for effect in effects), _verdict(effects)]


def ask_age_period(setting: Setting, panel: Panel) -> list[Answer]:
    """Ask the age + period Poisson regression, which takes as long as all the others together."""
    effects = estimate(
        panel.only(panel.platforms[0]), setting.population.planted.month, methods=["age-period"], frame=setting.frame
    )
    return [_answer(effect, _label(effect)) for effect in effects]


def ask_naively(setting: Setting, panel: Panel) -> list[Answer]:
    """Ask the naive readings of the paper's window: cohorts parted seven months before the event, a year of lead."""
    return _read(setting, panel, "naive", 7, 12)


def ask_naively_for_long(setting: Setting, panel: Panel) -> list[Answer]:
    """Ask them of a longer window: cohorts parted at the event, three years before it."""
    return _read(setting, panel, "naive-long", 0, 36)


def _read(setting: Setting, panel: Panel, prefix: str, earlier: int, lead: int) -> list[Answer]:
    from precipice.effects.naive import read_naively

    month = setting.population.planted.month
    found = read_naively(panel, panel.platforms[0], month - earlier, month, lead=lead)
    return [
        Answer(f"{prefix}: {naive.name}", not isfinite(naive.p), naive.p, estimate=naive.estimate, believed=naive.found)
        for naive in found
    ]


BATTERIES: Mapping[str, Callable[[Setting, Panel], list[Answer]]] = {
    "ours": ask_ours,
    "age-period": ask_age_period,
    "naive": ask_naively,
    "naive-long": ask_naively_for_long,
}
"""What is asked together, by name."""


def _label(effect: Effect) -> str:
    return f"{effect.method}-{effect.outcome}" if effect.outcome in {"counts", "trimmed"} else effect.method


def _answer(effect: Effect, label: str) -> Answer:
    return Answer(
        label, effect.refused, effect.p, effect.p_rank, effect.estimate, effect.se, effect.low, effect.high,
        believed_sign(effect) in {-1, 1},
    )  # fmt: skip


def _verdict(effects: Iterable[Effect]) -> Answer:
    """Count the whole verdict: refused where it cannot tell, rejecting where it speaks of an effect on incumbents."""
    (verdict,) = judge(effects)
    found = CONSISTENT in verdict.sentence
    return Answer("verdict", "cannot tell: " in verdict.sentence, 0.0 if found else 1.0, believed=found)
