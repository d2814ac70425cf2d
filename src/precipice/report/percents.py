"""Changes in per cent, as figures of effects write them and lay them out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from precipice.effects import Effect
from precipice.report.lettering import text_width
from precipice.report.look import MUTED, Layout
from precipice.report.quick import inline
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt

LABELS = "datum.value == 0 ? '0 %' : format(datum.value, '+,.0f') + ' %'"
"""How an axis writes a change."""


def percent(log_points: float) -> float:
    """Turn log points into per cent: 100·(exp − 1)."""
    return float(100 * np.expm1(log_points))


def signed(value: float) -> str:
    """Write a change in per cent, which no line break parts: `−13 %`."""
    rounded = f"{value:+,.0f}".replace("-", "−")
    return "0\u00a0%" if rounded in ("+0", "−0") else f"{rounded}\u00a0%"


def with_interval(effect: Effect) -> str:
    """Write an effect with its 95 % interval."""
    ends = f"{signed(effect.percent_low)} to {signed(effect.percent_high)}"
    return f"{signed(effect.percent)} ({ends})"


def event_label(findings: Findings, name: str) -> str:
    """Give an event's label as figures show it."""
    labels = {event.name: event.label for event in findings.events}
    return labels.get(name, name)


def limits(values: Sequence[float], least: float = 5.0) -> tuple[float, float]:
    """Give the ends of an axis that holds all values, nought and `least` per cent either way."""
    known = [value for value in values if np.isfinite(value)]
    return min([*known, -least]), max([*known, least])


def ticks_across(ends: tuple[float, float], width: float, layout: Layout) -> list[int]:
    """Give the changes with a tick on a level axis: nought among them, as many as there is room to write."""
    room = 1.7 * max(text_width(signed(end), layout.letters) for end in ends)
    least = room * (ends[1] - ends[0]) / width
    steps = [step for step in (5, 10, 20, 25, 50, 100, 200) if step <= min(-ends[0], ends[1])] or [5]
    # Where there is no room for three, they stand: nought alone says nothing of how far.
    step = next((step for step in steps if step >= least), steps[-1])
    return list(range(step * int(np.ceil(ends[0] / step)), int(ends[1]) + 1, step))


def room_for(ends: tuple[float, float], layout: Layout) -> float:
    """Give the pixels that the labels of such an axis take."""
    return max(text_width(signed(round(end, -1)), layout.letters) for end in ends) + 12


def percent_axis(ends: tuple[float, float], room: float, layout: Layout, *, height: float) -> "alt.Y":
    """Give the upright axis of changes, its labels in a column of `room` pixels."""
    import altair as alt

    ticks = max(3, round(height / (3.2 * layout.letters)))
    axis = alt.Axis(title=None, labelExpr=LABELS, tickCount=ticks, minExtent=room, maxExtent=room, domain=False,
                    ticks=False, labelPadding=3)  # fmt: skip
    return alt.Y("percent:Q", axis=axis, scale=alt.Scale(domain=list(ends), nice=True))


def none_rule() -> "alt.Chart":
    """Draw the line of no change across the plot."""
    import altair as alt

    rule = alt.Chart(inline([{"percent": 0}])).mark_rule(stroke=MUTED, strokeWidth=0.8)
    drawn: alt.Chart = rule.encode(y=alt.Y("percent:Q"))
    return drawn
