"""AVIF, HEIC and their kin: the boxes of the ISO base media file format.

EXIF and XMP are items that stand anywhere in the file; for AVIF Pillow finds them without decoding a pixel, in other
kinds a search for an XMP packet must do (`scan`).

Source: ISO 14496-12, section 4.2; C2PA 2.1, section A.5.1 (the `uuid` box).
"""

import struct
import warnings
from collections.abc import Iterator
from typing import BinaryIO

from precipice.marks import limits
from precipice.marks.pieces import CUT, MANY, Piece, fault

C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
OPENS, CLOSES = b"<x:xmpmeta", b"</x:xmpmeta>"


def walk(opened: BinaryIO) -> Iterator[Piece]:
    """Give the C2PA boxes among the outermost boxes, and what is wrong with them."""
    size = opened.seek(0, 2)
    start = 0
    for _ in range(limits.MOST_PARTS):
        if start >= size:
            return
        opened.seek(start)
        head = opened.read(32)
        if len(head) < 8:
            yield fault(CUT)
            return
        length, name = struct.unpack(">I4s", head[:8])
        body = 8
        if length == 1 and len(head) >= 16:
            length, body = struct.unpack(">Q", head[8:16])[0], 16
        length = length or size - start
        if length < body or start + length > size:
            yield fault(CUT if length >= body else "a box is shorter than its head")
            return
        if name == b"uuid" and head[body : body + 16] == C2PA:
            opened.seek(start + body + 16)
            yield Piece("jumbf", "uuid box", content=opened.read(min(length - body - 16, limits.PART)))
        start += length
    yield fault(MANY)


def walk_avif(opened: BinaryIO) -> Iterator[Piece]:
    """Give the C2PA boxes, EXIF and XMP of an AVIF, and what is wrong with it."""
    from PIL import Image

    yield from walk(opened)
    opened.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a large picture is none of our business: it is not decoded
            with Image.open(opened, formats=["AVIF"]) as picture:
                info = dict(picture.info)
    except (OSError, ValueError, SyntaxError, RuntimeError, MemoryError, Image.DecompressionBombError):
        yield fault("EXIF and XMP cannot be read")
        return
    if isinstance(exif := info.get("exif"), bytes):
        yield Piece("exif", "EXIF", content=exif.removeprefix(b"Exif\0\0"))
    if isinstance(packet := info.get("xmp"), bytes):
        yield Piece("xmp", "AVIF XMP", content=packet)


def scan(opened: BinaryIO) -> Iterator[Piece]:
    """Search the beginning of a file for an XMP packet, as XMP part 3, section 2, has it for unknown kinds."""
    opened.seek(0)
    content = opened.read(limits.SCANNED)
    start = content.find(OPENS)
    end = content.find(CLOSES, start) if start >= 0 else -1
    if end >= 0:
        yield Piece("xmp", "XMP packet", content=content[start : end + len(CLOSES)])


def walk_and_scan(opened: BinaryIO) -> Iterator[Piece]:
    """Give the C2PA boxes and an XMP packet of HEIC and its kin."""
    yield from walk(opened)
    yield from scan(opened)
