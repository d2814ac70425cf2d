"""The figures that a reader moves, as Altair specifications compiled to Vega; the page puts the numbers in.

Each names its data sets and what the page sets of it (`from`, `to`, `top`), and holds no number itself.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from precipice.report.look import COHORTS, INK, LAYOUTS, MUTED, SHARES, WITHHELD, configuration
from precipice.report.placebo_charts import DOT

if TYPE_CHECKING:
    import altair as alt

HEIGHT, STRIP = 260, 44
"""Pixels of the plot of cohorts and of the strip below it in which months are chosen."""
MONTHS = "utcmonth(datum.value) == 0 ? utcFormat(datum.value, '%Y') : utcFormat(datum.value, '%b %Y')"
LIMITS: Mapping[tuple[str, str], tuple[str | int, str | int]] = {
    ("lines", "x"): ("from", "to"),
    ("lines", "y"): (0, "top"),
    ("strip", "x"): ("from", "to"),
    ("placebos", "x"): ("from", "to"),
    ("retention", "x"): (1, "to"),
}
"""What the page sets of each scale; Vega-Lite would have the limits of a time be dates in the specification."""
TICKS = {"expr": "max(2, round(width / 70))"}
"""About as many months as there is room to name."""
COUNTS = "datum.value >= 100000 ? format(datum.value / 1000, ',.0f') + 'k' : format(datum.value, ',~f')"


def specifications() -> dict[str, Any]:
    """Give the Vega specifications of the page's moving figures, by name."""
    drawn = {"lines": _lines(), "strip": _strip(), "placebos": _placebos(), "retention": _retention()}
    return {name: compiled(name, chart) for name, chart in drawn.items()}


def compiled(name: str, chart: "alt.LayerChart") -> dict[str, Any]:
    """Compile a chart to Vega that the page sizes itself."""
    import altair as alt
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    look = configuration(LAYOUTS[178])
    whole = chart.properties(config=look, autosize=alt.AutoSizeParams(type="none"), padding=0)
    vega = vl_convert.vegalite_to_vega(whole.to_dict(validate=False), vl_version=version)
    made: dict[str, Any] = vega if isinstance(vega, dict) else json.loads(vega)
    del made["$schema"]  # the page names nothing outside of itself
    for scale in made["scales"]:
        limits = LIMITS.get((name, scale["name"]))
        if limits:
            scale["domain"] = [limit if isinstance(limit, int) else {"signal": limit} for limit in limits]
    return made


def _data(name: str) -> "alt.Chart":
    import altair as alt

    return alt.Chart(alt.NamedData(name=name))


def _lines() -> "alt.LayerChart":
    import altair as alt

    limits = [alt.VariableParameter(name=name, value=value) for name, value in (("from", 0), ("to", 1), ("top", 1))]
    names = list(COHORTS)
    colour = alt.Color(
        "cohort:N", scale=alt.Scale(domain=names, range=[s.colour for s in COHORTS.values()]), legend=None
    )
    letters = alt.Color(
        "cohort:N", scale=alt.Scale(domain=names, range=[s.text for s in COHORTS.values()]), legend=None
    )
    dash = alt.StrokeDash(
        "cohort:N", scale=alt.Scale(domain=names, range=[list(s.dash) for s in COHORTS.values()]), legend=None
    )
    across, up = _across("t"), _up("value")
    y, y2 = alt.Y("y:Q", scale=None), alt.Y2("y2:Q")
    layers = [
        _data("window").mark_rect(color=MUTED, opacity=0.1, clip=True).encode(x=across, x2=alt.X2("t2:T")),
        _data("hatch").mark_rule(stroke=MUTED, strokeOpacity=0.45, strokeWidth=0.8, clip=True).encode(
            x=across, x2=alt.X2("t2:T"), y=y, y2=y2),
        _data("events").mark_rule(strokeDash=[1, 2], stroke=MUTED, strokeWidth=0.9).encode(x=across, y=y, y2=y2),
        _data("cutoff").mark_rule(stroke=INK, strokeWidth=1.1, clip=True).encode(x=across, y=y, y2=y2),
        *(_data("flags").transform_filter(f"datum.left === {str(left).lower()}").mark_text(
            align="right" if left else "left", baseline="alphabetic", dx=-2.5 if left else 2.5, color=INK,
        ).encode(x=across, y=y, text=alt.Text("label:N")) for left in (False, True)),
        _data("bands").mark_area(opacity=0.16, clip=True).encode(
            x=across, y=_up("low"), y2=alt.Y2("high:Q"), color=colour, detail=alt.Detail("run:N")),
        _data("bands").mark_line(clip=True, strokeWidth=1.6, strokeJoin="round").encode(
            x=across, y=up, color=colour, strokeDash=dash, detail=alt.Detail("run:N")),
        _data("points").mark_point(size=16, opacity=1, strokeWidth=1.2, fill="#ffffff", clip=True).encode(
            x=across, y=up, color=colour),
        _data("withheld").mark_rule(strokeWidth=2, opacity=0.5, clip=True).encode(x=across, y=y, y2=y2, color=colour),
        _data("ends").mark_text(align="left", baseline="middle", dx=5).encode(
            x=_across("t"), y=y, text=alt.Text("label:N"), color=letters),
        _data("bands").mark_point(size=160, opacity=0, filled=True, clip=True).encode(x=across, y=up, color=colour),
    ]  # fmt: skip
    chart = alt.LayerChart(layer=layers, width=600, height=HEIGHT, params=limits)
    apart: alt.LayerChart = chart.resolve_scale(color="independent")
    return apart


def _across(name: str) -> "alt.X":
    import altair as alt

    axis = alt.Axis(title=None, grid=False, labelFlush=False, labelExpr=MONTHS, tickCount=TICKS, labelOverlap=True)
    scale = alt.Scale(type="utc", nice=False)
    return alt.X(f"{name}:T", axis=axis, scale=scale)


def _up(name: str) -> "alt.Y":
    import altair as alt

    axis = alt.Axis(title=None, domain=False, ticks=False, tickCount=5, labelExpr=COUNTS, labelPadding=3)
    return alt.Y(f"{name}:Q", axis=axis, scale=alt.Scale(nice=False))


def _strip() -> "alt.LayerChart":
    import altair as alt

    brush = alt.selection_interval(encodings=["x"], name="brush", mark=alt.BrushConfig(
        fill="#0072B2", fillOpacity=0.14, stroke="#0072B2"))  # fmt: skip
    limits = [alt.VariableParameter(name=name, value=value) for name, value in (("from", 0), ("to", 1))]
    area = (
        _data("all").mark_area(color=DOT, opacity=0.55, line={"color": DOT, "strokeWidth": 1})
        .encode(x=_across("t"), y=alt.Y("value:Q", axis=None, scale=alt.Scale(nice=False, zero=True)))
        .properties(name="strip")  # by default named after a count of what was drawn before
        .add_params(brush)
    )  # fmt: skip
    return alt.LayerChart(layer=[area], width=600, height=STRIP, params=limits)


def _placebos() -> "alt.LayerChart":
    import altair as alt

    axis = alt.Axis(
        title="change at cutoffs when nothing happened, per cent", grid=False, tickCount=7,
        labelExpr="datum.value == 0 ? '0' : format(datum.value, '+,.0f')",
    )  # fmt: skip
    count = alt.Axis(title=None, domain=False, ticks=False, tickMinStep=1, tickCount=4, format="d")
    scale = alt.Scale(nice=False)
    across = alt.X("low:Q", axis=axis, scale=scale)
    place, y = alt.X("value:Q", scale=scale, axis=axis), alt.Y("y:Q", scale=None)
    senior = COHORTS["senior"].colour
    layers = [
        _data("bars").mark_rect(color=DOT, opacity=1).encode(
            x=across, x2=alt.X2("high:Q"), y=alt.Y("count:Q", axis=count, scale=alt.Scale(zero=True)), y2=alt.datum(0)),
        _data("event").mark_rule(stroke=senior, strokeWidth=1.6).encode(x=alt.X("low:Q", scale=scale, axis=axis),
                                                                        x2="high:Q", y=alt.Y("level:Q", scale=None)),
        _data("event").mark_rule(stroke=senior, strokeWidth=2).encode(x=place, y=y, y2=alt.Y2("y2:Q")),
        *(_data("event").transform_filter(f"datum.left === {str(left).lower()}").mark_text(
            align="right" if left else "left", dx=-5 if left else 5, dy=2, baseline="top", color=INK,
        ).encode(x=place, y=y, text=alt.Text("label:N")) for left in (False, True)),
    ]  # fmt: skip
    limits = [alt.VariableParameter(name=name, value=value) for name, value in (("from", -1), ("to", 1))]
    return alt.LayerChart(layer=layers, width=600, height=180, params=limits)


def _retention() -> "alt.LayerChart":
    import altair as alt

    axis = alt.Axis(title="months since the first upload", grid=False, tickCount=8, tickMinStep=12)
    across = alt.X("from:Q", scale=alt.Scale(nice=False), axis=axis)
    down = alt.Y("first:N", sort=None, axis=alt.Axis(title=None, domain=False, ticks=False),
                 scale=alt.Scale(paddingInner=0.06))  # fmt: skip
    ramp = alt.Scale(
        domain=[{"expr": f"top * {(part / (len(SHARES) - 1)) ** 2:g}"} for part in range(len(SHARES))],
        range=list(SHARES), clamp=True,
    )  # fmt: skip
    colour = alt.Color("share:Q", scale=ramp, legend=None)
    cells = _data("cells").transform_filter("isValid(datum.share)").mark_rect(stroke="#ffffff", strokeWidth=0.4)
    grey = (
        _data("cells")
        .transform_filter("!isValid(datum.share)")
        .mark_rect(stroke="#ffffff", strokeWidth=0.4, color=WITHHELD)
    )
    limits = [alt.VariableParameter(name=name, value=value) for name, value in (("to", 1), ("top", 1))]
    layers = [
        cells.encode(x=across, x2=alt.X2("to:Q"), y=down, color=colour),
        grey.encode(x=across, x2=alt.X2("to:Q"), y=down),
    ]
    return alt.LayerChart(layer=layers, width=600, height=160, params=limits)
