"""What stops an ingest on Spark, in words: which file and line where it can be found, and what to do about it."""

import mmap
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from precipice.archive.engines.spark_failures import SHARE, UNREADABLE
from precipice.archive.takers.refusals import UNTOUCHED, naive_dates
from precipice.errors import InputError, PrecipiceError
from precipice.records import Intake

HERE = "or take the file in with the embedded engine:  --engine duckdb"
SEARCHED = 1 << 36  # bytes; in larger files nobody looks for a line
BROKEN = (
    (("INVALID_TIMEZONE",), "there is no such time zone", "write it like:  --timezone Asia/Tokyo"),
    (("invalid UTF-8", "MalformedInput"), "a file is not UTF-8",
     f"save it as UTF-8:  iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW;  {UNTOUCHED}"),
    (("TIMESTAMP(NANOS", "Timestamp(Nanosecond"), "Spark reads no times in nanoseconds",
     f"write the file anew with times in microseconds, {HERE}"),
    (("native zStandard", "UNSUPPORTED_COMPRESSION"), "Spark cannot unpack this file", f"pack it with gzip, {HERE}"),
    (UNREADABLE, "Spark does not see these files", f"{SHARE.replace('the study', 'the files')}; {UNTOUCHED}"),
    ((" is no whole number: ", " is no truth value: "), "a file is broken",
     f"mend it, or:  --on-bad drop;  {UNTOUCHED}"),
    (("is not a Parquet file", "CANNOT_READ_FILE_FOOTER", "Parquet error", "FAILED_READ_FILE", "orrupt", "end of file",
      "incomplete deflate", "EOFException", "ZipException", "gzip", "frame descriptor"),
     "a file is broken", f"fetch or export it again; {UNTOUCHED}"),
)  # fmt: skip
"""Signs in what Spark or Sail says → what it is, and what to do."""


@contextmanager
def reading(intake: Intake) -> Iterator[None]:
    """Turn what Spark raises at a file into one clear error; the rest is told as ever.

    Raises:
        InputError: a file is broken or not seen, or a time zone is not known.
    """
    try:
        yield
    except PrecipiceError:
        raise
    except Exception as error:
        words = str(error)
        for signs, what, fix in BROKEN:
            sign = next((sign for sign in signs if sign in words), None)
            if sign is not None:
                where = "--timezone" if "zone" in what else _names(intake)
                why = next((line.strip() for line in words.splitlines() if sign in line), words)[:300]
                raise InputError(what, where=where, why=why, fix=fix) from error
        raise


def see_to_files(intake: Intake) -> None:
    """See to it that what is to be read are files.

    Raises:
        InputError: one is a folder, of which Spark would read whatever lies in it.
    """
    folder = next((path for path in intake.files if path.is_dir()), None)
    if folder is not None:
        raise InputError("this is a folder", where=str(folder), fix="name the files in it;  the archive is as it was")


def see_to_rows_of_text(intake: Intake, found: Mapping[str, Any]) -> Counter[str]:
    """Judge what was found wrong with the rows before any is written.

    Args:
        intake: where they are from.
        found: the row of `SparkQuery.problems`.

    Returns:
        Rows that the staged ones lack: headers that stand in a file again are rows without a date.

    Raises:
        InputError: something in them must stop the ingest.
    """
    spare = max(int(found["headers"]) - sum(path.stat().st_size > 0 for path in intake.files), 0)
    if found["broken"]:
        raise _broken(intake, found)
    if found["ragged"] and intake.on_bad == "stop":
        raise InputError(
            "a file is broken",
            where=_place(intake, found["ragged_line"]),
            why=f"{found['ragged']:,} lines have more or fewer cells than the header",
            fix=f"mend them, or leave them out and have them counted:  --on-bad drop;  {UNTOUCHED}",
        )
    if (found["bad"] or spare) and intake.on_bad == "stop":
        raise unreadable(intake, found, spare)
    if found["naive"]:
        raise naive_dates(intake, int(found["rows"]), int(found["naive"]), int(found["aware"]))
    return Counter(bad_date=spare) if spare else Counter()


def unreadable(intake: Intake, found: Mapping[str, Any], spare: int = 0) -> InputError:
    """Make the error for rows without a readable date; unlike the embedded engine's, not of the first of them."""
    if found["broken"]:
        return _broken(intake, found)
    text = found["text"] if found["bad"] else intake.date_column
    return InputError(
        f"{found['bad'] + spare} of {found['rows'] + spare} rows have no readable date",
        where=_place(intake, found["line"]),
        why=f"one has {intake.date_column} = {text!r}"
        if text
        else f"one has no '{intake.date_column}', or is no record at all",
        fix="mend them, or leave them out and have them counted:  --on-bad drop;  the archive is as it was",
    )


def _broken(intake: Intake, found: Mapping[str, Any]) -> InputError:
    quotes = ", or have a quote that is not closed on the same line or is followed by more text"
    return InputError(
        "a file is broken",
        where=_place(intake, found["broken_line"]),
        why=f"{found['broken']:,} lines are not UTF-8{quotes if intake.check_first else ''}",
        fix=f"Spark reads a record a line: export it as UTF-8 without line ends in cells, {HERE};  {UNTOUCHED}",
    )


def _names(intake: Intake) -> str:
    return ", ".join(path.name for path in intake.files[:3])


def _place(intake: Intake, line: str | None) -> str:
    """Find the file and the number of a line, in files that are not packed."""
    for path in intake.files if line else ():
        number = _number(path, str(line).encode())
        if number:
            return f"{path.name}:{number}"
    return _names(intake)


def _number(path: Path, line: bytes) -> int:
    """Give the number of a line in a file, 0 where it is not found."""
    if path.suffix in (".gz", ".zst") or not 0 < path.stat().st_size < SEARCHED:
        return 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        place = content.find(line)
        while place > 0 and content[place - 1 : place] != b"\n":
            place = content.find(line, place + 1)
        if place < 0:
            return 0
        content.seek(0)
        return 1 + sum(block.count(b"\n") for block in _blocks(content, place))


def _blocks(content: mmap.mmap, end: int) -> Iterator[bytes]:
    while content.tell() < end:
        yield content.read(min(1 << 24, end - content.tell()))
