"""EXIF: the few tags that generators write, read from a TIFF structure that may be broken.

Source: TIFF 6.0, section 2; Exif 2.32, section 4.6.
"""

import struct
from collections.abc import Iterator, Mapping

from precipice.marks import limits
from precipice.marks.pieces import Piece, fault
from precipice.marks.png import decoded

POINTER = 0x8769
TAGS: Mapping[int, str] = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x927C: "MakerNote",
    0x9286: "UserComment",
}
ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


def walk(content: bytes) -> Iterator[Piece]:
    """Give the texts of an EXIF block, and what is wrong with it.

    Args:
        content: from the byte order on, without the six bytes that name it.
    """
    order = ORDERS.get(content[:4])
    if order is None or len(content) < 8:
        yield fault("EXIF cannot be read")
        return
    waiting = [int(struct.unpack(order + "I", content[4:8])[0])]
    seen: set[int] = set()
    while waiting:
        start = waiting.pop()
        if start in seen:  # a directory may point at itself
            yield fault("EXIF points in a circle")
            continue
        seen.add(start)
        for tag, value in _entries(content, start, order):
            if tag == POINTER and len(seen) < 2:
                waiting.append(struct.unpack(order + "I", value[:4].ljust(4, b"\0"))[0])
            elif tag in TAGS:
                yield Piece("text", f"EXIF {TAGS[tag]}", TAGS[tag], _text(tag, value))


def _entries(content: bytes, start: int, order: str) -> Iterator[tuple[int, bytes]]:
    if start + 2 > len(content):
        return
    count = min(struct.unpack(order + "H", content[start : start + 2])[0], limits.ENTRIES)
    for index in range(count):
        place = start + 2 + 12 * index
        if place + 12 > len(content):
            return
        tag, kind, number, offset = struct.unpack(order + "HHII", content[place : place + 12])
        if tag != POINTER and tag not in TAGS:
            continue
        if kind == 4 or number <= 4:  # it stands in the entry itself
            yield tag, content[place + 8 : place + 12]
        else:
            yield tag, content[offset : offset + min(number, limits.TEXT)]


def _text(tag: int, value: bytes) -> str:
    if TAGS[tag] != "UserComment":
        return decoded(value.rstrip(b"\0"))
    code, rest = value[:8], value[8:]
    if code.startswith(b"UNICODE"):
        # The standard leaves the order of bytes to the file, and writers disagree: letters of English tell.
        big = rest[0:400:2].count(0) >= rest[1:400:2].count(0)
        return rest.decode("utf-16-be" if big else "utf-16-le", "replace").rstrip("\0")
    return decoded((rest if code.startswith(b"ASCII") or not code.strip(b"\0") else value).rstrip(b"\0"))
