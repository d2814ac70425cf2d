"""Tags counted by creator and month: uploads → sparse counts, a block of creators at a time, by the engine.

What lies in memory is bounded twice: the engine works on one block of creators, and what comes back takes four bytes a
count.  The queries are narwhals expressions, so that every engine runs the same steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from precipice.archive.engine import Limits
from precipice.archive.engines import Engine, open_engine, stored_files
from precipice.archive.intake import Progress
from precipice.archive.manifest import Manifest, read_manifest
from precipice.archive.reduction import ClockChoice, counted_moment, last_uploads, numbered
from precipice.errors import InputError
from precipice.tag_rules import TagRules

c = nw.col
Integer = npt.NDArray[np.integer]

MOST_TAGS = 65_536
"""Tags kept, the most used first: a tag's number then takes two bytes."""
BLOCK = 16_000_000
"""Tags of uploads counted at a time."""
PSEUDONYMS = 1 << 63
"""Pseudonyms are evenly spread from 0 up to this, so that equal ranges hold about equally many creators."""

SETS = frozenset({"danbooru2023", "gallery-dl"})
"""Kinds of sources whose uploads never have a tag twice."""


def tag_totals(posts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Count how often each tag stands on uploads.

    Args:
        posts: the archive's uploads (`records.FIELDS`).

    Returns:
        Columns tag, uploads (Int64).
    """
    return (
        posts.filter(c("creators").list.len() > 0)
        .select(tag=c("tags"))
        .explode("tag")
        .filter(~c("tag").is_null(), c("tag") != "")
        .group_by("tag")
        .agg(uploads=nw.len().cast(nw.Int64))
    )


def carried(posts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Count uploads, those with tags, and how many words their creators have in all.

    Returns:
        One row of uploads, tagged, words (Int64); the last two null where there are no uploads.
    """
    tags, creators = c("tags").list.len().cast(nw.Int64), c("creators").list.len().cast(nw.Int64)
    has = nw.when(tags > 0).then(nw.lit(1)).otherwise(nw.lit(0))
    return (
        posts.filter(creators > 0)
        .select(tagged=has, words=nw.coalesce(tags * creators, nw.lit(0)))
        .select(uploads=nw.len().cast(nw.Int64), tagged=c("tagged").sum().cast(nw.Int64),
                words=c("words").sum().cast(nw.Int64))
    )  # fmt: skip


def repeated(posts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Give the uploads that have the same tag twice."""
    return posts.filter(c("tags").list.unique().list.len() < c("tags").list.len())


def tag_cells(
    posts: nw.LazyFrame[Any],
    codes: nw.LazyFrame[Any],
    *,
    clock: ClockChoice = "first",
    between: tuple[int, int] = (0, PSEUDONYMS - 1),
    merges: bool = True,
) -> nw.LazyFrame[Any]:
    """Count the uploads of each creator and month that carry each tag.

    An upload counts once for each of its creators, and, if `merges`, once for a tag however many of its words mean it.

    Args:
        posts: the archive's uploads.
        codes: columns raw (a tag as it is written), code (Int32, the tag it counts as); several rows a tag may be.
        clock: which time to count by.
        between: pseudonyms from the first to the second, both included.
        merges: whether two words of one upload can have one code; where none can, half of the work is spared.

    Returns:
        Columns platform, creator, month (Int32), code (Int32), n (Int64); no zeros.
    """
    words = (
        posts.filter(c("tags").list.len() > 0)
        .select("platform", "id", creator=c("creators"), tag=c("tags"), moment=counted_moment(clock))
        .explode("creator")
        .filter(c("creator") >= between[0], c("creator") <= between[1])
        .with_columns(month=(12 * c("moment").dt.year() + c("moment").dt.month() - 1).cast(nw.Int32))
        .explode("tag")
        .join(codes, left_on="tag", right_on="raw", how="inner")
    )
    if merges:
        words = words.select("platform", "id", "creator", "month", "code").unique()
    return words.group_by("platform", "creator", "month", "code").agg(n=nw.len().cast(nw.Int64))


@dataclass(frozen=True, eq=False)
class TagCounts:
    """Uploads by creator, month and tag, in compressed sparse rows: a row is a creator's month."""

    platforms: tuple[str, ...]
    """Names, sorted."""
    tags: tuple[str, ...]
    """The tags counted, the most used first."""
    platform: npt.NDArray[np.int16]
    """Index into `platforms`, shape (rows,)."""
    creators: npt.NDArray[np.int64]
    """Pseudonyms, never falling, shape (rows,)."""
    months: npt.NDArray[np.int32]
    """As in `precipice.months`, rising within a creator of a platform, shape (rows,)."""
    indptr: npt.NDArray[np.int64]
    """Row limits, shape (rows + 1,)."""
    tag: npt.NDArray[np.uint16]
    """Index into `tags`, shape (cells,)."""
    count: Integer
    """Uploads that carry the tag, shape (cells,)."""
    uploads: int
    """Uploads with a creator in the archive."""
    tagged: int
    """Those of them with a tag, stopped ones included."""
    tags_left_out: int
    """Tags beyond the `MOST_TAGS` most used ones, not counted."""

    def __len__(self) -> int:
        """Number of rows: creators' months with a tag."""
        return len(self.creators)


def count_tags(
    folder: Path,
    rules: TagRules | None = None,
    *,
    clock: ClockChoice = "first",
    limits: Limits | None = None,
    most: int = MOST_TAGS,
    progress: Progress = lambda step, share: None,
) -> TagCounts:
    """Count an archive's tags by creator and month.

    Args:
        folder: the archive's folder.
        rules: aliases, implications and stop lists; None leaves out the kind `meta` alone.
        clock: which time to count by.
        limits: what the engine may use.
        most: tags kept, the most used first, at most `MOST_TAGS`.
        progress: called with each step and its share done.

    Raises:
        InputError: there is no archive.
        UntaggedError: no upload in it has a tag that is counted.
    """
    manifest, rules = read_manifest(folder), rules or TagRules()
    if not manifest.rows:
        raise InputError("the archive is empty", where=str(folder), fix="ingest uploads first")
    with open_engine(limits, folder) as engine:
        posts = engine.uploads(stored_files(folder, manifest))
        progress("count tags", None)
        ((uploads, tagged, words),) = engine.rows(carried(posts).select("uploads", "tagged", "words"))
        totals = engine.rows(tag_totals(posts).select("tag", "uploads"))
        known = choose_vocabulary(totals, rules, min(most, MOST_TAGS))
        if not known.tags:
            raise untagged(folder, uploads, tagged)
        names = sorted(str(name) for name, _ in engine.rows(last_uploads(posts).select("platform", "last")))
        platforms = numbered(engine, names)
        codes = engine.table({"raw": ("VARCHAR", known.raw), "code": ("INTEGER", known.code)})
        merges = rules.merges or _repeats(engine, posts, manifest)
        parts = []
        for share, between in _ranges(ceil((words or 0) / BLOCK)):
            progress("count tags by creator and month", share)
            cells = tag_cells(posts, codes, clock=clock, between=between, merges=merges)
            parts.append(_block(engine, cells.join(platforms, on="platform", how="inner")))
    return _joined(parts, tuple(names), known.tags, (uploads, tagged, known.left_out))


@dataclass(frozen=True)
class Vocabulary:
    """The tags that are counted, and what each word counts as."""

    tags: tuple[str, ...]
    raw: tuple[str, ...]
    code: tuple[int, ...]
    """Of each of `raw`, the place in `tags`."""
    left_out: int
    """Tags beyond the most used ones."""


def choose_vocabulary(found: list[tuple[Any, ...]], rules: TagRules, most: int) -> Vocabulary:
    """Choose the most used tags from words and how often each stands on uploads."""
    meaning = rules.resolve(str(tag) for tag, _ in found)
    totals: dict[str, int] = {}
    for raw, uploads in found:
        for tag in meaning[str(raw)]:
            totals[tag] = totals.get(tag, 0) + int(uploads)
    chosen = sorted(totals, key=lambda tag: (-totals[tag], tag))[:most]
    number = {tag: index for index, tag in enumerate(chosen)}
    pairs = [(raw, number[tag]) for raw, names in meaning.items() for tag in names if tag in number]
    return Vocabulary(
        tuple(chosen), tuple(raw for raw, _ in pairs), tuple(code for _, code in pairs), len(totals) - len(chosen)
    )


def _repeats(engine: Engine, posts: nw.LazyFrame[Any], manifest: Manifest) -> bool:
    """Say whether some upload has the same tag twice.

    Only asked of sources that do not keep tags apart themselves: over lists, it costs as much as all the counting.
    """
    if {source.kind for source in manifest.sources} <= SETS:
        return False
    return bool(engine.rows(repeated(posts).select("id").head(1)))


class UntaggedError(InputError):
    """Say that an archive has no tags to count."""


def untagged(folder: Path, uploads: int, tagged: int) -> UntaggedError:
    """Make the error for an archive without tags."""
    return UntaggedError(
        "no upload has a tag that is counted",
        where=str(folder),
        why=f"{tagged} of {uploads} uploads have tags, and all of these are stopped"
        if tagged
        else f"none of {uploads} uploads has a tag",
        fix="ingest a column of tags (--columns tags=…), or stop fewer kinds of them",
    )


def _ranges(blocks: int) -> Iterator[tuple[float, tuple[int, int]]]:
    blocks = max(blocks, 1)
    for index in range(blocks):
        yield index / blocks, (PSEUDONYMS * index // blocks, PSEUDONYMS * (index + 1) // blocks - 1)


def _block(engine: Engine, cells: nw.LazyFrame[Any]) -> tuple[Any, ...]:
    """Fetch one block as sparse rows in order: platform, creator, month, lengths, codes, counts."""
    # One row a creator and month: a list of tags and one of counts are a sparse row as it is wanted.
    chosen = cells.select("i", "creator", "month", codes=c("code"), counts=c("n").cast(nw.Int32))
    table: Any = engine.gathered(chosen, ["i", "creator", "month"], ["codes", "counts"])
    column: Any = {name: table[name].combine_chunks() for name in table.column_names}
    platform, creator, month = (np.from_dlpack(column[name]) for name in ("i", "creator", "month"))
    lists, counts = column["codes"], column["counts"]
    starts: Any = np.from_dlpack(lists.offsets)
    order = np.lexsort((month, platform, creator))
    lengths = np.diff(starts)[order]
    place = np.repeat(starts[:-1][order] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
    place += np.arange(len(place))
    numbers: Any = np.from_dlpack(counts.values)[place]
    return (
        platform[order].astype(np.int16), creator[order], month[order], lengths,
        np.from_dlpack(lists.values)[place].astype(np.uint16),
        numbers.astype(np.uint16) if not len(numbers) or numbers.max() < MOST_TAGS else numbers,
    )  # fmt: skip


def _joined(
    parts: list[tuple[Any, ...]], names: tuple[str, ...], tags: tuple[str, ...], known: tuple[int, int, int]
) -> TagCounts:
    columns: list[Any] = []
    for index in range(6):  # one column at a time: the blocks of the last one are gone before the next is joined
        columns.append(np.concatenate([part[index] for part in parts]))
        parts = [(*part[:index], np.zeros(0, part[index].dtype), *part[index + 1 :]) for part in parts]
    platform, creators, months, lengths, tag, count = columns
    return TagCounts(
        platforms=names,
        tags=tags,
        platform=platform,
        creators=creators,
        months=months,
        indptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        tag=tag,
        count=count,
        uploads=known[0],
        tagged=known[1],
        tags_left_out=known[2],
    )
