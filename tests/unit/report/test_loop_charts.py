"""Loops as pictures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from precipice.loops import Loop, simulate
from precipice.report import Figure, admissible_synthetic, loop_curves, save


@pytest.fixture(scope="module")
def curves() -> Figure:
    return loop_curves(simulate(Loop(n=20, generations=4, bias=0.9), replicates=60, seed=1))


def layers(figure: Figure, plot: int = 0) -> list[dict[str, Any]]:
    spec = figure.chart().to_dict()
    found: list[dict[str, Any]] = spec["vconcat"][0]["concat"][plot]["layer"]
    return found


def test_theory_is_dashed_and_the_mean_is_not(curves: Figure) -> None:
    dashes = {layer["encoding"]["y"]["field"]: layer["mark"].get("strokeDash") for layer in layers(curves)}
    assert dashes == {"from": None, "low": None, "mean": None, "theory": [4, 3]}


def test_bands_are_named_in_the_notes(curves: Figure) -> None:
    words = " ".join(curves.notes)
    assert "Light bands: middle 95 % of single replicates" in words
    assert "dark bands: 95 % limits of the mean" in words
    assert "Dashed: theory (variance, log_variance, drift, deviation)" in words


def test_the_numbers_drawn_are_the_traces(curves: Figure) -> None:
    rows = curves.table().to_pylist()
    assert len(rows) == 4 * 5
    assert rows[4]["theory"] == pytest.approx(0.9**4)


def test_what_has_collapsed_is_left_out_of_its_plot() -> None:
    figure = loop_curves(simulate(Loop(n=3, dimension=5, generations=2), replicates=5, seed=1))
    spec = figure.chart().to_dict()
    values = spec["datasets"][spec["vconcat"][0]["concat"][1]["data"]["name"]]
    assert "mean" in values[0]
    assert "mean" not in values[1]


def test_a_single_replicate_has_no_bands_and_real_works_have_a_floor() -> None:
    works = np.random.default_rng(1).standard_normal((90, 2))
    figure = loop_curves(simulate(Loop(works=works, n=30, generations=2), replicates=1, seed=1))
    assert [layer["encoding"]["y"]["field"] for layer in layers(figure)] == ["floor", "mean"]
    assert "Dotted: human works against as many others." in figure.notes


def test_the_admissible_amounts_are_those_of_the_exact_expectations() -> None:
    figure = admissible_synthetic(d=4, n_human=1_000, biases=(1.0, 0.8))
    rows = figure.table().to_pylist()
    unbiased = [row["worth"] for row in rows if row["bias"] == "1"]
    assert unbiased == sorted(unbiased)
    assert unbiased[-1] == pytest.approx(1 + 20 / 21, rel=0.005)  # the limit as both grow
    biased = [row for row in rows if row["bias"] == "0.8"]
    harmful = min(row["synthetic"] for row in biased if row["worth"] < 1) * 1_000
    stated = float(figure.description.split("λ = 0.8: up to ")[1].rstrip("."))
    assert stated == pytest.approx(harmful, rel=0.15)  # one step of the grid


@pytest.mark.parametrize("millimetres", [85, 178])
def test_both_fit_a_printed_column(curves: Figure, tmp_path: Path, millimetres: int) -> None:
    for figure in (curves, admissible_synthetic(d=4, n_human=100)):
        place = save(figure, tmp_path / f"{figure.stem}.svg", millimetres=millimetres)
        assert f'width="{millimetres}mm"' in place.read_text()
