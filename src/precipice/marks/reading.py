"""One file's marks: open it without trust, walk its container, ask each family."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from precipice.marks import bmff, exif, jpeg, limits, png, stealth, webp
from precipice.marks.families import FAMILIES, OpenedFile
from precipice.marks.pieces import Carried, Piece
from precipice.marks.record import Answer, FileMarks

HEAD = 32
BRANDS = {b"avif": "avif", b"avis": "avif", b"heic": "heic", b"heix": "heic", b"mif1": "heic", b"hevc": "heic"}
BEGINNINGS: Mapping[bytes, str] = {
    png.SIGNATURE: "png",
    jpeg.SIGNATURE: "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"8BPS": "psd",
    b"BM": "bmp",
    b"\xff\x0a": "jxl",
    b"\0\0\0\x0cJXL ": "jxl",
}
WALKERS: Mapping[str, Callable[[BinaryIO], Iterator[Piece]]] = {
    "png": png.walk,
    "jpeg": jpeg.walk,
    "webp": webp.walk,
    "avif": bmff.walk_avif,
    "heic": bmff.walk_and_scan,
    "gif": bmff.scan,
    "tiff": bmff.scan,
    "psd": bmff.scan,
    "jxl": bmff.scan,
}
"""Kind → what finds its pieces; a `bmp` carries nothing."""
SEARCHED = ("heic", "gif", "tiff", "psd", "jxl")
"""Kinds whose texts are not read: only C2PA, where the reader knows the kind, and an XMP packet are looked for."""


def read_file(folder: Path, path: str) -> FileMarks:
    """Read the marks of one file of a folder; whatever it holds is an answer.

    Args:
        folder: the folder.
        path: relative to it.
    """
    try:
        descriptor = os.open(folder / path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        return FileMarks(path, None, "unknown", "cannot be opened", notes=(type(error).__name__,))
    with closing(os.fdopen(descriptor, "rb")) as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):  # a pipe would keep the reader waiting for ever
            return FileMarks(path, None, "unknown", "no regular file")
        if not found.st_size:
            return FileMarks(path, 0, "unknown", "empty")
        if found.st_size > limits.LARGEST:
            return FileMarks(path, found.st_size, kind_of(file.read(HEAD)), "too large")
        try:
            return _read_opened(file, path, found.st_size)
        except OSError as error:  # a disk or a network share may fail at any byte
            return FileMarks(path, found.st_size, "unknown", "cannot be opened", notes=(type(error).__name__,))


def kind_of(head: bytes) -> str:
    """Tell a file's kind by its first bytes, `unknown` where they are none of a picture's."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return BRANDS.get(head[8:12], "unknown")
    return next((kind for begin, kind in BEGINNINGS.items() if head.startswith(begin)), "unknown")


def _read_opened(file: BinaryIO, path: str, size: int) -> FileMarks:
    kind = kind_of(file.read(HEAD))
    if kind == "unknown":
        return FileMarks(path, size, kind, "no picture")
    carried = Carried(kind)
    if kind in WALKERS:
        carried.take(WALKERS[kind](file))
    for content in carried.exif:
        carried.take(exif.walk(content))
    if kind == "png":
        carried.take(stealth.walk(file))
    damaged = bool(carried.faults)
    if kind in SEARCHED:
        carried.note("texts of this kind of file are not read")
    opened = OpenedFile(file, carried)
    marks = tuple(mark for mark in (find(opened) for find in FAMILIES.values()) if mark)
    answer: Answer = "marks found" if marks else "damaged, no mark found" if damaged else "no mark found"
    return FileMarks(path, size, kind, answer, marks, tuple(carried.faults))
