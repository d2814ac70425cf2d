"""What was read already: a line a file, so that a run that is cut short goes on where it was.

A line counts while the file has the size and time that it had, and the same readers would read it in the same folder.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from precipice.errors import InputError
from precipice.marks.record import FileMarks, from_dict

FLEETING = ("reader crashed", "took too long", "cannot be opened", "no regular file")
"""Answers that are asked for again: they may say more of the machine than of the file."""

Stamp = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds."""


def stamp(folder: Path, path: str) -> Stamp | None:
    """Give what tells that a file is still the one that was read; nothing where it cannot be told."""
    try:
        found = (folder / path).stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


def recall(place: Path, readers: str) -> dict[str, tuple[Stamp, FileMarks]]:
    """Read a ledger: path → stamp and record; empty where other readers wrote it, or nobody.

    A last line that was cut off by a kill is passed over.
    """
    try:
        with place.open(encoding="utf-8") as file:
            first = file.readline()
            if first != _head(readers):
                return {}
            return dict(_lines(file))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "the ledger of files that were read cannot be read",
            where=str(place),
            why=f"{type(error).__name__}: {error}",
            fix="take it away; the files are then read again",
        ) from error


def _lines(file: TextIO) -> Iterator[tuple[str, tuple[Stamp, FileMarks]]]:
    for line in file:
        try:
            found = json.loads(line)
            yield found["path"], ((found["stamp"][0], found["stamp"][1]), from_dict(found["record"]))
        except (ValueError, KeyError, TypeError, IndexError):
            continue


@contextmanager
def keep(place: Path | None, readers: str, *, anew: bool) -> "Iterator[Ledger]":
    """Open a ledger for more lines.

    Args:
        place: its file; None to keep nothing.
        readers: names and versions of what reads, and the folder.
        anew: whether nothing in it counts any more.
    """
    if place is None:
        yield Ledger(None)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("w" if anew else "a", encoding="utf-8") as file:
        # A line that was cut off must not run into the next one.
        file.write(_head(readers) if anew else "\n")
        yield Ledger(file)


class Ledger:
    """An open ledger."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    def add(self, path: str, stamp: Stamp | None, record: FileMarks) -> None:
        """Write down a record, unless it may be another one next time."""
        if self._file is None or stamp is None or record.answer in FLEETING:
            return
        self._file.write(json.dumps({"path": path, "stamp": stamp, "record": record.as_dict()}) + "\n")
        self._file.flush()


def _head(readers: str) -> str:
    return json.dumps({"readers": readers}) + "\n"
