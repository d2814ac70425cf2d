"""How a frame became a sample, as a chart, a table, and in words."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from precipice.report.limits import limits
from precipice.report.page import render
from precipice.report.sampling import partial_words, sampling_figure, steps
from precipice.report.saving import paper_svg
from tests.unit.report.made import ordinary

FLOW: dict[str, Any] = {
    "lines": 1210, "duplicates": 8, "excluded": 2, "frame": 1200, "screened": 531, "gone_before": 9, "unknown": 3,
    "ineligible": 266, "same": 1, "eligible": 252, "wanted": 250, "drawn": 252, "replaced": 2, "complete": 245,
    "partial": 5, "gone": 2, "refused": 0, "pending": 0, "probability": 0.443, "exact": False, "seed": 1,
    "where": "followers > 2000", "asked": "2026-11-25T00:00:00Z",
}  # fmt: skip
COLLECTED = replace(ordinary(), collection={"site": FLOW})


def test_every_step_is_the_one_before_less_those_lost_after_it() -> None:
    found = steps(FLOW)
    for before, after in pairwise(found):
        assert before.left - sum(count for count, _ in before.lost) == after.left, after.words
    assert [step.left for step in found] == [1210, 1200, 531, 252, 252, 245]


def test_without_screening_there_are_no_boxes_for_it() -> None:
    whole = {**FLOW, "lines": 60, "frame": 60, "eligible": 60, "drawn": 60, "complete": 60}
    none = dict.fromkeys(("duplicates", "excluded", "screened", "gone_before", "unknown", "ineligible", "same",
                          "partial", "gone"), 0)  # fmt: skip
    assert [step.words for step in steps({**whole, **none, "where": None})] == [
        "listed", "in the frame", "drawn", "complete",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [85, 178])
def test_the_chart_shows_every_count_and_says_the_chance_of_being_drawn(width: int) -> None:
    figure = sampling_figure(COLLECTED)
    assert figure is not None
    svg = paper_svg(figure, width)
    for words in ("1,210", "1,200", "531", "252", "245", "− 669", "− 266", "− 5 partial", "about 44.3 %"):
        assert words in svg.replace("</text>", " ")
    assert "In the frame" not in svg
    assert "245 complete" in figure.description


def test_the_table_has_a_line_a_step_and_a_loss() -> None:
    figure = sampling_figure(COLLECTED)
    assert figure is not None
    rows = figure.table().to_pylist()
    assert {"site": "site", "step": "drawn", "artists": 252, "lost": None} in rows
    assert {"site": "site", "step": "partial", "artists": None, "lost": 5} in rows


def test_nothing_collected_makes_no_chart_and_no_words() -> None:
    assert sampling_figure(ordinary()) is None
    assert partial_words({}, ("site",)) is None
    assert partial_words({"site": {**FLOW, "partial": 0}}, ("site",)) is None


def test_the_page_says_how_the_artists_were_chosen_and_what_is_missing(tmp_path: Path) -> None:
    text = render(COLLECTED, tmp_path).read_text(encoding="utf-8")
    assert "How the artists were chosen" in text
    assert "5 artists of 252 drawn (2.0" in text
    assert (tmp_path / "figures" / "sampling-178mm.svg").exists()
    assert (tmp_path / "tables" / "sampling.csv").exists()
    assert "How the artists were chosen" not in render(ordinary(), tmp_path / "other").read_text(encoding="utf-8")


def test_limits_tell_of_partial_artists_imitations_removals_and_of_records_kept_for_too_long() -> None:
    flow = {**FLOW, "imitation": True, "unserved": 7, "expires": "2026-01-01"}
    found = replace(ordinary(), collection={"site": flow}, run={"started": "2026-11-25T10:00:00Z"})
    said = {limit.partition(". ")[0]: limit for limit in limits(found)}
    assert "5 artists of 252 drawn" in said["What is missing"]
    assert "nothing here is of a real site" in said["Imitated"]
    assert "7 uploads" in said["Taken out"]
    assert "2026-01-01" in said["Kept for too long"]
    left_out = replace(found, study=found.study.model_copy(
        update={"study": found.study.study.model_copy(update={"partial": "drop"})}))  # fmt: skip
    assert any(limit.startswith("Left out.") for limit in limits(left_out))
    assert not any(limit.startswith("Kept") for limit in limits(replace(found, run={"started": "2025-11-25"})))
