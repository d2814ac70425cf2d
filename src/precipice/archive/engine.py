"""The embedded engine: DuckDB, opened with the limits a study sets."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from precipice.errors import CheckError, InputError, PrecipiceError

if TYPE_CHECKING:
    import duckdb

SPILL_FULL = "max_temp_directory_size"
"""How the engine says that its spill folder may not, or cannot, grow: by default, what was free on that disk."""
UNITS = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KIB": 2.0**10, "MIB": 2.0**20, "GIB": 2.0**30, "TIB": 2.0**40}
FULL = ("No space left", "File too large", "Disk quota exceeded")


@dataclass(frozen=True)
class Limits:
    """Which engine is asked, and what it may use."""

    memory: str = "700MB"
    """Memory before it spills to disk; 700 MB holds 5 million posts of 30 tags, with room for Python under 1 GB."""
    threads: int | None = None
    """Threads; None for as many as this process may run on."""
    spill: Path | None = None
    """Folder for what does not fit in memory; None for a folder in the archive."""
    engine: str = "duckdb"
    """Which engine reduces and counts (see `archive.engines`)."""
    master: str | None = None
    """Where it runs, for engines that are asked elsewhere: `local[4]`, `spark://host:7077`, `sc://host:15002`."""


@contextmanager
def connect(limits: Limits, spill: Path) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open an engine in memory, with times in UTC, and turn its failures into ours.

    Args:
        limits: memory, threads, spill folder.
        spill: where to spill if the limits name no folder.

    Raises:
        InputError: the disk is full, or memory is, or a limit cannot be set.
    """
    import duckdb

    connection = duckdb.connect()
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        # Text with an offset is only read right through TIMESTAMPTZ in UTC: a plain cast drops the offset silently.
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET preserve_insertion_order = false")
        with suppress(duckdb.InvalidInputException):  # in a notebook it wants ipywidgets, though nothing is printed
            connection.execute("SET enable_progress_bar = true")  # counted, not printed
            connection.execute("SET enable_progress_bar_print = false")
        connection.execute(f"SET threads = {int(limits.threads or own or 1)}")
        _set_memory(connection, limits.memory)
        _make_spill(limits.spill)
        connection.execute(f"SET temp_directory = {quoted(str(limits.spill or spill))}")
        with told_plainly(limits.spill or spill):
            yield connection
    finally:
        connection.close()


def _set_memory(connection: "duckdb.DuckDBPyConnection", memory: str) -> None:
    import duckdb

    try:
        connection.execute(f"SET memory_limit = {quoted(memory)}")
    except duckdb.Error as error:
        raise InputError(
            f"[engine] memory cannot be '{memory}'",
            where="precipice.toml",
            why=str(error).splitlines()[0].partition("Error: ")[2],
            fix='write it like:  memory = "700MB"',
        ) from error


def bytes_of(memory: str) -> float:
    """Read an amount of memory such as `700MB`; 0 for what is none, of which the engine says what is wrong."""
    text = memory.strip().upper()
    unit = next((unit for unit in sorted(UNITS, key=len, reverse=True) if text.endswith(unit)), None)
    try:
        return float(text.removesuffix(unit or "")) * UNITS[unit or "MB"]
    except ValueError:
        return 0.0


def _make_spill(spill: Path | None) -> None:
    try:
        if spill is not None:
            spill.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"[engine] spill cannot be '{spill}'",
            where="precipice.toml",
            why=str(error),
            fix="name a folder that can be written to, or leave it out for one in the archive",
        ) from error


def quoted(text: object) -> str:
    """Write text, or a path, for the engine's SQL."""
    text = str(text)
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def told_plainly(place: Path) -> Iterator[None]:
    """Turn an engine's disk and memory failures into one clear error."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        if SPILL_FULL in str(error):
            raise full_disk(place, str(error)) from error
        raise InputError(
            "memory is not enough for this step",
            where=str(place),
            why=str(error).splitlines()[0],
            fix="raise [engine] memory in precipice.toml, or use fewer threads; nothing was changed",
        ) from error
    except (duckdb.IOException, OSError) as error:
        if not any(sign in str(error) for sign in FULL):
            raise
        raise full_disk(place, str(error)) from error


def full_disk(place: Path, why: str) -> PrecipiceError:
    """Make the error for a disk without room."""
    return InputError(
        "the disk is full",
        where=str(place),
        why=why.splitlines()[0],
        fix="free some space, or set [engine] spill to another disk; what was in the archive is unchanged",
    )


def one_row(connection: "duckdb.DuckDBPyConnection", query: str, parameters: object = None) -> tuple[object, ...]:
    """Run a query that gives one row.

    Raises:
        CheckError: it gave none.
    """
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise CheckError("a query that must answer gave no row", why=query[:200])
    return tuple(row)
