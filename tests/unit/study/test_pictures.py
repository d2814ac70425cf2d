"""Real pictures: MNIST's format, folders, digits; and what is none."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from precipice.errors import InputError
from precipice.study.pictures import FASHION, SIDE, open_pictures, read_idx
from tests.conftest import absent

RNG = np.random.default_rng(1)
SMALL = RNG.integers(0, 255, (70, 5, 4), dtype=np.uint8)
CONTENT = b"\x00\x00\x08\x03" + np.array(SMALL.shape, ">u4").tobytes() + SMALL.tobytes()


def test_files_in_mnists_format_are_read_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(CONTENT)
    (tmp_path / "packed.gz").write_bytes(gzip.compress(CONTENT))
    np.testing.assert_array_equal(read_idx(tmp_path / "packed.gz"), SMALL)
    found = open_pictures(tmp_path.name, tmp_path.parent)
    np.testing.assert_array_equal(found.pictures, SMALL)
    assert found.words == "pictures of train-images-idx3-ubyte, all 70"
    assert found.rows().shape == (70, 20)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CONTENT[:-1], "its length"),
        (b"\x00\x00\x08\x01" + CONTENT[4:], "begins otherwise"),
        (b"", "begins otherwise"),
        (CONTENT[:10], "its length"),
    ],
)
def test_a_broken_file_is_one_clear_error(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(InputError, match="MNIST's format") as refused:
        open_pictures(tmp_path.name, tmp_path.parent)
    assert message in refused.value.why
    (tmp_path / "broken.gz").write_bytes(gzip.compress(CONTENT)[:40])
    with pytest.raises(InputError, match="cannot be read"):
        read_idx(tmp_path / "broken.gz")
    (tmp_path / "garbled.gz").write_bytes(gzip.compress(CONTENT)[:12] + b"\xff" * 40)
    with pytest.raises(InputError, match="cannot be read"):
        read_idx(tmp_path / "garbled.gz")


def test_a_folder_of_any_pictures_becomes_one_size_without_copies_and_broken_ones(tmp_path: Path) -> None:
    for index in range(65):
        colour = RNG.integers(0, 255, (40, 20 + index % 5, 3), dtype=np.uint8)
        Image.fromarray(colour).save(tmp_path / f"{index}.{'png' if index % 2 else 'jpg'}")
    (tmp_path / "copy.png").write_bytes((tmp_path / "1.png").read_bytes())
    (tmp_path / "broken.png").write_bytes((tmp_path / "3.png").read_bytes()[:60])
    (tmp_path / "notes.txt").write_text("no picture")
    found = open_pictures(tmp_path.name, tmp_path.parent)
    assert found.pictures.shape == (65, SIDE, SIDE, 3)
    assert "without 2 copies and broken files" in found.words
    assert (found.pictures[:, 0, 0] == 255).all()  # tall pictures stand on white
    fewer = open_pictures(tmp_path.name, tmp_path.parent, most=62)
    assert len(fewer.pictures) <= 62


def test_what_is_no_set_of_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there are no such pictures") as refused:
        open_pictures("nowhere", tmp_path)
    assert "digits" in refused.value.fix
    with pytest.raises(InputError, match="0 pictures are too few"):
        open_pictures(tmp_path.name, tmp_path.parent)


def test_digits_come_with_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    found = open_pictures("digits", Path())
    np.testing.assert_allclose(found.rows(), datasets.load_digits().data / 16, atol=0.002)


def test_fashion_mnist_comes_with_debians_package() -> None:
    if not FASHION.is_dir():
        absent("Debian's package dataset-fashion-mnist is not installed")
    found = open_pictures("fashion-mnist", Path(), most=100, seed=1)
    assert found.pictures.shape == (100, 28, 28)
    assert found.words == "Fashion-MNIST, 100 of 60,000 drawn by seed 1"
    whole = read_idx(FASHION / "train-images-idx3-ubyte.gz")
    assert whole[0].sum() == 76_247  # the first picture of the published file
