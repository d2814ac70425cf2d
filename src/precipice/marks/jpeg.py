"""JPEG: its segments walked up to the first scan; no pixel is decoded.

Source: ITU-T T.81, annex B; Exif 2.32, section 4.5.4; XMP specification part 3, section 1.1.3; ISO 19566-5 (`APP11`).
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from precipice.marks import limits
from precipice.marks.pieces import CUT, MANY, Piece, fault
from precipice.marks.png import decoded

SIGNATURE = b"\xff\xd8\xff"
EXIF, XMP, JUMBF = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"JP"
COMMENT, APP1, APP11, SCAN, END = 0xFE, 0xE1, 0xEB, 0xDA, 0xD9
BARE = {0x01, *range(0xD0, 0xD9)}
"""Markers without a length."""


def walk(opened: BinaryIO) -> Iterator[Piece]:
    """Give the comments, EXIF, XMP and C2PA boxes of a JPEG, and what is wrong with it."""
    opened.seek(2)
    for _ in range(limits.MOST_PARTS):
        lead = opened.read(1)
        marker = opened.read(1)
        while marker == b"\xff":  # a marker may be padded
            marker = opened.read(1)
        if lead != b"\xff" or not marker:
            yield fault(CUT if not marker else "a segment does not begin where it should")
            return
        code = marker[0]
        if code in (SCAN, END):
            return
        if code in BARE:
            continue
        head = opened.read(2)
        length = struct.unpack(">H", head)[0] - 2 if len(head) == 2 else -1
        if length < 0:
            yield fault("a segment has no length")
            return
        content = opened.read(length)
        if len(content) < length:
            yield fault(CUT)
        yield from _segment(code, content)
    yield fault(MANY)


def _segment(code: int, content: bytes) -> Iterator[Piece]:
    if code == APP1 and content.startswith(EXIF):
        yield Piece("exif", "EXIF", content=content[len(EXIF) :])
    elif code == APP1 and content.startswith(XMP):
        yield Piece("xmp", "JPEG APP1", content=content[len(XMP) :])
    elif code == APP11 and content.startswith(JUMBF):
        yield Piece("jumbf", "JPEG APP11", content=content)
    elif code == COMMENT:
        yield Piece("text", "JPEG comment", "comment", decoded(content))
