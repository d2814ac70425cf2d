"""Diversity as pictures: how many tags are common by cohort and year, how large the largest is, and what turns over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from precipice.profiles.diversity import NORMAL, Diversity
from precipice.report.figure import SPACING, Figure
from precipice.report.lettering import shorten, text_width
from precipice.report.look import COHORTS, INK, Layout, platform_name
from precipice.report.quick import inline
from precipice.report.wording import cohort_rule, listed, planted, stem
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

NAMES = ("senior", "junior")


@dataclass(frozen=True)
class _Plot:
    """One of the plots: a number by cohort and year with its limits."""

    title: str
    number: Callable[[Diversity], tuple[float, float, float]]
    """Value, lower and upper limit."""
    form: str
    """How ticks are written, a Vega expression."""
    chance: Callable[[Diversity], float] | None = None
    """What chance alone would make of the number."""


PLOTS = (
    _Plot("common tags (order 1)", lambda one: (float(one.hill[1]), *one.limits(1)), "format(datum.value, ',.0f')"),
    _Plot(
        "share of the most used tag",
        lambda one: (one.top_share, max(0.0, one.top_share - NORMAL * one.top_se), one.top_share + NORMAL * one.top_se),
        "format(100 * datum.value, '~g') + ' %'",
    ),
    _Plot(
        "Gini of uploads over artists",
        lambda one: (one.gini, max(0.0, one.gini - NORMAL * one.gini_se), min(1.0, one.gini + NORMAL * one.gini_se)),
        "format(datum.value, '.1f')",
    ),
    _Plot(
        "turnover from year to year",
        lambda one: (one.turnover, *one.turnover_limits()),
        "format(datum.value, '~g')",
        lambda one: one.turnover_by_chance,
    ),
)
COLUMNS = 2


def diversity_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give a picture of each platform with diversity; none without."""
    if findings.diversity is None:
        return ()
    platforms = dict.fromkeys(one.platform for one in findings.diversity.found if one.cohort in NAMES)
    return tuple(diversity_on(findings, platform) for platform in platforms)


def diversity_on(findings: Findings, platform: str) -> Figure:
    """Draw common tags, the share of the most used one, and Gini by year, for seniors and juniors."""
    rows = [one for one in findings.diversity.found if one.platform == platform] if findings.diversity else []
    parts = [one for one in rows if one.cohort in NAMES]
    ends = [_told([one for one in parts if one.cohort == name]) for name in NAMES]
    return Figure(
        stem=f"diversity-{stem(findings, platform)}",
        title="Are the tags of artists becoming fewer, and does one dominate?",
        subtitle=f"{platform_name(platform)}, by year; numbers at a coverage of {100 * rows[0].standard:.0f} %",
        notes=(
            f"Seniors (solid): {cohort_rule(findings, 'senior')}; juniors (dashed): {cohort_rule(findings, 'junior')}.",
            "Bars: 95 % intervals over artists. A year with fewer than 20 artists of a cohort is left out.",
            "Short strokes: the turnover that chance alone would make.",
        ),
        truth=planted(findings),
        description=f"On {platform_name(platform)}: {listed([words for words in ends if words])}.",
        body=lambda layout, width: _body(layout, width, parts),
        # Without the rows of all: less one cohort's creators, they would count out the few of the other.
        numbers=lambda: _table(parts),
        columns=lambda layout: min(layout.columns, COLUMNS),
        beside=lambda layout: text_width("1,000", layout.letters) + 8,
    )


def _told(rows: Sequence[Diversity]) -> str:
    if not rows:
        return ""
    first, last = rows[0], rows[-1]
    top = f", when {last.top} was {100 * last.top_share:.1f} % of an artist's tags" if last.top else ""
    return (
        f"{first.cohort}s had {first.hill[1]:,.0f} common tags in {first.start // 12} and {last.hill[1]:,.0f} in "
        f"{last.start // 12}{top}"
    )


def _body(layout: Layout, width: float, parts: Sequence[Diversity]) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    room = text_width("1,000", layout.letters) + 5
    years = sorted({one.start // 12 for one in parts})
    plots = [_draw(layout, width, room, _rows(plot, parts), (plot, years)) for plot in PLOTS]
    whole = alt.concat(*plots, columns=min(layout.columns, COLUMNS), spacing=SPACING)
    return whole.resolve_scale(x="independent", y="independent"), room


def _rows(plot: _Plot, parts: Sequence[Diversity]) -> list[dict[str, Any]]:
    rows = []
    for one in parts:
        value, low, high = plot.number(one)
        if isfinite(value):  # otherwise no tag is of enough artists
            row = {"cohort": one.cohort, "year": one.start // 12, "value": value, "low": low, "high": high}
            rows.append(row if plot.chance is None else {**row, "chance": plot.chance(one)})
    return rows


def _draw(
    layout: Layout, width: float, room: float, rows: list[dict[str, Any]], what: tuple[_Plot, list[int]]
) -> "alt.LayerChart":
    """Draw one number by year, a line for each cohort with bars."""
    import altair as alt

    plot, years = what
    every = max(1, round(len(years) * text_width("20000", layout.letters) / width + 0.49))
    across = alt.X(
        "year:O", scale=alt.Scale(domain=years, type="point", padding=0.4),
        axis=alt.Axis(title=None, labelAngle=0, values=years[::every], grid=False),
    )  # fmt: skip
    axis = alt.Axis(title=None, tickCount=4, labelExpr=plot.form, minExtent=room, maxExtent=room)
    scale = alt.Scale(domain=[0, 1.05 * max((row["high"] for row in rows), default=1.0)], nice=False)
    colours = alt.Scale(domain=list(NAMES), range=[COHORTS[name].colour for name in NAMES])
    dashes = alt.Scale(domain=list(NAMES), range=[list(COHORTS[name].dash) for name in NAMES])
    shift = alt.XOffset("cohort:N", sort=list(NAMES), scale=alt.Scale(range=[-2, 2]))
    base = alt.Chart(inline(rows)).encode(
        x=across, xOffset=shift, color=alt.Color("cohort:N", legend=None, scale=colours)
    )
    down = alt.Y("value:Q", axis=axis, scale=scale)
    layers = [
        base.mark_rule(strokeWidth=1.0).encode(y=alt.Y("low:Q", axis=axis, scale=scale), y2=alt.Y2("high:Q")),
        base.mark_line(strokeWidth=1.5).encode(
            y=down, strokeDash=alt.StrokeDash("cohort:N", legend=None, scale=dashes)
        ),
        base.mark_circle(size=18, opacity=1).encode(y=down),
    ]
    if plot.chance is not None:
        layers.append(base.mark_tick(thickness=1.2, size=9).encode(y=alt.Y("chance:Q", axis=axis, scale=scale)))
    name = shorten(plot.title, width + room, layout.letters, bold=True)
    title = alt.TitleParams(name, fontSize=layout.letters, color=INK, frame="bounds", offset=3)
    return alt.LayerChart(layer=layers, width=width, height=1.5 * layout.panel_height).properties(title=title)


def _table(rows: Sequence[Diversity]) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_pylist([one.as_dict() for one in rows])
