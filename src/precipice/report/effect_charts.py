"""Effects as pictures: the event among the placebo cutoffs, and all platforms and events side by side."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.effects import Effect
from precipice.months import month_start, month_text
from precipice.report.figure import Figure
from precipice.report.lettering import text_width
from precipice.report.look import COHORTS, MUTED, Layout, platform_name
from precipice.report.wording import listed, planted, stem
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

DOT = "#9a9a9a"
METHOD_WORDS = {
    "S1": "incumbents, against what their tenure used to do",
    "S2": "incumbents, against newcomers in the same months",
    "S12": "incumbents' change, less newcomers' change",
    "control": "incumbents, against those of the control platform",
}
ROW = 1.9
"""Height of a row of the forest, in sizes of type."""


def effect_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give the pictures of effects: none where nothing was estimated, placebos only where there are any."""
    shown = [effect for effect in findings.effects if effect.outcome == "capped" and effect.method in METHOD_WORDS]
    told = [effect for effect in shown if not effect.refused]
    pictures = [forest(findings, told)] if told else []
    for platform in findings.panel.platforms:
        measured = [effect for effect in told if effect.platform == platform and effect.method == "S1"]
        pictures += [placebos_on(findings, platform, measured)] if any(e.placebos for e in measured) else []
    return tuple(pictures)


def placebos_on(findings: Findings, platform: str, effects: Sequence[Effect]) -> Figure:
    """Draw one platform's incumbent change at every placebo cutoff, and at the events with its 95 % interval.

    Args:
        findings: of the study.
        platform: whose incumbents.
        effects: S1 at each event, with numbers.
    """
    name = platform_name(platform)
    most = max(effects, key=lambda effect: effect.n_placebos)
    dots = [(b.cutoff, b.estimate - most.placebo_mean) for b in most.placebos]
    points = [_label(findings, effect) for effect in effects]
    words = [
        f"{label}: {e.percent:+.0f} % ({e.percent_low:+.0f} to {e.percent_high:+.0f} %)".replace("-", "−")
        for label, e in zip(points, effects, strict=True)
    ]
    return Figure(
        stem=f"placebos-{stem(findings, platform)}",
        title="What incumbents did at events, among months when nothing happened",
        subtitle=f"{name}: change of seniors' active months beyond what their tenure used to do; {'; '.join(words)}",
        notes=(
            f"Grey: the same number at {most.n_placebos} earlier cutoffs, less their mean. Bars: 95 % intervals, "
            "the spread of the grey dots included.",
        ),
        truth=planted(findings),
        description=(
            f"Incumbents' change on {name} at {most.n_placebos} cutoffs before the events, from "
            f"{_percent(min(v for _, v in dots)):+.0f} to {_percent(max(v for _, v in dots)):+.0f} per cent; "
            f"at the events {listed(words)}."
        ),
        body=lambda layout, width: _placebos(layout, width, dots, list(zip(points, effects, strict=True))),
        numbers=lambda: _placebo_table(effects),
    )


def _placebos(
    layout: Layout, width: float, dots: Sequence[tuple[int, float]], events: Sequence[tuple[str, Effect]]
) -> "tuple[alt.LayerChart, float]":
    import altair as alt

    grey = [{"month": _day(month), "percent": _percent(value)} for month, value in dots]
    blue = [
        {"month": _day(e.cutoff), "percent": e.percent, "low": e.percent_low, "high": e.percent_high, "label": label}
        for label, e in events
    ]
    reach = [_percent(value) for _, value in dots]
    reach += [end for _, e in events for end in (e.percent_low, e.percent_high)]
    low, high = min([*reach, -5.0]), max([*reach, 5.0])
    room = max(text_width(f"{value:+.0f} %", layout.letters) for value in (low, high)) + 10
    across = alt.X("month:T", axis=alt.Axis(title="cutoff", grid=False, tickCount=6, format="%Y"))
    axis = alt.Axis(title=None, labelExpr="format(datum.value, '+.0f') + ' %'", tickCount=5, minExtent=room,
                    maxExtent=room)  # fmt: skip
    down = alt.Y("percent:Q", axis=axis, scale=alt.Scale(domain=[low, high], nice=True))
    colour = COHORTS["senior"].colour
    base = alt.Chart(alt.InlineData(values=blue))
    layers = [
        alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(stroke=MUTED, strokeWidth=0.8).encode(y="zero:Q"),
        alt.Chart(alt.InlineData(values=grey)).mark_circle(size=14, color=DOT, opacity=0.8).encode(x=across, y=down),
        base.mark_rule(stroke=colour, strokeWidth=1.6).encode(x=across, y=alt.Y("low:Q", axis=axis), y2="high:Q"),
        base.mark_circle(size=46, color=colour, opacity=1).encode(x=across, y=down),
    ]
    return alt.LayerChart(layer=layers, width=width, height=layout.height), room


def forest(findings: Findings, effects: Sequence[Effect]) -> Figure:
    """Draw each platform's effects of each event with their 95 % intervals, one row a method.

    Args:
        findings: of the study.
        effects: those with numbers.
    """
    named = [(f"{platform_name(e.platform)}, {_label(findings, e)}", e) for e in effects]
    methods = [method for method in METHOD_WORDS if any(e.method == method for e in effects)]
    clear = [label for label, e in named if e.verdict in ("lower", "higher")]
    return Figure(
        stem="effects",
        title="What events did, beyond ordinary attrition",
        subtitle="Change of the months in which incumbents uploaded, with 95 % intervals: "
        + "; ".join(f"{method} {METHOD_WORDS[method]}" for method in methods),
        notes=(
            "Intervals include the platform's own calendar noise, measured at months when nothing happened.",
            "Filled: distinguishable from none after correction for asking several times.",
        ),
        truth=planted(findings),
        description=f"{len(effects)} effects with intervals; distinguishable from none: {listed(clear or ['none'])}.",
        body=lambda layout, width: _forest(layout, width, named),
        numbers=lambda: _forest_table(effects),
    )


def _forest(layout: Layout, width: float, named: Sequence[tuple[str, Effect]]) -> "tuple[alt.LayerChart, float]":
    import altair as alt

    rows: list[dict[str, Any]] = [
        {"row": f"{label}, {e.method}", "percent": e.percent, "low": e.percent_low, "high": e.percent_high,
         "clear": e.verdict in ("lower", "higher")}
        for label, e in named
    ]  # fmt: skip
    order = [row["row"] for row in rows]
    room = max(text_width(name, layout.letters) for name in order) + 8
    ends = [end for _, e in named for end in (e.percent_low, e.percent_high)]
    bound = float(np.clip(1.1 * np.quantile(np.abs(ends), 0.9), 20, 200))
    for row in rows:
        row["from"], row["to"] = max(row["low"], -bound), min(row["high"], bound)
    axis = alt.Axis(title=None, labelExpr="format(datum.value, '+.0f') + ' %'", tickCount=5)
    across = alt.X("percent:Q", axis=axis, scale=alt.Scale(domain=[-min(bound, 100), bound], clamp=True))
    left = alt.Axis(title=None, domain=False, ticks=False, minExtent=room, maxExtent=room, labelLimit=room)
    down = alt.Y("row:N", sort=order, axis=left)
    colour = COHORTS["senior"].colour
    base = alt.Chart(alt.InlineData(values=rows))
    fill = alt.condition("datum.clear", alt.value(colour), alt.value("#ffffff"))
    layers = [
        alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(stroke=MUTED, strokeWidth=0.8).encode(x="zero:Q"),
        base.mark_rule(stroke=colour, strokeWidth=1.4).encode(x=alt.X("from:Q"), x2="to:Q", y=down),
        base.mark_point(filled=True, stroke=colour, size=34, opacity=1).encode(x=across, y=down, fill=fill),
    ]
    height = round(ROW * layout.letters * len(rows), 1)
    # The names take their room from the plot, which would otherwise push the page past its width.
    return alt.LayerChart(layer=layers, width=max(60.0, width), height=height), room


def _label(findings: Findings, effect: Effect) -> str:
    labels = {event.name: event.label for event in findings.events}
    return labels.get(effect.event, effect.event)


def _day(month: int) -> str:
    return f"{month_start(month):%Y-%m-%d}"


def _percent(log_points: float) -> float:
    return float(100 * np.expm1(log_points))


def _placebo_table(effects: Sequence[Effect]) -> "pa.Table":
    import pyarrow as pa

    rows = [
        {"platform": e.platform, "event": e.event, "method": e.method, "cutoff": month_text(cutoff),
         "estimate": value, "se": se, "is_event": is_event}
        for e in effects
        for cutoff, value, se, is_event in [
            *((b.cutoff, b.estimate - e.placebo_mean, b.se, False) for b in e.placebos),
            (e.cutoff, e.estimate, e.se, True),
        ]
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def _forest_table(effects: Sequence[Effect]) -> "pa.Table":
    import pyarrow as pa

    names = ("platform", "event", "method", "outcome", "estimate", "low", "high", "p", "p_holm", "n_creators")
    rows = [{name: getattr(e, name) for name in names} | {"percent": e.percent, "answer": e.verdict} for e in effects]
    return pa.Table.from_pylist([{k: None if isinstance(v, float) and not isfinite(v) else v for k, v in row.items()}
                                 for row in rows])  # fmt: skip
