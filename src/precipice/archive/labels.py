"""What uploads say about generative models: declared, denied, opted out, and words in their tags, by creator and month.

The queries are narwhals expressions, as those of `precipice.archive.reduction` are, and count an upload once for each
of its creators.  Titles and captions are not in the archive, so words are looked for in tags alone.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from precipice.archive.engine import Limits
from precipice.archive.engines import Engine, open_engine, stored_files
from precipice.archive.manifest import read_manifest
from precipice.archive.monthly_tables import whole_numbers
from precipice.archive.reduction import (
    ClockChoice,
    counted_moment,
    fingerprint,
    last_uploads,
    numbered,
)
from precipice.errors import InputError

c = nw.col

NOT_WORD = r"[^\p{L}\p{N}]+"
"""What is taken out of a tag before it is compared: all but letters and digits."""
KIND = r"^(general|species|character|copyright|lore|meta):"
"""Prefix of a tag's kind, as the archive writes it."""
COUNTS = ("uploads", "declared", "denied", "unsaid_readable", "opted_out", "not_opted_out", "tagged")
"""Columns of `labels`, in the order of `LabelCells`."""

Whole = npt.NDArray[np.int64]


def labels(posts: nw.LazyFrame[Any], *, clock: ClockChoice = "first") -> nw.LazyFrame[Any]:
    """Count what uploads declare, by platform, creator and month.

    Args:
        posts: the archive's uploads (`records.FIELDS`).
        clock: which time to count by.

    Returns:
        Columns platform, creator, month (Int32), and as Int64: uploads; declared and denied (declared AI is true, is
        false); unsaid_readable (says neither, though its tags were read: whether it opted out is known); opted_out and
        not_opted_out; tagged (has a tag at all).
    """
    ai, out = c("declared_ai"), c("opt_out")
    chosen = {
        "declared": ai,
        "denied": ~ai,
        "unsaid_readable": ai.is_null() & ~out.is_null(),
        "opted_out": out,
        "not_opted_out": ~out,
        "tagged": c("tags").list.len() > 0,
    }
    flags = {name: nw.when(which).then(nw.lit(1)).otherwise(nw.lit(0)) for name, which in chosen.items()}
    return (
        posts.select(platform=c("platform"), creator=c("creators"), month=_month(clock), **flags)
        .explode("creator")
        .filter(~c("creator").is_null())
        .group_by("platform", "creator", "month")
        .agg(uploads=nw.len().cast(nw.Int64), **{name: c(name).sum().cast(nw.Int64) for name in flags})
    )


def spellings(posts: nw.LazyFrame[Any], words: Mapping[str, Sequence[str]]) -> nw.LazyFrame[Any]:
    """Give the tags in use that are one of some words, whatever their case, kind, spaces and punctuation.

    Args:
        posts: the archive's uploads.
        words: for each mark its words, in lower case, letters and digits only; a word belongs to one mark.

    Returns:
        Columns tag, mark; each tag once.
    """
    distinct = (
        posts.filter(c("creators").list.len() > 0)
        .select(tag=c("tags"))
        .explode("tag")
        .filter(~c("tag").is_null())
        .unique()
    )
    # Only distinct tags are taken apart: 7.8 CPU-seconds a million uploads of 30 tags, against 13.6 for every tag.
    bare = distinct.with_columns(
        word=c("tag").str.to_lowercase().str.replace_all(KIND, "").str.replace_all(NOT_WORD, "")
    )
    mark: Any = nw.lit(None)
    for name, listed in words.items():
        mark = nw.when(c("word").is_in(list(listed))).then(nw.lit(name)).otherwise(mark)
    return bare.with_columns(mark=mark).filter(~c("mark").is_null()).select("tag", "mark")


def mentions(
    posts: nw.LazyFrame[Any], spelled: nw.LazyFrame[Any], marks: Sequence[str], *, clock: ClockChoice = "first"
) -> nw.LazyFrame[Any]:
    """Count uploads whose tags mention each mark, by platform, creator and month; several tags of one mark count once.

    Args:
        posts: the archive's uploads.
        spelled: the tags that count for a mark (see `spellings`).
        marks: names of the marks.
        clock: which time to count by.

    Returns:
        Columns platform, creator, month (Int32), and as Int64 a column for each mark; rows without any are absent.
    """
    tags = posts.select("platform", "id", tag=c("tags")).explode("tag")
    found = tags.join(spelled, on="tag", how="inner").select("platform", "id", "mark").unique()
    return (
        posts.select("platform", "id", creator=c("creators"), month=_month(clock))
        .join(found, on=["platform", "id"], how="inner")
        .explode("creator")
        .filter(~c("creator").is_null())
        .with_columns(**{name: nw.when(c("mark") == name).then(nw.lit(1)).otherwise(nw.lit(0)) for name in marks})
        .group_by("platform", "creator", "month")
        .agg(**{name: c(name).sum().cast(nw.Int64) for name in marks})
    )


def _month(clock: ClockChoice) -> Any:  # noqa: ANN401  an expression of narwhals
    moment = counted_moment(clock)
    return (12 * moment.dt.year() + moment.dt.month() - 1).cast(nw.Int32)


@dataclass(frozen=True, eq=False)
class LabelCells:
    """What uploads declare as arrays, a cell for each platform, creator and month, sorted by these."""

    platforms: tuple[str, ...]
    platform: Whole
    """Index into `platforms`, shape (cells,)."""
    creator: Whole
    """Pseudonyms, shape (cells,)."""
    month: Whole
    """As in `precipice.months`, shape (cells,)."""
    counts: Mapping[str, Whole]
    """The counts of `labels` by name, each of shape (cells,)."""
    mentions: Mapping[str, Whole]
    """The counts of `mentions` by mark, each of shape (cells,)."""
    spellings: Mapping[str, tuple[str, ...]]
    """For each mark the tags that were taken for it, as the platforms write them, sorted."""


def read_labels(
    folder: Path,
    words: Mapping[str, Sequence[str]],
    *,
    clock: ClockChoice = "first",
    limits: Limits | None = None,
) -> LabelCells:
    """Count what an archive's uploads declare, opt out of and mention; from the kept counts where they are fresh.

    Args:
        folder: the archive's folder.
        words: for each mark its words (see `spellings`).
        clock: which time to count by.
        limits: what the engine may use.

    Raises:
        InputError: there is no archive, or it is empty.
    """
    manifest = read_manifest(folder)
    if not manifest.rows:
        raise InputError("the archive is empty", where=str(folder), fix="ingest uploads first")
    listed = hashlib.sha256(json.dumps({name: sorted(some) for name, some in words.items()}).encode()).hexdigest()[:8]
    place = folder / f"labels-{clock}-{fingerprint(manifest)}-{listed}.parquet"
    if place.exists():
        return _read(place, tuple(words))
    with open_engine(limits, folder) as engine:
        found = _count(engine, engine.uploads(stored_files(folder, manifest)), words, clock)
    _write(found, place)
    for stale in {*folder.glob(f"labels-{clock}-*.parquet")} - {place}:
        stale.unlink(missing_ok=True)
    return found


def _count(
    engine: Engine, posts: nw.LazyFrame[Any], words: Mapping[str, Sequence[str]], clock: ClockChoice
) -> LabelCells:
    """Let the engine count; put what comes out in order here."""
    marks, key = tuple(words), ["platform", "creator", "month"]
    # Stored, or the engine would look for the words anew each time they are asked for.
    spelled = engine.stored(spellings(posts, words))
    names = sorted(str(name) for name, _ in engine.rows(last_uploads(posts).select("platform", "last")))
    counted = (
        labels(posts, clock=clock)
        .join(mentions(posts, spelled, marks, clock=clock), on=key, how="left")
        .join(numbered(engine, names), on="platform", how="inner")
        .select("i", "creator", "month", *COUNTS, *(nw.coalesce(c(mark), nw.lit(0)).alias(mark) for mark in marks))
    )
    cells = engine.numbers(counted)
    tags = sorted(engine.rows(spelled.select("mark", "tag")))
    order = np.lexsort((cells["month"], cells["creator"], cells["i"]))
    column = {name: values[order].astype(np.int64) for name, values in cells.items()}
    spelt = {mark: tuple(str(tag) for name, tag in tags if name == mark) for mark in marks}
    return _cells(tuple(names), column, marks, spelt)


def _cells(
    platforms: tuple[str, ...],
    column: Mapping[str, Whole],
    marks: tuple[str, ...],
    spelt: Mapping[str, tuple[str, ...]],
) -> LabelCells:
    return LabelCells(
        platforms=platforms,
        platform=column["i"],
        creator=column["creator"],
        month=column["month"],
        counts={name: column[name] for name in COUNTS},
        mentions={mark: column[mark] for mark in marks},
        spellings=spelt,
    )


def _write(found: LabelCells, place: Path) -> None:
    """Keep the counts beside the uploads, in one step."""
    import pyarrow.parquet as pq

    table = whole_numbers(
        i=found.platform, creator=found.creator, month=found.month, **found.counts, **found.mentions
    ).replace_schema_metadata({"platforms": json.dumps(found.platforms), "spellings": json.dumps(found.spellings)})
    part = place.with_suffix(".part")
    pq.write_table(table, part, compression="zstd")
    part.replace(place)


def _read(place: Path, marks: tuple[str, ...]) -> LabelCells:
    import pyarrow.parquet as pq

    # ParquetFile and DLPack, as in the reduction: other ways import pandas wherever that is installed.
    table = pq.ParquetFile(place).read()
    known = {key.decode(): json.loads(value) for key, value in table.schema.metadata.items() if b"s" in key}
    column: dict[str, Any] = {name: np.from_dlpack(table[name].combine_chunks()) for name in table.column_names}
    spelt = {mark: tuple(tags) for mark, tags in known["spellings"].items()}
    return _cells(tuple(known["platforms"]), column, marks, spelt)
