"""Ingest: uploads into the archive, each row kept or counted, in one step that a kill cannot halve.

Rows are staged in a Parquet file of their own, settled against what the archive holds, and join it by one
replacement of `manifest.json`: until then the old archive is whole, and whatever was left over goes at the next ingest.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import duckdb

from precipice.archive.engine import Limits, connect, one_row, told_plainly
from precipice.archive.manifest import InputFile, Manifest, Source, StoredFile, read_manifest, write_manifest
from precipice.archive.pseudonyms import find_key, teach
from precipice.archive.settling import settle
from precipice.errors import InputError
from precipice.records import FIELDS, Dropped, Intake, Upload

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[str, float | None], None]
"""Called with each step in words, and its share done (0 to 1) where that is known."""

ROW_GROUP = 122_880  # 200,000 cost a tenth more CPU at ingest, a million half as much again (memory, spilling)
COPY_OPTIONS = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
WHOLE = 1 << 30  # larger files are fingerprinted by a sample (see manifest.InputFile)
SAMPLES, SAMPLE = 4_096, 1 << 14
BATCH = 20_000  # uploads handed over at a time: one list a column; row by row the engine takes 180 times as long

# Rows that count nowhere keep their place with no creator: every query explodes creators, and so never sees them.
PSEUDONYMOUS = f"""
SELECT * REPLACE (
    CASE WHEN id IS NULL OR published IS NULL THEN []
         ELSE list_transform(creators, lambda name: pseudonym(platform, name)) END AS creators,
    date_trunc('second', published) AS published
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
    with _alone(folder), told_plainly(folder):
        manifest = read_manifest(folder) if (folder / "manifest.json").exists() else Manifest()
        _sweep(folder, manifest)
        progress("hash the files", None)
        files = tuple(_fingerprint(path) for path in intake.files)
        source = Source(
            kind=intake.kind, files=files, options=dict(intake.options), version=version, read=0, kept=0, dropped={},
            ingested=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )  # fmt: skip
        seen = _seen(manifest, source)
        if seen:
            return replace(source, read=seen.read, dropped={**seen.dropped, "already_held": seen.kept})
        key = find_key(manifest.archive, key_place, empty=not manifest.files)
        with connect(limits or Limits(), folder / "spill") as connection:
            teach(connection, key)
            return _take_in(connection, folder, manifest, intake, source, progress)


def _take_in(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    manifest: Manifest,
    intake: Intake,
    source: Source,
    progress: Progress,
) -> Source:
    staged = folder / "incoming.parquet.part"
    with _watched(connection, progress, "read the rows"):
        dropped = _stage(connection, intake, staged)
    read, kept, unreadable, no_id, bad_date, no_creator = (
        int(str(number)) for number in one_row(connection, TALLY, [str(staged)])
    )
    if intake.on_bad == "stop" and unreadable + bad_date:
        raise _unreadable(connection, intake)
    found = {"unreadable": unreadable, "no_id": no_id, "bad_date": bad_date, "no_creator": no_creator}
    dropped.update({rule: count for rule, count in found.items() if count})
    progress("look for repeated uploads", None)
    settled = settle(connection, folder, manifest, staged, COPY_OPTIONS)
    dropped.update({rule: count for rule, count in settled.dropped.items() if count})
    source = replace(
        source,
        read=read + sum(dropped[rule] for rule in dropped if rule not in found and rule not in settled.dropped),
        kept=kept - sum(settled.dropped.values()),
        dropped=dict(sorted(dropped.items())),
        replaced=settled.replaced,
    )
    source.check()
    if source.kept:
        progress("put the archive in place", None)
        stored = tuple(_store(connection, folder, part, len(manifest.sources)) for part in (*settled.parts, staged))
        left = tuple(file for file in manifest.files if file.name not in settled.gone)
        write_manifest(folder, manifest.with_change((*left, *stored), source))
        _sweep(folder, read_manifest(folder))
    staged.unlink(missing_ok=True)
    return source


def _stage(connection: duckdb.DuckDBPyConnection, intake: Intake, staged: Path) -> Counter[str]:
    """Write all rows of an intake to the staged file; return what the door itself dropped."""
    dropped: Counter[str] = Counter()
    if intake.check_first and intake.problems:
        _check_dates(connection, intake)
    if intake.select is not None:
        query = intake.select
    else:
        connection.register("incoming", _batches(intake.uploads or (), dropped))
        query = "FROM incoming"
    try:
        connection.execute(f"COPY ({PSEUDONYMOUS % query}) TO '{_sql_path(staged)}' {COPY_OPTIONS}")
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise _broken_file(intake, str(error)) from error
    except duckdb.IOException as error:
        if any(sign in str(error) for sign in ("No space left", "File too large", "quota")):
            raise
        raise _broken_file(intake, str(error)) from error
    return dropped


def _batches(uploads: object, dropped: Counter[str]) -> "pa.RecordBatchReader":
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

    return pa.RecordBatchReader.from_batches(schema, stream())


def _columns(rows: list[Upload], schema: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa

    def cell(value: object) -> object:
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None)
        return list(dict.fromkeys(value)) if isinstance(value, tuple) else value

    return pa.RecordBatch.from_pydict(
        {name: [cell(getattr(row, name)) for row in rows] for name in schema.names}, schema=schema
    )


def _check_dates(connection: duckdb.DuckDBPyConnection, intake: Intake) -> None:
    """Ask for dates that are none and for time zones that are missing, before anything is written."""
    rows, bad, line, text, naive, aware = one_row(connection, str(intake.problems), None)
    where = f"{intake.files[0].name}:{line}" if len(intake.files) == 1 else f"row {line} of {len(intake.files)} files"
    if int(str(bad)) and intake.on_bad == "stop":
        raise InputError(
            f"{bad} of {rows} rows have no readable date",
            where=where,
            why=f"the first has {intake.date_column} = {text!r}" if text is not None else "the first is empty",
            fix="mend them, or leave them out and have them counted:  --on-bad drop",
        )
    if int(str(naive)):
        mixed = bool(int(str(aware)))
        raise InputError(
            "the dates have mixed time zones" if mixed else "the dates have no time zone",
            where=str(intake.files[0].name),
            why=f"{naive} of {rows} rows say no offset"
            + (f", {aware} do" if mixed else "; a month in another zone moves uploads near its ends"),
            fix="say which zone those without are in:  --timezone UTC   (or Asia/Tokyo, America/New_York, …)",
        )


def _unreadable(connection: duckdb.DuckDBPyConnection, intake: Intake) -> InputError:
    rows, bad, line, text, *_ = one_row(connection, str(intake.problems), None) if intake.problems else ("?",) * 4
    return InputError(
        f"{bad} of {rows} rows have no readable {intake.date_column}",
        where=f"{intake.files[0].name}:{line}",
        why=f"the first has {intake.date_column} = {text!r}",
        fix="mend them, or leave them out and have them counted:  --on-bad drop;  the archive is as it was",
    )


def _broken_file(intake: Intake, words: str) -> InputError:
    return InputError(
        "a file is broken",
        where=", ".join(path.name for path in intake.files),
        why=words.splitlines()[0][:400],
        fix="fetch or export it again; the archive is as it was, nothing of this file was kept",
    )


def _fingerprint(path: Path) -> InputFile:
    if path.is_dir():  # a folder of sidecar files: the hash of their names and contents, in order
        digest = hashlib.sha256()
        inside = sorted(file for file in path.rglob("*") if file.is_file())
        for file in inside:
            digest.update(str(file.relative_to(path)).encode() + b"\0" + file.read_bytes())
        return InputFile(path.name, sum(file.stat().st_size for file in inside), digest.hexdigest())
    if path.stat().st_size > WHOLE:
        return InputFile(path.name, path.stat().st_size, _sample_hash(path), sampled=True)
    with path.open("rb") as opened:
        return InputFile(path.name, path.stat().st_size, hashlib.file_digest(opened, "sha256").hexdigest())


def _sample_hash(path: Path) -> str:
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as opened:
        for block in range(SAMPLES):
            opened.seek(block * (size - SAMPLE) // (SAMPLES - 1))
            digest.update(opened.read(SAMPLE))
    return digest.hexdigest()


def _seen(manifest: Manifest, source: Source) -> Source | None:
    """Find an earlier ingest of the same bytes with the same options."""
    hashes = [file.sha256 for file in source.files]
    for earlier in manifest.sources:
        # A sampled hash may miss an edit, so such a file is read again and settled row by row.
        same = [file.sha256 for file in earlier.files if not file.sampled] == hashes
        if same and earlier.kind == source.kind and dict(earlier.options) == dict(source.options):
            return earlier
    return None


def _store(connection: duckdb.DuckDBPyConnection, folder: Path, part: Path, number: int) -> StoredFile:
    """Give a finished part its name for good."""
    rows, aside, first, last = one_row(connection, SPAN, [str(part)])
    place = folder / f"uploads-{number:04d}-{_fingerprint(part).sha256[:12]}.parquet"
    part.replace(place)
    return StoredFile(
        place.name, int(str(rows)), int(str(aside)), place.stat().st_size, first=str(first), last=str(last)
    )


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Remove what a killed ingest left, and files that the manifest no longer names."""
    held = {file.name for file in manifest.files}
    for stray in [*folder.glob("uploads-*.parquet"), *folder.glob("*.part")]:
        if stray.name not in held:
            stray.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
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


@contextmanager
def _watched(connection: duckdb.DuckDBPyConnection, progress: Progress, step: str) -> Iterator[None]:
    """Tell how far the engine has come, a few times a second, while it works."""
    done = Event()

    def tell() -> None:
        while not done.wait(0.25):
            percent = connection.query_progress()
            progress(step, percent / 100 if percent >= 0 else None)

    progress(step, None)
    teller = Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _sql_path(path: Path) -> str:
    return str(path).replace("'", "''")
