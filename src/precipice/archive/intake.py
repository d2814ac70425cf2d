"""Ingest: uploads into the archive, each row kept or counted, in one step that a kill cannot halve.

Rows are staged in Parquet files of their own, settled against what the archive holds, and join it by one replacement
of `manifest.json`: until then the old archive is whole, and whatever was left over goes at the next ingest.  All of
that is here; reading, counting, settling and writing are an engine's (`archive.takers`).
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from precipice.archive.engine import Limits, told_plainly
from precipice.archive.fingerprints import fingerprint
from precipice.archive.manifest import NAME, Manifest, Source, read_manifest, write_manifest
from precipice.archive.progress import Progress
from precipice.archive.pseudonyms import check_value, find_key
from precipice.archive.takers import Taker, open_taker, see_to_takers
from precipice.errors import InputError
from precipice.records import Intake


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
        limits: which engine takes them in, and what it may use.
        key_place: file of the key; None for the user's data folder.
        progress: called with each step in words, and its share done where that is known.

    Returns:
        What was read, kept and dropped.  Where nothing new came in, the archive is untouched, to the byte.

    Raises:
        InputError: something in the files cannot be read, or the engine takes nothing in; the archive is as it was.
    """
    see_to_takers(limits)
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
        with open_taker(limits, folder, key) as taker:
            return _take_in(taker, folder, manifest, intake, source, progress)


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
    taker: Taker, folder: Path, manifest: Manifest, intake: Intake, source: Source, progress: Progress
) -> Source:
    dropped = Counter(taker.stage(intake, progress))
    at_the_door = sum(dropped.values())
    tally = taker.tally()
    if intake.on_bad == "stop" and tally.unreadable + tally.bad_date and intake.problems:
        raise taker.explain(intake)
    dropped.update(unreadable=tally.unreadable, no_id=tally.no_id, bad_date=tally.bad_date, no_creator=tally.no_creator)
    kept = tally.kept
    if manifest.excluded:
        taker.leave_out(manifest.excluded)
        held = taker.tally().kept
        dropped["excluded"], kept = kept - held, held
    progress("look for repeated uploads", None)
    settled = taker.settle(manifest)
    dropped.update(settled.dropped)
    source = replace(
        source,
        read=tally.rows + at_the_door,
        kept=kept - sum(settled.dropped.values()),
        dropped={rule: count for rule, count in sorted(dropped.items()) if count},
        replaced=settled.replaced,
    )
    source.check()
    if source.kept:
        progress("put the archive in place", None)
        stored = taker.store(len(manifest.sources))
        left = tuple(file for file in manifest.files if file.name not in settled.gone)
        write_manifest(folder, manifest.with_change((*left, *stored), source))
    return source


def _seen(manifest: Manifest, source: Source) -> Source | None:
    """Find an earlier ingest of the same bytes with the same options."""
    hashes = [file.sha256 for file in source.files]
    for earlier in manifest.sources:
        # A sampled hash may miss an edit, so such a file is read again and settled row by row.
        same = [file.sha256 for file in earlier.files if not file.sampled] == hashes
        if same and earlier.kind == source.kind and dict(earlier.options) == dict(source.options):
            return earlier
    return None


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
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        else:
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
