"""The coverage study: a short version, and that its committed results are those of its code."""

import csv
from itertools import islice

import numpy as np
import pytest
from studies.coverage.run import COLUMNS, PATHS, PLATFORMS, RESULTS, coverage, rows
from studies.coverage.worlds import WORLDS

from precipice.supply import Shape
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def committed() -> list[dict[str, object]]:
    with RESULTS.open(encoding="utf-8", newline="") as file:
        return [dict(row) for row in csv.DictReader(file)]


def test_bands_of_a_short_study_cover_at_least_what_they_say() -> None:
    found = list(rows(6, "bootstrap", Shape(), tuple(WORLDS)))
    sums = [int(str(row["covered"])) for row in found if "year" in str(row["target"])]
    # Six bands a platform move together: of 30 platforms, as if 30 draws.
    assert np.mean(sums) > 0.8 - 4 * (0.8 * 0.2 / 30) ** 0.5


def test_the_committed_results_are_of_every_world_and_say_with_what(committed: list[dict[str, object]]) -> None:
    assert tuple(committed[0]) == COLUMNS
    for forecaster, platforms in PLATFORMS.items():
        some = {(row["world"], row["platform"]) for row in committed if row["forecaster"] == forecaster}
        assert len(some) == platforms * len(WORLDS)
    assert {(float(str(row["damping"])), float(str(row["cap"]))) for row in committed} == {
        (Shape().damping, Shape().cap)
    }


def test_the_committed_results_are_those_of_the_code(committed: list[dict[str, object]]) -> None:
    again = list(islice(rows(1, "bootstrap", Shape(), ("steady",)), 30))
    first = committed[: len(again)]
    assert [row["target"] for row in again] == [row["target"] for row in first]
    for ours, theirs in zip(again, first, strict=True):
        for name in ("low", "truth", "high"):
            assert float(str(ours[name])) == pytest.approx(float(str(theirs[name])), rel=1e-6), ours["target"]
    assert PATHS >= 1_000


def test_the_default_covers_what_it_says_and_exponential_smoothing_does_not(committed: list[dict[str, object]]) -> None:
    shares = {name: coverage([row for row in committed if row["forecaster"] == name], "world") for name in PLATFORMS}
    for target in ("human, year 1", "human, year 2", "synthetic, year 1", "synthetic, year 2"):
        assert shares["bootstrap"][target, "all"] >= 0.8
        assert shares["ets"][target, "all"] < 0.8


def test_the_documents_table_is_that_of_the_committed_results(committed: list[dict[str, object]]) -> None:
    shares = {name: coverage([row for row in committed if row["forecaster"] == name], "world") for name in PLATFORMS}
    text = (ROOT / "docs" / "supply.md").read_text(encoding="utf-8")
    for target in dict.fromkeys(str(row["target"]) for row in committed):
        worlds = [shares["bootstrap"][target, world] for world in WORLDS]
        line = (
            f"| {target} | {100 * shares['bootstrap'][target, 'all']:.0f} % | {100 * min(worlds):.0f} to "
            f"{100 * max(worlds):.0f} % | {100 * shares['ets'][target, 'all']:.0f} % |"
        )
        assert line in text
