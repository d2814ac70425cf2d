"""The embedded engine takes uploads in: one file staged, counted, settled, and given its name."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from precipice.archive.engine import Limits, connect, one_row, quoted
from precipice.archive.manifest import Manifest, StoredFile
from precipice.archive.progress import Progress
from precipice.archive.pseudonyms import teach
from precipice.archive.storing import COPY_OPTIONS, store
from precipice.archive.takers.protocol import Settled, Taker, Tally
from precipice.archive.takers.refusals import FAILURES, ask, check_dates, count_rejected, reading, unreadable
from precipice.archive.takers.settling import settle, without_excluded
from precipice.errors import InputError, PrecipiceError
from precipice.records import FIELDS, Dropped, Intake, Upload

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 20_000  # uploads handed over at a time: one list a column; row by row the engine takes 180 times as long

# Rows that count nowhere keep their place with no creator: every query explodes creators, and so never sees them.
PSEUDONYMOUS = f"""
SELECT * REPLACE (
    CASE WHEN id IS NULL OR published IS NULL THEN []
         ELSE list_transform(creators, lambda name: pseudonym(platform, name)) END AS creators,
    date_trunc('second', published) AS published, date_trunc('second', source_published) AS source_published,
    date_trunc('second', followers_read) AS followers_read, date_trunc('second', updated) AS updated
) FROM (SELECT {", ".join(FIELDS)} FROM (%s))
"""

TALLY = """
SELECT count(*), count(*) FILTER (len(creators) > 0),
       count(*) FILTER (id IS NULL AND published IS NULL) AS unreadable,
       count(*) FILTER (id IS NULL AND published IS NOT NULL) AS no_id,
       count(*) FILTER (id IS NOT NULL AND published IS NULL) AS bad_date,
       count(*) FILTER (id IS NOT NULL AND published IS NOT NULL AND coalesce(len(creators), 0) = 0) AS no_creator
FROM read_parquet($1)
"""


class Embedded:
    """DuckDB in this process; all that comes in is one file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        """Take a connection that knows the macro `pseudonym`."""
        self.connection = connection
        self.folder = folder
        self.staged = folder / "incoming.parquet.part"
        self.parts: tuple[Path, ...] = ()
        """Held files written anew."""

    def stage(self, intake: Intake, progress: Progress) -> Counter[str]:
        """Write all rows of an intake to one file; give what the door itself dropped."""
        return _watched(self.connection, progress, "read the rows", lambda: stage(self.connection, intake, self.staged))

    def tally(self) -> Tally:
        """Count the staged rows."""
        return Tally(*(int(str(number)) for number in one_row(self.connection, TALLY, [str(self.staged)])))

    def explain(self, intake: Intake) -> InputError:
        """Make the error for staged rows without a readable date."""
        return unreadable(intake, ask(self.connection, intake))

    def leave_out(self, excluded: Mapping[str, tuple[str, ...]]) -> None:
        """Take creators out of the staged rows."""
        without_excluded(self.connection, self.staged, self.staged, excluded, COPY_OPTIONS)

    def settle(self, manifest: Manifest) -> Settled:
        """Drop what is repeated or held already, and write held files anew without what gives way."""
        settled, self.parts = settle(self.connection, self.folder, manifest, self.staged, COPY_OPTIONS)
        return settled

    def store(self, number: int) -> tuple[StoredFile, ...]:
        """Give the files written anew and the staged one their names."""
        return tuple(store(self.connection, self.folder, part, number) for part in (*self.parts, self.staged))


@contextmanager
def open_embedded(limits: Limits, folder: Path, key: bytes) -> Iterator[Taker]:
    """Open DuckDB with its limits, to take uploads in."""
    with connect(limits, folder / "spill") as connection:
        teach(connection, key)
        yield Embedded(connection, folder)


def stage(connection: duckdb.DuckDBPyConnection, intake: Intake, staged: Path) -> Counter[str]:
    """Write all rows of an intake to the staged file; return what the door itself dropped."""
    dropped: Counter[str] = Counter()
    refused: list[PrecipiceError] = []
    if intake.check_first and intake.problems:
        check_dates(connection, intake)
    if intake.select is not None:
        query = intake.select
    else:
        connection.register("incoming", _batches(intake.uploads or (), dropped, refused))
        query = "FROM incoming"
    try:
        with reading(intake):
            connection.execute(f"COPY ({PSEUDONYMOUS % query}) TO {quoted(staged)} {COPY_OPTIONS}")
    except InputError as error:
        if refused:
            raise refused[0] from None  # what the door said, which the engine only repeats in part
        if intake.problems and intake.on_bad == "stop":
            _point(connection, intake, error.why)
        raise
    dropped["unreadable"] += count_rejected(connection, intake)
    return dropped


def _point(connection: duckdb.DuckDBPyConnection, intake: Intake, words: str) -> None:
    """Say which row stopped the engine, where the rows can be read past it."""
    try:
        found = ask(connection, intake)
    except FAILURES:
        return  # the file breaks off, and the engine's own words are the best there are
    if found.bad:
        raise unreadable(intake, found, words)


def _batches(uploads: object, dropped: Counter[str], refused: list[PrecipiceError]) -> "pa.RecordBatchReader":
    import pyarrow as pa

    text, flag, whole, moment = pa.string(), pa.bool_(), pa.int64(), pa.timestamp("us")
    types = {"BIGINT[]": pa.list_(text), "VARCHAR[]": pa.list_(text), "BOOLEAN": flag, "BIGINT": whole}
    schema = pa.schema(
        [(name, types.get(kind, moment if kind == "TIMESTAMP" else text)) for name, kind in FIELDS.items()]
    )

    def stream() -> Iterator["pa.RecordBatch"]:
        rows: list[Upload] = []
        for item in uploads:  # type: ignore[attr-defined]
            if isinstance(item, Dropped):
                dropped[item.rule] += 1
                continue
            rows.append(item)
            if len(rows) == BATCH:
                yield _columns(rows, schema)
                rows = []
        yield _columns(rows, schema)

    def remembered() -> Iterator["pa.RecordBatch"]:
        try:
            yield from stream()
        except PrecipiceError as error:
            refused.append(error)
            raise

    return pa.RecordBatchReader.from_batches(schema, remembered())


def _columns(rows: list[Upload], schema: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa

    def cell(value: object) -> object:
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None)
        return list(dict.fromkeys(value)) if isinstance(value, tuple) else value

    return pa.RecordBatch.from_pydict(
        {name: [cell(getattr(row, name)) for row in rows] for name in schema.names}, schema=schema
    )


def _watched(
    connection: duckdb.DuckDBPyConnection, progress: Progress, step: str, work: Callable[[], Counter[str]]
) -> Counter[str]:
    """Let the engine work, tell how far it has come a few times a second, and stop it at once on Ctrl-C.

    The engine works in a thread of its own: in this one it would not hear of Ctrl-C before it is done.
    """
    progress(step, None)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()  # the thread is up before the work begins, so that Ctrl-C cannot come in between
        running = pool.submit(work)
        try:
            while not wait([running], timeout=0.25).done:
                percent = connection.query_progress()
                progress(step, percent / 100 if percent >= 0 else None)
        except KeyboardInterrupt:
            # Again and again: an interrupt before the engine has begun is lost on it.
            while not wait([running], timeout=0.05).done:
                connection.interrupt()
            raise
        return running.result()
