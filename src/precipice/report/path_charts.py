"""Paths as pictures: O/E by month around an event, over the fan of the same paths at placebo cutoffs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.effects import OUTCOME_WORDS, Paths
from precipice.effects.sample import Float
from precipice.report.figure import SPACING, Figure
from precipice.report.look import AXIS, COHORTS, INK, MUTED, Layout, Stroke, platform_name
from precipice.report.percents import limits, none_rule, percent, percent_axis, room_for, signed
from precipice.report.publication import fewest
from precipice.report.quick import inline
from precipice.report.wording import listed, planted, stem
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

STROKES: Mapping[str, Stroke] = {"incumbents": COHORTS["senior"], "newcomers": COHORTS["junior"]}
COMPARED: Mapping[str, str] = {
    "incumbents": "against what creators of their tenure used to do",
    "newcomers": "in their own first months, against what others did in theirs",
}
HEIGHT = 0.8
"""Of a plot that stands alone."""
SHOWN = 0.98
"""Share of the numbers drawn that the upright axis holds whole; a single month of few creators may go over the edge."""


@dataclass(frozen=True)
class Panel:
    """One plot: paths of one outcome, those of few creators left out."""

    name: str
    paths: Paths


def paths_at(findings: Findings, event: str, paths: Sequence[Paths]) -> Figure:
    """Draw the paths of one kind of creators of one platform around one event, a plot an outcome.

    Args:
        findings: of the study.
        event: its label.
        paths: the outcomes, of the same platform, event and kind of creators.
    """
    least = fewest(findings)
    panels = [Panel(OUTCOME_WORDS[part.outcome], withheld(part, least)) for part in paths]
    first = panels[0].paths
    who, name = first.who, platform_name(first.platform)
    months = -int(first.offsets[0])
    return Figure(
        stem=f"paths-{who}-{stem(findings, first.platform)}-{first.cutoff}",
        title=f"{who.capitalize()} month by month around {event}",
        subtitle=f"{name}: {' and '.join(panel.name for panel in panels)} of {who}, {COMPARED[who]}; "
        f"change from the {months} months before",
        notes=_notes(panels, event, least),
        truth=planted(findings),
        description=" ".join([f"Line charts of {who} on {name} around {event}.", *map(_described, panels)]),
        body=lambda layout, width: _drawn(layout, width, panels, event),
        numbers=lambda: _table(panels),
        columns=lambda layout: min(len(panels), 1 if layout.millimetres == 85 else 2),
        beside=lambda layout: room_for(_ends(panels), layout),
    )


def withheld(paths: Paths, least: int) -> Paths:
    """Leave out months behind which there are fewer creators than may be given."""
    few, placebo_few = (np.asarray(n < least) for n in (paths.creators, paths.placebo_creators))
    return replace(
        paths,
        event=np.where(few, np.nan, paths.event),
        errors=np.where(few, np.nan, paths.errors),
        placebos=np.where(placebo_few, np.nan, paths.placebos),
    )


def apart(paths: Paths) -> Float:
    """Give the placebo paths that share no month with each other, the latest first, shape (k, T)."""
    width, chosen = len(paths.offsets), list[int]()
    for index in reversed(range(len(paths.cutoffs))):
        if not chosen or paths.cutoffs[chosen[-1]] - paths.cutoffs[index] >= width:
            chosen.append(index)
    return paths.placebos[chosen]


def _notes(panels: Sequence[Panel], event: str, least: int) -> tuple[str, ...]:
    paths = panels[0].paths
    few = any(((panel.paths.creators > 0) & (panel.paths.creators < least)).any() for panel in panels)
    words = (
        f"Line: at {event}. Grey: nine tenths and one half of the same paths at {len(paths.cutoffs)} earlier cutoffs, "
        "when nothing happened; thin: those of them that share no month. One month in ten lies outside by chance.",
        f"Left out: months of fewer than {least} {paths.who}." if few else "",
    )
    return tuple(filter(None, words))


def _described(panel: Panel) -> str:
    paths = panel.paths
    after = np.flatnonzero((paths.offsets >= 0) & np.isfinite(paths.event))
    if not len(after):
        return f"{panel.name.capitalize()}: no month can be given."
    low, high = (int(after[pick(paths.event[after])]) for pick in (np.argmin, np.argmax))
    points = [f"{signed(percent(paths.event[i]))} in month {paths.offsets[i]}" for i in (low, high)]
    mean = signed(percent(float(paths.event[after].mean())))
    months, below, above = paths.outside()
    return (
        f"{panel.name.capitalize()}: from the event on {mean} on average, from {listed(points)}; of {months} months "
        f"{below} below and {above} above nine tenths of {len(paths.cutoffs)} placebo paths."
    )


def _ends(panels: Sequence[Panel]) -> tuple[float, float]:
    values = np.concatenate(
        [100 * np.expm1(part.ravel()) for panel in panels for part in (panel.paths.event, panel.paths.bands())]
    )
    known = values[np.isfinite(values)]
    if not len(known):
        return limits([])
    return limits(np.quantile(known, [(1 - SHOWN) / 2, (1 + SHOWN) / 2]).tolist(), least=10)


def _drawn(layout: Layout, width: float, panels: Sequence[Panel], event: str) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    ends = _ends(panels)
    room = room_for(ends, layout)
    columns = min(len(panels), 1 if layout.millimetres == 85 else 2)
    plots = []
    for panel in panels:
        title = alt.TitleParams(panel.name, fontSize=layout.letters, color=INK, frame="group", offset=2)
        plots.append(_plot(layout, width, panel.paths, ends, room, event).properties(title=title))
    return alt.concat(*plots, columns=columns, spacing=SPACING), room


def _plot(
    layout: Layout, width: float, paths: Paths, ends: tuple[float, float], room: float, event: str
) -> "alt.LayerChart":
    import altair as alt

    height = round(HEIGHT * layout.height, 1)
    first, last = int(paths.offsets[0]), int(paths.offsets[-1])
    ticks = [offset for offset in range(first - first % 3, last + 1, 3 if width > 180 else 6) if offset >= first]
    axis = alt.Axis(title=f"months from {event}", values=ticks, grid=False)
    across = alt.X("offset:Q", axis=axis, scale=alt.Scale(domain=[first - 0.5, last + 0.5], nice=False))
    down = percent_axis(ends, room, layout, height=height)
    stroke = STROKES[paths.who]
    layers = [
        *(_ribbon(paths, pair, across, down) for pair in ((0, 4), (1, 3))),
        _lines(_runs(paths.offsets, apart(paths)), across, down, stroke=MUTED, width=0.5, opacity=0.55),
        none_rule(),
        alt.Chart(inline([{"offset": -0.5}]))
        .mark_rule(stroke=MUTED, strokeDash=[1, 2], strokeWidth=0.9).encode(x=across),
        _lines(_runs(paths.offsets, paths.event[None, :]), across, down, stroke=stroke.colour, width=1.7),
        alt.Chart(inline(_runs(paths.offsets, paths.event[None, :])))
        .mark_circle(size=16, color=stroke.colour, opacity=1, clip=True).encode(x=across, y=down),
    ]  # fmt: skip
    return alt.LayerChart(layer=layers, width=width, height=height)


def _ribbon(paths: Paths, pair: tuple[int, int], across: "alt.X", down: "alt.Y") -> "alt.Chart":
    import altair as alt

    bands = paths.bands()
    rows = [
        {"offset": int(offset), "percent": percent(low), "high": percent(high)}
        for offset, low, high in zip(paths.offsets.tolist(), bands[pair[0]], bands[pair[1]], strict=True)
        if np.isfinite(low)
    ]
    ribbon = alt.Chart(inline(rows)).mark_area(color=AXIS, opacity=1, fillOpacity=0.2, clip=True)
    drawn: alt.Chart = ribbon.encode(x=across, y=down, y2=alt.Y2("high:Q"))
    return drawn


def _lines(
    rows: list[dict[str, Any]], across: "alt.X", down: "alt.Y", *, stroke: str, width: float, opacity: float = 1.0
) -> "alt.Chart":
    import altair as alt

    mark = alt.Chart(inline(rows)).mark_line(
        stroke=stroke, strokeWidth=width, opacity=1, strokeOpacity=opacity, clip=True, strokeJoin="round"
    )
    drawn: alt.Chart = mark.encode(x=across, y=down, detail=alt.Detail("run:N"))
    return drawn


def _runs(offsets: Any, paths: Float) -> list[dict[str, Any]]:  # noqa: ANN401  an array of months
    """Give a row for each known month of each path; a month that is not known breaks the line."""
    rows = []
    for number, path in enumerate(paths):
        known = np.flatnonzero(np.isfinite(path))
        runs = np.cumsum(np.diff(known, prepend=-1) != 1)
        for i, run in zip(known.tolist(), runs.tolist(), strict=True):
            rows.append({"offset": int(offsets[i]), "percent": percent(path[i]), "run": f"{number}.{run}"})
    return rows


def _table(panels: Sequence[Panel]) -> "pa.Table":
    import pyarrow as pa

    rows = []
    for panel in panels:
        hidden = ~np.isfinite(panel.paths.event)
        for index, row in enumerate(panel.paths.table().to_pylist()):
            creators = None if hidden[index] and row["creators"] else row["creators"]
            rounded = {name: round(value, 4) if isinstance(value, float) else value for name, value in row.items()}
            rows.append({"outcome": panel.paths.outcome, **rounded, "creators": creators})
    return pa.Table.from_pylist(rows)
