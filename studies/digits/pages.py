"""The page of the digits: a table, curves, and the generations as pictures."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from precipice.report import Figure, save
from precipice.report.contact_sheets import Strip, as_grey, contact_sheet
from precipice.report.figure import SPACING
from precipice.report.look import INK, Layout
from studies.digits.run import GENERATIONS, METRICS, REGIMES, SEEDS, Line, pictures_of

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

Float = npt.NDArray[np.float64]
ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "digits.md"
IMAGES = ROOT / "docs" / "images"
TEMPLATE = Path(__file__).parent / "page.md"
HEADLINE = METRICS[:4]
SHOWN = ("synthetic", "fresh 5 %", "fresh 50 %", "accumulate", "100 % real")
COLOURS = ("#D55E00", "#CC79A7", "#0072B2", "#00866A", "#1b1b1b")
DASHES = ((1, 0), (6, 2), (4, 2), (2, 2), (1, 1))
DRAWN, COUNT = (0, 2, 5, 10), 16
ROOM = 34.0

PUBLISHED: Mapping[str, tuple[float, float, float, float]] = {
    "synthetic": (5.93, 0.48, 0.44, 0.07),
    "fresh 5 %": (4.34, 0.48, 0.69, 0.26),
    "fresh 20 %": (2.33, 0.63, 0.81, 0.34),
    "fresh 50 %": (1.52, 0.77, 0.87, 0.47),
    "augment 50 %": (2.09, 0.79, 0.82, 0.39),
    "accumulate": (1.49, 0.78, 0.87, 0.59),
    "accumulate, subsample": (2.00, 0.69, 0.81, 0.39),
    "100 % real": (1.19, 0.85, 0.88, 0.54),
}
"""An earlier, independent run at generation 10, whose units of distance and details of the mixture are not known."""


def write_page(lines: Sequence[Line]) -> None:
    """Write the page and its pictures."""
    values = by_name(lines)
    PAGE.write_text(
        Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
            table=_table(values), compared=_compared(values), described=_described(values), floors=_floors(lines),
            versions=lines[0].inputs, apart=_apart(values),
        ),
        encoding="utf-8",
    )  # fmt: skip
    save(curves(values), IMAGES / "digits-curves.png")
    save(sheet(), IMAGES / "digits-generations.png")


def by_name(lines: Sequence[Line]) -> dict[tuple[str, str], Float]:
    """Give each regime's measure by generation and seed, shape (G + 1, R)."""
    found: dict[tuple[str, str], Float] = {}
    for line in lines:
        key = line.regime, line.metric
        found.setdefault(key, np.full((GENERATIONS + 1, SEEDS), np.nan))[line.generation, line.seed] = line.value
    return found


def ends(values: Mapping[tuple[str, str], Float], regime: str) -> Float:
    """Give the headline measures of the last generation by seed, the distance over the control's, shape (4, R)."""
    found = np.array([values[regime, metric][-1] for metric in HEADLINE])
    found[0] /= values["100 % real", "frechet"][-1].mean()
    return found


def published(regime: str) -> Float:
    """Give the earlier run's numbers, the distance over its control's, shape (4,)."""
    found = np.array(PUBLISHED[regime])
    found[0] /= PUBLISHED["100 % real"][0]
    return found


def _table(values: Mapping[tuple[str, str], Float]) -> str:
    lines = ["| regime | Fréchet distance | precision | recall | tail recall |", "| --- | ---: | ---: | ---: | ---: |"]
    for regime in REGIMES:
        cells = []
        for metric in HEADLINE:
            x = values[regime.name, metric]
            cells.append(f"{x[0].mean():.2f} → {x[-1].mean():.2f} ± {x[-1].std(ddof=1):.2f}")
        lines.append(f"| {regime.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _compared(values: Mapping[tuple[str, str], Float]) -> str:
    head = "| regime | Fréchet, over the control's | precision | recall | tail recall |"
    lines = [head, "| --- | ---: | ---: | ---: | ---: |"]
    for regime in REGIMES:
        ours, theirs = ends(values, regime.name), published(regime.name)
        cells = [f"{theirs[k]:.2f} / {ours[k].mean():.2f} ± {ours[k].std(ddof=1):.2f}" for k in range(4)]
        lines.append(f"| {regime.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _apart(values: Mapping[tuple[str, str], Float]) -> str:
    """Say how far precision and recall lie from the earlier run's."""
    apart = {
        name: np.array([ends(values, r.name)[k].mean() - published(r.name)[k] for r in REGIMES])
        for k, name in ((1, "precision"), (2, "recall"), (3, "tail recall"))
    }
    return "; ".join(f"{name} by {np.abs(x).mean():.2f} on average and {np.abs(x).max():.2f} at most"
                     for name, x in apart.items())  # fmt: skip


def _described(values: Mapping[tuple[str, str], Float]) -> str:
    lines = ["| regime | Vendi score | effective rank | total variance |", "| --- | ---: | ---: | ---: |"]
    for regime in REGIMES:
        x = [values[regime.name, metric] for metric in ("vendi", "effective_rank", "variance")]
        cells = [f"{one[0].mean():.2f} → {one[-1].mean():.2f}" for one in x]
        lines.append(f"| {regime.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _floors(lines: Sequence[Line]) -> str:
    floors = {line.metric: line.floor for line in lines}
    return ", ".join(f"{metric.replace('_', ' ')} {floors[metric]:.2f}" for metric in HEADLINE)


def sheet() -> Figure:
    """Draw what three regimes' models made."""
    strips = [
        Strip(regime.name, generation, as_grey(works, (8, 8)))
        for regime in REGIMES
        if regime.name in ("synthetic", "fresh 20 %", "100 % real")
        for generation, works in pictures_of(regime, DRAWN, COUNT).items()
    ]
    return contact_sheet(
        strips, "What the models made, generation by generation",
        "Handwritten digits, a mixture of 20 Gaussians, 600 works a generation",
        ("Numbers: the generation.",),
    )  # fmt: skip


def curves(values: Mapping[tuple[str, str], Float]) -> Figure:
    """Draw the headline measures of some regimes by generation."""
    rows = [
        {"regime": name, "metric": metric, "generation": t, "value": float(x.mean()), "low": float(x.min()),
         "high": float(x.max())}
        for name in SHOWN
        for metric in HEADLINE
        for t, x in enumerate(values[name, metric])
    ]  # fmt: skip
    return Figure(
        stem="digits-curves",
        title="Ten generations of handwritten digits",
        subtitle="Mixture of 20 Gaussians, 600 works a generation; mean of five seeds, bands from least to most",
        notes=("Tail recall: of the tenth of human digits that are least like others.",),
        truth=None,
        description="Fréchet distance, precision, recall and tail recall by generation and regime.",
        body=partial(_curves, rows),
        numbers=lambda: _arrow(rows),
        columns=lambda layout: 2,
        beside=lambda layout: ROOM + 4,
    )


def _curves(rows: Sequence[Mapping[str, Any]], layout: Layout, width: float) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    plots = []
    for metric in HEADLINE:
        base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows if row["metric"] == metric]))
        x = alt.X("generation:Q", axis=alt.Axis(title=None, grid=False, tickMinStep=1, format="d"))
        axis = alt.Axis(title=None, tickCount=4, domain=False, ticks=False, minExtent=ROOM, maxExtent=ROOM)
        scale = alt.Scale(domainMin=0) if metric == "frechet" else alt.Scale(domain=[0, 1])
        kinds = alt.Scale(domain=list(SHOWN), range=list(COLOURS))
        dashes = alt.Scale(domain=list(SHOWN), range=[list(dash) for dash in DASHES])
        colour = alt.Color("regime:N", scale=kinds, legend=None)
        band = base.mark_area(opacity=0.13).encode(
            x=x, y=alt.Y("low:Q", axis=axis, scale=scale), y2="high:Q", color=colour,
        )  # fmt: skip
        line = base.mark_line(strokeWidth=1.7).encode(
            x=x, y=alt.Y("value:Q", axis=axis, scale=scale), color=colour,
            strokeDash=alt.StrokeDash("regime:N", scale=dashes, legend=None),
        )  # fmt: skip
        title = alt.TitleParams(metric.replace("_", " ").replace("frechet", "Fréchet distance"),
                                fontSize=layout.letters, color=INK, frame="group", offset=3)  # fmt: skip
        height = 1.7 * layout.panel_height
        # There is room below the lines of recall; elsewhere names would lie on them.
        names = _names(layout, colour, dashes) if metric == "recall" else []
        plots.append(alt.LayerChart(layer=[band, line, *names], width=width, height=height, title=title))
    return alt.concat(*plots, columns=2, spacing=SPACING).resolve_scale(
        x="independent", y="independent", color="independent", strokeDash="independent"
    ), ROOM


def _names(layout: Layout, colour: "alt.Color", dashes: "alt.Scale") -> "list[alt.Chart]":
    """Name the lines, each beside a piece of it."""
    import altair as alt

    places = [{"regime": name, "value": 0.36 - 0.075 * i, "generation": x, "name": name if x > 1 else ""}
              for i, name in enumerate(SHOWN) for x in (0.3, 1.2)]  # fmt: skip
    base = alt.Chart(alt.InlineData(values=places)).encode(x="generation:Q", y="value:Q")
    pieces = base.mark_line(strokeWidth=1.7).encode(
        color=colour, strokeDash=alt.StrokeDash("regime:N", scale=dashes, legend=None)
    )
    words = base.mark_text(align="left", dx=6, color=INK, fontSize=layout.letters).encode(text="name:N")
    return [pieces, words]


def _arrow(rows: Sequence[Mapping[str, Any]]) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_pylist([dict(row) for row in rows])
