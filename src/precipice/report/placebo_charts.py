"""Placebo distributions as pictures: a statistic at every cutoff when nothing happened, and at the events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from precipice.effects import OUTCOME_WORDS, Effect
from precipice.months import month_start, month_text
from precipice.report.figure import SPACING, Figure
from precipice.report.lettering import wrap
from precipice.report.look import COHORTS, INK, MUTED, Layout, Stroke, platform_name
from precipice.report.percents import (
    event_label,
    limits,
    none_rule,
    percent,
    percent_axis,
    room_for,
    with_interval,
)
from precipice.report.quick import inline
from precipice.report.wording import listed, planted, stem
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

DOT = "#8c8c8c"
MEASURED: Mapping[str, str] = {
    "S1": "incumbents' change",
    "S2": "gap between incumbents and newcomers",
    "SJ": "newcomers' change",
    "S12": "incumbents' change less newcomers'",
    "control": "incumbents' change less the control's",
    "lapse-S1": "incumbents' change",
    "lapse-S2": "gap between incumbents and newcomers",
}
MARGIN = 3
"""Months of room before the first cutoff and after the last."""


@dataclass(frozen=True)
class Cloud:
    """One statistic on one platform: its placebos, and the events with their intervals."""

    name: str
    """What it is, in a few words."""
    dots: tuple[tuple[int, float], ...]
    """Placebo cutoff and estimate in log points, less the mean of the placebos."""
    events: tuple[tuple[str, Effect], ...]
    """Number of the event on the picture, and the effect."""
    stroke: Stroke


def cloud(effects: Sequence[Effect]) -> Cloud:
    """Put one statistic's effects of several events together; the placebos are those of the event with most of them."""
    most = max(effects, key=lambda effect: effect.n_placebos)
    dots = tuple((b.cutoff, b.estimate - most.placebo_mean) for b in most.placebos)
    ordered = sorted(effects, key=lambda effect: effect.cutoff)
    numbers = [""] if len(ordered) == 1 else [str(index) for index in range(1, len(ordered) + 1)]
    name = MEASURED.get(most.method, most.method)
    stroke = COHORTS["junior" if most.method == "SJ" else "senior"]
    named = f"{most.method}: {name}, {OUTCOME_WORDS[most.outcome]}"
    return Cloud(named, dots, tuple(zip(numbers, ordered, strict=True)), stroke)


def placebos_on(findings: Findings, platform: str, effects: Sequence[Effect]) -> Figure:
    """Draw incumbents' or newcomers' change at every placebo cutoff, and at the events with its 95 % interval.

    Args:
        findings: of the study.
        platform: whose creators.
        effects: S1, or SJ, at each event, with numbers.
    """
    drawn = cloud(effects)
    newcomers = effects[0].method == "SJ"
    words = _told(findings, drawn)
    what = OUTCOME_WORDS[effects[0].outcome]
    whose = (
        f"newcomers' {what}, in their first months, beyond what those before them did"
        if newcomers
        else f"incumbents' {what}, beyond what their tenure used to do"
    )
    return Figure(
        stem=f"placebos-{'newcomers-' if newcomers else ''}{stem(findings, platform)}",
        title=f"What {'newcomers' if newcomers else 'incumbents'} did at events, among months when nothing happened",
        subtitle=f"{platform_name(platform)}: change of {whose}. {'; '.join(words)}",
        notes=(
            f"Grey: the same number at {len(drawn.dots)} earlier cutoffs, less their mean. Bars: 95 % intervals, "
            "the spread of the grey dots included.",
        ),
        truth=planted(findings),
        description=_described(findings, drawn, platform),
        body=lambda layout, width: _one(layout, width, drawn),
        numbers=lambda: placebo_table(effects),
        beside=lambda layout: room_for(_ends(drawn), layout),
    )


def other_placebos(findings: Findings, platform: str, effects: Sequence[Effect]) -> Figure:
    """Draw the other statistics of one platform, a plot each, each among its own placebos.

    Args:
        findings: of the study.
        platform: whose creators.
        effects: of any methods and outcomes that have placebos, with numbers.
    """
    groups: dict[tuple[str, str], list[Effect]] = {}
    for effect in effects:
        groups.setdefault((effect.method, effect.outcome), []).append(effect)
    clouds = [cloud(group) for group in groups.values()]
    numbered = {number: event_label(findings, e.event) for each in clouds for number, e in each.events if number}
    whole = [f"{number} {label}" for number, label in sorted(numbered.items())]
    return Figure(
        stem=f"placebos-others-{stem(findings, platform)}",
        title="The other comparisons at events, each among its own placebos",
        subtitle=f"{platform_name(platform)}: change, with 95 % intervals at {listed(whole) if whole else 'the event'}",
        notes=("Grey: the same number at earlier cutoffs, less their mean. Each plot has its own scale.",),
        truth=planted(findings),
        description=" ".join(_described(findings, each, platform) for each in clouds),
        body=lambda layout, width: _many(layout, width, clouds),
        numbers=lambda: placebo_table(effects),
        columns=lambda layout: _columns(layout, clouds),
        beside=lambda layout: max(room_for(_ends(each), layout) for each in clouds),
    )


def placebo_table(effects: Sequence[Effect]) -> "pa.Table":
    """Give a row for each placebo cutoff and event of each effect; placebos less their mean."""
    import pyarrow as pa

    rows = [
        {"platform": e.platform, "event": e.event, "method": e.method, "outcome": e.outcome,
         "cutoff": month_text(cutoff), "estimate": value, "se": se, "is_event": is_event}
        for e in effects
        for cutoff, value, se, is_event in [
            *((b.cutoff, b.estimate - e.placebo_mean, b.se, False) for b in e.placebos),
            (e.cutoff, e.estimate, e.se, True),
        ]
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def _told(findings: Findings, drawn: Cloud) -> list[str]:
    return [
        f"{number} {event_label(findings, effect.event)}: {with_interval(effect)}".strip()
        for number, effect in drawn.events
    ]


def _described(findings: Findings, drawn: Cloud, platform: str) -> str:
    found = [value for _, value in drawn.dots]
    spread = f", from {percent(min(found)):+.0f} to {percent(max(found)):+.0f} per cent" if found else ""
    return (
        f"{drawn.name} on {platform_name(platform)} at {len(found)} cutoffs before the events{spread}; at the events: "
        f"{listed(_told(findings, drawn))}."
    )


def _ends(drawn: Cloud) -> tuple[float, float]:
    reach = [percent(value) for _, value in drawn.dots]
    return limits([*reach, *(end for _, e in drawn.events for end in (e.percent_low, e.percent_high))])


def _columns(layout: Layout, clouds: Sequence[Cloud]) -> int:
    return min(len(clouds), 1 if layout.millimetres == 85 else 2)


def _one(layout: Layout, width: float, drawn: Cloud) -> "tuple[alt.LayerChart, float]":
    room = room_for(_ends(drawn), layout)
    return _plot(layout, (width, layout.height), drawn, room), room


def _many(layout: Layout, width: float, clouds: Sequence[Cloud]) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    room = max(room_for(_ends(each), layout) for each in clouds)
    plots = []
    for each in clouds:
        lines = wrap(each.name, width, layout.letters, bold=True)
        title = alt.TitleParams(lines, fontSize=layout.letters, color=INK, frame="group", offset=4)
        plots.append(_plot(layout, (width, 1.2 * layout.panel_height), each, room).properties(title=title))
    joined = alt.concat(*plots, columns=_columns(layout, clouds), spacing=SPACING)
    return joined.resolve_scale(x="independent", y="independent"), room


def _plot(layout: Layout, size: tuple[float, float], drawn: Cloud, room: float) -> "alt.LayerChart":
    import altair as alt

    width, height = size
    months = [month for month, _ in drawn.dots] + [e.cutoff for _, e in drawn.events]
    domain = [_day(min(months) - MARGIN), _day(max(months) + MARGIN)]
    ticks = max(3, round(width / (4.5 * layout.letters)))
    axis = alt.Axis(title="cutoff", grid=False, tickCount=ticks, format="%Y", labelFlush=False)
    scale = alt.Scale(type="utc", domain=[{"expr": f"datetime('{day}')"} for day in domain], nice=False)
    across = alt.X("month:T", axis=axis, scale=scale)
    down = percent_axis(_ends(drawn), room, layout, height=height)
    grey = [{"month": _day(month), "percent": percent(value)} for month, value in drawn.dots]
    told: list[dict[str, Any]] = [
        {"month": _day(e.cutoff), "percent": e.percent, "low": e.percent_low, "high": e.percent_high, "number": number}
        for number, e in drawn.events
    ]
    colour = drawn.stroke.colour
    base = alt.Chart(inline(told))
    layers = [
        none_rule(),
        alt.Chart(inline(grey)).mark_circle(size=14, color=DOT, opacity=1, fillOpacity=0.75).encode(x=across, y=down),
        base.mark_rule(stroke=colour, strokeWidth=1.6).encode(x=across, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        base.mark_circle(size=46, color=colour, opacity=1).encode(x=across, y=down),
        base.mark_text(color=INK, baseline="bottom", dy=-2).encode(
            x=across, y=alt.Y("high:Q"), text=alt.Text("number:N")
        ),
    ]
    layers = layers if any(number for number, _ in drawn.events) else layers[:-1]
    return alt.LayerChart(layer=[*layers, _edge(colour, told, across)], width=width, height=round(height, 1))


def _edge(colour: str, told: Sequence[Mapping[str, Any]], across: "alt.X") -> "alt.Chart":
    """Draw a dotted rule at each event, so that its month can be read off the axis."""
    import altair as alt

    rule = alt.Chart(inline(list(told))).mark_rule(stroke=MUTED, strokeDash=[1, 2], strokeWidth=0.7, strokeOpacity=0.7)
    drawn: alt.Chart = rule.encode(x=across)
    return drawn


def _day(month: int) -> str:
    return f"{month_start(month):%Y-%m-%d}"
