"""Generations as pictures: what a model made, generation by generation, on one sheet."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.report.figure import Figure
from precipice.report.lettering import text_width
from precipice.report.look import INK, Layout
from precipice.report.quick import at_x, inline

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

Pictures = npt.NDArray[np.uint8]
"""Shape (n, height, width), grey, or (n, height, width, 3), red, green and blue."""
GAP = 1
"""Pixels of white between pictures of a strip."""
AIR = 6.0
"""Pixels between strips of different groups."""
SCALE = 4
"""Every pixel is drawn as so many by so many, so that no renderer blurs small pictures."""


@dataclass(frozen=True, eq=False)
class Strip:
    """Pictures of one generation."""

    group: str
    """Which loop."""
    generation: int | None
    """None for works that no model made."""
    pictures: Pictures


def contact_sheet(strips: Sequence[Strip], title: str, subtitle: str, notes: tuple[str, ...] = ()) -> Figure:
    """Draw a row of pictures for each strip, one group under the other.

    Args:
        strips: in the order in which they are drawn; as many pictures each, of one size.
        title: what is drawn.
        subtitle: who and how.
        notes: how to read it.

    Raises:
        InputError: there is nothing to draw, or pictures differ in size or number.
    """
    shapes = {strip.pictures.shape for strip in strips}
    if len(shapes) != 1:
        raise InputError(
            f"{len(shapes)} kinds of strips cannot stand on one sheet",
            why="all must have as many pictures of one size",
            fix="cut or scale them before",
        )
    groups = list(dict.fromkeys(strip.group for strip in strips))
    generations = list(dict.fromkeys(strip.generation for strip in strips if strip.generation is not None))
    told = f"{strips[0].pictures.shape[0]} pictures of generations {', '.join(map(str, generations))}"
    return Figure(
        stem="generations",
        title=title,
        subtitle=subtitle,
        notes=notes,
        truth=None,
        description=f"{title}: {told}, of {', '.join(groups)}.",
        body=partial(_sheet, list(strips)),
        numbers=lambda: _table(strips),
        beside=lambda layout: _room(strips, layout) + 2,
    )


def _sheet(strips: Sequence[Strip], layout: Layout, width: float) -> "tuple[alt.LayerChart, float]":
    import altair as alt

    n, high, wide = strips[0].pictures.shape[:3]
    height = width * (high + 2 * GAP) / (n * (wide + 2 * GAP))
    rows: list[dict[str, Any]] = []
    y, before = 0.0, ""
    for strip in strips:
        opens = strip.group != before
        y += (AIR + 1.2 * layout.letters) * opens
        head = {"label": _label(strip), "group": strip.group if opens else "", "top": y - 0.3 * AIR}
        rows.append({"url": picture_url(in_a_row(strip.pictures)), "y": y + height / 2, "x": width / 2, **head})
        y, before = y + height, strip.group
    base = alt.Chart(inline(rows))
    down, across = alt.Y("y:Q", scale=None, axis=None), alt.X("x:Q", scale=None, axis=None)
    left = base.mark_text(align="right", baseline="middle", dx=-4, fontSize=layout.letters, color=INK)
    heads = base.mark_text(align="left", baseline="bottom", fontSize=layout.letters, color=INK, fontWeight="bold")
    layers = [
        base.mark_image(width=width, height=height, aspect=False).encode(x=across, y=down, url=alt.Url("url:N")),
        left.encode(x=at_x(0), y=down, text=alt.Text("label:N")),
        heads.encode(x=at_x(0), y=alt.Y("top:Q", scale=None, axis=None), text=alt.Text("group:N")),
    ]
    return alt.LayerChart(layer=layers, width=width, height=y), _room(strips, layout)


def _room(strips: Sequence[Strip], layout: Layout) -> float:
    return max(text_width(_label(strip), layout.letters) for strip in strips) + 6


def _label(strip: Strip) -> str:
    return "" if strip.generation is None else str(strip.generation)


def in_a_row(pictures: Pictures) -> Pictures:
    """Put pictures, grey or in colour, beside each other with white between them, shape (height, width, 3)."""
    colour = pictures if pictures.ndim == 4 else np.repeat(pictures[..., None], 3, axis=3)
    framed = np.pad(colour, ((0, 0), (GAP, GAP), (GAP, GAP), (0, 0)), constant_values=255)
    return np.concatenate(list(framed), axis=1)


def picture_url(pixels: Pictures) -> str:
    """Give a picture, shape (height, width, 3), as a data address holding a PNG, every pixel magnified."""
    large = pixels.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
    return "data:image/png;base64," + base64.b64encode(png(large)).decode()


def png(pixels: Pictures) -> bytes:
    """Write a picture of shape (height, width, 3) as PNG."""
    from io import BytesIO

    from PIL import Image

    written = BytesIO()
    Image.fromarray(pixels).save(written, "PNG", optimize=True)
    return written.getvalue()


def as_grey(works: npt.NDArray[Any], shape: tuple[int, int], limits: tuple[float, float] = (0.0, 1.0)) -> Pictures:
    """Turn rows of numbers into grey pictures, dark for the upper limit; what lies beyond the limits is cut."""
    low, high = limits
    shade = np.clip((works - low) / (high - low), 0, 1)
    return np.asarray(np.rint(255 * (1 - shade)), dtype=np.uint8).reshape(-1, *shape)


def _table(strips: Sequence[Strip]) -> "pa.Table":
    import pyarrow as pa

    rows: list[Mapping[str, Any]] = [
        {"loop": strip.group, "generation": strip.generation, "pictures": len(strip.pictures),
         "mean": float(strip.pictures.mean()), "spread": float(strip.pictures.std(axis=0).mean())}
        for strip in strips
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)
