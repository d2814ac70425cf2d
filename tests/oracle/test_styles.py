"""Real pictures: the built-in embedder tells creators apart, and the committed numbers are what is measured."""

import csv
from pathlib import Path

import pytest
from studies.styles.run import RESULTS, measure, open_clip_art

from tests.conftest import ROOT

Row = dict[str, str]


@pytest.fixture(scope="module")
def committed() -> dict[tuple[str, str], Row]:
    with RESULTS.open(newline="", encoding="utf-8") as file:
        return {(row["set"], row["cohort"]): row for row in csv.DictReader(file)}


@pytest.mark.slow
def test_open_clip_art_is_measured_as_it_was(shared: Path, committed: dict[tuple[str, str], Row]) -> None:
    (found,) = measure(open_clip_art(shared / "images"))
    known = committed["Open Clip Art", "all"]
    for name in ("similarity", "styles", "vendi", "tau", "told_apart"):
        # Everything is seeded; a hundredth is room for other versions of Pillow's scaling.
        assert float(str(found[name])) == pytest.approx(float(known[name]), rel=0.01), name
    assert int(str(found["creators"])) == int(known["creators"]) == 519
    # Half is chance; the standard error over 519 creators is about 0.02.
    assert float(str(found["told_apart"])) > 0.6


def test_a_set_drawn_by_one_guide_is_fewer_styles_than_an_open_one(committed: dict[tuple[str, str], Row]) -> None:
    opened, guided = committed["Open Clip Art", "all"], committed["OpenMoji", "all"]
    assert float(opened["styles_low"]) > float(guided["styles_high"])
    assert float(opened["told_apart"]) > float(guided["told_apart"]) > 0.5


def test_the_document_shows_the_committed_numbers(committed: dict[tuple[str, str], Row]) -> None:
    text = (ROOT / "docs" / "styles.md").read_text(encoding="utf-8")
    for (name, cohort), row in committed.items():
        numbers = [f"{float(row[part]):.3f}" for part in ("similarity", "similarity_low", "similarity_high")]
        styles = [f"{float(row[part]):.1f}" for part in ("styles", "styles_low", "styles_high")]
        cells = [
            name, cohort, row["creators"], f"{int(row['works']):,}", f"{numbers[0]} ({numbers[1]} to {numbers[2]})",
            f"{styles[0]} ({styles[1]} to {styles[2]})", f"{float(row['vendi']):.1f} of {row['vendi_at']}",
            f"{float(row['told_apart']):.2f}",
        ]  # fmt: skip
        assert "| " + " | ".join(cells) + " |" in text
