"""Whatever a file is, reading it is an answer: bombs, circles, holes, pipes, nonsense."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from precipice.marks import limits
from precipice.marks.reading import kind_of, read_file
from tests.conftest import absent
from tests.unit.marks.conftest import Read
from tests.unit.marks.pictures import (
    PARAMETERS,
    SIGNATURE,
    chunk,
    exif,
    header,
    international,
    jpeg,
    packed,
    png,
    stealth,
    text,
    webp,
    xmp,
)

BOMB = zlib.compress(b"a" * (64 << 20), 9)


def notes(content: bytes, read: Read) -> str:
    record = read(content)
    assert record.answer in ("no mark found", "damaged, no mark found")
    return "; ".join(record.notes)


@pytest.mark.parametrize(
    ("content", "answer"),
    [(b"", "empty"), (b"hello, I am no picture", "no picture"), (b"\0", "no picture"),
     (SIGNATURE, "damaged, no mark found"), (SIGNATURE + b"\0\0", "damaged, no mark found"),
     (b"\xff\xd8\xff", "damaged, no mark found"), (b"RIFF\x04\0\0\0WEBP", "no mark found"),
     (b"\0\0\0\x10ftypavif" + bytes(8), "damaged, no mark found"), (b"GIF89a", "no mark found"),
     (png(), "no mark found"), (jpeg(), "no mark found")],
)  # fmt: skip
def test_files_that_are_hardly_there_are_answers(content: bytes, answer: str, read: Read) -> None:
    assert read(content).answer == answer


@pytest.mark.parametrize(
    "bomb",
    [chunk(b"zTXt", b"parameters\0\0" + BOMB), chunk(b"iTXt", b"parameters\0\1\0\0\0" + BOMB),
     chunk(b"zTXt", b"parameters\0\0no zlib")],
)  # fmt: skip
def test_a_text_that_unpacks_without_end_is_not_unpacked(bomb: bytes, read: Read) -> None:
    assert "cannot be unpacked, or is longer" in notes(png(bomb), read)


def test_pixels_are_not_decoded_without_a_hidden_header(read: Read) -> None:
    for size in ((60_000, 60_000), (2**31 - 1, 2**31 - 1)):
        rows = chunk(b"IDAT", zlib.compress(bytes(1 << 24), 9))
        record = read(SIGNATURE + header(*size, colour=6) + rows + chunk(b"IEND", b""))
        assert "no mark found" in record.answer


def test_a_hidden_header_in_a_picture_that_is_too_large_is_noted(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PIXELS", 64 * 64 - 1)
    assert "announced and cannot be read" in notes(stealth(PARAMETERS), read)


@pytest.mark.parametrize("size", [(64, 64), (256, 16), (16, 300), (152, 152), (2000, 1), (1, 3000)])
@pytest.mark.parametrize("alpha", [True, False])
@pytest.mark.parametrize("pack", [True, False])
def test_a_hidden_text_is_found_in_every_shape_and_layout(
    size: tuple[int, int], alpha: bool, pack: bool, read: Read
) -> None:
    words = "a\nSteps: 1, Sampler: b, Seed: 2"
    record = read(stealth(words, size=size, alpha=alpha, pack=pack))
    assert record.marks[0].where == ("stealth alpha" if alpha else "stealth colours",)


def test_a_hidden_text_longer_than_its_picture_is_noted(read: Read) -> None:
    record = read(stealth(PARAMETERS, shift=1 << 20))
    # The packed text is whole, and what follows it is not asked for; a length past the limit is refused.
    assert record.answer in ("marks found", "damaged, no mark found")
    assert "announced and cannot be read" in notes(stealth(PARAMETERS, shift=limits.TEXT * 8), read)


def test_more_chunks_than_a_picture_has_are_not_walked(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_PARTS", 50)
    for content in (
        png(chunk(b"abCd", b"") * 60),
        jpeg(*[(0xEA, b"")] * 60),
        webp(**{f"A{i:03}": b"" for i in range(60)}),
    ):
        assert "more parts than are read" in notes(content, read)


def test_more_text_than_a_generator_writes_is_not_kept(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "more text than is read" in notes(png(*[text("a", "b")] * 300), read)
    monkeypatch.setattr(limits, "ALL_TEXT", 10)
    assert "more text than is read" in notes(png(text("parameters", PARAMETERS)), read)


def test_a_wrong_checksum_is_noted_and_the_text_read(read: Read) -> None:
    content = text("parameters", PARAMETERS)
    record = read(png(content[:-1] + bytes([content[-1] ^ 1])))
    assert record.answer == "marks found"
    assert "the checksum of a tEXt chunk is wrong" in record.notes


def test_a_text_behind_a_cut_is_lost_and_before_it_is_read(read: Read) -> None:
    whole = png(text("parameters", PARAMETERS))
    assert read(whole[:-20]).answer == "marks found"
    record = read(whole[:60])
    assert (record.answer, record.notes[0]) == ("damaged, no mark found", "cut short")


def test_exif_that_points_at_itself_or_nowhere_is_read_once(read: Read) -> None:
    circle = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x8769, 4, 1, 8) + bytes(4)
    assert "circle" in notes(jpeg((0xE1, b"Exif\0\0" + circle)), read)
    for start in (0, 7, 5_000, 2**32 - 1):
        block = b"MM\0*" + struct.pack(">I", start) + exif(0x9286, b"x" * 9, order=">")
        assert "no mark found" in read(jpeg((0xE1, b"Exif\0\0" + block))).answer
    far = exif(0x010E, b"x")[:18] + struct.pack("<I", 2**32 - 1)
    assert read(webp(EXIF=far)).answer == "no mark found"


def test_a_raw_profile_of_another_tool_is_read(read: Read) -> None:
    block = b"Exif\0\0" + exif(0x010E, PARAMETERS.encode() + b"\0")
    profile = f"\nexif\n{len(block):8}\n{block.hex()}\n"
    assert read(png(packed("Raw profile type exif", profile.encode()))).generators == ("automatic1111",)


def test_json_without_end_and_xmp_without_end_are_no_marks(read: Read) -> None:
    assert read(png(text("prompt", '{"a":' * 200_000))).answer == "no mark found"
    deep = b"<x:xmpmeta>" + b"<a>" * 100_000
    assert "XMP cannot be parsed" in notes(png(international("XML:com.adobe.xmp", deep)), read)
    large = xmp(xmp_CreatorTool="x" * (3 << 20))
    assert "XMP cannot be parsed" in notes(png(international("XML:com.adobe.xmp", large)), read)


def test_avif_carries_exif_and_xmp(read: Read, tmp_path: Path) -> None:
    from PIL import Image, features

    if not features.check("avif"):
        absent("this Pillow cannot write AVIF")
    block = Image.Exif()
    block[0x010E] = PARAMETERS
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "a.avif", exif=block, xmp=xmp(xmp_CreatorTool="x"))
    record = read_file(tmp_path, "a.avif")
    assert (record.kind, record.generators) == ("avif", ("automatic1111",))


def test_a_kind_is_told_by_its_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "picture.jpg").write_bytes(png(text("parameters", PARAMETERS)))
    record = read_file(tmp_path, "picture.jpg")
    assert (record.kind, record.generators) == ("png", ("automatic1111",))
    assert [kind_of(head) for head in (b"II*\0", b"8BPS", b"\0\0\0\x18ftypmp42", b"BM")] == [
        "tiff",
        "psd",
        "unknown",
        "bmp",
    ]


def test_what_is_no_file_is_not_opened_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    (tmp_path / "circle.png").symlink_to("circle.png")
    (tmp_path / "gone.png").symlink_to("nowhere.png")
    answers = [read_file(tmp_path, f"{name}.png").answer for name in ("pipe", "zero", "circle", "gone", "none")]
    assert answers == ["no regular file"] * 2 + ["cannot be opened"] * 3
    assert read_file(tmp_path, "a\0b").answer == "cannot be opened"


def test_a_file_past_the_limit_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(png())
    os.truncate(tmp_path / "large.png", limits.LARGEST + 1)
    record = read_file(tmp_path, "large.png")
    assert (record.answer, record.kind, record.bytes) == ("too large", "png", limits.LARGEST + 1)
