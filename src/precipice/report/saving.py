"""Figures as files: SVG, PNG and PDF without a browser or a network, exactly as wide as a journal's columns."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from precipice.errors import CheckError, InputError
from precipice.report.figure import Figure
from precipice.report.look import LAYOUTS, PIXELS_A_MM

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

FORMATS = (".svg", ".png", ".pdf", ".json")
POINTS_A_PIXEL = 0.75
"""There are 72 points, but 96 pixels, an inch; the converter's own scale for PNG counts in points too."""
PRINTED = 300
"""Dots an inch of a PNG."""
NEAR = 0.02
"""Share by which a drawing is scaled to its page; one that is further off is drawn again with other plots."""
TRIES = 3

SIZE = re.compile(r'<svg ([^>]*?)width="([\d.]+)" height="([\d.]+)" viewBox="[^"]*">(<rect [^>]*/>)?')
LONG = re.compile(r"(?<=[\d])\.(\d{3,})")


def save(chart: "Figure | alt.TopLevelMixin", path: Path | str, *, millimetres: int = 178) -> Path:
    """Save a figure, or any Altair chart, in the format that the path's ending names.

    Args:
        chart: what to draw; a `Figure` is drawn exactly as wide as asked for, a chart as wide as it is.
        path: ends in .svg, .png, .pdf, or .json for the Vega-Lite specification.
        millimetres: width of the page for a `Figure`, 85 or 178.

    Raises:
        InputError: there is no such format or width.
    """
    path = Path(path)
    if path.suffix not in FORMATS:
        raise InputError(
            f"'{path.name}' names no format that figures come in",
            why=f"it ends in '{path.suffix}'",
            fix=f"end it in {', '.join(FORMATS)}",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    chart, svg = _drawn(chart, millimetres)
    if path.suffix == ".json":
        text = json.dumps(chart.to_dict(), indent=1, ensure_ascii=False, sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")
    else:
        path.write_bytes(converted(svg, path.suffix))
    return path


def save_paper(figure: Figure, folder: Path | str, stem: str = "", *, millimetres: int = 178) -> tuple[Path, ...]:
    """Save a figure for a journal: SVG, PDF and PNG at 300 dots an inch, the whole page 85 or 178 mm wide.

    Args:
        figure: what to draw.
        folder: where the files go.
        stem: their name without ending; by default the figure's, with the width.
        millimetres: 85 or 178.

    Raises:
        InputError: there is no such width.
    """
    svg = paper_svg(figure, millimetres)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for ending in (".svg", ".pdf", ".png"):
        path = folder / f"{stem or f'{figure.stem}-{millimetres}mm'}{ending}"
        path.write_bytes(converted(svg, ending))
        written.append(path)
    return tuple(written)


def paper_svg(figure: Figure, millimetres: int) -> str:
    """Draw a figure on a page of exactly so many millimetres.

    Raises:
        InputError: there is no such width.
    """
    return _drawn(figure, millimetres)[1]


def converted(svg: str, ending: str) -> bytes:
    """Turn SVG text into the bytes of a file with that ending."""
    import vl_convert

    if ending == ".pdf":
        return bytes(vl_convert.svg_to_pdf(_in_points(svg)))
    if ending == ".png":
        return bytes(vl_convert.svg_to_png(svg, scale=POINTS_A_PIXEL, ppi=PRINTED))
    return svg.encode()


def _in_points(svg: str) -> str:
    """Give the size of a page without a unit, which the converter takes for points of a PDF."""

    def points(found: re.Match[str]) -> str:
        return f'{found[1]}="{float(found[2]) * PIXELS_A_MM * POINTS_A_PIXEL:.4f}"'

    return re.sub(r'\b(width|height)="([\d.]+)mm"', points, svg, count=2)


def save_table(table: "pa.Table", folder: Path, stem: str) -> tuple[Path, Path]:
    """Save a table as CSV and as Parquet; the same table gives the same bytes."""
    from pyarrow import csv, parquet

    folder.mkdir(parents=True, exist_ok=True)
    text, binary = folder / f"{stem}.csv", folder / f"{stem}.parquet"
    csv.write_csv(table, text, csv.WriteOptions(quoting_style="needed"))
    parquet.write_table(table, binary, compression="zstd")
    return text, binary


def _drawn(chart: "Figure | alt.TopLevelMixin", millimetres: int) -> "tuple[alt.TopLevelMixin, str]":
    from altair.utils.schemapi import debug_mode

    if not isinstance(chart, Figure):
        spec = chart.to_dict()
        return chart, _page(_svg(spec), spec.get("description", ""), None)
    if millimetres not in LAYOUTS:
        raise InputError(
            f"there is no layout {millimetres} mm wide", fix=f"choose {' or '.join(str(width) for width in LAYOUTS)}"
        )
    layout = LAYOUTS[millimetres]
    plot = chart.plot_width(layout)
    for _ in range(TRIES):
        with debug_mode(False):  # Altair would hold every part against its schema, for a third of the time
            drawn = chart.chart(millimetres, plot=plot)
        svg = _svg(drawn.to_dict(validate=False))
        wide = _size(svg)[0]
        if abs(wide / layout.width - 1) <= NEAR:
            break
        plot += (layout.width - wide) / chart.columns(layout)
    return drawn, _page(svg, chart.description, layout.width)


def _svg(spec: dict[str, Any]) -> str:
    import altair as alt
    import vl_convert

    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return str(vl_convert.vegalite_to_svg(spec, vl_version=version, allowed_base_urls=[]))


def _size(svg: str) -> tuple[float, float]:
    found = SIZE.search(svg)
    if not found:
        raise CheckError("the converter's SVG does not say how large it is", why=svg[:120], fix="report this, please")
    return float(found[2]), float(found[3])


def _page(svg: str, description: str, width: float | None) -> str:
    """Put a drawing on a page of exact width, say in millimetres how large it is, and what it shows."""
    wide, high = _size(svg)
    millimetres = (wide if width is None else width) / PIXELS_A_MM
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{millimetres:.6g}mm" '
        f'height="{millimetres * high / wide:.4f}mm" viewBox="0 0 {wide:g} {high:g}">'
        f"<desc>{escape(description)}</desc>"
        f'<rect class="paper" width="{wide:g}" height="{high:g}" fill="#ffffff"/>'
    )
    return head + _plain(SIZE.sub("", svg, count=1))


def _plain(drawing: str) -> str:
    """Take out of a drawing what differs from run to run or only makes it longer.

    The converter counts clips through, tells every part's role, though the whole is one picture, and writes
    coordinates to sixteen digits.
    """
    names = dict.fromkeys(re.findall(r'\bid="([^"]+)"', drawing))
    for number, name in enumerate(names):
        drawing = drawing.replace(f'id="{name}"', f'id="part{number}"').replace(f"url(#{name})", f"url(#part{number})")
    drawing = re.sub(r' (?:aria-\w+|role)="[^"]*"', "", drawing)
    drawing = drawing.replace(" xlink:href=", " href=")  # pictures; our page declares no namespace but SVG's
    return re.sub(r"<[^>]*>", lambda tag: LONG.sub(lambda digits: f".{digits[1][:2]}", tag[0]), drawing)
