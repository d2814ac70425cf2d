"""Marks and styles on the page: numbers of few creators stay away, pictures are drawn at both widths."""

from dataclasses import replace
from pathlib import Path

import pytest

from precipice.report import render
from precipice.report.dots import nice
from precipice.report.mark_charts import families_grid, given, mark_figures, marks_grid
from precipice.report.own_files import own_figures, own_words
from precipice.report.saving import paper_svg
from precipice.report.style_charts import sheets, style_figures
from precipice.study.profiling.own_files import FilesProfile
from precipice.study.profiling.styles import ShownWork
from tests.unit.report.made import ordinary
from tests.unit.report.own import drift, marked_file, own_files, profile, share, styles, variety

NAN = float("nan")


def test_a_share_of_few_creators_takes_those_away_from_which_it_would_follow() -> None:
    enough = (share("senior", 40, 8), share("junior", 20, 9), share("all", 60, 17))
    assert given(enough) == list(enough)
    assert given((share("senior", 40, 3), *enough[1:])) == []
    assert given((*enough[:1], share("junior", 4, 0), enough[2])) == []
    assert given((share("senior", 40, 0), *enough[1:]))  # nought is nobody's
    grid = marks_grid(profile(share("senior", 40, 3), *enough[1:]))
    assert {cell for row in grid.rows for cell in row[3:]} == {"<5"}


def test_a_family_of_few_creators_is_not_counted() -> None:
    records = tuple(marked_file(f"{n}.png") for n in range(8))
    few = families_grid(profile(records=records, owners=(0, 0, 1, 1, 2, 2, 3, 3)))
    assert ("novelai", "<5") in few.rows
    many = families_grid(profile(records=records, owners=tuple(range(8))))
    assert ("novelai", "8") in many.rows
    strangers = families_grid(profile(records=records))
    assert ("novelai", "8") in strangers.rows  # files of nobody in the study
    assert ("marks found", "8") in strangers.rows


def test_marked_shares_are_drawn_and_told() -> None:
    (figure,) = mark_figures(profile(share("senior", 40, 8), share("junior", 20, 9), share("all", 60, 17)))
    for millimetres in (85, 178):
        svg = paper_svg(figure, millimetres)
        assert "Pixiv, juniors, made with a model" in svg
    assert "Pixiv, seniors, made with a model 4.0%" in figure.description
    assert figure.table().column("marked").to_pylist() == [16, 18]
    assert "may be anything" in figure.notes[0]
    assert mark_figures(None) == ()
    assert mark_figures(profile(share("senior", 40, 0), share("junior", 20, 0), share("all", 60, 0))) == ()


def test_variety_is_drawn_of_those_that_were_measured() -> None:
    found = styles(variety("senior"), variety("junior", 0.8), replace(variety("all"), similarity=NAN))
    (figure,) = style_figures(found)
    assert "Pixiv, juniors 0.800 and 5.0" in figure.description
    assert "all" not in figure.description
    assert figure.table().num_rows == 2
    assert "simple 1" in figure.subtitle
    for millimetres in (85, 178):
        assert "effective number of styles" in paper_svg(figure, millimetres)
    assert style_figures(styles(replace(variety("all"), similarity=NAN))) == ()
    assert style_figures(None) == ()
    hidden = styles(variety("senior"), replace(variety("junior"), creators=4, similarity=NAN), variety("all"))
    assert style_figures(hidden)[0].table().column("cohort").to_pylist() == ["senior"]  # all would tell the juniors


@pytest.mark.parametrize("years", [[2019, 2020, 2021, 2022, 2023], [2019, 2020, 2023]])
def test_drift_is_drawn_by_year_and_says_which_are_left_out(years: list[int]) -> None:
    (figure,) = style_figures(styles(drifts=(drift(years),)))
    svg = paper_svg(figure, 85)
    assert all(f">{year}<" in svg for year in years)
    assert any("left out" in note for note in figure.notes) == (len(years) == 3)
    assert "all p = 0.020" in figure.subtitle
    assert figure.table().column("from").to_pylist() == [f"{year}-01" for year in years]


def test_a_sheet_holds_pictures_months_and_likeness() -> None:
    work = ShownWork(b"\xff\xd8work", 12 * 2023, ((b"\xff\xd8near", 12 * 2020 + 4, 0.87),))
    (sheet,) = sheets(styles(shown=(work,)))
    address, month = sheet.rows[0].work
    assert address.startswith("data:image/jpeg;base64,")
    assert month == "2023-01"
    assert sheet.rows[0].nearest[0][1:] == ("2020-05", "0.870")
    assert sheets(None) == sheets(styles()) == ()


def test_ticks_hold_their_numbers() -> None:
    for low, high in ((0.0, 0.004), (0.921, 0.939), (3.0, 3.0), (0.0, 0.0), (-2.0, 11.0)):
        ticks = nice(low, high)
        assert ticks[0] <= low
        assert ticks[-1] >= high
        assert 2 <= len(ticks) <= 9


def test_the_page_shows_files_where_there_are_some_and_nothing_where_there_are_none(tmp_path: Path) -> None:
    own = own_files("site")
    found = replace(ordinary(), own=own)
    page = render(found, tmp_path).read_text()
    assert page.count("data:image/jpeg;base64,") == 2
    assert "What files carry and show" in page
    assert (tmp_path / "tables" / "marks.csv").exists()
    assert (tmp_path / "tables" / "styles-drift-site.csv").exists()
    without = own_words(replace(found, own=FilesProfile(own.marks, None, "Nothing fits")))
    assert without is not None
    assert (without["styles"], without["no_styles"], without["sheets"]) == ([], "Nothing fits", ())
    assert own_words(ordinary()) is None
    assert own_figures(ordinary()) == ()
