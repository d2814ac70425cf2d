"""PNG: its chunks walked one by one; no pixel is decoded.

Source: PNG specification, third edition (W3C), sections 5 and 11.3; C2PA 2.1, section A.3.2 (`caBX`).
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from precipice.marks import limits
from precipice.marks.pieces import CUT, MANY, Piece, fault

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP = "XML:com.adobe.xmp"
RAW = re.compile(r"\s*(\w+)\s+(\d+)\s+([0-9a-fA-F\s]*)")
"""How ImageMagick writes EXIF and XMP into a text: name, length, hexadecimal digits."""


def walk(opened: BinaryIO) -> Iterator[Piece]:
    """Give the texts, EXIF, XMP and C2PA boxes of a PNG, and what is wrong with it."""
    opened.seek(len(SIGNATURE))
    for _ in range(limits.MOST_PARTS):
        head = opened.read(8)
        if len(head) < 8:
            yield fault(CUT)
            return
        length, name = struct.unpack(">I4s", head)
        if name == b"IEND":
            return
        read = READERS.get(name)
        if read is None or length > limits.PART:
            if read is not None:
                yield fault(f"a {name.decode()} chunk is longer than is read")
            opened.seek(length + 4, 1)
            continue
        content, check = opened.read(length), opened.read(4)
        if len(content) < length:
            yield fault(CUT)
        elif check != struct.pack(">I", zlib.crc32(name + content)):
            yield fault(f"the checksum of a {name.decode()} chunk is wrong")
        yield from read(content)
    yield fault(MANY)


def unpack(content: bytes, wbits: int = zlib.MAX_WBITS) -> bytes | None:
    """Unpack a zlib stream as far as it is whole; nothing where it is none, or is longer than a text may be."""
    stream = zlib.decompressobj(wbits)
    try:
        text = stream.decompress(content, limits.TEXT + 1)
    except zlib.error:
        return None
    return text if len(text) <= limits.TEXT else None


def _plain(content: bytes) -> Iterator[Piece]:
    keyword, _, text = content.partition(b"\0")
    # Latin-1 by the standard; generators write UTF-8 all the same.
    yield from _named("PNG tEXt", keyword, text)


def _packed(content: bytes) -> Iterator[Piece]:
    keyword, _, rest = content.partition(b"\0")
    text = unpack(rest[1:])
    if text is None:
        yield fault("a zTXt chunk cannot be unpacked, or is longer than is read")
        return
    yield from _named("PNG zTXt", keyword, text)


def _international(content: bytes) -> Iterator[Piece]:
    keyword, _, rest = content.partition(b"\0")
    packed, rest = rest[:1] == b"\1", rest[2:]
    text: bytes | None = rest.partition(b"\0")[2].partition(b"\0")[2]
    if packed:
        text = unpack(text or b"")
    if text is None:
        yield fault("an iTXt chunk cannot be unpacked, or is longer than is read")
        return
    yield from _named("PNG iTXt", keyword, text)


def _named(place: str, keyword: bytes, text: bytes) -> Iterator[Piece]:
    name = keyword[:79].decode("latin-1")
    if name == XMP:
        yield Piece("xmp", place, content=text)
    elif name.startswith("Raw profile type "):
        yield from _raw(place, text)
    else:
        yield Piece("text", f"{place} {name}", name, decoded(text))


def _raw(place: str, text: bytes) -> Iterator[Piece]:
    found = RAW.match(text.decode("latin-1"))
    digits = "".join(found[3].split()) if found else ""
    content = bytes.fromhex(digits[: len(digits) // 2 * 2])
    if content.startswith(b"Exif\0\0"):
        yield Piece("exif", place, content=content[6:])
    elif b"<x:xmpmeta" in content or b"<rdf:RDF" in content:
        yield Piece("xmp", place, content=content)


def decoded(text: bytes) -> str:
    """Read bytes as UTF-8, or as Latin-1 where they are none."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


READERS: Mapping[bytes, Callable[[bytes], Iterator[Piece]]] = {
    b"tEXt": _plain,
    b"zTXt": _packed,
    b"iTXt": _international,
    b"eXIf": lambda content: iter([Piece("exif", "PNG eXIf", content=content)]),
    b"caBX": lambda content: iter([Piece("jumbf", "PNG caBX", content=content)]),
}
