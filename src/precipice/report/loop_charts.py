"""Self-consuming loops as pictures: curves beside their theory, and MAD's admissible synthetic works redrawn."""

from collections.abc import Sequence
from functools import partial
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.loops import Trace
from precipice.loops.expectations import Fresh, admissible, effective_human
from precipice.loops.trace import INTERVAL, SPREAD
from precipice.report.figure import SPACING, Figure
from precipice.report.lettering import text_width
from precipice.report.look import COHORTS, INK, MUTED, PAPER, Layout
from precipice.report.quick import inline

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

BLUE, VERMILION = COHORTS["senior"].colour, COHORTS["junior"].colour
DRAWN = ("from", "to", "mean", "theory", "floor")
ROOM = 42.0
"""Pixels that numbers take to the left of a plot."""


def loop_curves(trace: Trace) -> Figure:
    """Draw every measure by generation: the mean, where single replicates lie, theory, and human against human."""
    told = [name for name, theory in zip(trace.metrics, trace.theory, strict=True) if np.isfinite(theory).any()]
    notes = [f"Lines: mean of {trace.replicates:,} replicates."]
    if trace.replicates > 1:
        notes += [f"Light bands: {SPREAD}; dark bands: {INTERVAL.partition(';')[0]}."]
    notes += [f"Dashed: theory ({', '.join(told)})."] if told else []
    notes += ["Dotted: human works against as many others."] if np.isfinite(trace.floor).any() else []
    return Figure(
        stem="loop",
        title="Models trained on what models made",
        subtitle=trace.words,
        notes=(*notes, *trace.notes),
        truth=None,
        description=trace.summary().replace("\n", " "),
        body=partial(_curves, trace),
        numbers=trace.table,
        columns=lambda layout: _columns(trace, layout),
        beside=lambda layout: ROOM + 4,
    )


def _curves(trace: Trace, layout: Layout, width: float) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    plots = [_plot(trace, index, layout, width) for index in range(len(trace.metrics))]
    whole = alt.concat(*plots, columns=_columns(trace, layout), spacing=SPACING).resolve_scale(
        x="independent", y="independent"
    )
    return whole, ROOM


def _columns(trace: Trace, layout: Layout) -> int:
    count = len(trace.metrics)
    return 2 if count == 4 else min(layout.columns, count)  # two by two leaves no hole


def _plot(trace: Trace, index: int, layout: Layout, width: float) -> "alt.LayerChart":
    import altair as alt

    rows = _rows(trace, index)
    base = alt.Chart(inline(rows))
    ticks = alt.Axis(title=None, grid=False, tickCount=5, format="d", tickMinStep=1, labelFlush=False)
    across = alt.X("generation:Q", axis=ticks, scale=alt.Scale(domain=[0, trace.generations], nice=False))
    ends = nice_ticks([row[name] for row in rows for name in DRAWN if name in row])
    scale = alt.Scale(domain=[ends[0], ends[-1]], nice=False, clamp=True)
    axis = alt.Axis(title=None, values=ends, domain=False, ticks=False, format="~g", minExtent=ROOM, maxExtent=ROOM)

    def up(name: str) -> "alt.Y":
        return alt.Y(f"{name}:Q", axis=axis, scale=scale)

    has = {name for row in rows for name in row}
    layers = []
    for low, high, shade in (("from", "to", 0.14), ("low", "high", 0.3)):
        if {low, high} <= has and trace.replicates > 1:
            layers.append(base.mark_area(opacity=shade, color=BLUE).encode(x=across, y=up(low), y2=f"{high}:Q"))
    if "floor" in has:
        layers.append(base.mark_line(color=MUTED, strokeDash=[1, 2], strokeWidth=1.1).encode(x=across, y=up("floor")))
    if "mean" in has:
        layers.append(base.mark_line(color=BLUE, strokeWidth=1.6).encode(x=across, y=up("mean")))
    if "theory" in has:
        dashes = base.mark_line(color=VERMILION, strokeDash=[4, 3], strokeWidth=1.6)
        layers.append(dashes.encode(x=across, y=up("theory")))
    name = trace.metrics[index].replace("_", " ")
    title = alt.TitleParams(name, fontSize=layout.letters, color=INK, frame="group", offset=2)
    return alt.LayerChart(layer=layers, width=width, height=1.25 * layout.panel_height, title=title)


def nice_ticks(values: Sequence[float]) -> list[float]:
    """Give about four round ticks that hold all values, from nought on where none lies below it."""
    low, high = min([0.0, *values]) if min(values, default=0) >= 0 else min(values), max(values, default=1.0)
    reach = high - low or 1.0
    power = 10.0 ** floor(log10(reach / 4))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= reach / 4)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(step * k, 12) for k in range(first, max(last, first + 1) + 1)]


def _rows(trace: Trace, index: int) -> list[dict[str, Any]]:
    """Give one row a generation, without what is not a number, for which JSON has no word."""
    whole = trace.generations + 1
    rows = trace.table().slice(index * whole, whole).to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


BIASES = (1.0, 0.95, 0.9, 0.8, 0.7)
SHADES = ("#003f66", "#0072b2", "#3f93c8", "#7db5da", "#bcd8ea")


def admissible_synthetic(d: int = 16, n_human: int = 1_000, biases: Sequence[float] = BIASES) -> Figure:
    """Draw how many human works a fresh loop is worth by its synthetic works (after MAD 2307.01850, figure 11).

    Exact expectations of |μ|² + ‖S − I‖²/4, no simulation.

    Args:
        d: dimensions of the Gaussian.
        n_human: human works a generation.
        biases: λ of each curve, at most five.
    """
    amounts = np.unique(np.geomspace(2, 20 * n_human, 90).round())
    rows = [
        {"bias": f"{bias:g}", "synthetic": float(n / n_human),
         "worth": effective_human(Fresh(d, n_human, float(n), bias)) / n_human}
        for bias in biases
        for n in amounts
    ]  # fmt: skip
    most = {bias: admissible(d, n_human, bias, most=20.0 * n_human) for bias in biases}
    ends = [
        f"λ = {bias:g}: " + ("any amount" if n >= 20 * n_human else f"up to {n:,.0f}" if n else "none")
        for bias, n in most.items()
    ]
    return Figure(
        stem="admissible-synthetic",
        title="How much synthetic work a fresh loop takes without harm",
        subtitle=f"Human works that alone would do as well, over the {n_human:,} new ones a generation (Gaussian, {d} "
        "dimensions)",
        notes=(
            "At the curves: the sampling bias λ. Above 1 synthetic works help, below 1 they harm: "
            + "; ".join(ends)
            + ".",
            "Exact expectations of the squared Wasserstein distance to second order, no simulation. After Alemohammad "
            "et al. 2024, figure 11.",
        ),
        truth=None,
        description="Effective over actual human works by synthetic works. Without harm, " + "; ".join(ends) + ".",
        body=partial(_admissible, rows, [f"{bias:g}" for bias in biases]),
        numbers=lambda: _table(rows),
        beside=lambda layout: ROOM + text_width("0.95", layout.letters) + 8,
    )


def _admissible(
    rows: Sequence[dict[str, Any]], names: Sequence[str], layout: Layout, width: float
) -> "tuple[alt.LayerChart, float]":
    import altair as alt

    values = list(rows)
    base = alt.Chart(inline(values))
    low, high = 0.1, max(2.0, *(row["worth"] for row in rows))
    across = alt.X("synthetic:Q", scale=alt.Scale(type="log", domain=[0.01, 20], nice=False, clamp=True),
                   axis=alt.Axis(title="synthetic works for every human one", grid=False, format="~g",
                                 values=[0.01, 0.1, 1, 10]))  # fmt: skip
    up = alt.Y("worth:Q", scale=alt.Scale(type="log", domain=[low, high * 1.05], nice=False, clamp=True),
               axis=alt.Axis(title=None, format="~g", values=[0.1, 0.2, 0.5, 1, 2], domain=False, ticks=False,
                             minExtent=ROOM, maxExtent=ROOM))  # fmt: skip
    colour = alt.Color("bias:N", scale=alt.Scale(domain=list(names), range=list(SHADES[: len(names)])), legend=None)
    shown = base.transform_filter(f"datum.worth >= {low} && datum.synthetic >= 0.01")
    last = {name: [row for row in rows if row["bias"] == name and row["worth"] >= low][-1] for name in names}
    labels = alt.Chart(inline(list(last.values())))
    rule = alt.Chart(inline([{"worth": 1.0}]))
    layers = [
        rule.mark_rule(color=MUTED, strokeWidth=0.9, strokeDash=[4, 3]).encode(y=up),
        shown.mark_line(strokeWidth=1.6).encode(x=across, y=up, color=colour),
        labels.mark_text(align="left", dx=3, dy=-2, color=INK, stroke=PAPER, strokeWidth=2.5, fontSize=layout.letters)
        .encode(x=across, y=up, text=alt.Text("bias:N")),
        labels.mark_text(align="left", dx=3, dy=-2, color=INK, fontSize=layout.letters)
        .encode(x=across, y=up, text=alt.Text("bias:N")),
    ]  # fmt: skip
    return alt.LayerChart(layer=layers, width=width, height=layout.height), ROOM


def _table(rows: Sequence[dict[str, Any]]) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_pylist([{k: v if isinstance(v, str) or isfinite(v) else None for k, v in r.items()}
                                 for r in rows])  # fmt: skip
