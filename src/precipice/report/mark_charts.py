"""Marks of files as pictures and tables that may be published: nothing of 1 to 4 creators."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from precipice.profiles.marked import MarkedShare
from precipice.report.dots import AIR, Dot, draw_dots, names_room
from precipice.report.figure import Figure
from precipice.report.grids import NONE, Grid
from precipice.report.look import Layout, platform_name
from precipice.report.publication import FEWEST
from precipice.report.tables import FEW
from precipice.report.wording import plural
from precipice.study.profiling.marks import MarksProfile

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

PERCENT = "format(datum.value, '~p')"
CAUTION = "A file without a mark may be anything: marks are easily taken off and forged."
GAP = 24.0
UNBROKEN = "\u00a0"
"""A space at which a line does not break: limits are read as one."""


def mark_figures(profile: MarksProfile | None) -> tuple[Figure, ...]:
    """Give the picture of marked shares by cohort; none where no share may be given, or nothing is marked."""
    shown = [] if profile is None else [share for share in given(profile.shares) if share.cohort != "all"]
    if not any(share.marked for share in shown):
        return ()
    dots = [Dot(_name(share), share.cohort, share.share, share.low, share.high) for share in shown]
    words = [f"{dot.name} {dot.value:.1%}" for dot in dots]
    return (
        Figure(
            stem="marks",
            title="Share of files whose own marks say so",
            subtitle="Files of the study's uploads by cohort, with 95 % intervals over creators",
            notes=(CAUTION, "Shares are of marks: what was made without leaving one is not in them."),
            truth=None,
            description=f"Shares of marked files: {'; '.join(words)}.",
            body=lambda layout, width: _drawn(layout, width, dots),
            numbers=lambda: _numbers(shown),
            beside=lambda layout: names_room(layout, dots) + GAP,
        ),
    )


def given(shares: Sequence[MarkedShare]) -> list[MarkedShare]:
    """Give the shares that may be published: of a platform and measure all cohorts or none.

    Either cohort follows from the other and from all.
    """
    hidden = {(one.platform, one.measure) for one in shares if 0 < one.creators < FEWEST}
    hidden |= {(one.platform, one.measure) for one in shares if 0 < one.creators_marked < FEWEST}
    return [one for one in shares if one.creators and (one.platform, one.measure) not in hidden]


def marks_grid(profile: MarksProfile) -> Grid:
    """Give the shares by platform, measure and cohort; those that may not be given as `<5`."""
    told = given(profile.shares)
    rows = tuple(
        (platform_name(one.platform), one.measure, plural(one.cohort), *(_cells(one) if one in told else (FEW,) * 4))
        for one in profile.shares
        if one.creators
    )
    header = ("platform", "marks say", "cohort", "creators", "files", "marked", "share (95 %)")
    return Grid("Marked files by cohort", header, rows, (CAUTION,))


def families_grid(profile: MarksProfile) -> Grid:
    """Give the files that each family marked; of the study's creators none where these are 1 to 4."""
    files = profile.found.files
    owner: dict[int, set[int]] = {}
    for index, creator in zip(profile.linked.file.tolist(), profile.linked.creator.tolist(), strict=True):
        owner.setdefault(index, set()).add(creator)
    rows = []
    for family in profile.found.count("family"):
        marked = [index for index, record in enumerate(files) if any(mark.family == family for mark in record.marks)]
        creators = set().union(*(owner.get(index, set()) for index in marked))
        rows.append((family, f"{len(marked):,}" if not 0 < len(creators) < FEWEST else FEW))
    answers = tuple((answer, f"{number:,}") for answer, number in profile.found.count("answer").items())
    return Grid("What files carry", ("", "files"), (*rows, *answers) or ((NONE, NONE),), (CAUTION,))


def _name(share: MarkedShare) -> str:
    return f"{platform_name(share.platform)}, {plural(share.cohort)}, {share.measure}"


def _cells(one: MarkedShare) -> tuple[str, ...]:
    limits = f"{one.share:.1%} ({one.low:.1%} to {one.high:.1%})".replace("%", " %").replace(" ", UNBROKEN)
    return f"{one.creators:,}", f"{one.files:,}", f"{one.marked:,}", limits


def _drawn(layout: Layout, width: float, dots: Sequence[Dot]) -> "tuple[alt.LayerChart, float]":
    room = names_room(layout, dots)
    return draw_dots(layout, width, dots, title="share of files", label=PERCENT, floor_=0.0), room + AIR


def _numbers(shares: Sequence[MarkedShare]) -> "pa.Table":
    import pyarrow as pa

    names = ("platform", "cohort", "measure", "creators", "files", "marked", "share", "low", "high")
    rows = [{name: _rounded(getattr(share, name)) for name in names} for share in shares]
    return pa.Table.from_pylist(rows)


def _rounded(value: object) -> object:
    return (
        None if isinstance(value, float) and np.isnan(value) else round(value, 4) if isinstance(value, float) else value
    )
