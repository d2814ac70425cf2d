"""Zstandard files made by hand after RFC 8878, whole and cut."""

import gzip
import io
from pathlib import Path

import pytest

from precipice.archive.fingerprints import fingerprint, is_whole_gzip, is_whole_zstandard
from precipice.errors import InputError

MAGIC = (0xFD2FB528).to_bytes(4, "little")
LAST, RAW, REPEATED = 1, 0 << 1, 1 << 1


def block(flags: int, size: int, content: bytes) -> bytes:
    return (size << 3 | flags).to_bytes(3, "little") + content


FRAMES = {
    "one raw block, its size in one byte": MAGIC + b"\x20\x05" + block(RAW | LAST, 5, b"hello"),
    "a repeated byte and a checksum": MAGIC + b"\x24\x05" + block(REPEATED | LAST, 5, b"a") + b"\1\2\3\4",
    "a window and no size": MAGIC + b"\x00\x50" + block(RAW, 2, b"he") + block(RAW | LAST, 3, b"llo"),
    "a window, a size of two bytes, a dictionary of one": MAGIC + b"\x41\x50\x07\x00\x01" + block(RAW | LAST, 1, b"x"),
    "a size of four bytes": MAGIC + b"\xa0" + bytes(4) + block(RAW | LAST, 0, b""),
    "a size of eight bytes, a dictionary of four": MAGIC + b"\xe3" + bytes(12) + block(RAW | LAST, 0, b""),
    "a skippable frame": (0x184D2A53).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"any",
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_whole_at_its_end_and_nowhere_before(name: str) -> None:
    frame = FRAMES[name]
    for content in (frame, FRAMES["a window and no size"] + frame):
        assert is_whole_zstandard(io.BytesIO(content))
        for cut in range(1, len(frame)):
            assert not is_whole_zstandard(io.BytesIO(content[:-cut])), cut


def test_what_is_no_zstandard_is_left_to_the_engine_unless_it_follows_a_frame() -> None:
    assert is_whole_zstandard(io.BytesIO(b""))
    assert is_whole_zstandard(io.BytesIO(b"platform,id\n"))
    assert not is_whole_zstandard(io.BytesIO(FRAMES["a skippable frame"] + b"platform,id\n"))


def test_a_gzip_file_is_whole_at_its_end_and_nowhere_before() -> None:
    packed = gzip.compress(b"hello " * 9)
    assert is_whole_gzip(io.BytesIO(packed))
    assert is_whole_gzip(io.BytesIO(packed * 2))
    for cut in range(1, len(packed)):
        assert not is_whole_gzip(io.BytesIO(packed + packed[:-cut])), cut
    assert not is_whole_gzip(io.BytesIO(packed[:20] + bytes([packed[20] ^ 1]) + packed[21:]))


def test_a_cut_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "posts.json.zst").write_bytes(FRAMES["a window and no size"][:-1])
    with pytest.raises(InputError, match="cut short") as refused:
        fingerprint(tmp_path / "posts.json.zst")
    assert refused.value.where == "posts.json.zst"
    (tmp_path / "posts.json").write_bytes(FRAMES["a window and no size"][:-1])
    assert fingerprint(tmp_path / "posts.json").bytes == len(FRAMES["a window and no size"]) - 1
