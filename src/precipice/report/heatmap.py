"""Retention as a picture: a row for each year of entry, a column for each bin of tenure."""

from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.report.kept import Kept
from precipice.report.lettering import text_width
from precipice.report.look import SHARES, WITHHELD, Layout
from precipice.report.quick import inline

if TYPE_CHECKING:
    import altair as alt

ROW = 1.35
"""Height of a row, in sizes of type."""


def draw_kept(layout: Layout, width: float, cells: Kept) -> "tuple[alt.LayerChart, float]":
    """Draw the cells that may be given; those of few creators are grey, those not observed are left blank."""
    import altair as alt

    height = round(ROW * layout.letters * len(cells.vintages), 1)
    seen = np.argwhere(np.isfinite(cells.share) | cells.few).tolist()
    rows = [_row(cells, v, b) for v, b in seen]
    columns = max((b for _, b in seen), default=0) + 1
    room = max(text_width(name, layout.letters) for name in cells.vintages) + 4
    ends = cells.bin * columns + 1
    years = max(1, int(np.ceil(1.8 * layout.letters * ends / 12 / width)))
    ticks = [1, *range(12 * years, ends + 1, 12 * years)]
    across = alt.X(
        "from:Q", scale=alt.Scale(domain=[1, ends], nice=False),
        axis=alt.Axis(title="months since the first upload", values=ticks, grid=False),
    )  # fmt: skip
    axis = alt.Axis(title=None, domain=False, ticks=False, minExtent=room, maxExtent=room, labelPadding=4)
    down = alt.Y("first:N", sort=list(cells.vintages), axis=axis, scale=alt.Scale(paddingInner=0.06))
    shown = [row for row in rows if not row["few"]]
    grey = [row for row in rows if row["few"]]
    drawn = []
    for part, colour in ((shown, _colour(cells, height)), (grey, alt.value(WITHHELD))):
        mark = alt.Chart(inline(part)).mark_rect(stroke="#ffffff", strokeWidth=0.4)
        drawn += [mark.encode(x=across, x2=alt.X2("to:Q"), y=down, color=colour)] if part else []
    return alt.LayerChart(layer=drawn, width=width, height=height), room + 4


def beside_kept(layout: Layout, cells: Kept) -> float:
    """Give about the pixels that entry years take to the left, and the scale of shares to the right."""
    return max(text_width(name, layout.letters) for name in cells.vintages) + text_width("10%", layout.letters) + 24


def _row(cells: Kept, vintage: int, column: int) -> dict[str, Any]:
    start, end = cells.tenures[column]
    share = float(cells.share[vintage, column])
    known = {} if cells.few[vintage, column] else {"share": share}
    return {"first": cells.vintages[vintage], "from": start, "to": end + 1, "few": not known, **known}


def _colour(cells: Kept, height: float) -> "alt.Color":
    import altair as alt

    known = cells.share[np.isfinite(cells.share)]
    top = max(0.05, np.ceil(20 * known.max()) / 20) if len(known) else 1.0
    # By the square: most shares are small, and it is among those that entry years differ.
    scale = alt.Scale(domain=[top * (part / (len(SHARES) - 1)) ** 2 for part in range(len(SHARES))], range=list(SHARES))
    legend = alt.Legend(
        title=None, format=".0%", orient="right", gradientLength=max(24.0, min(60.0, height)), gradientThickness=7,
        values=[0, top], offset=6, labelOffset=2,
    )  # fmt: skip
    return alt.Color("share:Q", scale=scale, legend=legend)
