"""Whatever is done to a marked file, reading it ends in an answer and costs no other file."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from studies.marks.mutations import DAMAGES, mutate
from studies.marks.run import BAD, try_all

from precipice.embedders import Unread, load
from tests.unit.marks.pictures import PARAMETERS, SAMPLES, TRAINED, created, signed

MUTATIONS = 400


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    own = {
        f"{family}-{index}": content for family, contents in SAMPLES.items() for index, content in enumerate(contents)
    }
    signed_ones = {kind: signed(created(TRAINED), kind=kind) for kind in ("PNG", "JPEG", "WEBP")}
    return own | signed_ones | {kind: drawn(kind) for kind in ("AVIF", "GIF", "TIFF", "WEBP", "JPEG", "BMP")}


def drawn(kind: str) -> bytes:
    """Draw a small picture of noise, with EXIF where there can be some."""
    out = io.BytesIO()
    block = Image.Exif()
    block[0x010E] = PARAMETERS
    more = {"exif": block} if kind in ("AVIF", "WEBP", "JPEG") else {}
    pixels = np.random.default_rng(0).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, kind, **more)
    return out.getvalue()


def test_hundreds_of_damaged_files_crash_and_hang_nothing(files: dict[str, bytes], tmp_path: Path) -> None:
    tried = list(try_all(files, MUTATIONS, 2, tmp_path))
    assert len(tried) == MUTATIONS
    assert [one for one in tried if one.record.answer in BAD] == []
    # Damage that destroyed nothing, or everything, would show nothing.
    answers = {one.record.answer for one in tried}
    assert {"marks found", "damaged, no mark found"} <= answers


def test_damaged_pictures_are_decoded_or_refused(files: dict[str, bytes], tmp_path: Path) -> None:
    contents, place = list(files.values()), tmp_path / "damaged"
    found = []
    for number in range(2 * MUTATIONS):
        place.write_bytes(mutate(contents, number, 3)[2])
        found.append(load(place))
    assert {"broken", "no picture"} <= {one.reason for one in found if isinstance(one, Unread)}
    assert any(not isinstance(one, Unread) for one in found)


def test_the_same_number_gives_the_same_damage(files: dict[str, bytes]) -> None:
    contents = list(files.values())
    assert mutate(contents, 17, 1) == mutate(contents, 17, 1)
    assert mutate(contents, 17, 1) != mutate(contents, 17, 2)
    done = {name for number in range(200) for name in mutate(contents, number, 1)[0].split("+")}
    assert done == set(DAMAGES)
