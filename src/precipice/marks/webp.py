"""WebP: the chunks of its RIFF container; no pixel is decoded.

Source: RFC 9649, section 2; C2PA 2.1, section A.3.8 (`C2PA`).
"""

import struct
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Literal

from precipice.marks import limits
from precipice.marks.pieces import CUT, MANY, Piece, fault

HEADER = 12
WANTED: Mapping[bytes, Literal["exif", "xmp", "jumbf"]] = {b"EXIF": "exif", b"XMP ": "xmp", b"C2PA": "jumbf"}


def walk(opened: BinaryIO) -> Iterator[Piece]:
    """Give the EXIF, XMP and C2PA boxes of a WebP, and what is wrong with it."""
    opened.seek(4)
    end = HEADER - 4 + struct.unpack("<I", opened.read(4))[0]
    opened.seek(HEADER)
    for _ in range(limits.MOST_PARTS):
        if opened.tell() >= end:
            return
        head = opened.read(8)
        if len(head) < 8:
            yield fault(CUT)
            return
        name, length = struct.unpack("<4sI", head)
        what = WANTED.get(name)
        if what is None or length > limits.PART:
            if what is not None:
                yield fault(f"a {name.decode().strip()} chunk is longer than is read")
            opened.seek(length + length % 2, 1)
            continue
        content = opened.read(length)
        if len(content) < length:
            yield fault(CUT)
        opened.seek(length % 2, 1)
        yield Piece(what, f"WebP {name.decode().strip()}", content=content.removeprefix(b"Exif\0\0"))
    yield fault(MANY)
