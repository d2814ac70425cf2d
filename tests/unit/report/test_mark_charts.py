"""Marks and styles on the page: numbers of few creators stay away, pictures are drawn at both widths."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from precipice.marks import FileMarks, Mark, MarksFound
from precipice.profiles.marked import MarkedShare
from precipice.profiles.neighbours import Neighbours
from precipice.profiles.style_drift import Drift
from precipice.profiles.styles import Variety
from precipice.report.dots import nice
from precipice.report.mark_charts import families_grid, given, mark_figures, marks_grid
from precipice.report.saving import paper_svg
from precipice.report.style_charts import sheets, style_figures
from precipice.study.profiling.linking import Linked
from precipice.study.profiling.marks import MarksProfile
from precipice.study.profiling.styles import PlatformStyles, ShownWork, StylesProfile

NAN = float("nan")


def share(cohort: str, creators: int, marked: int, **more: Any) -> MarkedShare:
    one = MarkedShare("pixiv", cohort, "made with a model", 10 * creators, 2 * marked, creators, marked,
                      0.2 * marked / creators, 0.01, 0.4, marked / creators, 0.1, 0.9)  # fmt: skip
    return replace(one, **more)


def profile(*shares: MarkedShare, records: tuple[FileMarks, ...] = (), owners: tuple[int, ...] = ()) -> MarksProfile:
    whose = np.array(owners, np.int64)
    linked = Linked(np.arange(len(whose)), whose, np.zeros(len(whose), np.int64), len(records), 0)
    return MarksProfile(MarksFound(records, None, 0), linked, shares, ())


def marked_file(path: str) -> FileMarks:
    return FileMarks(path, 1, "png", "marks found", (Mark("novelai", "found", ("PNG tEXt Software",)),))


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


def variety(cohort: str, value: float = 0.9) -> Variety:
    return Variety("pixiv", cohort, 30, 100, value, value - 0.01, value + 0.01, 5.0, 4.0, 6.0, 10.0, 20)


def styles(*varieties: Variety, drifts: tuple[Drift, ...] = (), shown: tuple[ShownWork, ...] = ()) -> StylesProfile:
    none = Neighbours(np.zeros(0, np.int64), np.zeros((0, 6), np.int64), np.zeros((0, 6)))
    linked = Linked(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), 0, 0)
    platform = PlatformStyles("pixiv", 0.1, varieties, None, drifts, none, shown, ())
    return StylesProfile("simple 1", "palette", linked, {}, (platform,), Path(), ())


def drift(years: list[int]) -> Drift:
    period = 12 * np.array(years)
    size = len(years)
    return Drift("pixiv", "all", 12, period, period < 12 * 2022, np.full(size, 9), np.linspace(0.1, 0.5, size),
                 np.zeros(size), np.full(size, 0.3), 0.02)  # fmt: skip


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
    assert sheet.rows[0].nearest[0][1] == "2020-05, 0.87"
    assert sheets(None) == sheets(styles()) == ()


def test_ticks_hold_their_numbers() -> None:
    for low, high in ((0.0, 0.004), (0.921, 0.939), (3.0, 3.0), (0.0, 0.0), (-2.0, 11.0)):
        ticks = nice(low, high)
        assert ticks[0] <= low
        assert ticks[-1] >= high
        assert 2 <= len(ticks) <= 9
