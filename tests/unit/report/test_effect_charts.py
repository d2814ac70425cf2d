"""Pictures of effects: which there are, what they draw and say, and what they must not give away."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from precipice.effects import HEADLINE, Curve, Effect, Status
from precipice.report.effect_charts import effect_figures
from precipice.report.figure import Figure
from precipice.report.grids import LONGEST, figure_grid
from precipice.report.look import LAYOUTS
from precipice.report.path_charts import apart, paths_at, withheld
from precipice.report.percents import signed, ticks_across
from precipice.report.saving import paper_svg
from precipice.report.survival_chart import steps, survival_figure
from precipice.study import Findings
from precipice.study.illustrating import Beside, illustrate
from tests.unit.report.made import told


@pytest.fixture(scope="module")
def findings() -> Findings:
    return told()


@pytest.fixture(scope="module")
def pictures(findings: Findings) -> dict[str, Figure]:
    album = effect_figures(findings)
    folded = [figure for _, part in album.folded for figure in part]
    drawn = survival_figure(findings, findings.beside.survival[0])
    return {figure.stem: figure for figure in (*album.shown, *folded, *([drawn] if drawn else []))}


def s1(findings: Findings) -> Effect:
    return next(e for e in findings.effects if (e.method, e.outcome) == ("S1", HEADLINE))


def rows_of(figure: Figure) -> list[dict[str, Any]]:
    return list(figure.table().to_pylist())


def test_what_carries_the_answer_is_shown_and_the_rest_is_folded_under_a_name(findings: Findings) -> None:
    album = effect_figures(findings)
    assert [figure.stem for figure in album.shown] == [
        "effects", "placebos-simulated", "paths-incumbents-simulated-24271",
    ]  # fmt: skip
    assert {name: [figure.stem for figure in part] for name, part in album.folded} == {
        "simulated: newcomers and the other comparisons": [
            "placebos-newcomers-simulated", "placebos-others-simulated",
        ],
        "simulated, Stable Diffusion: month by month, with other choices, and read naively": [
            "paths-newcomers-simulated-24271", "specifications-simulated-24271", "naive-simulated-24271",
        ],
    }  # fmt: skip


def test_of_many_events_and_platforms_paths_are_folded_too(findings: Findings) -> None:
    effects = [replace(e, event=name) for name in ("a", "b", "c", "d") for e in findings.effects]
    album = effect_figures(replace(findings, effects=tuple(effects)))
    assert not [figure for figure in album.shown if figure.stem.startswith("paths")]


def test_the_placebo_picture_holds_every_placebo_and_the_event(findings: Findings, pictures: dict[str, Figure]) -> None:
    effect = s1(findings)
    rows = rows_of(pictures["placebos-simulated"])
    assert len(rows) == effect.n_placebos + 1
    assert [row["is_event"] for row in rows] == [False] * effect.n_placebos + [True]
    assert rows[-1]["estimate"] == effect.estimate
    # Less their mean, so that the dots lie about nought as the event's estimate does.
    assert abs(np.average([row["estimate"] for row in rows[:-1]])) < 3 * effect.se


def test_newcomers_have_their_own_placebo_picture(findings: Findings, pictures: dict[str, Figure]) -> None:
    effect = next(e for e in findings.effects if (e.method, e.outcome) == ("SJ", HEADLINE))
    figure = pictures["placebos-newcomers-simulated"]
    assert rows_of(figure)[-1]["estimate"] == effect.estimate
    assert "newcomers" in figure.title
    assert signed(effect.percent) in figure.description


def test_every_other_statistic_stands_among_its_own_placebos(findings: Findings, pictures: dict[str, Figure]) -> None:
    rows = rows_of(pictures["placebos-others-simulated"])
    events = {(row["method"], row["outcome"]): row["estimate"] for row in rows if row["is_event"]}
    estimated = {
        (e.method, e.outcome): e.estimate
        for e in findings.effects
        if not e.refused and (e.method, e.outcome) not in {("S1", HEADLINE), ("SJ", HEADLINE)}
    }
    assert events == estimated


def test_the_words_of_a_picture_give_the_numbers_it_draws(findings: Findings, pictures: dict[str, Figure]) -> None:
    words = f"Stable Diffusion: {signed(s1(findings).percent)}"
    assert words in pictures["placebos-simulated"].description
    assert words in pictures["placebos-simulated"].subtitle


def test_paths_are_drawn_of_both_outcomes_with_the_fan(findings: Findings, pictures: dict[str, Figure]) -> None:
    rows = rows_of(pictures["paths-incumbents-simulated-24271"])
    assert [row["outcome"] for row in rows] == ["capped"] * 24 + ["counts"] * 24
    (capped,) = (p for p in findings.beside.paths if (p.who, p.outcome) == ("incumbents", "capped"))
    assert [row["path"] for row in rows[:24]] == pytest.approx(capped.event, abs=5e-5)
    assert [row["placebo_95"] for row in rows[:24]] == pytest.approx(capped.bands()[4], abs=5e-5)


def test_the_words_of_paths_count_the_months_outside_the_fan(findings: Findings, pictures: dict[str, Figure]) -> None:
    for part in findings.beside.paths:
        months, below, above = part.outside()
        words = f"of {months} months {below} below and {above} above nine tenths of {len(part.cutoffs)} placebo paths"
        assert words in pictures[f"paths-{part.who}-simulated-24271"].description


def test_thin_lines_are_placebos_that_share_no_month(findings: Findings) -> None:
    paths = findings.beside.paths[0]
    assert len(apart(paths)) == 1 + (len(paths.cutoffs) - 1) // 24
    assert np.array_equal(apart(paths)[0], paths.placebos[-1])


def test_months_of_few_creators_are_left_out_of_paths(findings: Findings) -> None:
    paths = next(p for p in findings.beside.paths if p.who == "newcomers")
    hidden = withheld(paths, 12)
    assert (np.isnan(hidden.event) == (np.isnan(paths.event) | (paths.creators < 12))).all()
    assert np.isnan(hidden.placebos[paths.placebo_creators < 12]).all()
    assert np.isnan(hidden.event[1])
    measured = replace(findings, simulated=None)
    few = replace(paths, creators=np.minimum(paths.creators, 4), outcome="counts")
    rows = rows_of(paths_at(measured, "the event", [few]))
    assert {row["path"] for row in rows} == {None}
    assert {row["creators"] for row in rows} <= {None, 0}


def test_the_specification_curve_holds_every_choice(findings: Findings, pictures: dict[str, Figure]) -> None:
    (found,) = findings.beside.specifications
    figure = pictures["specifications-simulated-24271"]
    rows = rows_of(figure)
    assert len(rows) == len(found.all) == 81
    (headline,) = (row for row in rows if row["headline"])
    assert headline["percent"] == s1(findings).percent
    same, lower, higher = found.agreement()
    for share in (same, lower, higher):
        assert f"{100 * share:.0f} %" in figure.subtitle
    assert "worthless" in " ".join(figure.notes)


def test_naive_readings_are_marked_and_stand_above_ours(findings: Findings, pictures: dict[str, Figure]) -> None:
    figure = pictures["naive-simulated-24271"]
    rows = rows_of(figure)
    assert [row["kind"] for row in rows] == ["naive"] * 10 + ["ours"] * 2
    assert all(row["misleads"] for row in rows[:10])
    assert rows[10]["percent"] == s1(findings).percent
    claims = sum(reading.found for reading in findings.beside.naive[0].readings)
    assert f"{claims} of 10 naive readings claim" in figure.subtitle
    assert "Naive" in figure.title


def test_a_naive_picture_says_where_ours_cannot_tell(findings: Findings) -> None:
    refused = replace(findings, effects=tuple(_refused(effect) for effect in findings.effects))
    ((_, (figure,)),) = effect_figures(replace(refused, beside=Beside(naive=findings.beside.naive))).folded
    assert "Ours: incumbents, by tenure (S1): cannot tell" in figure.description
    assert "vconcat" in figure.chart(85).to_dict()


def test_survival_is_drawn_by_year_and_says_how_many_stayed(findings: Findings, pictures: dict[str, Figure]) -> None:
    figure = pictures["survival-simulated"]
    years = list(dict.fromkeys(row["first_upload"] for row in rows_of(figure)))
    assert years == ["2018", "2019", "2020", "2021", "2022", "2023", "all before"]
    curve = next(c for c in findings.beside.survival[0].curves if c.name == "2021")
    (row,) = (r for r in rows_of(figure) if r["first_upload"] == "2021" and r["months_since"] == 6)
    assert row["share"] == round(float(curve.survival[6]), 3)
    assert f"2021, {curve.creators:,} artists" in figure.description
    # Of everybody no number: less those of the years it would tell of one that is left out.
    assert {r["creators"] for r in rows_of(figure) if r["first_upload"] == "all before"} == {None}


def test_a_step_of_few_creators_is_told_with_the_next_ones() -> None:
    at_risk, lapsed = [40, 30, 27, 24, 24, 10, 6], [10, 3, 3, 0, 14, 4, 2]
    curve = Curve("2020", 0, 11, 40, np.array(at_risk), np.array(lapsed))
    given = steps(curve, 5)
    # Month 1 holds 3 lapses and waits for month 2; month 5 holds 4 and then too few are left.
    assert given.months.tolist() == [0, 2, 3, 4]
    assert given.share == pytest.approx(np.round(curve.survival[[0, 2, 3, 4]], 3))
    assert steps(curve, 1).months.tolist() == list(range(7))


def test_a_vintage_of_few_creators_is_not_drawn(findings: Findings) -> None:
    found = findings.beside.survival[0]
    few = replace(found, curves=tuple(replace(curve, creators=4) for curve in found.curves))
    assert survival_figure(replace(findings, simulated=None), few) is None


def test_every_picture_of_a_simulation_says_what_was_planted(pictures: dict[str, Figure]) -> None:
    for figure in pictures.values():
        assert figure.truth is not None
        assert "-30 %" in figure.truth or "−30 %" in figure.truth


def test_refused_effects_are_not_drawn(findings: Findings) -> None:
    refused = tuple(_refused(effect) for effect in findings.effects)
    album = effect_figures(replace(findings, effects=refused, beside=Beside()))
    assert (album.shown, album.folded) == ((), ())


def test_nothing_is_worked_out_beside_effects_that_are_refused(findings: Findings) -> None:
    refused = [_refused(effect) for effect in findings.effects]
    beside = illustrate(findings.panel, findings.study, findings.events, refused)
    assert (beside.paths, beside.specifications) == ((), ())
    assert len(beside.naive) == 1  # what a naive reading claims where the data cannot tell is worth a warning


def test_nothing_is_drawn_where_nothing_was_estimated(findings: Findings) -> None:
    album = effect_figures(replace(findings, effects=(), beside=Beside()))
    assert (album.shown, album.folded) == ((), ())


@pytest.mark.parametrize("millimetres", [85, 178])
def test_the_pictures_can_be_drawn_at_both_widths(pictures: dict[str, Figure], millimetres: int) -> None:
    for figure in pictures.values():
        assert "vconcat" in figure.chart(millimetres).to_dict()


def test_a_forest_of_twelve_rows_names_each_and_keeps_room_for_its_plot(findings: Findings) -> None:
    twelve = [
        replace(effect, platform=name, event=event)
        for name in ("a platform of a long name", "artstation")
        for event in ("stable-diffusion", "dall-e-2", "nft-boom")
        for effect in findings.effects
        if effect.outcome == HEADLINE and effect.method in ("S1", "S2")
    ]
    figure = effect_figures(replace(findings, effects=tuple(twelve), beside=Beside())).shown[0]
    assert len(rows_of(figure)) == 12
    for millimetres in (85, 178):
        words = re.findall(r"<text[^>]*>([^<]*)</text>", paper_svg(figure, millimetres))
        assert [word for word in words if word in ("S1", "S2")] == ["S1", "S2"] * 6
        for name in ("a platform of a long name", "ArtStation"):
            assert [word for word in words if word.startswith(f"{name}, ")] == [
                f"{name}, {event}" for event in ("Stable Diffusion", "dall-e-2", "nft-boom")
            ]
        assert sum(word.endswith(" %") for word in words) >= 3  # an axis that can be read


@pytest.mark.parametrize(
    ("ends", "width", "least", "step"), [((-30, 30), 500, 5, 10), ((-30, 30), 120, 3, 25), ((-100, 100), 200, 3, 100)]
)
def test_ticks_across_leave_room_for_their_labels(
    ends: tuple[float, float], width: float, least: int, step: int
) -> None:
    ticks = ticks_across(ends, width, LAYOUTS[178])
    assert 0 in ticks
    assert len(ticks) >= least
    assert ticks[1] - ticks[0] == step
    assert ends[0] <= ticks[0]
    assert ticks[-1] <= ends[1]


def test_a_long_table_is_cut_on_the_page_and_says_so(pictures: dict[str, Figure]) -> None:
    figure = pictures["placebos-others-simulated"]
    longer = replace(figure, numbers=lambda: pa.concat_tables([figure.table()] * 3))
    grid = figure_grid(longer)
    assert len(grid.rows) == LONGEST
    assert grid.notes == (f"The first {LONGEST} of {longer.table().num_rows:,} rows; all are in the files.",)
    assert figure_grid(pictures["placebos-simulated"]).notes == ()


@pytest.mark.parametrize(
    ("value", "words"), [(-12.6, "−13 %"), (0.2, "0 %"), (-0.2, "0 %"), (1234.0, "+1,234 %"), (7, "+7 %")]
)
def test_a_change_is_written_with_its_sign_and_never_parted_from_its_unit(value: float, words: str) -> None:
    assert signed(value) == words.replace(" ", "\u00a0")


def _refused(effect: Effect) -> Effect:
    return replace(effect, estimate=np.nan, verdict="cannot tell", reasons=(_refusal(),))


def _refusal() -> Status:
    return Status("no_placebo", "refuses", "the history is too short", "more months")
