"""Rows of dots with their limits: one number a row, names to the left, colours by cohort."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING, Any

from precipice.report.lettering import text_width
from precipice.report.look import COHORTS, INK, Layout
from precipice.report.quick import inline

if TYPE_CHECKING:
    import altair as alt

ROW = 2.0
"""Height of a row, in sizes of type."""
AIR = 8.0
"""Pixels between names and plot."""


@dataclass(frozen=True)
class Dot:
    """One row."""

    name: str
    cohort: str
    """`senior` and `junior` have their colours, others are black."""
    value: float
    low: float
    high: float


def colour_of(cohort: str) -> str:
    """Give a cohort's colour."""
    return COHORTS[cohort].colour if cohort in COHORTS else INK


def names_room(layout: Layout, dots: Sequence[Dot]) -> float:
    """Give the pixels that names take to the left."""
    return max(text_width(dot.name, layout.letters) for dot in dots) + AIR


def draw_dots(
    layout: Layout, width: float, dots: Sequence[Dot], *, title: str, label: str, floor_: float | None = None,
    named: bool = True,
) -> "alt.LayerChart":  # fmt: skip
    """Draw rows of dots.

    Args:
        layout, width: of the plot.
        dots: the rows, from the top.
        title: of the axis.
        label: how ticks are written, an expression of Vega (`datum.value` is the number).
        floor_: where the axis begins; None for about where the numbers do.
        named: whether names stand to the left.
    """
    import altair as alt

    ends = [end for dot in dots for end in (dot.value, dot.low, dot.high) if isfinite(end)]
    ticks = nice(min(ends) if floor_ is None else floor_, max(ends))
    room = names_room(layout, dots) if named else 0.0
    rows = [_row(index, dot) for index, dot in enumerate(dots)]
    order = [row["row"] for row in rows]
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False, zero=False)
    labelled = alt.Axis(title=title, values=ticks, labelExpr=label)
    across = alt.X("value:Q", scale=scale, axis=labelled)
    names: Mapping[str, str] = {row["row"]: dot.name for row, dot in zip(rows, dots, strict=True)}
    axis = alt.Axis(title=None, domain=False, ticks=False, minExtent=room, maxExtent=room, labelLimit=room,
                    labelExpr=f"({_lookup(names)})[datum.value]", labels=named)  # fmt: skip
    down = alt.Y("row:N", sort=order, axis=axis)
    base = alt.Chart(inline(rows))
    colour = alt.Color("colour:N", scale=None)
    bars = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=1.6).encode(
        x=alt.X("low:Q", scale=scale, axis=labelled), x2=alt.X2("high:Q"), y=down, color=colour
    )  # fmt: skip
    points = base.mark_circle(size=46, opacity=1).encode(x=across, y=down, color=colour)
    height = round(ROW * layout.letters * len(dots), 1)
    return alt.LayerChart(layer=[bars, points], width=max(40.0, width), height=height)


def _row(index: int, dot: Dot) -> dict[str, Any]:
    limits = {"low": dot.low, "high": dot.high} if isfinite(dot.low) and isfinite(dot.high) else {}
    return {"row": f"{index:03d}", "value": dot.value, "colour": colour_of(dot.cohort), **limits}


def _lookup(names: Mapping[str, str]) -> str:
    import json

    return json.dumps(dict(names), ensure_ascii=False)


def nice(low: float, high: float) -> list[float]:
    """Give about five round ticks that hold two numbers."""
    reach = high - low or abs(high) or 1.0
    power = 10.0 ** floor(log10(reach / 4))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= reach / 4)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(step * k, 12) for k in range(first, max(last, first + 1) + 1)]
