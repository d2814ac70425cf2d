"""Regimes of a loop beside each other: curves by generation, theory dashed, human against human dotted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.loops import Trace
from precipice.report.figure import SPACING, Figure
from precipice.report.lettering import text_width
from precipice.report.look import INK, MUTED, PAPER, Layout
from precipice.report.loop_charts import nice_ticks
from precipice.report.quick import inline

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

COLOURS: Mapping[str, str] = {
    "synthetic": "#D55E00", "augment": "#B35A90", "fresh": "#0072B2", "accumulate": "#00866A", "real": INK,
}  # fmt: skip
SHAPES: Mapping[str, str] = {
    "synthetic": "circle", "augment": "square", "fresh": "triangle-up", "accumulate": "diamond", "real": "cross",
}  # fmt: skip
"""Never told apart by colour alone."""
ROOM = 36.0
"""Pixels that numbers take to the left of a plot."""
MARK = 16.0
"""Area of a point, square pixels."""


@dataclass(frozen=True, eq=False)
class Panel:
    """One plot: a measure of every regime."""

    title: str
    metric: str
    traces: Mapping[str, Trace]


def regime_curves(
    panels: Sequence[Panel], known: int, *, stem: str, title: str, subtitle: str, notes: tuple[str, ...]
) -> Figure:
    """Draw measures of several regimes by generation.

    Args:
        panels: the plots.
        known: generations after the first that are counted; a dotted rule stands behind the last of them.
        stem: name of its files.
        title: what is drawn.
        subtitle: on what supply.
        notes: how to read it.
    """
    rows = [row for panel in panels for row in panel_rows(panel)]
    ends = "; ".join(f"{panel.title}: {_ends(panel)}" for panel in panels)
    return Figure(
        stem=stem, title=title, subtitle=subtitle, notes=notes, truth=None,
        description=f"{title}. From generation 0 to the last, {ends}.",
        body=partial(_body, list(panels), known),
        numbers=lambda: _table(rows),
        columns=lambda layout: _columns(panels, layout),
        beside=lambda layout: ROOM + 4,
    )  # fmt: skip


def panel_rows(panel: Panel) -> list[dict[str, Any]]:
    """Give a row for each regime and generation: mean, where single replicates lie, theory, floor."""
    rows = []
    for regime, trace in panel.traces.items():
        k = trace.metrics.index(panel.metric)
        (low, high), mean = trace.spread(), trace.mean
        for t in range(trace.generations + 1):
            rows.append({
                "measure": panel.title, "regime": regime, "generation": t, "mean": _plain(mean[k, t]),
                "low": _plain(low[k, t]), "high": _plain(high[k, t]), "theory": _plain(trace.theory[k, t]),
                "floor": _plain(trace.floor[k]), "replicates": trace.replicates,
            })  # fmt: skip
    return rows


def _columns(panels: Sequence[Panel], layout: Layout) -> int:
    return 2 if len(panels) == 4 else min(layout.columns, len(panels))


def _ends(panel: Panel) -> str:
    told = []
    for regime, trace in panel.traces.items():
        mean = trace.of(panel.metric).mean(axis=1)
        told.append(f"{regime} {mean[0]:.3g} to {mean[-1]:.3g}")
    return ", ".join(told)


def _body(panels: Sequence[Panel], known: int, layout: Layout, width: float) -> "tuple[alt.VConcatChart, float]":
    import altair as alt

    plots = [_plot(panel, known, layout, width) for panel in panels]
    columns = _columns(panels, layout)
    grid = alt.concat(*plots, columns=columns, spacing=SPACING).resolve_scale(
        x="independent", y="independent", color="independent", shape="independent"
    )
    across = columns * width + (columns - 1) * (SPACING + ROOM)
    return alt.vconcat(_key(tuple(panels[0].traces), layout, across), grid, spacing=8).resolve_scale(
        color="independent", shape="independent"
    ), ROOM


def _key(regimes: Sequence[str], layout: Layout, width: float) -> "alt.LayerChart":
    """Name the lines above the plots, in as many rows as it takes."""
    import altair as alt

    piece, rows, x, y = 20.0, [], 0.0, 0.0
    for name in regimes:
        room = piece + text_width(name, layout.letters) + 18
        if x and x + room > width:
            x, y = 0.0, y + 1.5 * layout.letters
        rows.append({"regime": name, "x": x, "end": x + piece, "middle": x + piece / 2, "y": y + 0.7 * layout.letters,
                     "text": x + piece + 5})  # fmt: skip
        x += room
    base = alt.Chart(inline(rows))
    down = alt.Y("y:Q", scale=None, axis=None)

    def at(name: str) -> "alt.X":
        return alt.X(f"{name}:Q", scale=None, axis=None)

    layers = [
        base.mark_rule(strokeWidth=1.6).encode(x=at("x"), x2=alt.X2("end:Q"), y=down, color=_colour(regimes)),
        base.mark_point(filled=True, size=2 * MARK, opacity=1).encode(
            x=at("middle"), y=down, color=_colour(regimes), shape=_shape(regimes)
        ),
        base.mark_text(align="left", baseline="middle", color=INK).encode(
            x=at("text"), y=down, text=alt.Text("regime:N")
        ),
    ]
    return alt.LayerChart(layer=layers, width=width, height=y + 1.4 * layout.letters)


def _colour(regimes: Sequence[str]) -> "alt.Color":
    import altair as alt

    return alt.Color(
        "regime:N", legend=None, scale=alt.Scale(domain=list(regimes), range=[COLOURS[name] for name in regimes])
    )


def _shape(regimes: Sequence[str]) -> "alt.Shape":
    import altair as alt

    return alt.Shape(
        "regime:N", legend=None, scale=alt.Scale(domain=list(regimes), range=[SHAPES[name] for name in regimes])
    )


def _plot(panel: Panel, known: int, layout: Layout, width: float) -> "alt.LayerChart":
    import altair as alt

    rows = [{name: value for name, value in row.items() if value is not None} for row in panel_rows(panel)]
    regimes = tuple(panel.traces)
    last = max(row["generation"] for row in rows)
    base = alt.Chart(inline(rows))
    ticks = alt.Axis(title=None, grid=False, tickCount=min(last, 5), format="d", tickMinStep=1, labelFlush=False)
    x = alt.X("generation:Q", axis=ticks, scale=alt.Scale(domain=[0, last], nice=False))
    ends = nice_ticks([row[n] for row in rows for n in ("low", "high", "mean", "theory", "floor") if n in row])
    axis = alt.Axis(title=None, values=ends, domain=False, ticks=False, labelExpr="format(datum.value, '~g')",
                    minExtent=ROOM, maxExtent=ROOM)  # fmt: skip
    scale = alt.Scale(domain=[ends[0], ends[-1]], nice=False, clamp=True)

    def up(name: str) -> "alt.Y":
        return alt.Y(f"{name}:Q", axis=axis, scale=scale)

    layers: list[Any] = []
    if 0 < known < last:
        mark = alt.Chart(inline([{"generation": known}]))
        layers.append(mark.mark_rule(strokeDash=[1, 2], stroke=MUTED, strokeWidth=0.9).encode(x=x))
    if any(row["replicates"] > 1 for row in rows):
        band = base.mark_area(opacity=0.13)
        layers.append(band.encode(x=x, y=up("low"), y2=alt.Y2("high:Q"), color=_colour(regimes)))
    floors = [row for row in rows if "floor" in row]
    if floors:
        floor = alt.Chart(inline([{"floor": float(np.mean([row["floor"] for row in floors]))}]))
        layers.append(floor.mark_rule(strokeDash=[1, 2], stroke=MUTED, strokeWidth=1.3).encode(y=up("floor")))
    layers.append(base.mark_line(strokeWidth=1.5).encode(x=x, y=up("mean"), color=_colour(regimes)))
    points = base.mark_point(filled=True, size=MARK, opacity=1, stroke=PAPER, strokeWidth=0.4)
    layers.append(points.encode(x=x, y=up("mean"), color=_colour(regimes), shape=_shape(regimes)))
    if any("theory" in row for row in rows):
        dashes = base.transform_filter("isValid(datum.theory)").mark_line(strokeDash=[2, 3], strokeWidth=1.2, color=INK)
        layers.append(dashes.encode(x=x, y=up("theory"), detail=alt.Detail("regime:N")))
    title = alt.TitleParams(panel.title, fontSize=layout.letters, color=INK, frame="group", offset=3)
    return alt.LayerChart(layer=layers, width=width, height=1.5 * layout.panel_height, title=title)


def _plain(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _table(rows: Sequence[Mapping[str, Any]]) -> "pa.Table":
    import pyarrow as pa

    kinds = {"measure": pa.string(), "regime": pa.string(), "generation": pa.int64(), "replicates": pa.int64()}
    schema = pa.schema([(name, kinds.get(name, pa.float64())) for name in rows[0]])
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
