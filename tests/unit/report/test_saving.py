"""Figures as files of exact size, and tables that repeat to the byte."""

import json
import re
import struct
from collections.abc import Callable
from pathlib import Path

import altair as alt
import pyarrow as pa
import pytest

from precipice.errors import InputError
from precipice.report import cohorts_on, figures, retention_heatmap, save, save_paper, uploads_by_platform
from precipice.report.figure import Figure
from precipice.report.saving import paper_svg, save_table
from tests.unit.report.made import WHOLE, find, ordinary, panel, paper, steady

POINTS_A_MM = 72 / 25.4


def many() -> Figure:
    names = [f"a platform of a long name {index}" for index in range(7)]
    return uploads_by_platform(find(panel({name: steady(12, 12) for name in names}, dict.fromkeys(names, WHOLE))))


DRAWN: dict[str, Callable[[], Figure]] = {
    "one plot": lambda: cohorts_on(paper(), "danbooru"),
    "three platforms": lambda: uploads_by_platform(paper()),
    "many plots": many,
    "heat map": lambda: retention_heatmap(paper(), "artstation"),
}


@pytest.mark.parametrize("millimetres", [85, 178])
@pytest.mark.parametrize("kind", DRAWN)
def test_the_whole_page_is_as_wide_as_a_journals_column(kind: str, millimetres: int, tmp_path: Path) -> None:
    svg, pdf, png = save_paper(DRAWN[kind](), tmp_path, millimetres=millimetres)
    text = svg.read_text(encoding="utf-8")
    found = re.match(r'<svg [^>]*width="([\d.]+)mm" height="([\d.]+)mm" viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    assert found
    width, height, across, down = (float(number) for number in found.groups())
    assert width == millimetres
    assert height / width == pytest.approx(down / across, rel=1e-4)
    box = re.search(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf.read_bytes())
    assert box
    assert float(box[1]) == pytest.approx(millimetres * POINTS_A_MM, abs=0.01)
    assert float(box[2]) == pytest.approx(height * POINTS_A_MM, abs=0.02)
    pixels = struct.unpack(">II", png.read_bytes()[16:24])
    assert pixels[0] == pytest.approx(millimetres / 25.4 * 300, abs=1.5)
    # A page is scaled by at most 2 %, so that type is as large as it is meant to be.
    assert across == pytest.approx(millimetres * 96 / 25.4, rel=0.02)


def test_a_png_says_that_it_has_300_dots_an_inch(tmp_path: Path) -> None:
    content = save(cohorts_on(ordinary(), "site"), tmp_path / "figure.png", millimetres=85).read_bytes()
    at = content.index(b"pHYs") + 4
    assert struct.unpack(">I", content[at : at + 4])[0] == pytest.approx(300 / 0.0254, abs=1)


@pytest.mark.parametrize("millimetres", [85, 178])
def test_nothing_is_drawn_outside_of_the_page(millimetres: int) -> None:
    svg = paper_svg(cohorts_on(paper(), "deviantart"), millimetres)
    width = float(re.findall(r'viewBox="0 0 ([\d.]+)', svg)[0])
    # The converter makes its page as large as what is drawn on it; we must not have cut it.
    assert svg.count("<svg") == 1
    assert f'<rect class="paper" width="{width:g}"' in svg


def test_type_falls_back_to_any_sans_serif_and_nothing_is_fetched() -> None:
    for figure in figures(ordinary()):
        svg = paper_svg(figure, 85)
        assert set(re.findall(r'font-family="([^"]*)"', svg)) == {"Arial, Helvetica, 'Liberation Sans', sans-serif"}
        assert re.findall(r"https?://[^\"' ]+", svg) == ["http://www.w3.org/2000/svg"]
        assert not re.search(r"<(image|use|script|foreignObject)\b|@import|@font-face|href=", svg)


def test_the_drawing_says_in_words_what_it_shows() -> None:
    figure = cohorts_on(ordinary(), "site")
    assert f"<desc>{figure.description}</desc>" in paper_svg(figure, 85)


def test_names_from_outside_are_escaped() -> None:
    name = '<script>alert("1")</script>&'
    svg = paper_svg(cohorts_on(find(panel({name: steady()}, {name: WHOLE})), name), 178)
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "json"])
def test_a_figure_or_any_chart_is_saved_in_the_format_of_its_ending(ending: str, tmp_path: Path) -> None:
    chart = alt.Chart(alt.InlineData(values=[{"x": 1, "y": 2}])).mark_point().encode(x="x:Q", y="y:Q")
    beginnings = {"svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF", "json": b"{"}
    for drawn in (cohorts_on(ordinary(), "site"), chart):
        path = save(drawn, tmp_path / "made" / f"figure.{ending}")
        assert path.read_bytes().startswith(beginnings[ending])


def test_json_is_the_vega_lite_specification(tmp_path: Path) -> None:
    path = save(cohorts_on(ordinary(), "site"), tmp_path / "figure.json")
    spec = json.loads(path.read_text(encoding="utf-8"))
    assert "vega-lite" in spec["$schema"]
    alt.VConcatChart.from_dict(spec)


def test_an_unknown_ending_is_an_error_that_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        save(cohorts_on(ordinary(), "site"), tmp_path / "figure.jpeg")
    assert ".svg, .png, .pdf, .json" in str(caught.value)


def test_a_width_that_is_no_column_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="100 mm"):
        save_paper(cohorts_on(ordinary(), "site"), tmp_path, millimetres=100)


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    figure = cohorts_on(ordinary(), "site")
    first = save_table(figure.table(), tmp_path / "first", "cohorts")
    second = save_table(cohorts_on(ordinary(), "site").table(), tmp_path / "second", "cohorts")
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_table_holds_what_is_drawn(tmp_path: Path) -> None:
    from pyarrow import csv, parquet

    text, binary = save_table(cohorts_on(ordinary(), "site").table(), tmp_path, "cohorts")
    found = csv.read_csv(text)
    rows = [row for row in found.to_pylist() if row["cohort"] == "senior"]
    assert [row["capped_a_month"] for row in rows] == ordinary().cohorts[0].capped.tolist()
    assert parquet.read_table(binary).cast(found.schema).equals(found)
    assert isinstance(found, pa.Table)


def test_the_same_findings_give_the_same_drawing() -> None:
    assert paper_svg(cohorts_on(ordinary(), "site"), 85) == paper_svg(cohorts_on(ordinary(), "site"), 85)
