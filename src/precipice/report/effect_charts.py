"""Effects as pictures: all platforms and events side by side, and which other pictures stand beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.effects import HEADLINE, OUTCOME_WORDS, Effect, Paths
from precipice.report.figure import TEXT_SHARE, Figure
from precipice.report.lettering import shorten, text_width
from precipice.report.look import COHORTS, INK, MUTED, PADDING, PAPER, Layout, platform_name
from precipice.report.naive_chart import naive_beside_ours
from precipice.report.path_charts import paths_at
from precipice.report.percents import LABELS, event_label, ticks_across
from precipice.report.placebo_charts import other_placebos, placebos_on
from precipice.report.publication import rounded
from precipice.report.quick import at_x, inline
from precipice.report.specification_chart import specification_curve
from precipice.report.wording import listed, planted
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

METHOD_WORDS = {
    "S1": "incumbents, against what their tenure used to do",
    "S2": "incumbents, against newcomers in the same months",
    "S12": "incumbents' change, less newcomers' change",
    "control": "incumbents, against those of the control platform",
}
ROW = 1.6
"""Height of a row of the forest, in sizes of type."""
NAME_SHARE = 0.45
"""Of the page's width that a row's name may take."""
SHOWN_PATHS = 3
"""Of more events and platforms than this, incumbents' paths are folded too."""
OF_EVENT = "month by month, with other choices, and read naively"


@dataclass(frozen=True)
class Album:
    """The pictures of effects: those that are shown, and those that are folded under a name."""

    shown: tuple[Figure, ...]
    folded: tuple[tuple[str, tuple[Figure, ...]], ...]


def effect_figures(findings: Findings) -> Album:
    """Give the pictures of effects: none where nothing was estimated, and each only where there are numbers."""
    told = [effect for effect in findings.effects if not effect.refused]
    main = [effect for effect in told if effect.outcome == HEADLINE and effect.method in METHOD_WORDS]
    shown = [forest(findings, main)] if main else []
    folded: list[tuple[str, tuple[Figure, ...]]] = []
    for platform in findings.panel.platforms:
        here = [effect for effect in told if effect.platform == platform and effect.placebos]
        shown += [placebos_on(findings, platform, part) for part in [_pick(here, "S1")] if part]
        folded += _of_platform(findings, platform, here)
    pairs = list(dict.fromkeys((effect.platform, effect.event) for effect in findings.effects))
    few = len(pairs) <= SHOWN_PATHS
    for platform, event in pairs:
        open_paths, rest = _of_event(findings, platform, event)
        shown += open_paths if few else []
        pictures = rest if few else (*open_paths, *rest)
        name = f"{platform_name(platform)}, {event_label(findings, event)}: {OF_EVENT}"
        folded += [(name, tuple(pictures))] if pictures else []
    return Album(tuple(shown), tuple(folded))


def _pick(effects: Sequence[Effect], method: str) -> list[Effect]:
    return [effect for effect in effects if effect.method == method and effect.outcome == HEADLINE]


def _of_platform(findings: Findings, platform: str, effects: Sequence[Effect]) -> list[tuple[str, tuple[Figure, ...]]]:
    """Give the folded pictures of one platform: newcomers, and all other statistics, among their placebos."""
    newcomers, main = _pick(effects, "SJ"), _pick(effects, "S1")
    others = [effect for effect in effects if effect not in main and effect not in newcomers]
    pictures = [placebos_on(findings, platform, newcomers)] if newcomers else []
    pictures += [other_placebos(findings, platform, others)] if others else []
    return [(f"{platform_name(platform)}: newcomers and the other comparisons", tuple(pictures))] if pictures else []


def _of_event(findings: Findings, platform: str, event: str) -> tuple[list[Figure], list[Figure]]:
    """Give the incumbents' paths of one platform and event, and the pictures that are secondary."""
    label, beside = event_label(findings, event), findings.beside
    months = {effect.cutoff for effect in findings.effects if effect.event == event}
    paths: dict[str, list[Paths]] = {}
    for part in beside.paths:
        if part.platform == platform and part.cutoff in months:
            paths.setdefault(part.who, []).append(part)
    own = [found for found in beside.specifications if (found.platform, found.event) == (platform, event)]
    naive = [found for found in beside.naive if (found.platform, found.event) == (platform, event)]
    rest = [paths_at(findings, label, paths["newcomers"])] if "newcomers" in paths else []
    rest += [specification_curve(findings, found) for found in own if found.told]
    rest += [naive_beside_ours(findings, found) for found in naive]
    return [paths_at(findings, label, paths["incumbents"])] if "incumbents" in paths else [], rest


def forest(findings: Findings, effects: Sequence[Effect]) -> Figure:
    """Draw each platform's effects of each event with their 95 % intervals, one row a method.

    Args:
        findings: of the study.
        effects: those with numbers.
    """
    named = [(f"{platform_name(e.platform)}, {event_label(findings, e.event)}", e) for e in effects]
    methods = [method for method in METHOD_WORDS if any(e.method == method for e in effects)]
    clear = [label for label, e in named if e.verdict in ("lower", "higher")]
    return Figure(
        stem="effects",
        title="What events did, beyond ordinary attrition",
        subtitle=f"Change of incumbents' {OUTCOME_WORDS[HEADLINE]}, with 95 % intervals: "
        + "; ".join(f"{method} {METHOD_WORDS[method]}" for method in methods),
        notes=(
            "Intervals include the platform's own calendar noise, measured at months when nothing happened.",
            "Filled: distinguishable from none after correction for asking several times.",
        ),
        truth=planted(findings),
        description=f"{len(effects)} effects with intervals; distinguishable from none: {listed(clear or ['none'])}.",
        body=lambda layout, width: _forest(layout, width, named),
        numbers=lambda: _forest_table(effects),
        beside=lambda layout: _names_room(layout, named),
    )


def _forest(layout: Layout, width: float, named: Sequence[tuple[str, Effect]]) -> "tuple[alt.LayerChart, float]":
    import altair as alt

    rows, heads = _lines(layout, named)
    room = _names_room(layout, named)
    reach = [end for _, e in named for end in (e.percent_low, e.percent_high)]
    bound = float(np.clip(1.1 * np.quantile(np.abs(reach), 0.9), 20, 200))
    for row in rows:
        row["from"], row["to"] = max(row["low"], -bound), min(row["high"], bound)
    ends = (-min(bound, 100.0), bound)
    axis = alt.Axis(title=None, labelExpr=LABELS, values=ticks_across(ends, width, layout))
    across = alt.X("percent:Q", axis=axis, scale=alt.Scale(domain=list(ends), clamp=True))
    count = len(rows) + len(heads)
    down = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[-0.5, count - 0.5], reverse=True, nice=False))
    colour = COHORTS["senior"].colour
    base, above = (alt.Chart(inline(part)) for part in (rows, heads))
    fill = alt.condition("datum.clear", alt.value(colour), alt.value(PAPER))
    layers = [
        alt.Chart(inline([{"percent": 0}])).mark_rule(stroke=MUTED, strokeWidth=0.8).encode(x=across),
        base.mark_rule(stroke=colour, strokeWidth=1.4).encode(x=alt.X("from:Q"), x2=alt.X2("to:Q"), y=down),
        base.mark_point(filled=True, stroke=colour, size=34, opacity=1).encode(x=across, y=down, fill=fill),
        base.mark_text(align="right", baseline="middle").encode(x=at_x(-8), y=down, text=alt.Text("name:N")),
        above.mark_text(align="left", baseline="middle", color=INK).encode(
            x=at_x(-room), y=down, text=alt.Text("name:N")
        ),
    ]  # fmt: skip
    layers = layers if heads else layers[:-1]
    # The names take their room from the plot, which would otherwise push the page past its width.
    return alt.LayerChart(layer=layers, width=max(60.0, width), height=round(ROW * layout.letters * count, 1)), room


def _lines(layout: Layout, named: Sequence[tuple[str, Effect]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give a row an effect, and where there are several methods a heading for each platform and event above them."""
    several = len({e.method for _, e in named}) > 1
    rows: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    for index, (label, e) in enumerate(named):
        if several and (index == 0 or named[index - 1][0] != label):
            name = shorten(label, TEXT_SHARE * layout.width - 2 * PADDING, layout.letters)
            heads.append({"row": len(rows) + len(heads), "name": name})
        name = e.method if several else _fitting(layout, label)
        rows.append({"row": len(rows) + len(heads), "name": name, "percent": e.percent, "low": e.percent_low,
                     "high": e.percent_high, "clear": e.verdict in ("lower", "higher")})  # fmt: skip
    return rows, heads


def _fitting(layout: Layout, label: str) -> str:
    """Shorten a platform's name where platform and event together take too much of the page."""
    platform, comma, event = label.rpartition(", ")
    room = NAME_SHARE * layout.width - text_width(comma + event, layout.letters)
    name = shorten(platform, max(room, 0), layout.letters) + comma + event
    return shorten(name, NAME_SHARE * layout.width, layout.letters)


def _names_room(layout: Layout, named: Sequence[tuple[str, Effect]]) -> float:
    return max(text_width(row["name"], layout.letters) for row in _lines(layout, named)[0]) + 14


def _forest_table(effects: Sequence[Effect]) -> "pa.Table":
    import pyarrow as pa

    names = ("platform", "event", "method", "outcome", "estimate", "low", "high", "p", "p_holm")
    rows = [
        {name: getattr(e, name) for name in names}
        | {"n_creators": rounded(e.n_creators), "percent": e.percent, "answer": e.verdict}
        for e in effects
    ]
    return pa.Table.from_pylist([{k: None if isinstance(v, float) and not isfinite(v) else v for k, v in row.items()}
                                 for row in rows])  # fmt: skip
