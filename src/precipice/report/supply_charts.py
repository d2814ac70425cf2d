"""Supply as pictures: fans of human and synthetic uploads, runways as shares of paths, and what a runway hangs on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from precipice.months import month_text
from precipice.report import publication
from precipice.report.curves import Curve, Frame, beside_curves, draw_curves
from precipice.report.figure import Figure
from precipice.report.grids import Grid
from precipice.report.lettering import text_width
from precipice.report.look import HUMAN, INK, PAPER, SHARES, SYNTHETIC, TOTAL, Layout, Stroke, platform_name
from precipice.report.quick import inline
from precipice.report.wording import stem
from precipice.study.findings import Findings
from precipice.supply import CAVEATS, Outlook, Paths, Runway, Sensitivity

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

KINDS: Mapping[str, Stroke] = {"human": HUMAN, "synthetic": SYNTHETIC, "all uploads": TOTAL}
BIASES = (
    TOTAL,
    Stroke("#00866A", "#00775D", (6, 2)),
    Stroke("#0072B2", "#0072B2", (3, 2)),
    Stroke("#B35A90", "#97437A", (1.5, 1.5)),
)
"""For biases, the least one last."""
DARK_FROM = 0.7
"""Probability from which a cell is too dark for dark ink."""
ROW = 1.9
"""Height of a row of the table of colours, in sizes of type."""


def supply_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give the pictures of each platform with a runway: its fan, its runways, what they hang on."""
    drawn: list[Figure] = []
    order = publication.platforms(findings)
    told = {outlook.platform: outlook for outlook in findings.outlooks if outlook.runways}
    for platform in (name for name in order if name in told):
        outlook = told[platform]
        key = stem(findings, platform)
        drawn += [fan(outlook, key, publication.total(findings, platform)), runways(outlook, key)]
        drawn += [hangs_on(outlook.sensitivity, key)] if outlook.sensitivity is not None else []
    return tuple(drawn)


def fan(outlook: Outlook, key: str, known: publication.Line) -> Figure:
    """Draw human and synthetic uploads, months at hand and months to come, with 10 to 90 % of the paths.

    Args:
        outlook: of one platform.
        key: of the files' names.
        known: the platform's uploads as they may be published; months that it withholds are not drawn.
    """
    drawn = [_fan_curve(outlook.paths, kind, values, known) for kind, values in outlook.paths.totals()]
    paths, name = outlook.paths, platform_name(outlook.platform)
    frame = Frame(mark=float(paths.months[paths.known]), top=_fan_top(drawn))
    return Figure(
        stem=f"supply-{key}",
        title=f"Human and synthetic uploads a month on {name}, and what may come",
        subtitle=_capital(paths.summary().partition(": ")[2]),
        notes=(
            f"Bands: 10 to 90 % of {len(paths.human):,} paths. Right of the dotted line nothing is counted. "
            "Before there were labels, all uploads are taken for human.",
            f"The share of synthetic uploads is {_source(outlook)}.",
        ),
        truth=None,
        description=f"Fan of uploads a month on {name}. {paths.summary().partition(': ')[2]}",
        body=lambda layout, width: draw_curves(layout, width, drawn, frame),
        numbers=lambda: _fan_table(outlook.platform, drawn),
        beside=lambda layout: beside_curves(layout, drawn, frame),
    )


def _fan_curve(paths: Paths, kind: str, values: npt.NDArray[np.float64], known: publication.Line) -> Curve:
    """Give one kind by the periods in which the platform's uploads may be given, as a mean a month."""
    period = known.period
    at = paths.months.astype(np.int64) // period
    starts = np.flatnonzero(np.diff(at, prepend=-1))
    lengths = np.diff(np.append(starts, len(at)))
    whole = lengths == period
    sums = np.add.reduceat(values, starts, axis=1)[:, whole] / period
    first = paths.months[starts[whole]].astype(np.int64)
    begun = paths.months[starts[whole]] >= paths.months[min(paths.began, len(paths.months) - 1)] - period + 1
    hidden = {int(month) // period for month, given in zip(known.start, known.given, strict=True) if not given}
    gone = np.array([int(month) // period in hidden for month in first]) | (~begun & (kind == "synthetic"))
    low, middle, high = (np.where(gone, np.nan, part) for part in np.quantile(sums, [0.1, 0.5, 0.9], axis=0))
    return Curve(kind, KINDS[kind], first, middle, low, high)


def _fan_top(curves: Sequence[Curve]) -> float:
    """Leave the last tenth of a band's reach out of the plot rather than press all else onto the axis."""
    middle = max(float(np.nanmax(curve.value)) for curve in curves)
    high = max(float(np.nanmax(curve.high)) for curve in curves if curve.high is not None)
    return 1.05 * min(high, 3 * middle)


def _fan_table(platform: str, curves: Sequence[Curve]) -> "pa.Table":
    import pyarrow as pa

    rows = [
        {"platform": platform, "kind": curve.label, "from": month_text(int(at)), "middle": _round(m), "low": _round(lo),
         "high": _round(hi)}
        for curve in curves
        if curve.low is not None and curve.high is not None
        for at, m, lo, hi in zip(curve.at, curve.value, curve.low, curve.high, strict=True)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def runways(outlook: Outlook, key: str) -> Figure:
    """Draw the share of paths that have not crossed, by generation, for each bias, under the first policy.

    Args:
        outlook: of one platform, with runways.
        key: of the files' names.
    """
    first = outlook.runways[0].scenario
    some = [r for r in outlook.runways if replace(r.scenario, bias=first.bias) == first]
    drawn = [_runway_curve(runway, index) for index, runway in enumerate(some[: len(BIASES)])]
    start = outlook.paths.months[outlook.paths.known]
    frame = Frame(percent=True, step=True, mark=float(start), top=1.02)
    ends = ", ".join(f"{100 * curve.value[-1]:.0f} % at {curve.label}" for curve in drawn)
    name = platform_name(outlook.platform)
    return Figure(
        stem=f"runway-{key}",
        title=f"Share of paths on which a model trained on {name} would not yet have lost {100 * first.threshold:g} %",
        subtitle=f"Of {some[0].of}, generations of {some[0].months} months, policy {first.policy}; at the end {ends}",
        notes=(
            f"By {some[0].produced_by}; what is left at the right end is censored at {month_text(some[0].end)}.",
            "The bias is assumed.",
        ),
        truth=None,
        description=f"Share of paths not yet crossed on {name} by sampling bias; at the end {ends}.",
        body=lambda layout, width: draw_curves(layout, width, drawn, frame),
        numbers=lambda: _runway_table(outlook.runways),
        beside=lambda layout: beside_curves(layout, drawn, frame),
    )


def _runway_curve(runway: Runway, index: int) -> Curve:
    """Give a runway as steps that begin at one and end with the horizon."""
    at = np.append(runway.starts, runway.end + 1)
    left = 1 - np.append(runway.crossed, runway.crossed[-1])
    return Curve(f"bias {runway.scenario.bias:g}", BIASES[index], at, left)


def _runway_table(found: Sequence[Runway]) -> "pa.Table":
    import pyarrow as pa

    return pa.concat_tables([runway.table() for runway in found])


def hangs_on(found: Sensitivity, key: str) -> Figure:
    """Draw the probability of crossing by what is assumed: label sensitivity across, policy and bias down.

    Args:
        found: the grid.
        key: of the files' names.
    """
    drivers = found.drivers()
    told = ", ".join(f"{name} {100 * by:.0f}" for name, by in drivers.items())
    name = platform_name(found.runways[0].platform)
    return Figure(
        stem=f"runway-hangs-on-{key}",
        title=f"What the runway on {name} hangs on",
        subtitle=f"Paths on which {found.runways[0].of} is below {100 * (1 - found.threshold):g} % of generation 0 by "
        f"{month_text(found.runways[0].end)}, by what is assumed",
        notes=(f"Points by which it moves with each alone, on average over the others: {told}.",),
        truth=None,
        description=f"Probability of crossing on {name} for {len(found.runways)} settings, from "
        f"{100 * min(r.probability for r in found.runways):.0f} to "
        f"{100 * max(r.probability for r in found.runways):.0f} per cent; it moves with {told}.",
        body=lambda layout, width: _heatmap(layout, width, found),
        numbers=found.table,
        beside=lambda layout: text_width("accumulate, bias 0.95", layout.letters) + 12,
    )


def _heatmap(layout: Layout, width: float, found: Sensitivity) -> "tuple[alt.LayerChart, float]":
    import altair as alt

    labelled = "sensitivity" in found.factors
    rows: list[dict[str, Any]] = []
    for row in found.rows():
        across = f"{row['sensitivity']:g}" if labelled else "as stated"
        rows.append({
            "down": f"{row['policy']}, bias {row['bias']:g}", "across": across, "p": row["probability"],
            "text": f"{100 * float(str(row['probability'])):.0f} %", "dark": float(str(row["probability"])) > DARK_FROM,
        })  # fmt: skip
    down = sorted(dict.fromkeys(row["down"] for row in rows), key=lambda name: name.partition(",")[0])
    room = max(text_width(name, layout.letters) for name in down) + 8
    base = alt.Chart(inline(rows))
    title = "assumed sensitivity of the label" if labelled else None
    x = alt.X("across:N", sort=list(dict.fromkeys(row["across"] for row in rows)),
              axis=alt.Axis(title=title, orient="top", labelAngle=0, domain=False, ticks=False),
              scale=alt.Scale(paddingInner=0.03))  # fmt: skip
    left = alt.Axis(title=None, domain=False, ticks=False, minExtent=room, maxExtent=room, labelLimit=room)
    y = alt.Y("down:N", sort=down, scale=alt.Scale(paddingInner=0.06), axis=left)
    colour = alt.Color("p:Q", legend=None, scale=alt.Scale(domain=[0, 0.25, 0.5, 0.75, 1], range=list(SHARES)))
    ink = alt.condition("datum.dark", alt.value(PAPER), alt.value(INK))
    layers = [
        base.mark_rect(stroke="#ffffff", strokeWidth=0.4).encode(x=x, y=y, color=colour),
        base.mark_text(baseline="middle").encode(x=x, y=y, text=alt.Text("text:N"), color=ink),
    ]
    height = round(ROW * layout.letters * len(down), 1)
    return alt.LayerChart(layer=layers, width=max(80.0, width), height=height), room


def runway_grid(outlook: Outlook) -> Grid:
    """Give a row for each runway of a platform: how likely, and when, never one date."""
    header = ("metric", "policy", "bias", "crossed by the horizon", "10 % from", "50 % from", "90 % from", "by")
    rows = tuple(
        (
            r.of, r.scenario.policy if r.scenario.has_policy else "any",
            f"{r.scenario.bias:g}" if r.scenario.has_bias else "any",
            f"{100 * r.probability:.0f} % ± {100 * r.error:.1f}",
            *(month_text(m) if m is not None else "beyond" for m in (r.quantile(q) for q in (0.1, 0.5, 0.9))),
            r.produced_by,
        )
        for r in outlook.runways
    )  # fmt: skip
    s = outlook.runways[0]
    caption = (
        f"{platform_name(outlook.platform)}: when {100 * s.scenario.threshold:g} % would be lost, by "
        f"{month_text(s.end)}, generations of {s.months} months"
    )
    return Grid(caption, header, rows, CAVEATS)


def unforeseen(findings: Findings) -> tuple[str, ...]:
    """Say of each platform without a runway why it has none."""
    refused = {outlook.platform: f"no runway: {outlook.refused}" for outlook in findings.outlooks if outlook.refused}
    reasons = refused | {name: f"nothing is forecast: {reason}" for name, reason in findings.no_outlook.items()}
    order = [name for name in publication.platforms(findings) if name in reasons]
    return tuple(f"{platform_name(name)}, {reasons[name]}." for name in order)


def _source(outlook: Outlook) -> str:
    belief = outlook.belief
    if belief is None:
        return "not known"
    if belief.stated is not None:
        return f"stated as {belief.stated}, not measured"
    if belief.source == "labelled":
        return "that of the platform's label, taken at its word"
    return f"corrected for a label of sensitivity {belief.sensitivity} and specificity {belief.specificity}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _round(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None
