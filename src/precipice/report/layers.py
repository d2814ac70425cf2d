"""The layers of a plot: events, bands, lines, what is withheld or unfinished, labels at the lines' ends."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.months import month_start
from precipice.panel import Bool
from precipice.records import Event
from precipice.report.lettering import place_flags, spread
from precipice.report.look import INK, MUTED, PAPER, Stroke
from precipice.report.plot import Plane, event_moment, middle, milliseconds
from precipice.report.publication import Line
from precipice.report.quick import inline

if TYPE_CHECKING:
    import altair as alt

Strokes = Mapping[str, Stroke]
"""How each line is drawn, by its label."""
Labelled = Sequence[tuple[str, Line]]
"""Lines with their labels."""


def draw_lines(
    plane: Plane, lines: Labelled, strokes: Strokes, events: Sequence[Event], *, panel: bool = False
) -> "alt.LayerChart":
    """Draw lines over their bands, with events and all that is to be said of single months.

    Args:
        plane: months, counts and pixels.
        lines: with the label of each.
        strokes: how each label's line is drawn.
        events: those within the plane are drawn.
        panel: whether this is one of several plots, where events have numbers and lines no label.
    """
    import altair as alt

    layers = _frame(plane) + _events(plane, events, numbered=panel)
    for draw in (_bands, _runs, _singles, _few):
        layers += draw(plane, lines, strokes)
    if not panel:
        layers += _ends(plane, lines, strokes)
    return alt.LayerChart(layer=layers, width=plane.width, height=plane.height)


def _events(plane: Plane, events: Sequence[Event], *, numbered: bool) -> "list[alt.Chart]":
    """Draw a dotted rule at each event and its label above the plot, where it lies on no other."""
    import altair as alt

    size = plane.layout.letters
    found = plane.events(events)
    moments = {x: event_moment(event) for x, event in found}
    names = [(x, str(list(events).index(event) + 1) if numbered else event.label) for x, event in found]
    rows: list[dict[str, Any]] = [
        {"moment": moments[flag.x], "label": flag.text, "left": flag.left, "y": -4 - plane.layout.leading * flag.lane}
        for flag in place_flags(names, (-size, plane.width + (0 if numbered else 3 * size)), size)
    ]
    rules = [{**row, "y": row["y"] - 0.75 * size, "y2": plane.height} for row in rows]
    drawn = [
        _chart(rules)
        .mark_rule(strokeDash=[1, 2], stroke=MUTED, strokeWidth=0.9)
        .encode(x=_across(plane, "moment"), y=_pixel("y"), y2=alt.Y2("y2:Q"))
    ]
    for left in (False, True):
        side = [row for row in rows if row["left"] is left]
        words = _chart(side).mark_text(
            align="right" if left else "left", baseline="alphabetic", dx=-2.5 if left else 2.5, color=INK
        )
        drawn += [words.encode(x=_across(plane, "moment"), y=_pixel("y"), text=alt.Text("label:N"))] if side else []
    return drawn if rows else []


def _bands(plane: Plane, lines: Labelled, strokes: Strokes) -> "list[alt.Chart]":
    import altair as alt

    rows = [row for row in _rows(lines, _sound) if np.isfinite(row["low"])]
    if not rows:
        return []
    band = _chart(rows).mark_area(opacity=0.16, clip=True)
    return [
        band.encode(
            x=_across(plane), y=_up(plane, "low"), y2=alt.Y2("high:Q"), color=_colour(strokes),
            detail=alt.Detail("run:N"),
        )
    ]  # fmt: skip


def _runs(plane: Plane, lines: Labelled, strokes: Strokes) -> "list[alt.Chart]":
    """Draw a line through numbers next to each other; one that is withheld or unfinished breaks it."""
    import altair as alt

    drawn = []
    for label, stroke in strokes.items():
        rows = _rows([(name, line) for name, line in lines if name == label], _sound)
        mark = _chart(rows).mark_line(strokeWidth=stroke.width, strokeDash=list(stroke.dash), strokeJoin="round")
        color = alt.ColorValue(stroke.colour)
        encoded = mark.encode(x=_across(plane), y=_up(plane, "value"), color=color, detail=alt.Detail("run:N"))
        drawn += [encoded] if rows else []
    return drawn


def _singles(plane: Plane, lines: Labelled, strokes: Strokes) -> "list[alt.Chart]":
    """Draw points: full for a month that no line reaches, hollow for one that was not observed throughout."""
    sound = _rows(lines, _sound)
    runs = [row["run"] for row in sound]
    alone = [row for row in sound if runs.count(row["run"]) == 1]
    hollow = _rows(lines, lambda line: line.given & ~line.complete)
    drawn = []
    for rows, fill in ((alone, None), (hollow, PAPER)):
        mark = _chart(rows).mark_point(size=9 if fill is None else 14, opacity=1, strokeWidth=1.1, filled=fill is None)
        mark = mark if fill is None else _chart(rows).mark_point(size=14, opacity=1, strokeWidth=1.1, fill=fill)
        encoded = mark.encode(x=_across(plane), y=_up(plane, "value"), color=_colour(strokes))
        drawn += [encoded] if rows else []
    return drawn


def _few(plane: Plane, lines: Labelled, strokes: Strokes) -> "list[alt.Chart]":
    """Draw months whose number is withheld: from the least to the most it can be, or a tick at nought."""
    import altair as alt

    rows = []
    for row in _rows(lines, lambda line: ~line.given):
        bounded = row["few"] and np.isfinite(row["most"])
        foot, head = (plane.y(row["least"]), plane.y(row["most"])) if bounded else (plane.height, plane.height - 3)
        rows.append({**row, "foot": round(foot, 2), "head": round(head, 2)})
    if not rows:
        return []
    longest = max(line.period for _, line in lines)
    thick = max(1.2, min(6.0, 0.55 * longest * plane.width / (plane.end - plane.start + 1)))
    bars = _chart(rows).mark_rule(strokeWidth=round(thick, 2), opacity=0.45)
    return [bars.encode(x=_across(plane), y=_pixel("foot"), y2=alt.Y2("head:Q"), color=_colour(strokes))]


def _ends(plane: Plane, lines: Labelled, strokes: Strokes) -> "list[alt.Chart]":
    """Write each line's label to the right of the plot, level with its end; labels that would touch move apart."""
    import altair as alt

    size = plane.layout.letters
    found = [(label, _end(plane, line)) for label, line in lines if label]
    places = spread([y for _, y in found], 1.1 * size, (0.5 * size, plane.height - 0.4 * size))
    drawn = []
    for (label, _), y in zip(found, places, strict=True):
        row = {"moment": plane.finish, "label": label, "y": round(y, 2)}
        mark = _chart([row]).mark_text(align="left", baseline="middle", dx=1, color=strokes[label].text)
        drawn.append(mark.encode(x=_across(plane, "moment"), y=_pixel("y"), text=alt.Text("label:N")))
    return drawn


def _end(plane: Plane, line: Line) -> float:
    """Give the height of a line's last number, in pixels; of one that has none, that of what is withheld."""
    given = np.flatnonzero(line.given)
    return plane.y(float(line.value[given[-1]]) if len(given) else min(line.most, plane.top) / 2)


def _sound(line: Line) -> Bool:
    return line.sound


def _rows(lines: Labelled, chosen: Callable[[Line], Bool]) -> list[dict[str, Any]]:
    """Give a row for each chosen month; months next to each other share the number of a run."""
    rows = []
    for number, (label, line) in enumerate(lines):
        at = np.flatnonzero(chosen(line))
        runs = np.cumsum(np.diff(at, prepend=-1) != 1) if len(at) else at
        for i, run in zip(at.tolist(), runs.tolist(), strict=True):
            row = {"month": middle(line.start[i], line.end[i]), "line": label, "run": f"{number}.{run}"}
            numbers = {"value": line.value[i], "low": line.low[i], "high": line.high[i]}
            withheld = {"few": bool(line.few[i]), "least": 1 / line.period, "most": line.most}
            rows.append({**row, **{name: float(n) for name, n in numbers.items()}, **withheld})
    return rows


def _chart(rows: Sequence[Mapping[str, Any]]) -> "alt.Chart":
    """Give a chart of rows; what is not a number is left out, since JSON has no word for it."""
    import altair as alt

    plain = [
        {name: value for name, value in row.items() if not (isinstance(value, float) and not np.isfinite(value))}
        for row in rows
    ]
    return alt.Chart(inline(plain))


def _frame(plane: Plane) -> "list[alt.Chart]":
    """Draw the axes, even where no line does."""
    corner = _chart([{"month": middle(plane.start, plane.start), "value": 0.0}]).mark_point(opacity=0)
    return [corner.encode(x=_across(plane), y=_up(plane, "value"))]


def _across(plane: Plane, name: str = "month") -> "alt.X":
    import altair as alt

    axis = alt.Axis(
        title=None, values=[milliseconds(month_start(month)) for month in plane.tick_months],
        grid=False, labelFlush=False,
        labelExpr="utcmonth(datum.value) == 0 ? utcFormat(datum.value, '%Y') : utcFormat(datum.value, '%b')",
    )  # fmt: skip
    scale = alt.Scale(type="utc", domain=[plane.begin, plane.finish], nice=False)
    return alt.X(f"{name}:T", axis=axis, scale=scale)


def _up(plane: Plane, name: str) -> "alt.Y":
    import altair as alt

    axis = alt.Axis(
        title=None, values=list(plane.ticks), domain=False, ticks=False, labelPadding=3, minExtent=plane.room,
        maxExtent=plane.room,
        labelExpr="datum.value >= 100000 ? format(datum.value / 1000, ',.0f') + 'k' : format(datum.value, ',.0f')",
    )  # fmt: skip
    return alt.Y(f"{name}:Q", axis=axis, scale=alt.Scale(domain=[0, plane.top], nice=False))


def _pixel(name: str) -> "alt.Y":
    import altair as alt

    return alt.Y(f"{name}:Q", scale=None)


def _colour(strokes: Strokes) -> "alt.Color":
    import altair as alt

    scale = alt.Scale(domain=list(strokes), range=[stroke.colour for stroke in strokes.values()])
    return alt.Color("line:N", scale=scale, legend=None)
