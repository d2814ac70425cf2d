"""The forms that gallery-dl's output and platforms' answers come in: bytes in, raw records out.

`-j` and `-J` write an array of messages, with `-o output.jsonl=true` one message a line; a metadata post-processor
writes bare records, one a line or one a file; platforms answer with listings, single records, or XML.  Each may be
compressed with gzip.  What cannot be read is given out as an error *value*: whether it stops the reading is the
reader's to decide.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from precipice.records import Dropped
from precipice.sources.gallery_dl.documents import BrokenJSONError, Element, elements
from precipice.sources.gallery_dl.fields import Record, UnreadableError
from precipice.sources.gallery_dl.markup import POSTS, posts

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FORMS = (
    "gallery-dl -j or -J (messages, an array or one a line)",
    "gallery-dl --write-metadata (a JSON file a picture)",
    "a metadata post-processor's JSON Lines",
    "answers of ArtStation, DeviantArt, Pixiv, e621 and Danbooru (JSON), Danbooru's posts (XML)",
)
"""The forms understood, as an error lists them."""

LINE_ENDINGS = (".jsonl", ".ndjson")
GZIP_START = b"\x1f\x8b"
UTF_16_STARTS = (b"\xff\xfe", b"\xfe\xff")  # PowerShell's `>` writes it
NOT_UTF_8 = re.compile("[\udc80-\udcff]")  # what a byte that is no UTF-8 is decoded to
HEAD = 4096
AGAIN = "fetch it again, or keep what can be read with on_bad='drop'"

DIRECTORY, ADDRESS, ERROR = 2, 3, -1
"""gallery-dl's messages: a post's record, a picture's address with its record, an error."""
MESSAGES = range(-1, 9)
"""All numbers that messages have or had, as in gallery-dl's `Message`."""
MESSAGE_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Raw:
    """A raw record and the place it was read at."""

    record: Record
    where: str
    listed: bool = False
    """Whether it stands in a platform's listing, where each post stands once and none is an asset of another."""


Row = Raw | Dropped | UnreadableError
"""What a form gives, one for each message, record or break: nothing that was read goes uncounted."""


class _Source(io.RawIOBase):
    """Bytes of a file, unpacked; a broken gzip stream ends where it breaks and keeps the reason."""

    def __init__(self, packed: io.BufferedReader | gzip.GzipFile) -> None:
        self.packed = packed
        self.given = 0
        self.broken: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer).cast("B")
        try:
            # Not `read`: it waits for the whole amount, and what came before the break would be lost.
            got = self.packed.read1(len(room))
        except (EOFError, zlib.error, gzip.BadGzipFile) as broken:
            self.broken = str(broken)
            return 0
        room[: len(got)] = got
        self.given += len(got)
        return len(got)


def rows(path: Path) -> Iterator[Row]:
    """Yield everything a file holds, in order; a break comes last, as a value."""
    name, last = str(path), None
    with path.open("rb") as file, _unpacked(file) as packed:
        source = _Source(packed)
        stream = io.BufferedReader(source)
        for last in _rows(stream, name):
            if source.broken and isinstance(last, UnreadableError):
                last.why += f"; gzip: {source.broken}"
            yield last
        if source.broken and not isinstance(last, UnreadableError):
            place = f"{name} (after {source.given} bytes, unpacked)"
            yield UnreadableError(f"{name} is not whole", where=place, why=f"gzip: {source.broken}", fix=AGAIN)


def _unpacked(file: io.BufferedReader) -> AbstractContextManager[io.BufferedReader | gzip.GzipFile]:
    if file.peek(2)[:2] == GZIP_START:
        return closing(gzip.GzipFile(fileobj=file))
    return nullcontext(file)


def _rows(stream: "io.BufferedReader[_Source]", name: str) -> Iterator[Row]:
    head = stream.peek(HEAD)[:HEAD]
    wide = head[:2] in UTF_16_STARTS
    start = head.decode("utf-16" if wide else "utf-8-sig", errors="replace").lstrip()
    if start[:1] in {"{", "["}:
        # A byte that is no UTF-8 must not take the lines around it along, so it is looked for line by line.
        words = ("utf-16", "replace") if wide else ("utf-8-sig", "surrogateescape")
        yield from _json_rows(io.TextIOWrapper(stream, words[0], words[1], newline="\n"), name)
    elif POSTS.match(start):
        yield from (
            post if isinstance(post, UnreadableError) else Raw(post[0], f"{name}:{post[1]}", listed=True)
            for post in posts(stream, name)
        )
    else:
        yield _unrecognised(name, start)


def _unrecognised(name: str, start: str) -> UnreadableError:
    if not start:
        return UnreadableError(
            f"{name} is empty",
            where=name,
            why="gallery-dl leaves such a file where there was nothing and where a run failed alike",
            fix="collect it again, or take the file away",
        )
    return UnreadableError(
        f"{name} is in no form that is understood",
        where=f"{name}:1",
        why=f"it begins with {start[:40]!r}; understood are: {'; '.join(FORMS)}; each also with gzip",
        fix="give one of these, or read a table with the table door",
    )


def _json_rows(text: io.TextIOWrapper, name: str) -> Iterator[Row]:
    before, first = "", text.readline()
    while first and not first.strip("\ufeff \t\r\n"):
        before, first = before + first, text.readline()
    if _is_closed(first) or (_named_as_lines(name) and first.strip() not in {"[", "{"}):
        for line, written in enumerate(chain([first], text), 1 + before.count("\n")):
            yield from _line_rows(written, line, name)
    else:
        yield from _whole_rows(before + first + text.read(), name)


def _named_as_lines(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(LINE_ENDINGS)


def _is_closed(line: str) -> bool:
    try:
        for _ in elements(line):
            pass
    except BrokenJSONError:
        return False
    return True


def _line_rows(written: str, line: int, name: str) -> Iterator[Row]:
    try:
        _check_bytes(written)
        for element in elements(written):
            yield _row(element, _place(f"{name}:{line}", element))
    except BrokenJSONError as broken:
        yield UnreadableError(
            f"{name} has a line that is not JSON",
            where=f"{name}:{line}",
            why=f"{broken.reason} at column {broken.position + 1}",
            fix=AGAIN,
        )


def _whole_rows(written: str, name: str) -> Iterator[Row]:
    line, seen = 1, 0
    bad = NOT_UTF_8.search(written)
    try:
        for element in elements(written[: bad.start()] if bad else written):
            line, seen = line + written.count("\n", seen, element.position), element.position
            yield _row(element, _place(f"{name}:{line}", element))
        _check_bytes(written)
    except BrokenJSONError as broken:
        at = broken.position
        column = at - written.rfind("\n", 0, at)
        yield UnreadableError(
            f"{name} is not whole",
            where=f"{name}:{1 + written.count(chr(10), 0, at)}",
            why=f"JSON: {broken.reason} at column {column} (offset {at})"
            + (f", and a byte that is no UTF-8 at offset {bad.start()}" if bad and bad.start() != at else ""),
            fix=AGAIN,
        )


def _check_bytes(written: str) -> None:
    if bad := NOT_UTF_8.search(written):
        raise BrokenJSONError("a byte that is no UTF-8", bad.start())


def _place(place: str, element: Element) -> str:
    return f"{place} ({element.label})" if element.label else place


def _row(element: Element, where: str) -> Row:
    value = element.value
    if isinstance(value, dict):
        return Raw(value, where, listed=bool(element.label))
    shown = f"it is {str(value)[:40]!r}"
    if not isinstance(value, list) or not value or isinstance(value[0], bool) or value[0] not in MESSAGES:
        return UnreadableError("a row is neither a record nor a message of gallery-dl", where=where, why=shown)
    kind, *rest = value
    if kind not in {DIRECTORY, ADDRESS}:
        return Dropped("message", where + (_error_text(rest) if kind == ERROR else ""))
    if not rest or not isinstance(rest[-1], dict):
        return UnreadableError("a message of gallery-dl has no record", where=where, why=shown)
    return Raw(rest[-1], where)


def _error_text(rest: list[object]) -> str:
    said = rest[-1] if rest else None
    if not isinstance(said, dict):
        return ""
    return f": {said.get('error')}: {said.get('message')}"[:MESSAGE_SHOWN]
