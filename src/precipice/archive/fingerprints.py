"""Fingerprints of the files that come in, and a check that packed ones were not cut short."""

import gzip
import hashlib
import zlib
from pathlib import Path
from typing import BinaryIO

import duckdb

from precipice.archive.manifest import InputFile
from precipice.errors import InputError

WHOLE = 1 << 30  # larger files are fingerprinted by a sample (see manifest.InputFile)
SAMPLES, SAMPLE = 4_096, 1 << 14

FRAME, SKIPPABLE = 0xFD2FB528, 0x184D2A50  # RFC 8878, sections 3.1.1 and 3.1.2
RLE = 1  # a block that says one byte and how often

MISSES_CUT_GZIP = int(duckdb.__version__.split(".")[0]) < 2  # DuckDB 1.5 takes a gzip stream that breaks off for done


def fingerprint(path: Path) -> InputFile:
    """Hash a file, or the names and contents of a folder of sidecar files.

    Raises:
        InputError: a packed file is cut short.
    """
    if path.is_dir():
        digest = hashlib.sha256()
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        for file in inside:
            digest.update(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes())
        return InputFile(path.name, sum(file.stat().st_size for file in inside), digest.hexdigest())
    size = path.stat().st_size
    with path.open("rb") as opened:
        check = CHECKS.get(path.suffix.lower())
        if check is not None and not check(opened):
            raise InputError(
                "a file is cut short",
                where=path.name,
                why="its packed stream ends before its end is marked",
                fix="fetch or pack it again; the archive is as it was, nothing of this file was kept",
            )
        opened.seek(0)
        if size > WHOLE:
            return InputFile(path.name, size, _sample_hash(opened, size), sampled=True)
        return InputFile(path.name, size, hashlib.file_digest(opened, "sha256").hexdigest())


def _sample_hash(opened: BinaryIO, size: int) -> str:
    digest = hashlib.sha256(str(size).encode())
    for block in range(SAMPLES):
        opened.seek(block * (size - SAMPLE) // (SAMPLES - 1))
        digest.update(opened.read(SAMPLE))
    return digest.hexdigest()


def is_whole_gzip(opened: BinaryIO) -> bool:
    """Tell whether a gzip file unpacks to its end, by unpacking it: nothing else in it says how long it is."""
    try:
        with gzip.open(opened) as content:
            while content.read(1 << 20):
                pass
    except (EOFError, OSError, zlib.error):
        return False
    return True


def is_whole_zstandard(opened: BinaryIO) -> bool:
    """Tell whether a Zstandard file ends where its last frame ends.

    The engine takes a stream that breaks off for one that is done.  Only the headers of blocks are read, one in
    128 KiB of content.  Source: RFC 8878, section 3.1.1.  What does not begin like a frame is for the engine to judge.
    """
    size = opened.seek(0, 2)
    place = 0
    while place < size:
        opened.seek(place)
        magic = int.from_bytes(opened.read(4), "little")
        if magic & 0xFFFFFFF0 == SKIPPABLE:
            place += 8 + int.from_bytes(opened.read(4), "little")
        elif magic == FRAME:
            place = _frame_end(opened)
        else:
            return place == 0 and size >= 4
    return place == size


def _frame_end(opened: BinaryIO) -> int:
    """Walk over one frame, from behind its magic number; give where it ends, or a place no file reaches."""
    descriptor = int.from_bytes(opened.read(1), "little")
    is_single, has_checksum = descriptor >> 5 & 1, descriptor >> 2 & 1
    content_size = (is_single, 2, 4, 8)[descriptor >> 6]
    place = opened.tell() + (not is_single) + (0, 1, 2, 4)[descriptor & 3] + content_size
    is_last = 0
    while not is_last:
        opened.seek(place)
        header = opened.read(3)
        if len(header) < 3:
            return 1 << 62
        word = int.from_bytes(header, "little")
        is_last, kind, length = word & 1, word >> 1 & 3, word >> 3
        place += 3 + (1 if kind == RLE else length)
    return place + 4 * has_checksum


CHECKS = {".zst": is_whole_zstandard, **({".gz": is_whole_gzip} if MISSES_CUT_GZIP else {})}
"""The check of each ending of which the engine takes a part for the whole."""
