"""Two drawings of the plan: waves of tasks on 100 cores, and where time goes as cores are added."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from precipice.report import Figure
from precipice.report.look import COHORTS, INK, MUTED, PLATFORMS, Layout
from precipice.report.quick import at_y
from studies.cluster.scheduling import Run

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

PARTS = {
    "counting cells": COHORTS["senior"].colour,
    "the other readings": PLATFORMS[1].colour,
    "starting": PLATFORMS[2].colour,
    "the driver alone": COHORTS["junior"].colour,
}
"""Parts of a reduction and their colours; in the drawing each is named beside its bar as well."""
STAGES = {0: "reading and counting", 1: "adding up", 2: "lost with an executor"}
ROOM = 46.0
LETTERS = 0.62
"""Width of a letter as a share of its size, at the most."""


def waves(run: Run, cores_each: int, subtitle: str, notes: tuple[str, ...]) -> Figure:
    """Draw each core's tasks along time."""
    rows = [
        {"core": int(core), "start": round(float(start), 1), "end": round(float(end), 1),
         "kind": STAGES[int(stage) if done else 2]}
        for start, end, core, stage, done in zip(run.starts, run.ends, run.cores, run.stages, run.done, strict=True)
    ]  # fmt: skip
    lost = sum(row["kind"] == STAGES[2] for row in rows)
    return Figure(
        stem="cluster-waves",
        title="One counting of five billion uploads, simulated",
        subtitle=subtitle,
        notes=notes,
        truth=None,
        description=f"{len(rows)} tasks on {int(run.cores.max()) + 1} cores in {run.seconds:.0f} seconds, "
                    f"{lost} of them lost with an executor.",
        body=partial(_waves, rows, cores_each),
        numbers=lambda: _arrow(rows),
        beside=lambda layout: ROOM + 4,
    )  # fmt: skip


def _waves(
    rows: Sequence[Mapping[str, Any]], cores_each: int, layout: Layout, width: float
) -> "tuple[alt.LayerChart | alt.VConcatChart, float]":
    import altair as alt

    colours = [COHORTS["senior"].colour, PLATFORMS[1].colour, COHORTS["junior"].colour]
    kinds = alt.Scale(domain=list(STAGES.values()), range=colours)
    cores = max(row["core"] for row in rows) + 1
    axis = alt.Axis(title="core", values=[*range(0, cores, 20), cores], grid=False, minExtent=ROOM, maxExtent=ROOM)
    base = alt.Chart(alt.InlineData(values=[{**row, "next": row["core"] + 0.86} for row in rows]))
    bars = base.mark_rect(stroke="#ffffff", strokeWidth=0.25).encode(
        x=alt.X("start:Q", axis=alt.Axis(title="seconds after the start", grid=False),
                scale=alt.Scale(domain=[0, max(row["end"] for row in rows)], nice=False)),
        x2=alt.X2("end:Q"),
        y=alt.Y("core:Q", axis=axis, scale=alt.Scale(domain=[0, cores], nice=False, reverse=True)),
        y2=alt.Y2("next:Q"),
        color=alt.Color("kind:N", scale=kinds, legend=None),
    )  # fmt: skip
    named = [(name, colour) for name, colour in zip(STAGES.values(), colours, strict=True)
             if any(row["kind"] == name for row in rows)]  # fmt: skip
    plot = alt.LayerChart(layer=[bars], width=width, height=1.5 * layout.height)
    return alt.vconcat(_legend(named, layout, width), plot, spacing=4).resolve_scale(
        color="independent", x="independent", y="independent"
    ), ROOM


def shares(rows: Sequence[Mapping[str, Any]], notes: tuple[str, ...]) -> Figure:
    """Draw where time goes by number of cores.

    Args:
        rows: cores, part, seconds, and the words on the whole.
        notes: how to read it.
    """
    return Figure(
        stem="cluster-cores",
        title="What more cores leave: the driver's own work",
        subtitle="Shares of the time of one reduction of five billion uploads, by cores",
        notes=notes,
        truth=None,
        description="; ".join(f"{row['cores']} cores, {row['part']}: {row['seconds']:.0f} s" for row in rows),
        body=partial(_shares, rows),
        numbers=lambda: _arrow(rows),
        beside=lambda layout: 2 * ROOM + 44,
    )


def _shares(
    rows: Sequence[Mapping[str, Any]], layout: Layout, width: float
) -> "tuple[alt.LayerChart | alt.VConcatChart, float]":
    import altair as alt

    sums = {row["cores"]: sum(r["seconds"] for r in rows if r["cores"] == row["cores"]) for row in rows}
    order, placed = list(PARTS), []
    for cores, whole in sums.items():
        low = 0.0
        for part in order:
            share = sum(r["seconds"] for r in rows if r["cores"] == cores and r["part"] == part) / whole
            words = f"{100 * share:.0f} %" if share * width > 5 * LETTERS * layout.letters else ""
            placed.append({"cores": cores, "part": part, "low": low, "high": low + share, "middle": low + share / 2,
                           "words": words})  # fmt: skip
            low += share
    y = alt.Y("cores:N", sort=list(sums), axis=alt.Axis(title=None, domain=False, ticks=False, minExtent=ROOM + 20,
                                                        maxExtent=ROOM + 20))  # fmt: skip
    x = alt.X("low:Q", axis=alt.Axis(title=None, format="%", tickCount=5, grid=False), scale=alt.Scale(domain=[0, 1]))
    base = alt.Chart(alt.InlineData(values=placed))
    bars = base.mark_bar(height=18).encode(
        x=x, x2=alt.X2("high:Q"), y=y,
        color=alt.Color("part:N", scale=alt.Scale(domain=order, range=list(PARTS.values())), legend=None),
    )  # fmt: skip
    inside = base.mark_text(color="#ffffff", fontWeight="bold").encode(
        x=alt.X("middle:Q", axis=None, scale=alt.Scale(domain=[0, 1])), y=y, text=alt.Text("words:N")
    )
    totals = [{"cores": row["cores"], "at": 1.0, "words": row["whole"]} for row in rows if row["part"] == order[0]]
    beyond = alt.Chart(alt.InlineData(values=totals)).mark_text(align="left", dx=6, color=MUTED).encode(
        x=alt.X("at:Q", axis=None, scale=alt.Scale(domain=[0, 1])), y=y, text=alt.Text("words:N")
    )  # fmt: skip
    plot = alt.LayerChart(layer=[bars, inside, beyond], width=width, height=28 * len(sums))
    return alt.vconcat(_legend(list(PARTS.items()), layout, width), plot, spacing=4).resolve_scale(
        color="independent", x="independent", y="independent"
    ), ROOM + 20


def _legend(named: Sequence[tuple[str, str]], layout: Layout, width: float) -> "alt.LayerChart":
    """Name colours above a plot, in the order in which they stand."""
    import altair as alt

    lengths = [len(name) * LETTERS * layout.letters + 26 for name, _ in named]
    places = [{"name": name, "x": sum(lengths[:i]), "colour": colour} for i, (name, colour) in enumerate(named)]
    base = alt.Chart(alt.InlineData(values=places))
    scale = alt.Scale(domain=[0, width], nice=False)
    x = alt.X("x:Q", axis=None, scale=scale)
    squares = base.mark_point(shape="square", filled=True, size=70, opacity=1, xOffset=5).encode(
        x=x, y=at_y(7), color=alt.Color("colour:N", scale=None, legend=None)
    )
    words = base.mark_text(align="left", dx=14, color=INK, fontSize=layout.letters).encode(
        x=x, y=at_y(7), text=alt.Text("name:N")
    )
    return alt.LayerChart(layer=[squares, words], width=width, height=layout.leading)


def _arrow(rows: Sequence[Mapping[str, Any]]) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_pylist([dict(row) for row in rows])


__all__ = ["PARTS", "shares", "waves"]
