"""Ingest: uploads into the archive, each row kept or counted, in one step that a kill cannot halve.

Rows are staged in a Parquet file of their own, settled against what the archive holds, and join it by one
replacement of `manifest.json`: until then the old archive is whole, and whatever was left over goes at the next ingest.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from precipice.archive.engine import Limits, connect, one_row, told_plainly
from precipice.archive.fingerprints import fingerprint
from precipice.archive.manifest import NAME, Manifest, Source, StoredFile, read_manifest, write_manifest
from precipice.archive.progress import Progress
from precipice.archive.pseudonyms import check_value, find_key, teach
from precipice.archive.refusals import FAILURES, ask, check_dates, count_rejected, reading, unreadable
from precipice.archive.settling import settle, without_excluded
from precipice.errors import InputError, PrecipiceError
from precipice.records import FIELDS, Dropped, Intake, Upload

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP = 122_880  # 200,000 cost a tenth more CPU at ingest, a million half as much again (memory, spilling)
COPY_OPTIONS = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
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

SPAN = """
SELECT count(*) FILTER (len(creators) > 0), count(*) FILTER (coalesce(len(creators), 0) = 0),
       coalesce(strftime(min(published) FILTER (len(creators) > 0), '%Y-%m-%dT%H:%M:%SZ'), ''),
       coalesce(strftime(max(published) FILTER (len(creators) > 0), '%Y-%m-%dT%H:%M:%SZ'), '')
FROM read_parquet($1)
"""


def ingest(
    folder: Path,
    intake: Intake,
    *,
    now: datetime,
    version: str,
    limits: Limits | None = None,
    key_place: Path | None = None,
    progress: Progress = lambda step, share: None,
) -> Source:
    """Take the uploads of an intake into the archive at `folder`; make the archive if there is none.

    Args:
        folder: the archive's folder (`STUDY/archive`).
        intake: what a door made of the files.
        now, version: for the manifest.
        limits: what the engine may use.
        key_place: file of the key; None for the user's data folder.
        progress: called with each step in words, and its share done where that is known.

    Returns:
        What was read, kept and dropped.  Where nothing new came in, the archive is untouched, to the byte.

    Raises:
        InputError: something in the files cannot be read; the archive is as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if key_place is not None and key_place.resolve().is_relative_to(folder.resolve()):
        raise InputError(
            "the key may not lie in the archive",
            where=str(key_place),
            why="whoever has both can try names until their pseudonyms come out",
            fix='name a file elsewhere:  [archive] key = "../precipice.key"',
        )
    with alone(folder), told_plainly(folder), swept(folder):
        manifest = held_manifest(folder)
        progress("hash the files", None)
        files = tuple(fingerprint(path) for path in intake.files)
        source = Source(
            kind=intake.kind, files=files, options=dict(intake.options), version=version, read=0, kept=0, dropped={},
            ingested=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )  # fmt: skip
        seen = _seen(manifest, source)
        if seen:
            held = Counter(seen.dropped) + Counter(already_held=seen.kept)
            return replace(source, read=seen.read, dropped=dict(sorted(held.items())))
        if not (folder / NAME).exists():  # so that the archive, and its key, keep their name if this is cut short
            write_manifest(folder, manifest)
        key = find_key(manifest.archive, key_place, empty=not manifest.files, known=manifest.key_check)
        manifest = replace(manifest, key_check=check_value(key, manifest.archive))
        with connect(limits or Limits(), folder / "spill") as connection:
            teach(connection, key)
            return _take_in(connection, folder, manifest, intake, source, progress)


def held_manifest(folder: Path) -> Manifest:
    """Read what the archive holds, nothing where there is none yet."""
    if (folder / NAME).exists():
        return read_manifest(folder)
    if any(folder.glob("uploads-*.parquet")):
        raise InputError(
            "the archive's manifest is gone",
            where=str(folder / NAME),
            why="there are files of uploads, and nothing says which of them belong to the archive",
            fix="restore manifest.json from a copy, or take the files away and ingest anew; they are untouched",
        )
    return Manifest()


def _take_in(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    manifest: Manifest,
    intake: Intake,
    source: Source,
    progress: Progress,
) -> Source:
    staged = folder / "incoming.parquet.part"
    dropped = _watched(connection, progress, "read the rows", lambda: _stage(connection, intake, staged))
    at_the_door = sum(dropped.values())
    read, kept, no_record, no_id, bad_date, no_creator = (
        int(str(number)) for number in one_row(connection, TALLY, [str(staged)])
    )
    if intake.on_bad == "stop" and no_record + bad_date and intake.problems:
        raise unreadable(intake, ask(connection, intake))
    dropped.update(unreadable=no_record, no_id=no_id, bad_date=bad_date, no_creator=no_creator)
    if manifest.excluded:
        without_excluded(connection, staged, staged, manifest.excluded, COPY_OPTIONS)
        held = int(str(one_row(connection, TALLY, [str(staged)])[1]))
        dropped["excluded"], kept = kept - held, held
    progress("look for repeated uploads", None)
    settled = settle(connection, folder, manifest, staged, COPY_OPTIONS)
    dropped.update(settled.dropped)
    source = replace(
        source,
        read=read + at_the_door,
        kept=kept - sum(settled.dropped.values()),
        dropped={rule: count for rule, count in sorted(dropped.items()) if count},
        replaced=settled.replaced,
    )
    source.check()
    if source.kept:
        progress("put the archive in place", None)
        stored = tuple(store(connection, folder, part, len(manifest.sources)) for part in (*settled.parts, staged))
        left = tuple(file for file in manifest.files if file.name not in settled.gone)
        write_manifest(folder, manifest.with_change((*left, *stored), source))
    return source


def _stage(connection: duckdb.DuckDBPyConnection, intake: Intake, staged: Path) -> Counter[str]:
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
            connection.execute(f"COPY ({PSEUDONYMOUS % query}) TO '{_sql_path(staged)}' {COPY_OPTIONS}")
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


def _seen(manifest: Manifest, source: Source) -> Source | None:
    """Find an earlier ingest of the same bytes with the same options."""
    hashes = [file.sha256 for file in source.files]
    for earlier in manifest.sources:
        # A sampled hash may miss an edit, so such a file is read again and settled row by row.
        same = [file.sha256 for file in earlier.files if not file.sampled] == hashes
        if same and earlier.kind == source.kind and dict(earlier.options) == dict(source.options):
            return earlier
    return None


def store(connection: duckdb.DuckDBPyConnection, folder: Path, part: Path, number: int) -> StoredFile:
    """Give a finished part its name for good."""
    rows, aside, first, last = one_row(connection, SPAN, [str(part)])
    place = folder / f"uploads-{number:04d}-{fingerprint(part).sha256[:12]}.parquet"
    part.replace(place)
    return StoredFile(
        place.name, int(str(rows)), int(str(aside)), place.stat().st_size, first=str(first), last=str(last)
    )


@contextmanager
def swept(folder: Path) -> Iterator[None]:
    """Remove what a killed ingest left, and afterwards whatever the manifest does not name."""
    _sweep(folder)
    try:
        yield
    finally:
        _sweep(folder)


def _sweep(folder: Path) -> None:
    for part in folder.glob("*.part"):
        part.unlink(missing_ok=True)
    if (folder / NAME).exists():  # else nobody knows which files belong to the archive
        held = {file.name for file in read_manifest(folder).files}
        for stray in {*folder.glob("uploads-*.parquet")}:
            if stray.name not in held:
                stray.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one ingest at a time into an archive."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / ".lock", timeout=0)
    try:
        with lock:
            yield
    except Timeout as error:
        raise InputError(
            "another ingest is at work in this archive",
            where=str(folder),
            why="two at once could lose rows",
            fix="wait until it is done, then run this again",
        ) from error


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


def _sql_path(path: Path) -> str:
    return str(path).replace("'", "''")
