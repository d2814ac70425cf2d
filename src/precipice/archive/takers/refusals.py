"""What stops an ingest, in words: which file and line, what stands there, what to do about it."""

import csv
import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import duckdb

from precipice.archive.engine import FULL, one_row
from precipice.errors import InputError
from precipice.records import Intake

UNTOUCHED = "the archive is as it was, nothing of this file was kept"
NOT_UTF8 = ("utf-8", "unicode")
FAILURES = (duckdb.DataError, duckdb.InvalidInputException, duckdb.IOException, duckdb.NotSupportedError,
            duckdb.SerializationException)  # fmt: skip
"""What the engine raises at a file that it cannot read."""

# Rows of the wrong length may be left out on request.  Others that a table's reader refuses may not: behind a quote
# that is never closed lies the rest of the file, and text of another encoding fails wherever a name has an accent.
REJECTED = """
SELECT count(DISTINCT (scan_id, file_id, line)),
       min('CSV Error on Line: ' || line || chr(10) || error_message || chr(10) || 'file = ' || file_path)
           FILTER (error_type::VARCHAR NOT LIKE '% COLUMNS')
FROM reject_errors JOIN reject_scans USING (scan_id, file_id)
"""


@dataclass(frozen=True)
class Problems:
    """What is wrong with the rows of an intake."""

    rows: int
    bad: int
    """Rows without a readable date."""
    record: int
    """The first of them, counted from 1 within its file."""
    text: str
    """What stands in place of its date."""
    naive: int
    """Rows whose date has no time zone, where none was named."""
    aware: int
    file: str
    """The file of the first bad row."""


@contextmanager
def reading(intake: Intake) -> Iterator[None]:
    """Turn the engine's failure at a file into one clear error; a full disk passes through.

    Raises:
        InputError: a file is broken, or a time zone is not known.
    """
    try:
        yield
    except FAILURES as error:
        words = str(error)
        if any(sign in words for sign in FULL):
            raise
        if "TimeZone" in words:
            lines = words.splitlines()
            raise InputError(
                "there is no such time zone",
                where="--timezone",
                why=lines[0].partition("Error: ")[2],
                fix="write it like:  --timezone Asia/Tokyo" + "".join(f";  {line}" for line in lines[1:] if line),
            ) from error
        raise broken_file(intake, words) from error


def ask(connection: duckdb.DuckDBPyConnection, intake: Intake) -> Problems:
    """Ask what is wrong with the rows, in the order of the files."""
    connection.execute("SET preserve_insertion_order = true")
    try:
        rows, bad, record, text, naive, aware, file = one_row(connection, str(intake.problems))
    finally:
        connection.execute("SET preserve_insertion_order = false")
    rows, bad, record, naive, aware = (int(str(number or 0)) for number in (rows, bad, record, naive, aware))
    return Problems(rows, bad, record, str(text or ""), naive, aware, str(file or ""))


def check_dates(connection: duckdb.DuckDBPyConnection, intake: Intake) -> None:
    """Ask for dates that are none and for time zones that are missing, before anything is written.

    Raises:
        InputError: there are such dates.
    """
    with reading(intake):
        found = ask(connection, intake)
    count_rejected(connection, intake)
    if found.bad and intake.on_bad == "stop":
        raise unreadable(intake, found)
    if found.naive:
        raise naive_dates(intake, found.rows, found.naive, found.aware)


def naive_dates(intake: Intake, rows: int, naive: int, aware: int) -> InputError:
    """Make the error for dates that say no time zone where none was named."""
    return InputError(
        "the dates have mixed time zones" if aware else "the dates have no time zone",
        where=", ".join(path.name for path in intake.files[:3]),
        why=f"{naive} of {rows} rows say no offset"
        + (f", {aware} do" if aware else "; a month in another zone moves uploads near its ends"),
        fix="say which zone those without are in:  --timezone UTC   (or Asia/Tokyo, America/New_York, …)",
    )


def count_rejected(connection: duckdb.DuckDBPyConnection, intake: Intake) -> int:
    """Count the rows that a table's reader left out, and forget them.

    Raises:
        InputError: some of them may not be left out.
    """
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'reject_errors'").fetchone():
        return 0
    count, words = one_row(connection, REJECTED)
    connection.execute("DROP TABLE reject_errors")
    connection.execute("DROP TABLE reject_scans")
    if words is not None:
        raise broken_file(intake, str(words))
    return int(str(count))


def unreadable(intake: Intake, found: Problems, words: str = "") -> InputError:
    """Make the error for rows without a readable date, with what the engine said to them."""
    return InputError(
        f"{found.bad} of {found.rows} rows have no readable date",
        where=_place(intake, found),
        why=f"the first has {intake.date_column} = {found.text!r}"
        if found.text
        else f"the first has no '{intake.date_column}', or is no record at all" + (f": {words}" if words else ""),
        fix="mend them, or leave them out and have them counted:  --on-bad drop;  the archive is as it was",
    )


def broken_file(intake: Intake, words: str) -> InputError:
    """Make the error for a file that breaks off or cannot be parsed."""
    line, file = re.search(r"Error on Line: (\d+)", words), re.search(r"^\s*file = (.*)$", words, re.MULTILINE)
    told = [part for part in re.split(r"\n(?:Possible|LINE)", words)[0].splitlines() if part.strip()]
    return InputError(
        "a file is broken",
        where=f"{Path(file[1]).name}:{line[1]}" if file and line else ", ".join(path.name for path in intake.files),
        why="; ".join(told[:4]).partition("Error: ")[2][:400] or told[0],
        fix=f"save it as UTF-8:  iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW;  {UNTOUCHED}"
        if any(sign in words.lower() for sign in NOT_UTF8)
        else f"fetch or export it again; {UNTOUCHED}",
    )


def _place(intake: Intake, found: Problems) -> str:
    """Find the line of a record, which may hold line ends itself."""
    path = next((path for path in intake.files if str(path) == found.file), intake.files[0])
    if ".parquet" in path.suffixes:
        return f"{path.name}, row {found.record}"
    with _opened(path) as file:
        if {".csv", ".tsv"} & set(path.suffixes):
            records = csv.reader(file, delimiter="\t" if ".tsv" in path.suffixes else ",")
            ends = (records.line_num for record in records if record)
            before = next(islice(ends, found.record - 1, None), 0)  # as many records before it as rows, the header too
            return f"{path.name}:{before + 1}"
        lines = (number for number, line in enumerate(file, start=1) if line.strip())
        return f"{path.name}:{next(islice(lines, found.record - 1, None), found.record)}"


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="")
    if path.suffix == ".zst":
        import io

        import pyarrow as pa

        return io.TextIOWrapper(pa.CompressedInputStream(str(path), "zstd"), "utf-8", "replace", newline="")
    return path.open(encoding="utf-8", errors="replace", newline="")
