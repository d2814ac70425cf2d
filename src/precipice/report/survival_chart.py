"""Kaplan–Meier curves by entry vintage as a picture, a plot a vintage, with the events where they fall for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.effects import Curve, Survival
from precipice.effects.outcomes import LAPSE
from precipice.effects.sample import Float, Index
from precipice.months import month_text
from precipice.records import Event
from precipice.report.figure import SPACING, Figure
from precipice.report.lettering import text_width
from precipice.report.look import AXIS, COHORTS, INK, MUTED, Layout, platform_name
from precipice.report.publication import FEWEST, fewest
from precipice.report.quick import at_y, inline
from precipice.report.wording import listed, planted, stem
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

MOST = 6
"""Vintages that are drawn, the latest."""
LONGEST = 60
"""Months since the first upload that are drawn."""
LEAST_SHARE = 0.01


@dataclass(frozen=True, eq=False)
class Steps:
    """One curve as it may be published: points behind each of which enough creators lapsed and enough are left."""

    curve: Curve
    months: Index
    """Months since the first upload, shape (k,)."""
    share: Float
    """Share not lapsed, to a thousandth, shape (k,)."""
    low: Float
    high: Float


def steps(curve: Curve, least: int) -> Steps:
    """Give the points of a curve: lapses of fewer creators than may be given are told together with the next ones.

    Args:
        curve: a Kaplan–Meier curve.
        least: the smallest number of creators that may be given.
    """
    low, high = curve.interval()
    share, left = curve.survival, curve.at_risk - curve.lapsed
    told, waiting = [], 0
    for months, lapsed in enumerate(curve.lapsed.tolist()):
        waiting += lapsed
        if left[months] < least or curve.at_risk[months] < least:
            break
        if waiting == 0 or waiting >= least:
            told.append(months)
            waiting = 0
    at = np.array(told, np.int64)
    return Steps(curve, at, *(np.round(part[at], 3) for part in (share, low, high)))


def survival_figure(findings: Findings, found: Survival) -> Figure | None:
    """Draw who stayed, by year of the first upload; None where no vintage may be given."""
    least = fewest(findings)
    name, unit = platform_name(found.platform), findings.study.study.unit
    drawn = [s for s in (steps(curve, least) for curve in found.curves) if s.curve.creators >= least and len(s.months)]
    drawn = drawn[-MOST:]
    if not drawn:
        return None
    before = None if found.before is None or found.before.creators < least else steps(found.before, least)
    events = [event for event in findings.events if not event.platforms or found.platform in event.platforms]
    numbered = listed([f"{index} {event.label}" for index, event in enumerate(events, 1)], len(events) or 1)
    reference = (
        f"Grey: all {unit}s, followed only as far as was settled before {events[0].label}." if before and events else ""
    )
    notes = (
        f"Gone: from an upload that {LAPSE} silent months follow, whoever comes back later. Shares on a log scale, so "
        "that an equal slope is an equal rate of leaving. Bands: 95 % limits (Greenwood).",
        reference,
        f"Dotted, for who began in the middle of the year: {numbered}." if events else "",
        f"Steps of fewer than {least} {unit}s are drawn with the next." if least == FEWEST else "",
    )
    return Figure(
        stem=f"survival-{stem(findings, found.platform)}",
        title=f"Share of {unit}s who have not fallen silent",
        subtitle=f"{name}, by year and months since the first upload, Kaplan–Meier; number of {unit}s beside the year",
        notes=tuple(filter(None, notes)),
        truth=planted(findings),
        description=_described(drawn, before, name, unit),
        body=lambda layout, width: _drawn(layout, width, drawn, before, events),
        numbers=lambda: _table(found.platform, drawn, before),
        columns=lambda layout: min(layout.columns, len(drawn)),
        beside=lambda layout: text_width("100 %", layout.letters) + 8,
    )


def _described(drawn: Sequence[Steps], before: Steps | None, name: str, unit: str) -> str:
    parts = [f"{part.curve.name}, {part.curve.creators:,} {unit}s: {_shares(part)}" for part in drawn]
    reference = f" All before the first event: {_shares(before)}." if before else ""
    return f"Kaplan–Meier curves of {unit}s on {name} by year of the first upload. {'; '.join(parts)}.{reference}"


def _shares(part: Steps) -> str:
    found = [
        f"{_share(part.share[at[-1]])} after {months} months"
        for months in (0, 6, 12, 36)
        if months <= part.months[-1] and len(at := np.flatnonzero(part.months <= months))
    ]
    return ", ".join(found) or "no share to give"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %" if value < 0.1 else f"{100 * value:.0f} %"


def _drawn(
    layout: Layout, width: float, drawn: Sequence[Steps], before: Steps | None, events: Sequence[Event]
) -> "tuple[alt.FacetChart, float]":
    import altair as alt

    longest = min(LONGEST, max(int(part.months[-1]) for part in drawn))
    least = min(float(part.share[part.share > 0].min()) for part in drawn if (part.share > 0).any())
    foot = max(LEAST_SHARE, 10 ** np.floor(np.log10(least))) / 2
    room = text_width("100 %", layout.letters) + 8
    names = [_heading(part) for part in drawn]
    ticks = [tick for tick in (1, 0.1, 0.01) if tick >= foot]
    left = alt.Axis(title=None, values=ticks, labelExpr="100 * datum.value + ' %'", minExtent=room, maxExtent=room,
                    domain=False, ticks=False)  # fmt: skip
    down = alt.Y("share:Q", axis=left, scale=alt.Scale(type="log", domain=[foot, 1], nice=False))
    across = alt.X(
        "months:Q", scale=alt.Scale(domain=[0, longest], nice=False),
        axis=alt.Axis(title=None, values=list(range(0, longest + 1, 12)), grid=False),
    )  # fmt: skip
    rows = [row for part in drawn for row in _rows(part, before, events, (longest, foot))]
    base = alt.LayerChart(data=inline(rows), layer=_layers(across, down), width=width, height=layout.panel_height)
    header = alt.Header(title=None, labelAnchor="start", labelFontWeight="bold", labelFontSize=layout.letters,
                        labelColor=INK, labelPadding=1.3 * layout.letters)  # fmt: skip
    facet = alt.Facet("vintage:N", sort=names, header=header)
    columns = min(layout.columns, len(drawn))
    chart = base.facet(facet, columns=columns, spacing=SPACING).resolve_axis(x="independent", y="independent")
    return chart, room


def _heading(part: Steps) -> str:
    return f"{part.curve.name}: {part.curve.creators:,}"


def _layers(across: "alt.X", down: "alt.Y") -> "list[alt.Chart]":
    import altair as alt

    colour = COHORTS["senior"].colour

    def part(kind: str) -> "alt.Chart":
        return alt.Chart().transform_filter(f"datum.kind === '{kind}'")

    lines = [
        part(kind).mark_line(stroke=stroke, strokeWidth=width, interpolate="step-after", clip=True)
        .encode(x=across, y=down, order=alt.Order("months:Q"))
        for kind, stroke, width in (("before", AXIS, 1.1), ("own", colour, 1.4))
    ]  # fmt: skip
    return [
        part("own").transform_filter("isValid(datum.low)")
        .mark_area(color=colour, opacity=1, fillOpacity=0.18, interpolate="step-after", clip=True)
        .encode(x=across, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        *lines,
        part("event").mark_rule(stroke=MUTED, strokeDash=[1, 2], strokeWidth=0.9).encode(x=across),
        alt.Chart().transform_filter("isValid(datum.label)").mark_text(color=INK, baseline="bottom")
        .encode(x=across, y=at_y(-1), text=alt.Text("label:N")),
    ]  # fmt: skip


def _rows(
    part: Steps, before: Steps | None, events: Sequence[Event], extent: tuple[int, float]
) -> list[dict[str, Any]]:
    """Give the rows of one plot: its own curve, that of everybody before the events, and where the events fall."""
    longest, foot = extent
    name, middle = _heading(part), (part.curve.first + part.curve.last) / 2
    rows: list[dict[str, Any]] = []
    for kind, curve in (("before", before), ("own", part)):
        # Before anybody lapses, a line begins at the whole; it is drawn an instant before the first month.
        rows += [{"vintage": name, "kind": kind, "months": -0.001, "share": 1.0}] if curve else []
        rows += [{"vintage": name, "kind": kind, **row} for row in _points(curve, foot)] if curve else []
    falls = [(event.month - middle, str(number)) for number, event in enumerate(events, 1)]
    inside = [(months, label) for months, label in falls if 0 <= months <= longest]
    rows += [{"vintage": name, "kind": "event", "months": months, "label": label} for months, label in inside]
    # A plot without a number keeps its room, so that the headings of a row stand level.
    return rows if inside else [*rows, {"vintage": name, "kind": "room", "months": 0, "label": "\u00a0"}]


def _points(part: Steps, foot: float) -> list[dict[str, float]]:
    columns = (part.months, part.share, part.low, part.high)
    return [
        {"months": months, "share": share, "low": max(low, foot), "high": high}
        for months, share, low, high in zip(*(column.tolist() for column in columns), strict=True)
        if share > 0
    ]


def _table(platform: str, drawn: Sequence[Steps], before: Steps | None) -> "pa.Table":
    """Give a row a step; of everybody no number is given, which less the vintages would tell of one left out."""
    import pyarrow as pa

    parts = [*drawn, *([before] if before else [])]
    rows = [
        {"platform": platform, "first_upload": part.curve.name, "from": month_text(part.curve.first),
         "to": month_text(part.curve.last), "creators": None if part is before else part.curve.creators,
         "months_since": months, "share": share, "low": low, "high": high}
        for part in parts
        for months, share, low, high in zip(
            part.months.tolist(), part.share.tolist(), part.low.tolist(), part.high.tolist(), strict=True
        )
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)
