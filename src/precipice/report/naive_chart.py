"""Naive readings as a picture, beside ours: what one would write who believed them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.effects import HEADLINE, Effect, Naive
from precipice.report.figure import Figure
from precipice.report.lettering import text_width
from precipice.report.look import COHORTS, INK, MUTED, Layout, platform_name
from precipice.report.percents import LABELS, event_label, signed, ticks_across, with_interval
from precipice.report.quick import at_x, inline
from precipice.report.wording import listed, planted, stem
from precipice.study.findings import Findings
from precipice.study.illustrating import NaivelyOn

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

ROW = 1.55
"""Height of a row, in sizes of type."""
OURS: Mapping[str, str] = {
    "S1": "incumbents, by tenure (S1)",
    "S2": "against newcomers (S2)",
    "S12": "less newcomers' change (S12)",
    "control": "against the control",
}


def naive_beside_ours(findings: Findings, found: NaivelyOn) -> Figure:
    """Draw every naive reading of one platform and event above our estimates with their intervals."""
    ours = [
        effect
        for effect in findings.effects
        if (effect.platform, effect.event, effect.outcome) == (found.platform, found.event, HEADLINE)
        and effect.method in OURS
    ]
    name, event = platform_name(found.platform), event_label(findings, found.event)
    claims = [reading for reading in found.readings if reading.found]
    month = ours[0].cutoff if ours else 0
    said = [f"{_name(e)}: {'cannot tell' if e.refused else with_interval(e)}" for e in ours]
    return Figure(
        stem=f"naive-{stem(findings, found.platform)}-{month}",
        title=f"Naive readings of {event}, beside ours",
        subtitle=f"{name}: {len(claims)} of {len(found.readings)} naive readings claim a change of seniors at 5 %. "
        "They mistake a closed group's ordinary attrition for an effect and find one where nothing happened",
        notes=(
            "Squares: naive, filled where a change is claimed; trends are a year's change, and of “last seen” more is "
            "more leaving. Circles: ours with 95 % intervals, filled where distinguishable from none.",
            "Beyond the edge: drawn at the edge.",
        ),
        truth=planted(findings),
        description=(
            f"Naive readings on {name} at {event}: "
            f"{'; '.join(f'{r.name}, {_claim(r)}' for r in found.readings)}. Ours: {listed(said) if said else 'none'}."
        ),
        body=lambda layout, width: _drawn(layout, width, found.readings, ours),
        numbers=lambda: _table(found.readings, ours),
        beside=lambda layout: _room(layout, found.readings, ours),
    )


def _claim(reading: Naive) -> str:
    number = signed(100 * reading.estimate) if np.isfinite(reading.estimate) else "no number"
    return f"{number}, {'claims a change' if reading.found else 'claims none'}"


def _name(effect: Effect) -> str:
    return OURS[effect.method]


def _room(layout: Layout, readings: Sequence[Naive], ours: Sequence[Effect]) -> float:
    names = [reading.name for reading in readings] + [_name(effect) for effect in ours]
    return max(text_width(name, layout.letters) for name in names) + 12


def _drawn(
    layout: Layout, width: float, readings: Sequence[Naive], ours: Sequence[Effect]
) -> "tuple[alt.LayerChart, float]":
    import altair as alt

    room = _room(layout, readings, ours)
    ends = [100 * r.estimate for r in readings] + [v for e in ours for v in (e.percent_low, e.percent_high)]
    known = np.abs([end for end in ends if np.isfinite(end)])
    bound = float(np.clip(1.05 * np.quantile(known, 0.85), 30, 100)) if len(known) else 100.0
    rows = _rows(readings, ours, bound)
    count = len(readings) + len(ours) + 1
    down = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[-0.5, count - 0.5], reverse=True, nice=False))
    axis = alt.Axis(title=None, labelExpr=LABELS, values=ticks_across((-bound, bound), width, layout))
    across = alt.X("percent:Q", axis=axis, scale=alt.Scale(domain=[-bound, bound], clamp=True))
    naive, mine = COHORTS["junior"].colour, COHORTS["senior"].colour
    base = alt.Chart(inline(rows))
    told = base.transform_filter("isValid(datum.percent)")
    layers = [
        alt.Chart(inline([{"percent": 0}])).mark_rule(stroke=MUTED, strokeWidth=0.8).encode(x=across),
        alt.Chart(inline([{"row": len(readings)}]))
        .mark_rule(stroke=MUTED, strokeWidth=0.5, strokeDash=[2, 2]).encode(y=down),
        told.mark_rule(stroke=mine, strokeWidth=1.5).transform_filter("datum.ours")
        .encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"), y=down),
        *(_points(told, across, down, ours=mark, colour=colour) for mark, colour in ((False, naive), (True, mine))),
        base.mark_text(align="right", baseline="middle").encode(x=at_x(-8), y=down, text=alt.Text("name:N")),
        base.mark_text(align="left", baseline="middle", dx=6, color=INK).transform_filter("!isValid(datum.percent)")
        .encode(x=at_x(width / 2), y=down, text=alt.Text("says:N")),
    ]  # fmt: skip
    return alt.LayerChart(layer=layers, width=max(60.0, width), height=round(ROW * layout.letters * count, 1)), room


def _points(base: "alt.Chart", across: "alt.X", down: "alt.Y", *, ours: bool, colour: str) -> "alt.Chart":
    import altair as alt

    part = base.transform_filter("datum.ours" if ours else "!datum.ours")
    mark = part.mark_point(shape="circle" if ours else "square", stroke=colour, size=36, opacity=1, filled=True)
    fill = alt.condition("datum.clear", alt.value(colour), alt.value("#ffffff"))
    drawn: alt.Chart = mark.encode(x=across, y=down, fill=fill)
    return drawn


def _rows(readings: Sequence[Naive], ours: Sequence[Effect], bound: float) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for place, reading in enumerate(readings):
        number = {"percent": 100 * reading.estimate} if np.isfinite(reading.estimate) else {}
        rows.append({"row": place, "name": reading.name, "ours": False, "clear": reading.found, **number,
                     "says": "no number"})  # fmt: skip
    for place, effect in enumerate(ours, len(readings) + 1):
        number = {} if effect.refused else {"percent": effect.percent, "low": max(effect.percent_low, -bound),
                                            "high": min(effect.percent_high, bound)}  # fmt: skip
        clear = effect.verdict in ("lower", "higher")
        rows.append({"row": place, "name": _name(effect), "ours": True, "clear": clear, **number,
                     "says": "cannot tell"})  # fmt: skip
    return rows


def _table(readings: Sequence[Naive], ours: Sequence[Effect]) -> "pa.Table":
    import pyarrow as pa

    rows: list[dict[str, Any]] = [
        {"kind": "naive", "reading": r.name, "percent": _plain(100 * r.estimate), "low": None, "high": None,
         "p": _plain(r.p), "claims": r.found, "misleads": r.why_it_misleads}
        for r in readings
    ]  # fmt: skip
    rows += [
        {"kind": "ours", "reading": _name(e), "percent": _plain(e.percent), "low": _plain(e.percent_low),
         "high": _plain(e.percent_high), "p": _plain(e.p_holm), "claims": e.verdict in ("lower", "higher"),
         "misleads": ""}
        for e in ours
    ]  # fmt: skip
    numbers = [(name, pa.float64()) for name in ("percent", "low", "high", "p")]
    texts = [("kind", pa.string()), ("reading", pa.string())]
    schema = pa.schema([*texts, *numbers, ("claims", pa.bool_()), ("misleads", pa.string())])
    return pa.Table.from_pylist(rows, schema=schema)


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
