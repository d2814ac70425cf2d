"""The specification curve as a picture: sorted estimates above the panel of choices that gave them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.effects import Specification, Specifications
from precipice.report.figure import Figure
from precipice.report.lettering import text_width
from precipice.report.look import COHORTS, INK, MUTED, Layout, platform_name
from precipice.report.percents import LABELS, event_label, limits, none_rule, room_for, signed
from precipice.report.quick import inline
from precipice.report.wording import planted, stem
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

ROW = 1.22
"""Height of a row of choices, in sizes of type."""
TALL = 0.62
"""Height of a mark, in rows."""
BETWEEN = 0.5
"""Gap between two kinds of choices, in rows."""


def specification_curve(findings: Findings, found: Specifications) -> Figure:
    """Draw one method's answers about one event on one platform under every combination of choices."""
    name, event, told = platform_name(found.platform), event_label(findings, found.event), found.told
    same, lower, higher = found.agreement()
    headline = found.headline.effect
    answer = "cannot tell" if headline.refused else signed(headline.percent)
    shares = (
        f"{100 * same:.0f} % have its sign, {100 * lower:.0f} % are clearly lower than none and {100 * higher:.0f} % "
        "clearly higher, each alone at 5 %"
    )
    refusals = len(found.all) - len(told)
    return Figure(
        stem=f"specifications-{stem(findings, found.platform)}-{found.month}",
        title=f"How far the answer about {event} hangs on choices",
        subtitle=f"{name}: {found.method} in {len(told)} ways, lowest first, with 95 % intervals. The headline says "
        f"{answer}; of all, {shares}",
        notes=(
            "Diamond: the headline, fixed beforehand. To pick another because of its number makes its p-value "
            "worthless. Filled: distinguishable from none on its own.",
            f"{refusals} more cannot tell." if refusals else "",
        ),
        truth=planted(findings),
        description=(
            f"Specification curve of {found.method} on {name} at {event}: {len(told)} estimates from "
            f"{signed(told[0].effect.percent)} to {signed(told[-1].effect.percent)}; the headline {answer} lies at "
            f"place {_place(found)} of {len(told)}; {shares}."
        ),
        body=lambda layout, width: _drawn(layout, width, found),
        numbers=lambda: _table(found),
        beside=lambda layout: _room(layout, found),
    )


def _place(found: Specifications) -> int:
    return next((index for index, one in enumerate(found.told, 1) if one is found.headline), 0)


def choices(found: Specifications) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Give each kind of choice with its levels, in words and as they are."""
    told = found.told
    kinds: list[tuple[str, list[Any]]] = [
        (kind, list(dict.fromkeys(getattr(one, kind) for one in found.all if one in told)))
        for kind in ("shift", "look_back", "window", "cap")
    ]
    return [
        (kind, [(_level(kind, level), level) for level in sorted(levels, key=lambda v: np.inf if v is None else v)])
        for kind, levels in kinds
    ]


def _level(kind: str, level: int | None) -> str:
    if kind == "shift":
        side = "later" if (level or 0) > 0 else "earlier"
        return f"cutoff {abs(level)} {side}" if level else "cutoff: event"
    if kind == "cap":
        return "all uploads" if level is None else f"cap {level} a month"
    return f"{'look-back' if kind == 'look_back' else 'window'} {level}"


def _room(layout: Layout, found: Specifications) -> float:
    names = [name for _, levels in choices(found) for name, _ in levels]
    return max(*(text_width(name, layout.letters) for name in names), room_for(_ends(found), layout)) + 8


def _ends(found: Specifications) -> tuple[float, float]:
    """Give the ends of the axis: all estimates and, but for the widest tenth, their intervals."""
    lows, highs = ([getattr(one.effect, f"percent_{end}") for one in found.told] for end in ("low", "high"))
    middles = [one.effect.percent for one in found.told]
    return limits([float(np.quantile(lows, 0.1)), float(np.quantile(highs, 0.9)), *middles])


def _drawn(layout: Layout, width: float, found: Specifications) -> "tuple[alt.VConcatChart, float]":
    import altair as alt

    room = _room(layout, found)
    count = len(found.told)
    scale = alt.Scale(domain=[-1, count], nice=False)
    curve = _curve(layout, width, found, room, scale)
    return alt.vconcat(curve, _matrix(layout, width, found, room, scale), spacing=6), room


def _curve(layout: Layout, width: float, found: Specifications, room: float, scale: "alt.Scale") -> "alt.LayerChart":
    import altair as alt

    ends = _ends(found)
    axis = alt.Axis(title=None, labelExpr=LABELS, tickCount=6, minExtent=room, maxExtent=room, domain=False,
                    ticks=False, labelPadding=3)  # fmt: skip
    down = alt.Y("percent:Q", axis=axis, scale=alt.Scale(domain=list(ends), nice=True))
    across = alt.X("place:Q", axis=None, scale=scale)
    colour = COHORTS["senior"].colour
    rows = [_row(place, one, found) for place, one in enumerate(found.told)]
    base, own = (alt.Chart(inline(part)) for part in (rows, [row for row in rows if row["headline"]]))
    fill = alt.condition("datum.clear", alt.value(colour), alt.value("#ffffff"))
    layers = [
        none_rule(),
        base.mark_rule(stroke=colour, strokeWidth=1, strokeOpacity=0.4, clip=True)
        .encode(x=across, y=alt.Y("low:Q", axis=axis), y2=alt.Y2("high:Q")),
        base.mark_point(stroke=colour, strokeWidth=0.9, size=11, opacity=1, filled=True)
        .encode(x=across, y=down, fill=fill),
        own.mark_rule(stroke=INK, strokeWidth=1.6, clip=True).encode(x=across, y=alt.Y("low:Q"), y2=alt.Y2("high:Q")),
        own.mark_point(shape="diamond", filled=True, fill=INK, stroke=INK, size=70, opacity=1)
        .encode(x=across, y=down),
    ]  # fmt: skip
    return alt.LayerChart(layer=layers, width=width, height=round(0.75 * layout.height, 1))


def _matrix(layout: Layout, width: float, found: Specifications, room: float, scale: "alt.Scale") -> "alt.LayerChart":
    import altair as alt

    told = found.told
    marks: list[dict[str, Any]] = []
    names: list[dict[str, Any]] = []
    at, half = 0.5, TALL / 2
    for kind, levels in choices(found):
        for name, level in levels:
            names.append({"name": name, "row": at, "place": -1})
            marks += [
                {"place": place, "top": at - half, "foot": at + half, "headline": one is found.headline}
                for place, one in enumerate(told)
                if getattr(one, kind) == level
            ]
            at += 1
        at += BETWEEN
    rows = at - BETWEEN
    height = round(ROW * layout.letters * rows, 1)
    down = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[0, rows], reverse=True, nice=False))
    across = alt.X("place:Q", axis=None, scale=scale)
    thick = max(0.8, min(3.0, 0.6 * width / (len(told) + 1)))
    base = alt.Chart(inline(marks))
    # Rules and not ticks: those are rectangles, which a dark page inverts for the sake of heat maps.
    layers = [
        base.transform_filter(f"{'' if own else '!'}datum.headline")
        .mark_rule(stroke=colour, strokeWidth=max(1.6, thick) if own else thick)
        .encode(x=across, y=alt.Y("top:Q", axis=None), y2=alt.Y2("foot:Q"))
        for own, colour in ((False, MUTED), (True, INK))
    ]  # fmt: skip
    layers.append(
        alt.Chart(inline(names)).mark_text(align="right", baseline="middle", dx=-4)
        .encode(x=across, y=down, text=alt.Text("name:N"))
    )  # fmt: skip
    return alt.LayerChart(layer=layers, width=width, height=height)


def _row(place: int, one: Specification, found: Specifications) -> dict[str, Any]:
    effect = one.effect
    return {"place": place, "percent": effect.percent, "low": effect.percent_low, "high": effect.percent_high,
            "clear": one.sign != 0, "headline": one is found.headline}  # fmt: skip


def _table(found: Specifications) -> "pa.Table":
    kept: Sequence[str] = ("cutoff", "look_back", "window", "cap", "percent", "percent_low", "percent_high",
                           "p", "n_placebos", "headline")  # fmt: skip
    return found.table().select(kept)
