"""The one shape of answer: what a method says an event did, and what it cannot say."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import exp, isfinite, nan
from typing import Any, Literal

from precipice.display import Plot, Shown
from precipice.effects.case import Span
from precipice.months import month_text

Answer = Literal["lower", "higher", "not distinguishable", "cannot tell"]

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Status:
    """One thing that limits an answer."""

    name: str
    """`no_placebo`, `edge`, `unknown_tenure`, `selected_frame`, `coincident_shock`, `contaminated_pre`, `overlap`,
    `drift`, `small`, `one_creator`, `not_identified`, `excluded_months`, `short_window` or `several_tests`."""
    weight: Literal["refuses", "weakens", "notes"]
    """`refuses`: no number is given.  `weakens`: the number stands, but the verdict may not rest on it.  `notes`: the
    reader should know."""
    reason: str
    """What there is, in a sentence."""
    needed: str = ""
    """What would be needed to do without it; empty where nothing is to be done."""

    def as_dict(self) -> dict[str, str]:
        """Give the parts by name."""
        return {"status": self.name, "weight": self.weight, "reason": self.reason, "needed": self.needed}


@dataclass(frozen=True)
class Placebo:
    """The same statistic at a month when nothing happened."""

    cutoff: int
    """The month (see `precipice.months`)."""
    estimate: float
    """In log points, as measured: the mean of the placebos is not taken off."""
    se: float
    """Its creator-robust standard error."""


@dataclass(frozen=True)
class Effect(Shown):
    """What one method says one event did on one platform.

    Numbers are in log points (0.10 is 10.5 % more a month) and NaN where a status refuses them.
    """

    plot = Plot("cutoff", "estimate", by="event", kind="points")

    platform: str
    """Name of the platform."""
    event: str
    """Name of the event."""
    cutoff: int
    """The event's month (see `precipice.months`)."""
    method: str
    """A key of `METHODS`: `S1`, `S2`, …"""
    outcome: str
    """`capped`: months with an upload.  `counts`: uploads.  `trimmed`: uploads beyond a creator's first, at most three
    a month.  `lapse`: the hazard of a lapse."""
    estimate: float
    """The effect, less the mean of the placebos where the method has any."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end."""
    p: float
    """Two-sided p-value of no effect."""
    p_rank: float
    """Rank of the event among the placebos, as a p-value; NaN where the method has none."""
    se: float
    """Standard error, the platform's calendar noise included."""
    detectable: float
    """Size that would be seen four times in five."""
    placebo_mean: float
    """Mean of the placebos, μ, taken off the estimate; 0 where the method has none."""
    n_creators: int
    """Creators that enter the number."""
    placebos: tuple[Placebo, ...]
    """The placebo draws, by cutoff; empty where the method brings its own inference."""
    span: Span
    """Look-back and windows."""
    verdict: Answer
    """What the number says on its own, at 5 % after Holm's correction."""
    reasons: tuple[Status, ...]
    """What limits it."""
    compares_with: str
    """What the incumbents are compared with."""
    cannot_say: str
    """What this method cannot tell, however many creators there are."""
    p_holm: float = nan
    """p-value corrected for the tests of the same method asked together, family-wise (Holm)."""
    p_bh: float = nan
    """The same by false-discovery rate (Benjamini and Hochberg)."""

    @property
    def n_placebos(self) -> int:
        """Number of placebo cutoffs."""
        return len(self.placebos)

    @property
    def refused(self) -> bool:
        """True where a status withholds the number."""
        return any(status.weight == "refuses" for status in self.reasons)

    @property
    def percent(self) -> float:
        """The estimate in per cent: 100·(exp − 1)."""
        return _percent(self.estimate)

    @property
    def percent_low(self) -> float:
        """Lower end of the interval in per cent."""
        return _percent(self.low)

    @property
    def percent_high(self) -> float:
        """Upper end of the interval in per cent."""
        return _percent(self.high)

    @property
    def percent_detectable(self) -> float:
        """Smallest fall, in per cent and positive, that would be seen four times in five."""
        return -_percent(-self.detectable)

    def summary(self) -> str:
        """Say it in plain words."""
        opening = f"{self.platform}, {self.event} ({month_text(self.cutoff)}), {self.method} on {self.outcome}"
        if self.refused:
            words = [f"{opening}: cannot tell."]
        else:
            words = [
                f"{opening}: {self.percent:+.1f} % ({self.percent_low:+.1f} to {self.percent_high:+.1f}), "
                f"p = {self.p:.3f}" + (f", rank p = {self.p_rank:.3f}" if isfinite(self.p_rank) else "") + ".",
                f"Compared with {self.compares_with}.",
                f"{self._seen()} would have been seen four times in five.",
            ]
        words += [_sentence(status) for status in self.reasons]
        return " ".join([*words, f"It cannot say {self.cannot_say}."])

    def _seen(self) -> str:
        """Say which size would have been seen, on the side that is feared: fewer uploads, more lapses."""
        if self.outcome == "lapse":
            return f"A rise beyond {_percent(self.detectable):.0f} %"
        return f"A fall beyond {self.percent_detectable:.0f} %"

    def as_dict(self) -> dict[str, Any]:
        """Give the effect as JSON takes it: months as YYYY-MM, None for what was refused."""
        plain = {
            field.name: _json(getattr(self, field.name))
            for field in fields(self)
            if field.name not in {"placebos", "reasons", "span", "cutoff"}
        }
        return plain | {
            "cutoff": month_text(self.cutoff),
            "percent": _json(self.percent),
            "percent_low": _json(self.percent_low),
            "percent_high": _json(self.percent_high),
            "percent_detectable": _json(self.percent_detectable),
            "n_placebos": self.n_placebos,
            "look_back": self.span.look_back,
            "window": self.span.after,
            "placebos": [
                {"cutoff": month_text(b.cutoff), "estimate": _json(b.estimate), "se": _json(b.se)}
                for b in self.placebos
            ],
            "reasons": [status.as_dict() for status in self.reasons],
        }

    def table(self) -> Any:  # noqa: ANN401  a pyarrow.Table; pyarrow has no types and is imported on demand
        """Give placebos and event as rows: cutoff, estimate and se as measured, and which row is the event."""
        import pyarrow as pa

        event = () if self.refused else (Placebo(self.cutoff, self.estimate + self.placebo_mean, self.se),)
        rows = self.placebos + event
        return pa.table(
            {
                "cutoff": pa.array([month_text(row.cutoff) for row in rows], pa.string()),
                "estimate": pa.array([row.estimate for row in rows], pa.float64()),
                "se": pa.array([row.se for row in rows], pa.float64()),
                "event": pa.array([row.cutoff == self.cutoff for row in rows], pa.bool_()),
            }
        )


def table(effects: Iterable[Effect]) -> Any:  # noqa: ANN401  a pyarrow.Table
    """Give one row an effect: the plain columns of `Effect.as_dict`, and the names of the statuses."""
    import pyarrow as pa

    rows = [effect.as_dict() for effect in effects]
    return pa.Table.from_pylist(
        [
            {name: value for name, value in row.items() if name not in {"placebos", "reasons"}}
            | {"statuses": [status["status"] for status in row["reasons"]]}
            for row in rows
        ]
    )


def _sentence(status: Status) -> str:
    needed = f" Needed: {status.needed}." if status.needed else ""
    return f"{status.reason[0].upper()}{status.reason[1:]}.{needed}"


def _percent(log_points: float) -> float:
    return 100 * (exp(log_points) - 1)


def _json(value: Any) -> Any:  # noqa: ANN401  whatever a field holds
    return None if isinstance(value, float) and not isfinite(value) else value
