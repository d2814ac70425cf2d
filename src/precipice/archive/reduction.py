"""The reduction: uploads → monthly counts a creator, once, by the engine; the same text of steps on every engine.

The queries are narwhals expressions (`narwhals.stable.v2`), so that DuckDB, Polars, Spark and Ibis run the same
functions.  The monthly table is kept on disk beside the uploads (`precipice.archive.monthly_tables`), and only files
that are new are counted when they have changed: cohort series, retention and effects all read the table, and none of
them reads an upload again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from precipice.archive.engine import Limits, connect, quoted
from precipice.archive.engines import Engine, Frame, open_engine, stored_files
from precipice.archive.manifest import Manifest, read_manifest
from precipice.archive.monthly_tables import Monthly, clear, gather, laid_out, place_of, read, write
from precipice.archive.ordering import Loose, Sorter
from precipice.errors import InputError

c = nw.col

BATCH = 1_000_000
"""Cells taken over at a time."""

ClockChoice = Literal["first", "source"]
"""`first`: the clock each upload came with; `source`: the second clock where there is one, else the first."""


def counted_moment(clock: ClockChoice) -> Any:  # noqa: ANN401  an expression of narwhals
    """Give the time by which an upload is counted."""
    # Nothing can be noticed before it is published: a later second clock was read off a garbled address.
    second = nw.when(c("source_published") <= c("published")).then(c("source_published")).otherwise(c("published"))
    return c("published") if clock == "first" else second


def monthly(posts: nw.LazyFrame[Any], *, clock: ClockChoice = "first") -> nw.LazyFrame[Any]:
    """Count uploads by platform, creator and month: the whole reduction.

    An upload counts once for each of its creators.  Months are `12 * year + month - 1`, written out because engines
    disagree on what a difference of months is.

    Args:
        posts: the archive's uploads (`records.FIELDS`).
        clock: which time to count by.

    Returns:
        Columns platform, creator, month (Int32), n (Int64); no zeros.
    """
    by_month = credited(posts, clock=clock).group_by("platform", "creator", "month")
    return by_month.agg(n=nw.len().cast(nw.Int64))


def credited(posts: nw.LazyFrame[Any], *, clock: ClockChoice = "first") -> nw.LazyFrame[Any]:
    """Give a row for each creator of an upload.

    Returns:
        Columns platform, creator, moment, month (Int32), as `monthly` has them.
    """
    return (
        posts.select(platform=c("platform"), creator=c("creators"), moment=counted_moment(clock))
        .explode("creator")
        .filter(~c("creator").is_null())
        .with_columns(month=(12 * c("moment").dt.year() + c("moment").dt.month() - 1).cast(nw.Int32))
    )


def followers(posts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Give each creator's followers as last read; of several readings of one time the largest.

    The followers of an upload are those of its first creator.

    Returns:
        Columns platform, creator, followers; creators without a reading are absent.
    """
    known = posts.filter(~c("followers").is_null(), c("creators").list.len() > 0).select(
        platform=c("platform"),
        creator=c("creators").list.get(0),
        followers=c("followers"),
        read=nw.coalesce(c("followers_read"), c("published")),
    )
    newest = known.group_by("platform", "creator").agg(read=c("read").max())
    return (
        known.join(newest, on=["platform", "creator", "read"], how="inner")
        .group_by("platform", "creator")
        .agg(followers=c("followers").max())
    )


def last_uploads(posts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Give the latest publication of each platform.

    Returns:
        Columns platform, last.
    """
    return posts.filter(c("creators").list.len() > 0).group_by("platform").agg(last=c("published").max())


def tagged(posts: nw.LazyFrame[Any], tag: str) -> nw.LazyFrame[Any]:
    """Give the creators who ever used a tag.

    Returns:
        Columns platform, creator; each pair once.
    """
    return (
        posts.select(platform=c("platform"), creator=c("creators"), tag=c("tags"))
        .explode("tag")
        .filter(c("tag") == tag)
        .select("platform", "creator")
        .explode("creator")
        .filter(~c("creator").is_null())
        .unique()
    )


def reduce(
    folder: Path,
    *,
    clock: ClockChoice = "first",
    tags: tuple[str, ...] = (),
    limits: Limits | None = None,
) -> Monthly:
    """Reduce an archive to monthly counts, from the staged table where it is fresh.

    Args:
        folder: the archive's folder.
        clock: which time to count by.
        tags: tags for which to say who used them.
        limits: what the engine may use.

    Raises:
        InputError: there is no archive, or it is empty.
    """
    manifest = read_manifest(folder)
    if not manifest.rows:
        raise InputError("the archive is empty", where=str(folder), fix="ingest uploads first")
    files = [file.name for file in manifest.files if file.rows]
    place = place_of(folder, clock, files)
    reduced = read(place)
    if reduced is not None and not tags:
        return reduced
    with open_engine(limits, folder) as engine:
        posts = engine.uploads(stored_files(folder, manifest))
        if reduced is None:

            def count(names: Sequence[str]) -> Monthly:
                return _count(engine, engine.uploads([folder / name for name in names]), clock)

            reduced, added = gather(folder, clock, files, count)
            reduced = _with_followers(engine, posts, reduced) if added else reduced
            write(reduced, place, files, added=added)
            reduced = read(place) or reduced  # the arrays that were worked out go, and the file's come
            clear(folder, clock, files, place)
        return replace(reduced, tags={tag: _users(engine, posts, tag, reduced) for tag in tags})


def _count(engine: Engine, posts: Frame, clock: ClockChoice) -> Monthly:
    """Let the engine count and group; put what comes out, a few bytes a cell, in order here as it comes."""
    here = posts.group_by("platform").agg(uploads=nw.len().cast(nw.Int64), read=c("followers").count().cast(nw.Int64))
    platforms = sorted(engine.rows(here.select("platform", "uploads", "read")))
    sorters = [Sorter(int(uploads)) for _, uploads, _ in platforms]
    for batch in engine.batches(_cells(engine, posts, clock, [str(name) for name, _, _ in platforms]), BATCH):
        cells = Loose(batch["creator"], batch["month"].astype(np.int16), batch["n"])
        for index, sorter in enumerate(sorters):
            sorter.take(cells if "i" not in batch else cells.chosen(np.flatnonzero(batch["i"] == index)))
    found = {str(name): sorter.ordered() for (name, _, _), sorter in zip(platforms, sorters, strict=True)}
    found = {name: one for name, one in found.items() if len(one.creators)}
    reduced = laid_out(found, _last_days(engine, posts, min(int(one.months.max()) for one in found.values())))
    return _with_followers(engine, posts, reduced) if any(read for _, _, read in platforms) else reduced


def _cells(engine: Engine, posts: Frame, clock: ClockChoice, platforms: Sequence[str]) -> Frame:
    """Give the query of the monthly counts with platforms as numbers, left out where there is but one."""
    if len(platforms) == 1:  # its name in each key costs a fifth of the work
        counted = credited(posts, clock=clock).group_by("creator", "month").agg(n=nw.len().cast(nw.Int32))
        return counted.select("creator", "month", "n")
    counted = monthly(posts, clock=clock).join(numbered(engine, platforms), on="platform", how="inner")
    return counted.select("i", "creator", "month", n=c("n").cast(nw.Int32))


def _last_days(engine: Engine, posts: Frame, month: int) -> dict[str, str]:
    """Give the day of each platform's latest upload, which none has before a month: the engine skips what is older."""
    recent = posts.filter(c("published") >= datetime(month // 12, month % 12 + 1, 1))  # noqa: DTZ001  times are UTC
    last = engine.rows(last_uploads(recent).select("platform", "last"))
    return {str(name): f"{day:%Y-%m-%d}" for name, day in last}


def _with_followers(engine: Engine, posts: Frame, reduced: Monthly) -> Monthly:
    names = numbered(engine, reduced.platforms)
    reach = followers(posts).join(names, on="platform", how="inner").select("i", "creator", "followers")
    found, known = engine.numbers(reach), np.full(len(reduced.creators), -1, np.int64)
    known[_rows(reduced, found["i"], found["creator"])] = found["followers"]
    return replace(reduced, followers=known)


def _users(engine: Engine, posts: Frame, tag: str, reduced: Monthly) -> npt.NDArray[np.bool_]:
    names = numbered(engine, reduced.platforms)
    pairs = engine.numbers(tagged(posts, tag).join(names, on="platform", how="inner").select("i", "creator"))
    used = np.zeros(len(reduced.creators), np.bool_)
    used[_rows(reduced, pairs["i"], pairs["creator"])] = True
    return used


def numbered(engine: Engine, names: Sequence[str]) -> Frame:
    """Number platforms, so that numbers come back in the place of names: columns platform, i."""
    return engine.table({"platform": ("VARCHAR", names), "i": ("SMALLINT", range(len(names)))})


def _rows(reduced: Monthly, platform: npt.NDArray[np.int16], creators: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Give the rows of some creators among all, which lie sorted by platform and pseudonym within."""
    rows = np.zeros(len(creators), np.int64)
    for index in range(len(reduced.platforms)):
        low, high = np.searchsorted(reduced.platform, [index, index + 1])
        there = platform == index
        rows[there] = low + np.searchsorted(reduced.creators[low:high], creators[there])
    return rows


def count_uploads(folder: Path, limits: Limits | None = None) -> Mapping[str, int]:
    """Count the archive's uploads by platform and state, as `artstation/shown`."""
    manifest = read_manifest(folder)
    with connect(limits or Limits(), folder / "spill") as connection:
        rows = connection.execute(
            f"SELECT platform || '/' || state, count(*) FROM read_parquet({file_list(folder, manifest)})"
            " WHERE len(creators) > 0 GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    return {str(name): int(count) for name, count in rows}


def file_list(folder: Path, manifest: Manifest) -> str:
    """Write the archive's Parquet files as a list in SQL."""
    return "[" + ", ".join(quoted(folder / file.name) for file in manifest.files) + "]"


def fingerprint(manifest: Manifest) -> str:
    """Name the state of the uploads: file names carry the hashes of their contents."""
    return hashlib.sha256("\n".join(sorted(file.name for file in manifest.files)).encode()).hexdigest()[:12]
