"""Figures put together: one plot with labels at the lines, or a plot for each platform; and the notes below them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from precipice.records import Event
from precipice.report.figure import SPACING
from precipice.report.layers import Labelled, draw_lines
from precipice.report.lettering import shorten, text_width
from precipice.report.look import INK, PANEL, Layout, Stroke
from precipice.report.plot import plane
from precipice.report.publication import FEWEST, Line
from precipice.report.wording import listed
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt

Drawn = tuple["alt.LayerChart | alt.ConcatChart", float]
"""Plots, and how far their axes reach out to the left."""

AIR = 5.0
"""Pixels between counts, plot and labels together."""
LABEL_SHARE = 0.26
"""The largest share of a page's width that a label at a line's end may take."""


def one_plot(
    layout: Layout,
    width: float,
    lines: Labelled,
    strokes: Sequence[Stroke],
    events: Sequence[Event],
    months: tuple[int, int],
) -> Drawn:
    """Draw all lines in one plot, each with its label at its end."""
    short = [shorten(label, LABEL_SHARE * layout.width, layout.letters) for label, _ in lines]
    field = plane(layout, width, layout.height, [line for _, line in lines], months)
    drawn = [(label, line) for label, (_, line) in zip(short, lines, strict=True)]
    return draw_lines(field, drawn, dict(zip(short, strokes, strict=True)), events), field.room


def beside(layout: Layout, lines: Labelled, *, apart: bool = False) -> float:
    """Give about the pixels that counts and labels take beside a plot: counts to the left, labels to the right."""
    heights = layout.panel_height if apart else layout.height
    counts = max(plane(layout, 100, heights, part, (0, 0)).room for part in _planes(lines, apart=apart))
    labels = [shorten(label, LABEL_SHARE * layout.width, layout.letters) for label, _ in lines]
    names = 0.0 if apart else max(text_width(label, layout.letters) for label in labels)
    return counts + names + AIR


def _planes(lines: Labelled, *, apart: bool) -> "list[list[Line]]":
    parts = [line for _, line in lines]
    return [[line] for line in parts] if apart else [parts]


def many_plots(
    layout: Layout, width: float, lines: Labelled, events: Sequence[Event], months: tuple[int, int]
) -> Drawn:
    """Draw each line in a plot with a scale of its own; they share the months."""
    import altair as alt

    fields = [plane(layout, width, layout.panel_height, [line], months) for _, line in lines]
    room = max(field.room for field in fields)
    plots = []
    for field, (label, line) in zip(fields, lines, strict=True):
        concerned = [event for event in events if not event.platforms or line.platform in event.platforms]
        plot = draw_lines(replace(field, room=room), [(label, line)], {label: PANEL}, concerned, panel=True)
        name = shorten(label, width, layout.letters, bold=True)
        title = alt.TitleParams(name, fontSize=layout.letters, color=INK, frame="group", offset=2)
        plots.append(plot.properties(title=title))
    return alt.concat(*plots, columns=layout.columns, spacing=SPACING).resolve_scale(
        x="independent", y="independent"
    ), room


def notes(findings: Findings, lines: Labelled, *, band: bool, apart: bool = False) -> tuple[str, ...]:
    """Say how to read a figure: only what there is on it."""
    unit = findings.study.study.unit
    shown = [event.label for event in findings.events if findings.start <= event.month <= findings.end]
    numbered = listed([f"{index} {label}" for index, label in enumerate(shown, 1)], len(shown)) if shown else ""
    parts = [line for _, line in lines]
    bars = any(np.isfinite(line.most) and line.few.any() for line in parts)
    ticks = any(not np.isfinite(line.most) and not line.given.all() for line in parts)
    found = (
        (means_note(lines), True),
        ("Each platform has its own scale.", apart),
        (f"Dotted: {numbered}.", apart and bool(shown)),
        (f"Bands: 95 % intervals over {unit}s.", band),
        ("Hollow: not observed throughout.", any((line.given & ~line.complete).any() for line in parts)),
        (f"Bars: 1 to {FEWEST - 1} {unit}s, number withheld.", bars),
        (f"Ticks at nought: number withheld, it would show 1 to {FEWEST - 1} {unit}s.", ticks),
    )
    return tuple(words for words, true in found if true and words)


def means_note(lines: Labelled) -> str:
    """Say which lines are means of more than a month; nothing where none is."""
    by_unit = {3: "quarters", 12: "years"}
    found = {unit: [label for label, line in lines if line.period == period] for period, unit in by_unit.items()}
    everywhere = len({line.period for _, line in lines}) == 1
    words = [
        f"means of {unit}" + ("" if everywhere else f" on {listed(names)}") for unit, names in found.items() if names
    ]
    return f"Points are {' and '.join(words)}: too many single months would be withheld." if words else ""
