"""Novelty as a picture: how new the tags of uploads are against earlier ones, on average and at the peak."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from precipice.months import month_text
from precipice.profiles.diversity import NORMAL
from precipice.profiles.novelty import PEAK, REFERENCE, Novelty
from precipice.report.curves import Curve, Frame, beside_curves, draw_curves
from precipice.report.figure import SPACING, Figure
from precipice.report.lettering import shorten
from precipice.report.look import COHORTS, INK, Layout, platform_name
from precipice.report.wording import cohort_rule, listed, planted, plural, stem
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

NAMES = ("senior", "junior")
FEWEST_MONTHS = 6
"""Months with a number, below which nothing is drawn."""


@dataclass(frozen=True)
class _Plot:
    title: str
    number: Callable[[Novelty], tuple[float, float, float]]
    """Value, lower and upper limit."""


PLOTS = (
    _Plot(
        "on average",
        lambda one: (one.average, one.average - NORMAL * one.average_se, one.average + NORMAL * one.average_se),
    ),
    _Plot("at the peak", lambda one: (one.peak, one.peak_low, one.peak_high)),
)


def novelty_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give a picture of each platform with novelty of enough months; none without."""
    if findings.diversity is None:
        return ()
    found = [one for one in findings.diversity.novelty if one.cohort in NAMES]
    made = []
    for platform in dict.fromkeys(one.platform for one in found):
        parts = [[one for one in found if (one.platform, one.cohort) == (platform, name)] for name in NAMES]
        shown = [part for part in parts if len(part) >= FEWEST_MONTHS]
        made += [novelty_on(findings, platform, shown)] if shown else []
    return tuple(made)


def novelty_on(findings: Findings, platform: str, parts: Sequence[Sequence[Novelty]]) -> Figure:
    """Draw average and peak novelty by month, a line for each cohort."""
    first, last = min(part[0].month for part in parts), max(part[-1].month for part in parts)
    events = tuple(event.month for event in findings.events if first <= event.month <= last)
    frame = Frame(floor=None, events=events)
    curves = [_curve(part, PLOTS[0]) for part in parts]
    names = [event.label for event in findings.events if event.month in events]
    return Figure(
        stem=f"novelty-{stem(findings, platform)}",
        title="Does what artists upload repeat what was there before?",
        subtitle=f"{platform_name(platform)}: novelty of uploads against earlier ones, by tags; "
        "0: some earlier one has the same, 1: none in common",
        notes=(
            f"Seniors (solid): {cohort_rule(findings, 'senior')}; juniors (dashed): {cohort_rule(findings, 'junior')}.",
            "Average: the mean of artists' means; peak: what "
            f"{100 * PEAK:.0f} % of uploads stay below. Bands: 95 % over artists.",
            f"Every month is held against {REFERENCE:,} earlier uploads drawn at random.",
            *([f"Dotted: {listed(names)}."] if names else []),
        ),
        truth=planted(findings),
        description=f"On {platform_name(platform)}: {listed([_told(part) for part in parts])}.",
        body=lambda layout, width: _body(layout, width, parts, frame),
        numbers=lambda: _table(parts),
        columns=lambda layout: min(layout.columns, len(PLOTS)),
        beside=lambda layout: beside_curves(layout, curves, frame),
    )


def _told(part: Sequence[Novelty]) -> str:
    first, last = part[0], part[-1]
    return (
        f"the novelty of {plural(first.cohort)}' uploads was {first.average:.2f} on average in "
        f"{month_text(first.month)} and {last.average:.2f} in {month_text(last.month)}"
    )


def _curve(part: Sequence[Novelty], plot: _Plot) -> Curve:
    """Lay a cohort's months out, those without a number as gaps."""
    at = np.arange(part[0].month, part[-1].month + 1)
    numbers = np.full((3, len(at)), np.nan)
    for one in part:
        numbers[:, one.month - part[0].month] = plot.number(one)
    value, low, high = numbers
    return Curve(plural(part[0].cohort), COHORTS[part[0].cohort], at, value, np.clip(low, 0, 1), np.clip(high, 0, 1))


def _body(
    layout: Layout, width: float, parts: Sequence[Sequence[Novelty]], frame: Frame
) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    plots, room = [], 0.0
    for plot in PLOTS:
        drawn, room = draw_curves(layout, width, [_curve(part, plot) for part in parts], frame)
        title = alt.TitleParams(
            shorten(plot.title, width + room, layout.letters, bold=True), fontSize=layout.letters, color=INK,
            frame="bounds", offset=3,
        )  # fmt: skip
        plots.append(drawn.properties(title=title))
    whole = alt.concat(*plots, columns=min(layout.columns, len(PLOTS)), spacing=SPACING)
    return whole.resolve_scale(x="independent", y="independent"), room


def _table(parts: Sequence[Sequence[Novelty]]) -> "pa.Table":
    import pyarrow as pa

    return pa.Table.from_pylist([one.as_dict() for part in parts for one in part])
