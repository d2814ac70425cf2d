"""The paper's figures for any platforms: Porres & Gomez-Villa (2024), figures 1a, 1b and 1c, 2; and retention."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from precipice.errors import InputError
from precipice.report import publication
from precipice.report.composing import Drawn, beside, many_plots, notes, one_plot
from precipice.report.describing import describe_kept, describe_lines
from precipice.report.figure import Figure
from precipice.report.heatmap import beside_kept, draw_kept
from precipice.report.kept import active_in_bins, keep
from precipice.report.look import COHORTS, PLATFORMS, TOTAL, Layout, platform_name
from precipice.report.publication import FEWEST, Line
from precipice.report.sizes import cohort_sizes
from precipice.report.tables import kept_table, lines_table
from precipice.report.wording import capped_uploads, cohort_rule, everybody, listed, people, planted, plural, span, stem
from precipice.study.findings import Findings

TOGETHER = len(PLATFORMS)
"""So many platforms stand in one plot; more of them, or of very different size, have a plot each."""
FAR_APART = 20
"""With so many times the uploads of the smallest, the largest platform would press that one onto the axis."""


def figures(findings: Findings) -> tuple[Figure, ...]:
    """Give all figures: uploads by platform, then cohorts, totals and retention of each platform."""
    followed = publication.followed(findings)
    drawn = [uploads_by_platform(findings)]
    for name in publication.platforms(findings):
        drawn += [cohorts_on(findings, name), totals_with_split(findings, name)]
        drawn += [retention_heatmap(findings, name)] if name in followed else []
    return tuple(drawn)


def uploads_by_platform(findings: Findings) -> Figure:
    """Draw uploads a month by platform (the paper's figure 1a).

    Up to `TOGETHER` platforms of like size stand in one plot; otherwise each has a plot and a scale of its own.
    """
    totals = [publication.total(findings, name) for name in publication.platforms(findings)]
    lines = [(platform_name(line.platform), line) for line in totals]
    names = [label for label, _ in lines]
    months, events, together = (findings.start, findings.end), findings.events, _like_size(totals)

    def body(layout: Layout, width: float) -> Drawn:
        if together:
            # The title names a platform that stands alone.
            labelled = lines if len(lines) > 1 else [("", line) for _, line in lines]
            return one_plot(layout, width, labelled, PLATFORMS[: len(lines)], events, months)
        return many_plots(layout, width, lines, events, months)

    return Figure(
        stem="uploads-by-platform",
        title="Uploads a month by platform" if len(lines) > 1 else f"Uploads a month on {names[0]}",
        subtitle=f"{everybody(findings)} on {listed(names)}, {span(months)}",
        notes=notes(findings, lines, band=False, apart=not together),
        truth=planted(findings),
        description=describe_lines("Uploads a month by platform", lines, findings),
        body=body,
        numbers=lambda: lines_table(totals, "uploads"),
        columns=(lambda layout: 1) if together else (lambda layout: layout.columns),
        beside=lambda layout: beside(layout, lines, apart=not together),
    )


def cohorts_on(findings: Findings, platform: str) -> Figure:
    """Draw seniors and juniors of one platform, uploads capped a month and creator (the paper's figures 1b and 1c).

    Raises:
        InputError: there is no such platform.
    """
    parts = publication.split(findings, platform, capped=True)
    what = capped_uploads(findings)
    return _cohort_figure(findings, platform, "cohorts", what[0].upper() + what[1:], parts)


def totals_with_split(findings: Findings, platform: str) -> Figure:
    """Draw a platform's uploads, and the split into seniors and juniors (the paper's figure 2).

    Raises:
        InputError: there is no such platform.
    """
    parts = (publication.total(findings, platform), *publication.split(findings, platform, capped=False))
    return _cohort_figure(findings, platform, "totals", "Uploads a month, all and by cohort", parts)


def retention_heatmap(findings: Findings, platform: str) -> Figure:
    """Draw the share of creators still uploading, by year of entry and months since the first upload.

    Raises:
        InputError: there is no such platform, or fewer than 5 creators can be followed on it.
    """
    window = findings.panel.window(platform)
    if platform not in publication.followed(findings):
        raise InputError(
            f"retention on {platform} cannot be published",
            why=f"fewer than {FEWEST} creators can be followed from their first upload on",
            fix="draw it for another platform",
        )
    retention = next(found for found in findings.retention if found.platform == platform)
    cells = keep(
        retention, partial(active_in_bins, findings.panel, platform), publication.fewest(findings),
        partial(publication.vintages_told, findings, platform),
    )  # fmt: skip
    unit, name = findings.study.study.unit, platform_name(platform)
    who = f"{unit}s" if cells.creators is None else people(findings, int(cells.creators.sum()))
    told = f"Of those who began in a year, who uploaded in a month so long after; mean of {cells.bin} months."
    grey = f"Grey: fewer than {FEWEST} {unit}s, share withheld."
    return Figure(
        stem=f"retention-{stem(findings, platform)}",
        title=f"Share of {unit}s still uploading",
        subtitle=f"{name}, {who} by year of first upload, {span((window.first, window.last_complete))}",
        notes=(told, grey) if cells.few.any() else (told,),
        truth=planted(findings),
        description=describe_kept(cells, f"Share of {unit}s on {name} still uploading"),
        body=lambda layout, width: draw_kept(layout, width, cells),
        numbers=lambda: kept_table(cells),
        beside=lambda layout: beside_kept(layout, cells),
    )


def _cohort_figure(findings: Findings, platform: str, kind: str, title: str, parts: Sequence[Line]) -> Figure:
    """Give a figure of one platform over the months in which it was observed."""
    lines = [("all" if line.name == "all" else plural(line.name), line) for line in parts]
    strokes = [COHORTS.get(line.name, TOTAL) for line in parts]
    months = publication.observed(findings, platform)
    events = [event for event in findings.events if not event.platforms or platform in event.platforms]
    name = platform_name(platform)
    return Figure(
        stem=f"{kind}-{stem(findings, platform)}",
        title=title,
        subtitle=f"{name}, {span(months)}: {_members(findings, platform)}",
        notes=notes(findings, lines, band=True),
        truth=planted(findings),
        description=describe_lines(f"{title}, on {name}", lines, findings),
        body=lambda layout, width: one_plot(layout, width, lines, strokes, events, months),
        numbers=lambda: lines_table(parts, "capped" if kind == "cohorts" else "uploads"),
        beside=lambda layout: beside(layout, lines),
    )


def _members(findings: Findings, platform: str) -> str:
    """Say who is in the cohorts, as far as their sizes may be given."""
    sizes = cohort_sizes(findings, platform)
    if len(sizes) == 1:
        return people(findings, sizes[0].creators)
    counted = [f"{size.creators:,}" if size.creators else "no" for size in sizes]
    rules = [cohort_rule(findings, size.cohort) for size in sizes]
    words = zip(counted, (plural(size.cohort) for size in sizes), rules, strict=True)
    return listed([f"{count} {name} ({rule})" for count, name, rule in words])


def _like_size(totals: Sequence[Line]) -> bool:
    largest = [float(np.nanmax(line.value)) for line in totals if line.given.any()]
    return len(totals) <= TOGETHER and (not largest or max(largest) <= FAR_APART * max(1.0, min(largest)))
