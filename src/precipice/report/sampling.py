"""How a frame became a sample: each step's count as a chart of boxes, a column a site.

The counts are of a list of accounts and say nothing of what anybody uploaded, so small ones are given too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from precipice.report.figure import SPACING, Figure
from precipice.report.lettering import wrap
from precipice.report.look import GRID, INK, MUTED, Layout, platform_name
from precipice.report.quick import inline
from precipice.report.wording import listed, number
from precipice.study.findings import Findings

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

GAP = 1.5
"""Between two boxes, in lines of type."""
AIR = 0.5
"""Within a box, above and below its lines, in lines of type."""


@dataclass(frozen=True)
class Step:
    """One box: who is left, and who left before the next."""

    words: str
    left: int
    lost: tuple[tuple[int, str], ...] = ()
    """How many were lost after this step, and why."""


def steps(flow: Mapping[str, Any]) -> tuple[Step, ...]:
    """Give the steps from the list to the artists whose uploads are complete.

    Args:
        flow: a site's counts, as the archive's manifest has them.
    """
    where, screened = flow.get("where"), flow["screened"]
    twice = _lost((flow["duplicates"], "listed twice"), (flow["excluded"], "excluded"))
    found = [Step("listed", flow["lines"], twice)]
    if screened:
        unasked = flow["frame"] - screened
        found.append(Step("in the frame, in random order", flow["frame"], _lost((unasked, "not needed"))))
        lost = _lost(
            (flow["ineligible"], "not eligible"), (flow["gone_before"], "gone"),
            (flow["unknown"], "profile says nothing"), (flow["same"], "another's second name"),
        )  # fmt: skip
        found.append(Step("screened", screened, lost))
    spare = flow["eligible"] - flow["drawn"] if flow["eligible"] >= flow["drawn"] else 0
    found.append(Step(f"with {where}" if where else "in the frame", flow["eligible"], _lost((spare, "not drawn"))))
    missing = _lost(
        (flow["partial"], "partial"), (flow["gone"], "gone, replaced"), (flow["refused"], "refused"),
        (flow["pending"], "not asked yet"),
    )  # fmt: skip
    return (*found, Step("drawn", flow["drawn"], missing), Step("complete", flow["complete"]))


def _lost(*counts: tuple[int, str]) -> tuple[tuple[int, str], ...]:
    return tuple((count, words) for count, words in counts if count)


def sampling_figures(findings: Findings) -> tuple[Figure, ...]:
    """Give the picture of how artists were chosen, if any were collected."""
    figure = sampling_figure(findings)
    return (figure,) if figure else ()


def sampling_figure(findings: Findings) -> Figure | None:
    """Draw how each site's frame became a sample; None where nothing was collected."""
    if not findings.collection:
        return None
    sites = {name: steps(flow) for name, flow in sorted(findings.collection.items())}
    return Figure(
        stem="sampling",
        title="From the list to the sample",
        subtitle="; ".join(_chance(name, findings.collection[name]) for name in sites),
        notes=_notes(findings),
        truth=None,
        description=". ".join(_sentence(name, found) for name, found in sites.items()),
        body=lambda layout, width: (_draw(layout, width, sites), 0.0),
        numbers=lambda: _table(sites),
        columns=lambda layout: _columns(layout, len(sites)),
        beside=lambda layout: 4.0,
    )


def _columns(layout: Layout, sites: int) -> int:
    return min(sites, layout.columns if layout.columns > 2 else 1)


def _chance(name: str, flow: Mapping[str, Any]) -> str:
    if flow["probability"] is None:
        return f"{platform_name(name)}: nobody drawn"
    chance = f"{100 * flow['probability']:.1f} %"
    about = "" if flow["exact"] else "about "
    return f"{platform_name(name)}: each had a chance of {about}{chance} (seed {flow['seed']})"


def _notes(findings: Findings) -> tuple[str, ...]:
    collection = findings.collection.values()
    days = sorted({str(flow["asked"])[:10] for flow in collection if flow.get("asked")})
    notes = [f"Asked {' and '.join(sorted({days[0], days[-1]}))}." if days else ""]
    if not all(flow["exact"] for flow in collection):
        notes.append("Where the draw stopped at enough, the chance is estimated from those screened.")
    notes.append("To the right: who was lost on the way.")
    return tuple(filter(None, notes))


def _sentence(name: str, found: tuple[Step, ...]) -> str:
    words = [f"{step.left:,} {step.words}" for step in found]
    lost = [f"{count:,} {why}" for step in found for count, why in step.lost]
    return f"On {platform_name(name)} {listed(words)}" + (f"; lost {listed(lost)}" if lost else "")


def _table(sites: Mapping[str, tuple[Step, ...]]) -> "pa.Table":
    import pyarrow as pa

    rows: list[dict[str, object]] = []
    for name, found in sites.items():
        for step in found:
            rows.append({"site": name, "step": step.words, "artists": step.left, "lost": None})
            rows += [{"site": name, "step": why, "artists": None, "lost": count} for count, why in step.lost]
    names = ("site", "step", "artists", "lost")
    return pa.table({name: [row[name] for row in rows] for name in names})


def _draw(layout: Layout, width: float, sites: Mapping[str, tuple[Step, ...]]) -> "alt.ConcatChart":
    import altair as alt

    charts = [_site(layout, width, platform_name(name), found) for name, found in sites.items()]
    return alt.concat(*charts, columns=_columns(layout, len(sites)), spacing=SPACING)


def _site(layout: Layout, width: float, name: str, found: tuple[Step, ...]) -> "alt.LayerChart":
    """Draw one column: boxes one below the other, beside each gap who was lost in it."""
    import altair as alt

    letters, leading = layout.letters, layout.leading
    box, pad = round(0.56 * width), 0.5 * letters
    boxes: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    arrows: list[dict[str, object]] = []
    y = 0.0
    for at, step in enumerate(found):
        words = [f"{step.left:,}", *wrap(step.words, box - 2 * pad, letters)]
        height = leading * (len(words) + 2 * AIR)
        boxes.append({"x": 0, "x2": box, "y": y, "y2": y + height})
        lines += [{"x": pad, "y": y + leading * (AIR + 0.6 + index), "text": line, "strong": index == 0}
                  for index, line in enumerate(words)]  # fmt: skip
        lost = [line for count, why in step.lost for line in wrap(f"− {count:,} {why}", width - box - 2 * pad, letters)]
        room = leading * max(GAP, len(lost) + 0.5) if at < len(found) - 1 else 0.0
        top = y + height + (room - leading * len(lost)) / 2
        lines += [{"x": box + pad, "y": top + leading * (0.75 + index), "text": line, "strong": False}
                  for index, line in enumerate(lost)]  # fmt: skip
        if room:
            arrows.append({"x": box / 2, "y": y + height, "y2": y + height + room})
        y += height + room
    return _layers(layout, width, y, name, (boxes, lines, arrows)) if boxes else alt.LayerChart(layer=[])


def _layers(
    layout: Layout, width: float, height: float, name: str, parts: "tuple[list[dict[str, object]], ...]"
) -> "alt.LayerChart":
    import altair as alt

    boxes, lines, arrows = (alt.Chart(inline(part)) for part in parts)

    def at(field: str, axis: type) -> Any:  # noqa: ANN401  alt.X or alt.Y
        return axis(f"{field}:Q", scale=None, axis=None)

    text = lines.mark_text(align="left").encode(x=at("x", alt.X), y=at("y", alt.Y), text=alt.Text("text:N"))
    layers = [
        arrows.mark_rule(stroke=MUTED).encode(x=at("x", alt.X), y=at("y", alt.Y), y2=alt.Y2("y2:Q")),
        arrows.mark_point(shape="triangle-down", size=26, filled=True, color=MUTED, opacity=1, yOffset=-3)
        .encode(x=at("x", alt.X), y=at("y2", alt.Y)),
        boxes.mark_rect(fill=None, stroke=GRID, strokeWidth=1.4, cornerRadius=2)
        .encode(x=at("x", alt.X), x2=alt.X2("x2:Q"), y=at("y", alt.Y), y2=alt.Y2("y2:Q")),
        text.transform_filter("datum.strong").encode(color=alt.ColorValue(INK)),
        text.transform_filter("!datum.strong").encode(color=alt.ColorValue(MUTED)),
    ]  # fmt: skip
    title = alt.TitleParams(name, fontSize=layout.letters, color=INK, frame="group", offset=4)
    return alt.LayerChart(layer=layers, width=width, height=height, title=title)


def partial_words(collection: Mapping[str, Mapping[str, Any]], platforms: tuple[str, ...]) -> str | None:
    """Say what share of the artists drawn is partial; None where nobody is, or nothing was collected."""
    shown = [flow for name, flow in collection.items() if name in platforms]
    partial, drawn = (sum(flow[name] for flow in shown) for name in ("partial", "drawn"))
    if not partial:
        return None
    return f"{number(partial, 'artist')} of {drawn:,} drawn ({100 * partial / drawn:.1f} %) are partial"
