from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from precipice.cohorts import draw_by_cutoff, everyone
from precipice.effects import Status
from precipice.months import parse_month
from precipice.population import WORLDS, populate, truth
from precipice.report.effect_charts import effect_figures
from precipice.report.figure import Figure
from precipice.series import count, retain
from precipice.study import Findings, Study
from precipice.study.estimating import estimate_events
from precipice.study.settings import find_events


@pytest.fixture(scope="module")
def findings() -> Findings:
    world = WORLDS["rate_down_30"]
    panel = populate(world, np.random.default_rng(3))
    study = Study()
    study = study.model_copy(update={"effects": study.effects.model_copy(update={"methods": ("S1", "S2")})})
    events = find_events(("stable-diffusion",), Path())
    start, end = parse_month("2018-01"), parse_month("2023-10")
    return Findings(
        study=study, panel=panel, start=start, end=end, events=events,
        overall=count(panel, everyone(panel), start=start, end=end),
        cohorts=count(panel, draw_by_cutoff(panel, study.study.cutoff), start=start, end=end),
        retention=retain(panel), sources=(), simulated=truth(world).words,
        effects=estimate_events(panel, study, events),
    )  # fmt: skip


@pytest.fixture(scope="module")
def pictures(findings: Findings) -> dict[str, Figure]:
    return {figure.stem: figure for figure in effect_figures(findings)}


def test_there_is_a_forest_and_a_picture_of_placebos_for_the_platform(pictures: dict[str, Figure]) -> None:
    assert list(pictures) == ["effects", "placebos-simulated"]


def test_the_placebo_picture_holds_every_placebo_and_the_event(findings: Findings, pictures: dict[str, Figure]) -> None:
    (effect,) = (e for e in findings.effects if e.method == "S1" and e.outcome == "capped")
    rows = pictures["placebos-simulated"].table().to_pylist()
    assert len(rows) == effect.n_placebos + 1
    assert [row["is_event"] for row in rows] == [False] * effect.n_placebos + [True]
    assert rows[-1]["estimate"] == effect.estimate
    # Less their mean, so that the dots lie about nought as the event's estimate does.
    assert abs(np.average([row["estimate"] for row in rows[:-1]])) < 3 * effect.se


def test_the_words_of_a_picture_give_the_numbers_it_draws(findings: Findings, pictures: dict[str, Figure]) -> None:
    (effect,) = (e for e in findings.effects if e.method == "S1" and e.outcome == "capped")
    told = f"Stable Diffusion: {effect.percent:+.0f} %".replace("-", "−")
    assert told in pictures["placebos-simulated"].description
    assert told in pictures["placebos-simulated"].subtitle


def test_every_picture_of_a_simulation_says_what_was_planted(pictures: dict[str, Figure]) -> None:
    for figure in pictures.values():
        assert figure.truth is not None
        assert "-30 %" in figure.truth or "−30 %" in figure.truth


def test_refused_effects_are_not_drawn(findings: Findings) -> None:
    refused = [replace(effect, estimate=np.nan, reasons=(_refusal(),)) for effect in findings.effects]
    assert effect_figures(replace(findings, effects=tuple(refused))) == ()


def test_nothing_is_drawn_where_nothing_was_estimated(findings: Findings) -> None:
    assert effect_figures(replace(findings, effects=())) == ()


@pytest.mark.parametrize("millimetres", [85, 178])
def test_the_pictures_can_be_drawn_at_both_widths(pictures: dict[str, Figure], millimetres: int) -> None:
    for figure in pictures.values():
        assert "vconcat" in figure.chart(millimetres).to_dict()


def _refusal() -> Status:
    return Status("no_placebo", "refuses", "the history is too short", "more months")
