"""Generations as pictures."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from precipice.errors import InputError
from precipice.report import Strip, contact_sheet, save
from precipice.report.contact_sheets import as_grey, png

RNG = np.random.default_rng(1)


def strips() -> list[Strip]:
    grey = RNG.integers(0, 255, (3, 4, 4), dtype=np.uint8)
    return [Strip(group, generation, grey) for group in ("synthetic", "real") for generation in (0, 5)]


def test_a_picture_is_written_as_png() -> None:
    pixels = RNG.integers(0, 255, (3, 5, 3), dtype=np.uint8)
    written = png(pixels)
    assert written.startswith(b"\x89PNG\r\n\x1a\n")
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(written))), pixels)


def test_rows_of_numbers_become_grey_pictures_dark_for_the_upper_limit() -> None:
    grey = as_grey(np.array([[0.0, 1.0, 0.5, 7.0]]), (2, 2))
    assert grey.tolist() == [[[255, 0], [128, 0]]]


@pytest.mark.parametrize("ending", [".svg", ".png"])
def test_a_sheet_is_drawn_with_its_generations(tmp_path: Path, ending: str) -> None:
    figure = contact_sheet(strips(), "What was made", "Three works")
    place = save(figure, tmp_path / f"sheet{ending}")
    assert place.stat().st_size > 1_000
    if ending == ".svg":
        text = place.read_text()
        assert text.count('href="data:image/png;base64,') == 4
        assert ">synthetic<" in text
        assert ">real<" in text
    assert figure.description == "What was made: 3 pictures of generations 0, 5, of synthetic, real."
    assert [row["generation"] for row in figure.table().to_pylist()] == [0, 5, 0, 5]


def test_pictures_of_different_size_do_not_stand_on_one_sheet() -> None:
    other = Strip("real", 9, np.zeros((3, 5, 5), np.uint8))
    with pytest.raises(InputError, match="cannot stand on one sheet"):
        contact_sheet([*strips(), other], "t", "s")
