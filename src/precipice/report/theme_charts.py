"""Themes as pictures: how far each tag's use changed and how sure that is, and what became of those that stand out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.months import month_text
from precipice.panel import Bool
from precipice.profiles.themes import DISCOVERY, Themes
from precipice.report.figure import SPACING, Figure
from precipice.report.lettering import shorten, text_width
from precipice.report.look import AXIS, COHORTS, INK, Layout, platform_name
from precipice.report.publication import FEWEST, fewest
from precipice.report.quick import inline
from precipice.report.wording import cohort_rule, listed, planted, span, stem
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

DOT = "#9a9a9a"
LABEL = "datum.value < 2e-6 ? '≤ 0.000001' : 'p ' + format(datum.value, '~f')"
KINDS = {"less": (COHORTS["senior"].colour, "triangle-down"), "more": (COHORTS["junior"].colour, "triangle-up"),
         "other": (DOT, "circle")}  # fmt: skip
"""How a tag is drawn: seniors use it less, more, or not clearly otherwise."""
LABELLED = 8
"""Tags with a label in the first picture, at most."""
CLOSE = 0.02
"""p below which a tag that is not named has a label too."""
DRAWN = 6
"""Tags in the second picture, at most."""
LEAST = 1e-6
"""The smallest p with a place of its own."""
WIDEST = 64.0
"""The largest factor of odds with a place of its own."""


def theme_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give two pictures of each platform and event that was asked about; none without themes."""
    if findings.themes is None:
        return ()
    drawn: list[Figure] = []
    for themes in findings.themes.found:
        drawn += [volcano(findings, themes), slopes(findings, themes)] if told(findings, themes).any() else []
    return tuple(drawn)


def theme_words(findings: Findings) -> tuple[str, ...]:
    """Say what was found of tags, and what could not be asked, a sentence or more each; nothing without tags."""
    parts = [part.summary() for part in (findings.themes, findings.diversity) if part is not None]
    return tuple(_spoken(findings, line) for part in parts for line in part.splitlines())


def _spoken(findings: Findings, line: str) -> str:
    """Put names for the keys that a line of a profile begins with: `openmoji, dall-e-2: …`."""
    head, colon, rest = line.partition(": ")
    labels = {event.name: event.label for event in findings.events}
    names = {name: platform_name(name) for name in findings.panel.platforms} | labels
    return ", ".join(names.get(part, part) for part in head.split(", ")) + colon + rest


def told(findings: Findings, themes: Themes) -> Bool:
    """Say of which tags numbers may be given: those that none or enough creators of each group used, shape (K,)."""
    few = (themes.group_users > 0) & (themes.group_users < fewest(findings))
    return np.asarray(~few.any(axis=0), np.bool_)


def chosen(findings: Findings, themes: Themes, most: int) -> list[int]:
    """Choose the tags that stand out: those named first, then by p."""
    order = np.lexsort((themes.beyond.p, ~themes.named))
    return [int(k) for k in order if told(findings, themes)[k]][:most]


def volcano(findings: Findings, themes: Themes) -> Figure:
    """Draw every tag by the change of its odds and by its p."""
    given = np.flatnonzero(told(findings, themes))
    rows = [_point(themes, int(k)) for k in given]
    labelled = [k for k in chosen(findings, themes, LABELLED) if themes.named[k] or themes.beyond.p[k] < CLOSE]
    named = [themes.tags[k] for k in given if themes.named[k]]
    what = "seniors' odds of a tag against juniors'" if themes.contrast == "gap" else "seniors' odds of a tag"
    return Figure(
        stem=f"themes-{stem(findings, themes.platform)}-{_safe(themes.event)}",
        title="Which tags changed at the event, and which only seem to",
        subtitle=f"{platform_name(themes.platform)}, {_label(findings, themes)}: change of {what}, "
        f"{themes.before} months before and {themes.after} from it on",
        notes=(*_yardstick(themes), *_withheld(findings, themes)),
        truth=planted(findings),
        description=f"{len(given)} tags by the change of their odds and by p; beyond what other dates show: "
        f"{listed(named or ['none'])}.",
        body=lambda layout, width: _volcano(layout, width, rows, [themes.tags[k] for k in labelled]),
        numbers=lambda: themes_table(findings, themes),
        beside=lambda layout: text_width("p 0.00001", layout.letters) + 6,
    )


def _point(themes: Themes, k: int) -> dict[str, Any]:
    change = float(np.clip(themes.beyond.estimate[k], -np.log(WIDEST), np.log(WIDEST)))
    named = bool(themes.named[k])
    kind = ("less" if change < 0 else "more") if named else "other"
    return {
        "tag": themes.tags[k],
        "change": float(np.exp(change)),
        "p": max(float(themes.beyond.p[k]), LEAST),
        "is": kind,
    }


def _volcano(
    layout: Layout, width: float, rows: Sequence[dict[str, Any]], labelled: Sequence[str]
) -> "tuple[alt.LayerChart, float]":
    import altair as alt

    room = text_width("p 0.00001", layout.letters) + 6
    reach = max(4.0, *(max(row["change"], 1 / row["change"]) for row in rows)) * 1.3
    least = min(0.005, *(row["p"] for row in rows)) / 2
    steps = [2.0**k for k in range(-6, 7) if 1 / reach <= 2.0**k <= reach]
    steps = steps if len(steps) <= 9 else [step for step in steps if round(np.log2(step)) % 2 == 0]
    words = "datum.value < 1 ? '÷ ' + round(1 / datum.value) : '× ' + datum.value"
    across = alt.X(
        "change:Q", scale=alt.Scale(type="log", domain=[1 / reach, reach], nice=False),
        axis=alt.Axis(title=None, values=steps, labelExpr=words, grid=True),
    )  # fmt: skip
    ticks = [10.0**-k for k in range(7) if 10.0**-k > least]
    down = alt.Y(
        "p:Q", scale=alt.Scale(type="log", domain=[1, least], nice=False),
        axis=alt.Axis(title=None, values=ticks, labelExpr=LABEL, minExtent=room, maxExtent=room),
    )  # fmt: skip
    looks = list(KINDS)
    colour = alt.Color("is:N", legend=None, scale=alt.Scale(domain=looks, range=[KINDS[look][0] for look in looks]))
    shape = alt.Shape("is:N", legend=None, scale=alt.Scale(domain=looks, range=[KINDS[look][1] for look in looks]))
    base = alt.Chart(inline(list(rows)))
    texts = _labels(layout, width, rows, labelled, (reach, least))
    layers = [
        alt.Chart(inline([{"change": 1}])).mark_rule(stroke=AXIS, strokeWidth=0.8).encode(x=across),
        base.mark_point(filled=True, opacity=0.85).encode(
            x=across, y=down, color=colour, shape=shape,
            size=alt.condition("datum.is === 'other'", alt.value(14), alt.value(46)),
        ),
    ]  # fmt: skip
    for left in (False, True):
        side = [text for text in texts if text["left"] is left]
        mark = alt.Chart(inline(side)).mark_text(
            align="right" if left else "left", dx=-6 if left else 6, color=INK, baseline="middle"
        )
        layers += (
            [mark.encode(x=across, y=alt.Y("y:Q", scale=None, axis=None), text=alt.Text("text:N"))] if side else []
        )
    return alt.LayerChart(layer=layers, width=width, height=layout.height), room


def _labels(
    layout: Layout, width: float, rows: Sequence[dict[str, Any]], labelled: Sequence[str], domain: tuple[float, float]
) -> list[dict[str, Any]]:
    """Place labels beside their dots, on the side where there is room, moved apart where they would touch."""
    from precipice.report.lettering import spread

    reach, least = domain
    found = []
    for row in (row for row in rows if row["tag"] in labelled):
        x = width * (0.5 + np.log(row["change"]) / (2 * np.log(reach)))
        y = layout.height * (1 - np.log(row["p"]) / np.log(least))
        left = row["change"] < 1
        if text_width(row["tag"], layout.letters) + 8 > (x if left else width - x):
            left = not left
        text = shorten(row["tag"], (x if left else width - x) - 8, layout.letters)
        found.append({"change": row["change"], "text": text, "left": left, "y": float(y)})
    for left in (False, True):
        side = [one for one in found if one["left"] is left]
        places = spread([one["y"] for one in side], layout.leading, (0.0, layout.height)) if side else []
        for one, place in zip(side, places, strict=True):
            one["y"] = place
    return found


def slopes(findings: Findings, themes: Themes) -> Figure:
    """Draw the tags that stand out: their share among seniors' and juniors' tags before the event and from it on."""
    picked = chosen(findings, themes, DRAWN)
    named = bool(themes.named[picked[0]])
    picked = [k for k in picked if themes.named[k]] if named else picked
    before = (themes.month - themes.before, themes.month - 1)
    after = (themes.month, themes.month + themes.after - 1)
    words = [f"{themes.tags[k]}: {_told(themes, k)}" for k in picked]
    return Figure(
        stem=f"slopes-{stem(findings, themes.platform)}-{_safe(themes.event)}",
        title="The tags that changed most clearly" if named else "The tags nearest to a change; none is beyond chance",
        subtitle=f"{platform_name(themes.platform)}: share of an artist's tags, {span(before)} and {span(after)}",
        notes=(
            f"Seniors (solid): {cohort_rule(findings, 'senior')}; juniors (dashed): {cohort_rule(findings, 'junior')}.",
            "Bars: 95 % intervals over artists. Each tag has its own scale.",
        ),
        truth=planted(findings),
        description="; ".join(words) + ".",
        body=lambda layout, width: _slopes(layout, width, themes, picked),
        numbers=lambda: slopes_table(themes, picked),
        columns=lambda layout: min(layout.columns, len(picked)),
        beside=lambda layout: text_width("10.0 %", layout.letters) + 10,
    )


def _told(themes: Themes, k: int) -> str:
    sides = [
        f"{who} {_share(themes.shares[first, k])} before and {_share(themes.shares[first + 1, k])} after"
        for who, first in (("seniors", 0), ("juniors", 2))
        if np.isfinite(themes.shares[first : first + 2, k]).all()
    ]
    return ", ".join(sides)


def _share(value: float) -> str:
    return f"{100 * value:.2g} %"


def _slopes(layout: Layout, width: float, themes: Themes, picked: Sequence[int]) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    room = text_width("10.0 %", layout.letters) + 6
    plots = [_slope(layout, width, room, _ends(themes, k), themes.tags[k]) for k in picked]
    whole = alt.concat(*plots, columns=min(layout.columns, len(picked)), spacing=SPACING)
    return whole.resolve_scale(x="independent", y="independent"), room


def _slope(layout: Layout, width: float, room: float, rows: list[dict[str, Any]], tag: str) -> "alt.LayerChart":
    """Draw one tag: a line for each cohort from before to after, with bars."""
    import altair as alt

    names = ["senior", "junior"]
    across = alt.X(
        "side:N", sort=["before", "after"], scale=alt.Scale(type="point", padding=0.35),
        axis=alt.Axis(title=None, labelAngle=0, domain=False, ticks=False),
    )  # fmt: skip
    axis = alt.Axis(
        title=None, tickCount=3, labelExpr="format(datum.value, '~g') + ' %'", minExtent=room, maxExtent=room
    )
    scale = alt.Scale(domain=[0, 1.08 * max(row["high"] for row in rows)], nice=False)
    colours = alt.Scale(domain=names, range=[COHORTS[name].colour for name in names])
    dashes = alt.Scale(domain=names, range=[list(COHORTS[name].dash) for name in names])
    shift = alt.XOffset("cohort:N", sort=names, scale=alt.Scale(range=[-3, 3]))
    base = alt.Chart(inline(rows)).encode(
        x=across, xOffset=shift, color=alt.Color("cohort:N", legend=None, scale=colours)
    )
    down = alt.Y("share:Q", axis=axis, scale=scale)
    layers = [
        base.mark_rule(strokeWidth=1.1).encode(y=alt.Y("low:Q", axis=axis, scale=scale), y2=alt.Y2("high:Q")),
        base.mark_line(strokeWidth=1.6).encode(
            y=down, strokeDash=alt.StrokeDash("cohort:N", legend=None, scale=dashes)
        ),
        base.mark_circle(size=26, opacity=1).encode(y=down),
    ]
    name = shorten(tag, width, layout.letters, bold=True)
    title = alt.TitleParams(name, fontSize=layout.letters, color=INK, frame="group", offset=2)
    return alt.LayerChart(layer=layers, width=width, height=1.3 * layout.panel_height).properties(title=title)


def _ends(themes: Themes, k: int) -> list[dict[str, Any]]:
    """Give the four shares of a tag with their intervals, in per cent; those of nobody are left out."""
    rows = []
    for group, (cohort, side) in enumerate((c, s) for c in ("senior", "junior") for s in ("before", "after")):
        share, se = 100 * themes.shares[group, k], 100 * themes.shares_se[group, k]
        if np.isfinite(share):
            rows.append({"cohort": cohort, "side": side, "share": float(share), "low": float(max(share - 1.96 * se, 0)),
                         "high": float(share + 1.96 * se)})  # fmt: skip
    return rows


def _yardstick(themes: Themes) -> tuple[str, ...]:
    if themes.calibrated:
        dates = listed([month_text(month) for month in themes.dates], 10)
        return (
            f"Triangles: beyond what the same comparison showed at {dates}, at a false-discovery rate of "
            f"{100 * DISCOVERY:.0f} %; grey: not.",
            f"To be seen, half of the tags would have had to change by a factor of {themes.typical:.1f}.",
        )
    return ("No date without an event could be compared with: p is of sampling error alone, and no tag is named.",)


def _withheld(findings: Findings, themes: Themes) -> tuple[str, ...]:
    hidden = int((~told(findings, themes)).sum())
    words = f"Not drawn: {hidden} tags of 1 to {FEWEST - 1} artists in one of the groups."
    return (words,) if hidden else ()


def themes_table(findings: Findings, themes: Themes) -> "pa.Table":
    """Give a row for each tag as it may be published; numbers of 1 to 4 creators are withheld."""
    import pyarrow as pa

    may = dict(zip(themes.tags, told(findings, themes).tolist(), strict=True))
    kept = ("platform", "event", "tag", "users", "named", "p", "q")
    rows = [
        {name: value if may[str(row["tag"])] or name in kept else None for name, value in row.items()}
        | {"status": "given" if may[str(row["tag"])] else "<5"}
        for row in themes.rows()
    ]
    return pa.Table.from_pylist(rows)


def slopes_table(themes: Themes, picked: Sequence[int]) -> "pa.Table":
    """Give a row for each end of a slope."""
    import pyarrow as pa

    return pa.Table.from_pylist([{"tag": themes.tags[k], **row} for k in picked for row in _ends(themes, k)])


def _label(findings: Findings, themes: Themes) -> str:
    labels = {event.name: event.label for event in findings.events}
    return labels.get(themes.event, themes.event)


def _safe(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower())
