"""Texts hidden in the lowest bits of a PNG's alpha channel or colours, as stealth-pnginfo and NovelAI write them.

The bits run down the columns: 15 letters that name the layout, 32 bits with the length in bits, then the text, packed
with gzip or not.  The header stands in the first columns, and PNG's filters let the first columns of all rows be
undone without the rest, so that only a picture with the header is ever decoded.

Source: the layout of sd-webui-stealth-pnginfo; PNG specification, section 9.2 (filters).
"""

import json
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from precipice.marks import limits
from precipice.marks.pieces import Piece, fault
from precipice.marks.png import SIGNATURE, unpack

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NAME, LENGTH = 15, 4
HEADER = 8 * (NAME + LENGTH)
"""Bits before the text."""
LAYOUTS = {b"stealth_pnginfo": (True, False), b"stealth_pngcomp": (True, True),
           b"stealth_rgbinfo": (False, False), b"stealth_rgbcomp": (False, True)}  # fmt: skip
"""Name → whether the bits are alpha's (or the three colours'), and whether the text is packed."""
CHANNELS = {2: 3, 6: 4}
"""Colour type → channels; other types hold no such text."""
GZIP = zlib.MAX_WBITS | 16


@dataclass(frozen=True)
class Frame:
    """What `IHDR` says of a picture that may hide a text."""

    width: int
    height: int
    channels: int


def walk(opened: BinaryIO) -> Iterator[Piece]:
    """Give the text hidden in a PNG's pixels, if there is one."""
    frame = _frame(opened)
    if frame is None:
        return
    for alpha in (True, False) if frame.channels == 4 else (False,):
        columns, rows = _reach(frame, HEADER, alpha=alpha)
        if rows * (1 + frame.width * frame.channels) > limits.ROWS:
            yield fault("too wide for hidden text to be looked for")
            return
        corner = _corner(opened, frame, columns, rows)
        layout = LAYOUTS.get(_bits(corner, alpha=alpha)[:NAME])
        if layout is not None and layout[0] == alpha:
            yield from _text(opened, frame, _bits(corner, alpha=alpha), packed=layout[1], alpha=alpha)


def _frame(opened: BinaryIO) -> Frame | None:
    opened.seek(len(SIGNATURE))
    head = opened.read(21)
    if len(head) < 21 or head[4:8] != b"IHDR":
        return None
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", head[8:21])
    if depth != 8 or interlaced or colour not in CHANNELS or not width or not height:
        return None
    return Frame(width, height, CHANNELS[colour])


def _reach(frame: Frame, bits: int, *, alpha: bool) -> tuple[int, int]:
    """Give how many columns and rows hold so many bits from the first pixel on."""
    pixels = bits if alpha else -(-bits // 3)
    columns = -(-pixels // frame.height)
    return min(columns, frame.width), min(frame.height, pixels)


def _corner(opened: BinaryIO, frame: Frame, columns: int, rows: int) -> "npt.NDArray[np.uint8]":
    """Undo the filters of the first columns, shape (rows, columns, channels); rows that are missing are left out."""
    import numpy as np

    stride, kept, channels = 1 + frame.width * frame.channels, columns * frame.channels, frame.channels
    above = bytearray(kept)
    found = bytearray()
    count = 0
    for line in _lines(opened, stride, rows):
        above = _unfilter(line[0], line[1 : 1 + kept], above, channels)
        found += above
        count += 1
    return np.frombuffer(bytes(found), np.uint8).reshape(count, columns, channels)


def _lines(opened: BinaryIO, stride: int, rows: int) -> Iterator[bytes]:
    """Unpack so many rows of pixels."""
    stream = zlib.decompressobj()
    waiting = b""
    for content in _pixels(opened):
        try:
            waiting += stream.decompress(content, max(1, stride * rows - len(waiting)))
        except zlib.error:
            return
        while len(waiting) >= stride and rows:
            yield waiting[:stride]
            waiting, rows = waiting[stride:], rows - 1
        if not rows:
            return


def _pixels(opened: BinaryIO) -> Iterator[bytes]:
    opened.seek(len(SIGNATURE))
    for _ in range(limits.MOST_PARTS):
        head = opened.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            return
        length = struct.unpack(">I", head[:4])[0]
        if head[4:] == b"IDAT":
            yield opened.read(min(length, limits.LARGEST))
            opened.seek(4, 1)
        else:
            opened.seek(length + 4, 1)


def _unfilter(kind: int, line: bytes, above: bytearray, channels: int) -> bytearray:
    row = bytearray(line)
    for index, value in enumerate(line):
        left = row[index - channels] if index >= channels else 0
        corner = above[index - channels] if index >= channels else 0
        row[index] = (value + _guess(kind, left, above[index], corner)) & 0xFF
    return row


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        near = left + up - corner
        return min((left, up, corner), key=lambda value: abs(near - value))
    return (0, left, up, (left + up) // 2)[kind] if kind < 4 else 0


def _bits(pixels: "npt.NDArray[np.uint8]", *, alpha: bool) -> bytes:
    """Read the lowest bits down the columns, eight a byte, the highest first."""
    import numpy as np

    part = pixels[..., 3:4] if alpha else pixels[..., :3]
    return np.packbits((part & 1).transpose(1, 0, 2).ravel()).tobytes()


def _text(opened: BinaryIO, frame: Frame, header: bytes, *, packed: bool, alpha: bool) -> Iterator[Piece]:
    length = struct.unpack(">I", header[NAME : NAME + LENGTH].ljust(LENGTH, b"\0"))[0] // 8
    columns, _ = _reach(frame, HEADER + 8 * length, alpha=alpha)
    pixels = _decoded(opened, frame) if length <= limits.TEXT else None
    if pixels is None:
        yield fault("a hidden text is announced and cannot be read")
        return
    content: bytes | None = _bits(pixels[:, :columns], alpha=alpha)[NAME + LENGTH :][:length]
    if packed:
        content = unpack(content or b"", GZIP)
    if content is None:
        yield fault("a hidden text is announced and cannot be read")
        return
    yield from _named("stealth alpha" if alpha else "stealth colours", content.decode("utf-8", "replace"))


def _decoded(opened: BinaryIO, frame: Frame) -> "npt.NDArray[np.uint8] | None":
    import numpy as np
    from PIL import Image

    if frame.width * frame.height > limits.PIXELS:
        return None
    opened.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # bounded above
            with Image.open(opened, formats=["PNG"]) as picture:
                pixels = np.asarray(picture)
    except (OSError, ValueError, SyntaxError, RuntimeError, MemoryError, Image.DecompressionBombError):
        return None
    return pixels if pixels.shape == (frame.height, frame.width, frame.channels) else None


def _named(place: str, text: str) -> Iterator[Piece]:
    """Give a hidden text: NovelAI hides all its texts as one JSON object, others hide `parameters`."""
    try:
        found = json.loads(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or "Software" not in found:
        yield Piece("text", place, "parameters", text)
        return
    for keyword, value in found.items():
        words = value if isinstance(value, str) else json.dumps(value)
        yield Piece("text", f"{place} {keyword}", keyword, words)
