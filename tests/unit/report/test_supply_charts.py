"""Supply as pictures: fans, runways and what they hang on, with the numbers they draw."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from precipice.profiles import label
from precipice.report.saving import paper_svg
from precipice.report.supply_charts import runway_grid, supply_figures
from precipice.study import Findings
from precipice.study.settings import Study
from precipice.study.supplying import Wanted, outlooks, outlooks_or_reasons
from precipice.supply import Belief, Stated
from tests.unit.profiles.worlds import Cells
from tests.unit.report.made import END, WHOLE, find, panel, steady
from tests.unit.report.test_ai_charts import labelled, profiled


@cache
def foreseen() -> Findings:
    findings = labelled()
    assert findings.ai is not None
    wanted = Wanted(paths=200, until=END + 36, months=6)
    found = outlooks(findings.panel, findings.ai.labels, findings.study, wanted)
    return replace(findings, outlooks=found)


def test_a_platform_with_labels_has_a_fan_its_runways_and_what_they_hang_on() -> None:
    assert [figure.stem for figure in supply_figures(foreseen())] == [
        "supply-pixiv", "runway-pixiv", "runway-hangs-on-pixiv",
    ]  # fmt: skip


def test_the_fan_adds_up_to_all_uploads_in_months_at_hand_and_draws_nothing_synthetic_before_labels() -> None:
    fan = supply_figures(foreseen())[0]
    rows = fan.table().to_pylist()
    human = {row["from"]: row for row in rows if row["kind"] == "human"}
    synthetic = {row["from"]: row for row in rows if row["kind"] == "synthetic"}
    uploads = next(series for series in foreseen().overall)
    t = int(np.flatnonzero(uploads.months == END - 3)[0])
    total = human["2023-07"]["middle"] + synthetic["2023-07"]["middle"]
    assert total == pytest.approx(uploads.uploads[t], rel=0.01)
    assert synthetic["2022-06"]["middle"] is None
    assert human["2022-06"]["middle"] == uploads.uploads[int(np.flatnonzero(uploads.months == END - 16)[0])]


def test_a_month_that_the_platforms_uploads_withhold_is_not_in_the_fan() -> None:
    few = steady(80, 60)
    gap = END - 10
    for number, months in enumerate(few.values()):
        if number > 2:  # three creators are left in that month
            months.pop(gap, None)
    findings = find(panel({"pixiv": few}, {"pixiv": WHOLE}))
    cells = findings.panel
    labels = label(cells, Cells(cells, denied=cells.count, mentions={"glaze": 0 * cells.count}))
    wanted = Wanted(paths=100, until=END + 12, months=6, belief=Belief(stated=Stated(0.2, 0.2)))
    found = replace(profiled(findings, labels), outlooks=outlooks(cells, labels, findings.study, wanted))
    rows = supply_figures(found)[0].table().to_pylist()
    assert next(row for row in rows if row["kind"] == "human" and row["from"] == "2022-12")["middle"] is None
    assert next(row for row in rows if row["kind"] == "human" and row["from"] == "2022-11")["middle"] is not None


def test_the_table_beside_the_runways_holds_them_all_and_the_caveats() -> None:
    (outlook,) = foreseen().outlooks
    grid = runway_grid(outlook)
    assert len(grid.rows) == len(outlook.runways)
    assert any("not training sets" in note for note in grid.notes)
    assert all("%" in row[3] and "±" in row[3] for row in grid.rows)


def test_every_picture_can_be_drawn_at_both_widths_and_has_words() -> None:
    for figure in supply_figures(foreseen()):
        for millimetres in (85, 178):
            assert "<svg" in paper_svg(figure, millimetres)
        assert figure.description
        assert figure.table().num_rows


def test_what_cannot_be_foreseen_is_told_with_its_reason() -> None:
    findings = find(panel({"pixiv": {name: {END - 1: 1, END: 2} for name in map(str, range(60))}}), cutoff=END)
    labels = label(findings.panel, Cells(findings.panel))
    found, reasons = outlooks_or_reasons(findings.panel, labels, Study.model_validate({"study": {"cutoff": END}}))
    assert found == ()
    assert "too short to forecast" in reasons["pixiv"]


def test_where_nothing_was_foreseen_there_is_no_picture() -> None:
    assert supply_figures(labelled()) == ()
