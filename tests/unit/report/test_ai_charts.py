"""What uploads say, as pictures and tables: the numbers they draw, and that no number of few creators leaves."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import precipice as pc
from precipice.cohorts import draw_by_cutoff, everyone
from precipice.months import month_text, parse_month
from precipice.profiles import Labels, follow_adoption, label, measure_shares, study_onset
from precipice.report.ai_charts import adoption_steps, ai_figures, ai_grid, ai_rules, shares_shown
from precipice.report.saving import paper_svg
from precipice.report.tables import FEW
from precipice.study import Findings
from precipice.study.profiling.ai import AiProfile
from tests.unit.profiles.worlds import Cells
from tests.unit.report.made import WHOLE, find, panel, steady

SINCE = parse_month("2022-11")


def profiled(findings: Findings, labels: Labels) -> Findings:
    cohorts = (*draw_by_cutoff(findings.panel, findings.study.study.cutoff), *everyone(findings.panel))
    onsets = tuple(study_onset(labels, cohorts[-1], name) for name in findings.panel.platforms)
    ai = AiProfile(
        labels, measure_shares(labels, cohorts), measure_shares(labels, cohorts, "opted_out"),
        measure_shares(labels, cohorts, "glaze"), follow_adoption(labels, cohorts), onsets,
    )  # fmt: skip
    return replace(findings, ai=ai)


@cache
def labelled(every: int = 2, platform: str = "pixiv") -> Findings:
    """A platform where every so many creators declare all their uploads from when they are asked."""
    findings = find(panel({platform: steady(80, 60)}, {platform: WHOLE}))
    cells = findings.panel
    asked = cells.month + cells.start >= SINCE
    declares = (cells.row % every == 0) & asked
    declared = np.where(declares, cells.count, 0)
    denied = np.where(asked & ~declares, cells.count, 0)
    glaze = np.where(cells.row % 3 == 0, 1, 0)
    made = Cells(cells, declared=declared, denied=denied, tagged=cells.count, mentions={"glaze": glaze})
    return profiled(findings, label(cells, made))


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    place = tmp_path_factory.mktemp("silent") / "study"
    pc.init(place, example="openmoji")
    return pc.run(place)


def test_the_share_is_drawn_of_both_cohorts_by_month_from_when_anybody_was_asked() -> None:
    (share, *_) = ai_figures(labelled())
    rows = share.table().to_pylist()
    assert {row["cohort"] for row in rows} == {"senior", "junior"}
    assert rows[0]["period"] == month_text(SINCE)
    cells = labelled().panel
    here = (cells.month + cells.start == SINCE) & (cells.first[cells.row] < labelled().study.study.cutoff)
    expected = cells.count[here & (cells.row % 2 == 0)].sum() / cells.count[here].sum()
    assert rows[0]["share"] == pytest.approx(expected, abs=1e-4)


def test_shares_of_few_creators_are_withheld_and_so_is_the_other_cohorts() -> None:
    findings = labelled(every=20)  # 4 seniors and 3 juniors declare
    assert shares_shown(findings, "pixiv") is None
    assert not any(figure.stem.startswith(("ai-share", "ai-adoption")) for figure in ai_figures(findings))
    grid = ai_grid(findings)
    assert grid is not None
    shown = {row[2]: row[4] for row in grid.rows if row[1] == "declared AI"}
    assert shown["seniors"] == shown["juniors"] == FEW
    assert shown["all"] != FEW


def test_no_number_of_one_to_four_creators_is_in_a_table() -> None:
    for every in (2, 7, 12, 20, 30):
        for figure in ai_figures(labelled(every)):
            if figure.stem.startswith("ai-share"):
                shown = shares_shown(labelled(every), "pixiv")
                assert shown is not None
                for part in shown.parts:
                    for creators in (part.monthly.creators, part.monthly.saying):
                        given = creators[shown.given]
                        assert not ((given > 0) & (given < 5)).any()
                rows = figure.table().to_pylist()
                assert all((row["share"] is None) for row in rows if row["status"] != "given")


def test_between_two_steps_of_adoption_lie_nobody_or_five_creators_or_more() -> None:
    for every in (2, 5):
        ai = labelled(every).ai
        assert ai is not None
        for curve in (one for one in ai.adoption if one.by == "month"):
            kept = adoption_steps(curve)
            for counts in (curve.adopted[kept], curve.at_risk[kept]):
                steps = np.diff(counts, prepend=0)
                assert ((steps == 0) | (steps >= 5)).all()
            assert kept.any() == (curve.at_risk.max() >= 5 and curve.adopted.max() >= 5)


def test_words_in_tags_are_in_the_grid_and_titles_are_said_to_be_missing() -> None:
    grid = ai_grid(labelled())
    assert grid is not None
    assert any("Glaze" in row[1] for row in grid.rows)
    assert "titles" in grid.notes[0]


def test_every_picture_can_be_drawn_at_both_widths_and_has_words() -> None:
    for figure in ai_figures(labelled()):
        for millimetres in (85, 178):
            assert "<svg" in paper_svg(figure, millimetres)
        assert figure.description


def test_a_platform_that_says_nothing_has_no_picture_and_no_table(silent: Findings) -> None:
    assert ai_figures(silent) == ()
    assert ai_grid(silent) is None
    assert ai_rules(silent)[0].startswith("OpenMoji: the platform says nothing")


def test_the_page_says_that_the_platform_says_nothing(silent: Findings, tmp_path: Path) -> None:
    from precipice.report import render

    bare = replace(silent, effects=(), verdicts=(), beside=type(silent.beside)(), retention=())
    text = render(bare, tmp_path).read_text(encoding="utf-8")
    assert "the platform says nothing of generative models" in text
    assert "OpenMoji, no runway: human and synthetic uploads cannot be told apart" in text
