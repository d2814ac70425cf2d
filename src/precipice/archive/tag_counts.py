"""Tags counted by creator and month: uploads → sparse counts, in one pass of the engine over the words of uploads.

A creator's month is a row with a number, a tag a code.  The engine finds both for every word and hands them on as they
come; they are sorted and counted by `precipice.archive.word_blocks`, a block of rows at a time.  The engine never
groups by tag: a hash table of as many cells as words would cost most of the time, and nearly all of the memory.  The
queries are narwhals expressions, so that every engine runs the same steps.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from precipice.archive.engine import Limits, told_plainly
from precipice.archive.engines import Engine, Frame, open_engine, stored_files
from precipice.archive.manifest import Manifest, read_manifest
from precipice.archive.progress import Progress
from precipice.archive.reduction import ClockChoice, counted_moment, last_uploads, numbered
from precipice.archive.word_blocks import Counted, Words, block_limits
from precipice.errors import InputError
from precipice.tag_rules import TagRules

c = nw.col
Integer = npt.NDArray[np.integer]

MOST_TAGS = 65_536
"""Tags kept, the most used first: a tag's number then takes two bytes."""
BATCH = 1_000_000
"""Words that the engine hands on at a time."""

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
    """Count uploads with a creator, and those of them with tags.

    Returns:
        One row of uploads, tagged (Int64); the latter is null where there are no uploads.
    """
    has = nw.when(c("tags").list.len() > 0).then(nw.lit(1)).otherwise(nw.lit(0))
    return (
        posts.filter(c("creators").list.len() > 0)
        .select(tagged=has)
        .select(uploads=nw.len().cast(nw.Int64), tagged=c("tagged").sum().cast(nw.Int64))
    )


def repeated(posts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Give the uploads that have the same tag twice."""
    return posts.filter(c("tags").list.unique().list.len() < c("tags").list.len())


def tag_months(
    posts: nw.LazyFrame[Any], names: nw.LazyFrame[Any], *, clock: ClockChoice = "first"
) -> nw.LazyFrame[Any]:
    """Give the months in which creators uploaded with tags.

    Args:
        posts: the archive's uploads.
        names: columns platform, i (the number it gets).
        clock: which time to count by.

    Returns:
        Columns i, creator, month (Int32), words (Int64, tags on the uploads); each month once.
    """
    return (
        _by_creator(posts, names, clock)
        .with_columns(words=c("tag").list.len())
        .group_by("i", "creator", "month")
        .agg(words=c("words").sum().cast(nw.Int64))
    )


def tag_words(
    posts: nw.LazyFrame[Any],
    names: nw.LazyFrame[Any],
    months: nw.LazyFrame[Any],
    codes: nw.LazyFrame[Any],
    *,
    clock: ClockChoice = "first",
    once: bool = False,
) -> nw.LazyFrame[Any]:
    """Give every word of every creator's uploads as numbers.

    Args:
        posts: the archive's uploads.
        names: columns platform, i.
        months: columns i, creator, month, row (the number that creator's month gets); others are left out.
        codes: columns raw (a tag as it is written), code (Int32, the tag it counts as); several rows a tag may be.
        clock: which time to count by.
        once: whether a code counts once an upload, however many of its words mean it.

    Returns:
        Columns row, code.
    """
    words = (
        _by_creator(posts, names, clock)
        .join(months, on=["i", "creator", "month"], how="inner")
        .select(*(("i", "id", "row", "tag") if once else ("row", "tag")))
        .explode("tag")
        .join(codes, left_on="tag", right_on="raw", how="inner")
    )
    if once:
        words = words.select("i", "id", "row", "code").unique()
    return words.select("row", "code")


def _by_creator(posts: nw.LazyFrame[Any], names: nw.LazyFrame[Any], clock: ClockChoice) -> nw.LazyFrame[Any]:
    """Give uploads with tags once for each of their creators: columns i, id, creator, month, tag (still lists)."""
    return (
        posts.filter(c("tags").list.len() > 0)
        .select("platform", "id", creator=c("creators"), tag=c("tags"), moment=counted_moment(clock))
        .explode("creator")
        .filter(~c("creator").is_null())
        .join(names, on="platform", how="inner")
        .with_columns(month=(12 * c("moment").dt.year() + c("moment").dt.month() - 1).cast(nw.Int32))
        .select("i", "id", "creator", "month", "tag")
    )


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
        uploads, tagged, known = read_vocabulary(engine, posts, rules, min(most, MOST_TAGS))
        if not known.tags:
            raise untagged(folder, uploads, tagged)
        names = sorted(str(name) for name, _ in engine.rows(last_uploads(posts).select("platform", "last")))
        numbers = numbered(engine, names)
        months = _months(engine, posts, numbers, clock)
        words = Words((limits.spill if limits else None) or folder / "spill", block_limits(months["words"]))
        with words.dropped_on_failure():
            asked = _asked(engine, months, words, known, everything=_repeats(engine, posts, manifest))
            for part, (chosen, spelled, once) in enumerate(asked):
                progress("count tags by creator and month", part / len(asked))
                found = tag_words(posts, numbers, chosen, spelled, clock=clock, once=once)
                for batch in engine.batches(found, BATCH):
                    words.add(batch["row"].astype(np.int64), batch["code"].astype(np.int64))
    del months["words"]
    # The engine is closed by now: what it held is free for what the words come to.
    with words, told_plainly(folder):
        counted = words.counted()
    return _counts(months, counted, tuple(names), (uploads, tagged), known)


def read_vocabulary(engine: Engine, posts: Frame, rules: TagRules, most: int) -> tuple[int, int, "Vocabulary"]:
    """Give the number of uploads, that of those with tags, and what is counted of these."""
    ((uploads, tagged),) = engine.rows(carried(posts).select("uploads", "tagged"))
    totals = engine.rows(tag_totals(posts).select("tag", "uploads"))
    return int(uploads), int(tagged or 0), choose_vocabulary(totals, rules, most)


def _months(engine: Engine, posts: Frame, names: Frame, clock: ClockChoice) -> dict[str, Any]:
    """Fetch the months of creators with tags, by creator, platform and month: their place is their number."""
    found = engine.numbers(tag_months(posts, names, clock=clock).select("i", "creator", "month", "words"))
    order = np.lexsort((found["month"], found["i"], found["creator"]))
    return {name: values[order] for name, values in found.items()}


def _asked(
    engine: Engine, months: dict[str, Any], words: Words, known: "Vocabulary", *, everything: bool
) -> list[tuple[Frame, Frame, bool]]:
    """Say which words to look up for which months, and whether once an upload: a block at a time for those.

    Only codes that two words of one upload may have are counted once, those of several words, or `everything` where
    uploads have the same word twice.
    """
    kinds = {"i": "SMALLINT", "creator": "BIGINT", "month": "INTEGER"}
    rows = engine.table(
        {**{name: (kind, months[name]) for name, kind in kinds.items()},
         "row": ("INTEGER", np.arange(len(months["creator"]), dtype=np.int32))}
    )  # fmt: skip
    code = np.array(known.code, np.int64)
    shared = (np.bincount(code, minlength=len(known.tags)) > 1)[code] | everything

    def spelled(chosen: npt.NDArray[np.bool_]) -> Frame:
        raw = [word for word, there in zip(known.raw, chosen.tolist(), strict=True) if there]
        return engine.table({"raw": ("VARCHAR", raw), "code": ("INTEGER", code[chosen].tolist())})

    asked = [(rows, spelled(~shared), False)] if not shared.all() else []
    if shared.any():
        once = spelled(shared)
        blocks = zip(words.limits[:-1].tolist(), words.limits[1:].tolist(), strict=True)
        asked += [(rows.filter(c("row") >= low, c("row") < high), once, True) for low, high in blocks]
    return asked


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


def _repeats(engine: Engine, posts: Frame, manifest: Manifest) -> bool:
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


def _counts(
    months: dict[str, Any], counted: Counted, names: tuple[str, ...], uploads: tuple[int, int], known: Vocabulary
) -> TagCounts:
    """Put together what was counted; months in which every tag was stopped are left out."""
    kept = counted.lengths > 0
    return TagCounts(
        platforms=names,
        tags=known.tags,
        platform=months["i"][kept].astype(np.int16),
        creators=months["creator"][kept],
        months=months["month"][kept],
        indptr=np.concatenate([[0], np.cumsum(counted.lengths[kept])]).astype(np.int64),
        tag=counted.code,
        count=counted.count,
        uploads=uploads[0],
        tagged=uploads[1],
        tags_left_out=known.left_out,
    )
