"""Dots of rejection rates, for the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studies.power.tallies import Key, Tally
from studies.power.worlds import SETTINGS

COLOURS = {"verdict": "#1b1b1b", "S1-trimmed": "#0072B2", "S2-trimmed": "#D55E00", "S12-trimmed": "#009E73",
           "control-trimmed": "#CC79A7"}  # fmt: skip
"""Okabe & Ito 2008; shapes tell them apart as well."""
SHAPES = {"verdict": "cross", "S1-trimmed": "circle", "S2-trimmed": "square", "S12-trimmed": "triangle-up",
          "control-trimmed": "diamond"}  # fmt: skip
INK, MUTED, BAND, GRID = "#1b1b1b", "#595959", "#e3e8ec", "#ececec"
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
NAIVE = "naive: "
WORLD = "realistic"
LIMIT = 40.0
"""Per cent at which the axis ends; what lies beyond is drawn at the end and written."""


def draw_sizes(tallies: Mapping[Key, Tally], worlds: Sequence[str], path: Path) -> None:
    """Draw rejections where nothing happened: a row a world, a dot a method with two Monte Carlo errors."""
    import altair as alt

    rows = [
        _row(tallies[world, method], world, method)
        for world in worlds
        for method in COLOURS
        if (world, method) in tallies and method in SETTINGS[world].null and tallies[world, method].given
    ]
    worlds = [world for world in worlds if any(row["name"] == world for row in rows)]
    x = alt.X("rate:Q", title="panels rejected at 5 %, per cent", scale=alt.Scale(domain=[0, LIMIT], nice=False))
    y = alt.Y("name:N", sort=list(worlds), title=None)
    offset = alt.YOffset("method:N", sort=list(COLOURS))
    band = _chart([{"low": 2, "high": 7}]).mark_rect(color=BAND).encode(x="low:Q", x2="high:Q")
    base = _chart(rows)
    colour = alt.Color("method:N", title=None, scale=_scale(alt, COLOURS), legend=alt.Legend(orient="top"))
    shape = alt.Shape("method:N", title=None, scale=_scale(alt, SHAPES))
    layers = [
        band,
        base.mark_rule(strokeWidth=1).encode(x=alt.X("low:Q"), x2="high:Q", y=y, yOffset=offset, color=colour),
        base.mark_point(filled=True, size=34, opacity=1).encode(x=x, y=y, yOffset=offset, color=colour, shape=shape),
        base.transform_filter("datum.beyond != ''").mark_text(align="right", dx=-6, fontSize=10, color=INK)
        .encode(x=x, y=y, yOffset=offset, text="beyond:N"),
    ]  # fmt: skip
    _save(alt.layer(*layers).properties(width=430, height=alt.Step(9)), path)


def draw_naive(tallies: Mapping[Key, Tally], path: Path) -> None:
    """Draw the naive readings' rejections beside ours in one world where nothing happened."""
    import altair as alt

    naive = [method for world, method in tallies if world == WORLD and method.startswith(NAIVE)]
    if not naive:
        return
    ours = [method for method in ("verdict", "S1-trimmed", "S2-trimmed", "S12-trimmed") if (WORLD, method) in tallies]
    rows = [
        {"name": method.removeprefix(NAIVE), "kind": "naive" if method in naive else "ours"}
        | _ends(tallies[WORLD, method])
        for method in (*naive, *ours)
    ]
    x = alt.X(
        "rate:Q", title="panels rejected at 5 % where nothing happened, per cent", scale=alt.Scale(domain=[0, 100])
    )
    y = alt.Y("name:N", sort=[str(row["name"]) for row in rows], title=None)
    kinds = {"naive": "#D55E00", "ours": "#0072B2"}
    base = _chart(rows)
    colour = alt.Color("kind:N", title=None, scale=_scale(alt, kinds), legend=alt.Legend(orient="top"))
    shape = alt.Shape("kind:N", title=None, scale=_scale(alt, {"naive": "square", "ours": "circle"}))
    line = _chart([{"at": 5}]).mark_rule(color=MUTED, strokeDash=[3, 2]).encode(x="at:Q")
    layers = [
        line,
        base.mark_rule(strokeWidth=1).encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=colour),
        base.mark_point(filled=True, size=46, opacity=1).encode(x=x, y=y, color=colour, shape=shape),
    ]
    _save(alt.layer(*layers).properties(width=430, height=alt.Step(17)), path)


def _row(at: Tally, world: str, method: str) -> dict[str, Any]:
    ends = _ends(at)
    beyond = f"{ends['rate']:.0f}" if ends["rate"] > LIMIT else ""
    return {"name": world, "method": method, "beyond": beyond} | {k: min(v, LIMIT) for k, v in ends.items()}


def _ends(at: Tally) -> dict[str, float]:
    low, high = at.size - 2 * at.error, at.size + 2 * at.error
    return {"rate": 100 * at.size, "low": 100 * max(low, 0), "high": 100 * min(high, 1)}


def _chart(rows: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401  an Altair chart
    import altair as alt

    return alt.Chart({"values": [dict(row) for row in rows]})


def _scale(alt: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401  altair has no types
    return alt.Scale(domain=list(values), range=list(values.values()))


def _save(chart: Any, path: Path) -> None:  # noqa: ANN401  an Altair chart
    axis = {"labelColor": INK, "titleColor": MUTED, "gridColor": GRID, "domainColor": MUTED, "tickColor": MUTED,
            "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal", "labelLimit": 220}  # fmt: skip
    legend = {"labelFontSize": 11, "symbolSize": 60}
    chart = chart.configure(font=FONT, background="#ffffff", padding=8).configure_view(stroke=None)
    chart.configure_axis(**axis).configure_legend(**legend).save(str(path), scale_factor=1.5)
