"""Real pictures for a loop: digits, Fashion-MNIST, or a folder of the user's own, all of one small size."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.archive import Progress
from precipice.errors import InputError, MissingExtraError

Pictures = npt.NDArray[np.uint8]
"""Shape (n, height, width), grey, or (n, height, width, 3), red, green and blue."""

FASHION = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts its files."""
IDX = ("train-images-idx3-ubyte.gz", "train-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte")
"""Files of pictures in the format of MNIST, the larger ones first."""
IDX_MAGIC = b"\x00\x00\x08\x03"
"""Unsigned bytes in three dimensions."""
MOST = 3_000
"""Pictures that a loop is given: drawn by a seed where there are more."""
FEWEST = 60
"""Pictures without which no loop is run: a third is kept for comparison."""
SIDE = 24
"""Pixels of the side to which pictures of a folder are brought, on white, whole."""
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
SHIPPED = ("digits", "fashion-mnist")
"""Sets that are known by name."""


@dataclass(frozen=True, eq=False)
class PictureSet:
    """Real pictures of one size."""

    name: str
    pictures: Pictures
    words: str
    """What they are, how many there were, and how they were chosen."""
    sha256: str
    """Of the pixels that are used."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and, in colour, 3."""
        return self.pictures.shape[1:]

    def rows(self) -> npt.NDArray[np.float64]:
        """Give pictures as rows of numbers from 0 to 1, 1 for white in a folder's, for ink in the others."""
        return self.pictures.reshape(len(self.pictures), -1) / 255


def open_pictures(
    name: str, folder: Path, *, most: int = MOST, seed: int = 0, progress: Progress = lambda step, share: None
) -> PictureSet:
    """Open a set of pictures.

    Args:
        name: `digits`, `fashion-mnist`, or a folder of pictures (or of files in MNIST's format).
        folder: what a relative folder is relative to.
        most: pictures; more are drawn from.
        seed: of the draw.
        progress: called while files are decoded.

    Raises:
        InputError: there is no such folder, too few pictures, or a file is broken.
        MissingExtraError: the digits need scikit-learn, which is not installed.
    """
    if name == "digits":
        return _chosen(name, _digits(), "scikit-learn's handwritten digits", most, seed)
    place = FASHION if name == "fashion-mnist" else folder / name
    files = [place / file for file in IDX if (place / file).is_file()]
    if files:
        words = "Fashion-MNIST" if name == "fashion-mnist" else f"pictures of {files[0].name}"
        return _chosen(name, read_idx(files[0]), words, most, seed)
    if name == "fashion-mnist":
        raise InputError(
            "Fashion-MNIST is not on this machine",
            where=str(FASHION),
            why="it comes with Debian's package dataset-fashion-mnist and is not part of precipice",
            fix='install it:  apt install dataset-fashion-mnist   or name a folder with its files: pictures = "FOLDER"',
        )
    return _of_folder(place, most, seed, progress)


def read_idx(path: Path) -> Pictures:
    """Read pictures in MNIST's format, packed with gzip or not, shape (n, height, width).

    Raises:
        InputError: it is not one, or cut short.
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise InputError("the pictures cannot be read", where=str(path), why=str(error), fix="get it again") from error
    sizes = [int.from_bytes(content[at : at + 4], "big") for at in (4, 8, 12)]
    if content[:4] != IDX_MAGIC or len(content) != 16 + sizes[0] * sizes[1] * sizes[2]:
        raise InputError(
            "the file does not hold pictures in MNIST's format", where=str(path),
            why="it begins otherwise" if content[:4] != IDX_MAGIC else "its length is not what its head says",
            fix="get it again, or name a folder of PNG or JPEG files",
        )  # fmt: skip
    return np.frombuffer(content, np.uint8, offset=16).reshape(sizes)


def _digits() -> Pictures:
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as error:
        raise MissingExtraError("scikit-learn", "loops") from error
    return np.asarray(np.rint(load_digits().images * (255 / 16)), np.uint8)


def _chosen(name: str, pictures: Pictures, words: str, most: int, seed: int) -> PictureSet:
    few = len(pictures) < FEWEST
    if few:
        raise InputError(
            f"{len(pictures)} pictures are too few for a loop", where=name, why=f"{FEWEST} are needed",
            fix="give more, or another set",
        )  # fmt: skip
    kept = pictures[_draw(len(pictures), most, seed)]
    told = f"{words}, {len(kept):,} of {len(pictures):,} drawn by seed {seed}" if len(kept) < len(pictures) else (
        f"{words}, all {len(kept):,}"
    )  # fmt: skip
    return PictureSet(name, kept, told, hashlib.sha256(kept.tobytes()).hexdigest())


def _draw(count: int, most: int, seed: int) -> npt.NDArray[np.int64]:
    chosen = np.random.default_rng([seed, 7]).permutation(count)[:most]
    return np.sort(chosen)


def _of_folder(place: Path, most: int, seed: int, progress: Progress) -> PictureSet:
    """Bring the pictures of a folder to one size; broken files and copies are left out and counted."""
    if not place.is_dir():
        raise InputError(
            "there are no such pictures", where=str(place), why="it is not a folder",
            fix=f"name one of {', '.join(SHIPPED)}, or a folder of PNG or JPEG files",
        )  # fmt: skip
    files = sorted(file for file in place.rglob("*") if file.suffix.lower() in ENDINGS)
    files = [files[index] for index in _draw(len(files), most, seed)]
    found = {picture.tobytes(): picture for picture in _decoded(files, progress)}  # copies would be learned by heart
    if len(found) < FEWEST:
        raise InputError(
            f"{len(found)} pictures are too few for a loop", where=str(place),
            why=f"{FEWEST} are needed; {len(files)} files have an ending of pictures, copies and broken ones left out",
            fix="give more",
        )  # fmt: skip
    pictures = np.stack(list(found.values()))
    gone = len(files) - len(found)
    words = f"the folder '{place.name}'" + (f" without {gone:,} copies and broken files" if gone else "")
    return _chosen(place.name, pictures, words, most, seed)


def _decoded(files: Sequence[Path], progress: Progress) -> Iterator[Pictures]:
    from precipice.embedders.pictures import Unread, load

    for index, file in enumerate(files):
        progress("read pictures", index / len(files))
        picture = load(file)
        if not isinstance(picture, Unread):
            yield squared(picture)


def squared(picture: npt.NDArray[Any], side: int = SIDE) -> Pictures:
    """Bring a picture, shape (height, width, 3), to a square with white at its edges."""
    from PIL import Image, ImageOps

    small = ImageOps.pad(Image.fromarray(picture), (side, side), Image.Resampling.BOX, color=(255, 255, 255))
    return np.asarray(small, np.uint8)
