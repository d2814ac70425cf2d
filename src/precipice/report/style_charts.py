"""Styles as pictures: how alike cohorts' works are, how far their centre moved, and what they are nearest to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from precipice.months import month_text
from precipice.profiles.style_drift import Drift
from precipice.profiles.styles import Variety
from precipice.report.dots import AIR, Dot, colour_of, draw_dots, names_room, nice
from precipice.report.figure import SPACING, Figure
from precipice.report.lettering import text_width
from precipice.report.look import MUTED, PAPER, WITHHELD, Layout, platform_name
from precipice.report.publication import FEWEST
from precipice.report.quick import inline
from precipice.report.wording import plural
from precipice.study.profiling.styles import PlatformStyles, StylesProfile

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa
    from markupsafe import Markup

PLAIN = "format(datum.value, '~g')"
ROOM = 34.0
"""Pixels that numbers take to the left of a plot of drift."""


@dataclass(frozen=True)
class SheetRow:
    """A work on the page, and its neighbours."""

    work: "tuple[Markup, str]"
    """Address of the picture, and its month."""
    nearest: "tuple[tuple[Markup, str, str], ...]"
    """Address, month and similarity of each."""


@dataclass(frozen=True)
class Sheet:
    """Works of one platform with their nearest earlier works by others."""

    platform: str
    rows: tuple[SheetRow, ...]


def style_figures(
    profile: StylesProfile | None, stem: Callable[[str], str] = lambda platform: platform
) -> tuple[Figure, ...]:
    """Give the pictures of variety and of each platform's drift, of what could be measured.

    Args:
        profile: the styles; None where none were measured.
        stem: from a platform's name to what stands for it in a file's name.
    """
    if profile is None:
        return ()
    varieties = [one for platform in profile.platforms for one in _given(platform.varieties)]
    drawn = [_variety_figure(profile, varieties)] if varieties else []
    drawn += [_drift_figure(profile, one, stem(one.platform)) for one in profile.platforms if one.drifts]
    return tuple(drawn)


def sheets(profile: StylesProfile | None) -> tuple[Sheet, ...]:
    """Give the contact sheets: a row a work, from the least new to the newest."""
    if profile is None:
        return ()
    return tuple(Sheet(platform_name(one.platform), _rows(one)) for one in profile.platforms if one.shown)


def _given(varieties: Sequence[Variety]) -> list[Variety]:
    """Give what may be published: where a cohort is of 1 to 4 creators, all would give them away."""
    few = any(0 < one.creators < FEWEST for one in varieties)
    return [one for one in varieties if isfinite(one.similarity) and not (few and one.cohort == "all")]


def _variety_figure(profile: StylesProfile, varieties: Sequence[Variety]) -> Figure:
    alike = [Dot(_name(one), one.cohort, one.similarity, one.similarity_low, one.similarity_high) for one in varieties]
    many = [Dot(_name(one), one.cohort, one.styles, one.styles_low, one.styles_high) for one in varieties]
    words = [f"{one.name} {one.value:.3f} and {other.value:.1f}" for one, other in zip(alike, many, strict=True)]
    return Figure(
        stem="styles",
        title="How alike the works of a cohort are, and how many styles that amounts to",
        subtitle=f"Two works by two creators, one vote a creator; likeness by '{profile.embedder}': {profile.about}",
        notes=(
            "Bars: 95 % intervals over creators.",
            "A style is as wide as the works of one creator usually are; it is no named style.",
        ),
        truth=None,
        description=f"Mean similarity and effective number of styles: {'; '.join(words)}.",
        body=lambda layout, width: _variety(layout, width, alike, many),
        numbers=lambda: _variety_table(varieties),
        columns=lambda layout: 1 if layout.columns == 2 else 2,
        beside=lambda layout: names_room(layout, alike) / (1 if layout.columns == 2 else 2) + 12,
    )


def _variety(
    layout: Layout, width: float, alike: Sequence[Dot], many: Sequence[Dot]
) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    stacked = layout.columns == 2
    first = draw_dots(layout, width, alike, title="mean similarity", label=PLAIN)
    second = draw_dots(layout, width, many, title="effective number of styles", label=PLAIN, named=stacked)
    whole = alt.concat(first, second, columns=1 if stacked else 2, spacing=SPACING)
    return whole.resolve_scale(x="independent", y="independent", color="independent"), names_room(layout, alike) + AIR


def _drift_figure(profile: StylesProfile, platform: PlatformStyles, stem: str) -> Figure:
    name, drifts = platform_name(platform.platform), platform.drifts
    told = [f"{plural(one.cohort)} p = {one.p:.3f}" for one in drifts]
    return Figure(
        stem=f"styles-drift-{stem}",
        title="How far the centre of works moved",
        subtitle=f"{name}, by year, from the centre of the years before the cutoff; likeness by '{profile.embedder}'; "
        + ", ".join(told),
        notes=(
            "Grey: where 95 % of deals lie when creators exchange their works.",
            "Hollow: years of the reference, each measured from the others.",
            "1 is the usual distance of two creators' works.",
            *(["Years with fewer than 5 creators are left out."] if any(map(_gaps, drifts)) else []),
        ),
        truth=None,
        description=f"Drift on {name}: "
        + "; ".join(f"{plural(one.cohort)} {', '.join(_points(one))}" for one in drifts) + ".",
        body=lambda layout, width: _drifts(layout, width, drifts),
        numbers=lambda: _drift_table(drifts),
        columns=lambda layout: min(len(drifts), layout.columns),
        beside=lambda layout: ROOM + 6,
    )  # fmt: skip


def _drifts(layout: Layout, width: float, drifts: Sequence[Drift]) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    ticks = nice(0.0, max(float(max(one.value.max(), one.high.max())) for one in drifts))
    plots = [_one_drift(layout, width, one, ticks) for one in drifts]
    whole = alt.concat(*plots, columns=min(len(drifts), layout.columns), spacing=SPACING)
    return whole.resolve_scale(x="independent", y="independent"), ROOM


def _one_drift(layout: Layout, width: float, drift: Drift, ticks: Sequence[float]) -> "alt.LayerChart":
    import altair as alt

    columns = (drift.period, drift.value, drift.low, drift.high, drift.reference)
    rows: list[dict[str, Any]] = [
        {"period": _period(drift, month), "drift": value, "low": low, "high": high, "reference": reference}
        for month, value, low, high, reference in zip(*(column.tolist() for column in columns), strict=True)
    ]
    every = max(1, round(len(rows) * 1.3 * text_width(rows[0]["period"], layout.letters) / width))
    labels = alt.Axis(title=None, grid=False, labelAngle=0, values=[row["period"] for row in rows[::every]])
    across = alt.X("period:O", axis=labels, scale=alt.Scale(padding=0.3))
    axis = alt.Axis(title=None, values=list(ticks), domain=False, ticks=False, minExtent=ROOM, maxExtent=ROOM)
    scale = alt.Scale(domain=[ticks[0], ticks[-1]], nice=False)
    base, colour = alt.Chart(inline(rows)), colour_of(drift.cohort)
    up, low = (alt.Y(f"{name}:Q", axis=axis, scale=scale) for name in ("drift", "low"))
    fill = alt.condition("datum.reference", alt.value(PAPER), alt.value(colour))
    layers = [
        base.mark_bar(color=WITHHELD, size=max(6.0, 0.35 * width / len(rows))).encode(
            x=across, y=low, y2=alt.Y2("high:Q")
        ),
        base.mark_line(color=colour, strokeWidth=1.2).encode(x=across, y=up),
        base.mark_point(filled=True, stroke=colour, size=34, opacity=1).encode(x=across, y=up, fill=fill),
    ]
    title = alt.TitleParams(plural(drift.cohort), fontSize=layout.letters, color=MUTED, frame="group", offset=2)
    return alt.LayerChart(layer=layers, width=width, height=1.25 * layout.panel_height, title=title)


def _gaps(drift: Drift) -> bool:
    return int(drift.period[-1] - drift.period[0]) // drift.width + 1 > len(drift.period)


def _period(drift: Drift, month: int) -> str:
    """Name a period by its year, or by its first month where it is no calendar year."""
    return month_text(month)[:4] if drift.width == 12 and month % 12 == 0 else month_text(month)


def _points(drift: Drift) -> list[str]:
    return [f"{_period(drift, m)} {v:.2f}" for m, v in zip(drift.period.tolist(), drift.value.tolist(), strict=True)]


def _rows(platform: PlatformStyles) -> tuple[SheetRow, ...]:
    return tuple(
        SheetRow(
            (_address(one.picture), month_text(one.month)),
            tuple((_address(near), month_text(month), f"{likeness:.3f}") for near, month, likeness in one.nearest),
        )
        for one in platform.shown
    )


def _address(picture: bytes) -> "Markup":
    from base64 import b64encode

    from markupsafe import Markup

    return Markup("data:image/jpeg;base64," + b64encode(picture).decode())  # noqa: S704  letters and digits


def _name(one: Variety) -> str:
    return f"{platform_name(one.platform)}, {plural(one.cohort)}"


def _variety_table(varieties: Sequence[Variety]) -> "pa.Table":
    import pyarrow as pa

    rows = [one.as_dict() for one in varieties]
    return pa.Table.from_pylist(
        [{k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()} for row in rows]
    )


def _drift_table(drifts: Sequence[Drift]) -> "pa.Table":
    """Give a row a period; without creators, whose differences between cohorts could be 1 to 4."""
    import pyarrow as pa

    return pa.Table.from_pylist(
        [
            {"platform": one.platform, "cohort": one.cohort, "from": month_text(int(month)), "months": one.width,
             "reference": bool(reference), "drift": round(float(value), 4),
             "chance_low": round(float(low), 4), "chance_high": round(float(high), 4), "p": one.p}
            for one in drifts
            for month, reference, value, low, high in zip(
                one.period, one.reference, one.value, one.low, one.high, strict=True
            )
        ]
    )  # fmt: skip
