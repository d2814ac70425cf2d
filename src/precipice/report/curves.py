"""Curves with bands over months or whole numbers: shares, adoption, fans and runways in one manner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from precipice.months import month_start
from precipice.report.lettering import spread, text_width
from precipice.report.look import INK, MUTED, Layout, Stroke
from precipice.report.plot import STEPS, milliseconds
from precipice.report.quick import inline

if TYPE_CHECKING:
    import altair as alt

Float = npt.NDArray[np.float64]
Numbers = npt.NDArray[Any]

MOST_TICKS = 7
NEUTRAL = Stroke(INK, INK, width=1.1)


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve with its band."""

    label: str
    """Written at its end."""
    stroke: Stroke
    at: Numbers
    """Months (see `precipice.months`) or whole numbers, rising, shape (n,)."""
    value: Float
    """Not a number where none is given, shape (n,)."""
    low: Float | None = None
    """Lower end of the band, shape (n,); None for no band."""
    high: Float | None = None
    """Upper end."""


@dataclass(frozen=True)
class Frame:
    """What the curves are drawn in."""

    months: bool = True
    """Whether the axis across counts months."""
    percent: bool = False
    """Whether values are shares."""
    across: str | None = None
    """Title of the axis across."""
    mark: float | None = None
    """Where a dotted rule stands: the first month to come, month 0."""
    events: tuple[int, ...] = ()
    """Months at which further rules stand."""
    step: bool = False
    """Whether curves are steps."""
    floor: float | None = 0.0
    """Least value that the axis shows; None for what the curves need."""
    top: float | None = None
    """Most that it shows; None for what the curves need."""


def beside_curves(layout: Layout, curves: Sequence[Curve], frame: Frame) -> float:
    """Give about the pixels that numbers and labels take beside a plot."""
    return _room(layout, curves, frame) + max(text_width(curve.label, layout.letters) for curve in curves) + 8


def draw_curves(layout: Layout, width: float, curves: Sequence[Curve], frame: Frame) -> "tuple[alt.LayerChart, float]":
    """Draw curves over their bands, each with its label at its end."""
    import altair as alt

    room = _room(layout, curves, frame)
    bottom, top = _limits(curves, frame)
    across = _across(curves, frame)
    up, down = (_up(name, frame, room, (bottom, top)) for name in ("value", "low"))
    layers: list[Any] = _rule(frame, across)
    for index, curve in enumerate(curves):
        rows = _rows(curve, frame, index)
        if not rows:
            continue
        chart = alt.Chart(inline(rows))
        if curve.low is not None:
            band = chart.mark_area(opacity=0.16, clip=True, color=curve.stroke.colour, interpolate=_interpolate(frame))
            layers.append(band.encode(x=across, y=down, y2=alt.Y2("high:Q"), detail=alt.Detail("run:N")))
        line = chart.mark_line(
            strokeWidth=curve.stroke.width, strokeDash=list(curve.stroke.dash), clip=True, color=curve.stroke.colour,
            interpolate=_interpolate(frame),
        )  # fmt: skip
        layers.append(line.encode(x=across, y=up, detail=alt.Detail("run:N")))
    layers += _labels(layout, curves, frame, (bottom, top))
    return alt.LayerChart(layer=layers, width=width, height=layout.height), room


def _interpolate(frame: Frame) -> Literal["step-after", "linear"]:
    return "step-after" if frame.step else "linear"


def _rows(curve: Curve, frame: Frame, index: int) -> list[dict[str, Any]]:
    """Give a row for each number; those next to each other share a run, so that gaps stay gaps."""
    known = np.flatnonzero(np.isfinite(curve.value))
    runs = np.cumsum(np.diff(known, prepend=-1) != 1) if len(known) else known
    rows = []
    for i, run in zip(known.tolist(), runs.tolist(), strict=True):
        row = {"at": _at(curve.at[i], frame), "value": float(curve.value[i]), "run": f"{index}.{run}"}
        if curve.low is not None and curve.high is not None:
            row |= {"low": float(curve.low[i]), "high": float(curve.high[i])}
        rows.append(row)
    return rows


def _at(value: float, frame: Frame) -> Any:  # noqa: ANN401  a day or a number
    return f"{month_start(int(value)):%Y-%m-%d}" if frame.months else float(value)


def _limits(curves: Sequence[Curve], frame: Frame) -> tuple[float, float]:
    ends = [curve.value for curve in curves] + [e for c in curves for e in (c.low, c.high) if e is not None]
    values = np.concatenate(ends)
    known = values[np.isfinite(values)]
    top = float(known.max()) if len(known) else 1.0
    bottom = float(known.min()) if len(known) and frame.floor is None else frame.floor or 0.0
    return bottom, frame.top if frame.top is not None else bottom + 1.05 * max(top - bottom, 1e-3)


def _number(value: float, frame: Frame) -> str:
    return f"{100 * value:.0f} %" if frame.percent else f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}"


def _room(layout: Layout, curves: Sequence[Curve], frame: Frame) -> float:
    return max(text_width(_number(value, frame), layout.letters) for value in _limits(curves, frame)) + 8


def _across(curves: Sequence[Curve], frame: Frame) -> "alt.X":
    import altair as alt

    if frame.months:
        axis = alt.Axis(
            title=frame.across, grid=False, labelFlush=False, values=_ticks(curves),
            labelExpr="utcmonth(datum.value) == 0 ? utcFormat(datum.value, '%Y') : utcFormat(datum.value, '%b')",
        )  # fmt: skip
        return alt.X("at:T", axis=axis, scale=alt.Scale(type="utc", nice=False))
    low, high = min(float(curve.at[0]) for curve in curves), max(float(curve.at[-1]) for curve in curves)
    axis = alt.Axis(title=frame.across, grid=False, tickCount=7)
    return alt.X("at:Q", axis=axis, scale=alt.Scale(domain=[low, high], nice=False))


def _ticks(curves: Sequence[Curve]) -> list[float]:
    """Give the moments of at most seven ticks, whole years where there are enough of them."""
    first, last = (int(pick(float(curve.at[end]) for curve in curves)) for pick, end in ((min, 0), (max, -1)))
    step = next((step for step in STEPS if (last - first) / step <= MOST_TICKS), STEPS[-1])
    return [milliseconds(month_start(month)) for month in range(step * -(-first // step), last + 1, step)]


def _up(name: str, frame: Frame, room: float, limits: tuple[float, float]) -> "alt.Y":
    import altair as alt

    written = "format(datum.value, '.0%')" if frame.percent else "format(datum.value, ',~r')"
    axis = alt.Axis(title=None, labelExpr=written, tickCount=5, domain=False, ticks=False,
                    labelPadding=3, minExtent=room, maxExtent=room)  # fmt: skip
    return alt.Y(f"{name}:Q", axis=axis, scale=alt.Scale(domain=list(limits), nice=False, clamp=True))


def _rule(frame: Frame, across: "alt.X") -> "list[alt.Chart]":
    import altair as alt

    marks = [*([] if frame.mark is None else [frame.mark]), *frame.events]
    if not marks:
        return []
    chart = alt.Chart(inline([{"at": _at(mark, frame)} for mark in marks]))
    return [chart.mark_rule(strokeDash=[1, 2], stroke=MUTED, strokeWidth=0.9).encode(x=across)]


def _labels(layout: Layout, curves: Sequence[Curve], frame: Frame, limits: tuple[float, float]) -> "list[alt.Chart]":
    """Write each curve's label to the right of the plot, level with its end; labels that would touch move apart."""
    import altair as alt

    told = [(curve, np.flatnonzero(np.isfinite(curve.value))) for curve in curves]
    ends = [(curve, float(curve.value[known[-1]])) for curve, known in told if len(known)]
    bottom, top = limits
    heights = [layout.height * (1 - (min(max(end, bottom), top) - bottom) / (top - bottom)) for _, end in ends]
    size = layout.letters
    places = spread(heights, 1.1 * size, (0.5 * size, layout.height - 0.4 * size))
    last = max((float(curve.at[-1]) for curve, _ in ends), default=0.0)
    drawn = []
    for (curve, _), y in zip(ends, places, strict=True):
        row = {"at": _at(last, frame), "label": curve.label, "y": round(y, 2)}
        mark = alt.Chart(inline([row])).mark_text(align="left", baseline="middle", dx=4, color=curve.stroke.text)
        across = alt.X("at:T" if frame.months else "at:Q")
        drawn.append(mark.encode(x=across, y=alt.Y("y:Q", scale=None), text=alt.Text("label:N")))
    return drawn
