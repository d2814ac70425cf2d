"""Tags counted by creator and month: uploads → sparse counts, in one pass of the engine over the words of uploads.

A creator's month is a row with a number, a tag a code.  The engine finds both for every word and hands them on as they
come; they are sorted and counted by `precipice.archive.word_blocks`, a block of rows at a time.  The engine never
groups by tag: a hash table of as many cells as words would cost most of the time, and nearly all of the memory.  The
queries are narwhals expressions, so that every engine runs the same steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
from duckdb import DuckDBPyConnection

from precipice.archive.engine import Limits, connect
from precipice.archive.intake import Progress
from precipice.archive.manifest import Manifest, read_manifest
from precipice.archive.reduction import ClockChoice, counted_moment, file_list, whole_numbers
from precipice.archive.word_blocks import Counted, Words, block_limits
from precipice.errors import InputError
from precipice.tag_rules import TagRules

c = nw.col
Integer = npt.NDArray[np.integer]

MOST_TAGS = 65_536
"""Tags kept, the most used first: a tag's number then takes two bytes."""
BATCH = 1_000_000
"""Words that the engine hands on at a time."""

TOTALS = "SELECT tag, uploads FROM tag_totals ORDER BY uploads DESC, tag"
CARRIED = "SELECT count(*), count(*) FILTER (len(tags) > 0) FROM posts WHERE len(creators) > 0"
# Only asked of sources that do not keep tags apart themselves: over lists, it costs as much as all the counting.
REPEATED = "SELECT count(*) FROM (SELECT 1 FROM posts WHERE list_unique(tags) < len(tags) LIMIT 1)"
SETS = frozenset({"danbooru2023", "gallery-dl"})
"""Kinds of sources whose uploads never have a tag twice."""
NAMES = """
CREATE TEMP TABLE names AS SELECT platform, row_number() OVER (ORDER BY platform)::INTEGER - 1 AS i
FROM (SELECT DISTINCT platform FROM posts WHERE len(creators) > 0)
"""
CODES = """
CREATE TEMP TABLE codes AS
SELECT unnest($1::VARCHAR[]) AS raw, unnest($2::INTEGER[]) AS code, unnest($3::BOOLEAN[]) AS shared
"""


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
    with connect(limits or Limits(), folder / "spill") as connection:
        connection.execute(f"CREATE VIEW posts AS SELECT * FROM read_parquet({file_list(folder, manifest)})")
        posts = nw.from_native(connection.table("posts"))
        progress("count tags", None)
        ((uploads, tagged),) = connection.execute(CARRIED).fetchall()
        connection.register("tag_totals", tag_totals(posts).to_native())
        known = choose_vocabulary(connection.execute(TOTALS).fetchall(), rules, min(most, MOST_TAGS))
        if not known.tags:
            raise untagged(folder, uploads, tagged)
        connection.execute(NAMES)
        names = [str(name) for (name,) in connection.execute("SELECT platform FROM names ORDER BY i").fetchall()]
        teach_codes(connection, known, everything=_repeats(connection, manifest))
        months = _months(connection, posts, clock)
        spill = (limits.spill if limits else None) or folder / "spill"
        with Words(spill, block_limits(months["words"])) as words:
            _spread(connection, posts, words, clock, lambda share: progress("count tags by creator and month", share))
            counted = words.counted(int(months["words"].sum()))
    return _counts(months, counted, tuple(names), (uploads, tagged), known)


def teach_codes(connection: DuckDBPyConnection, known: "Vocabulary", *, everything: bool = False) -> None:
    """Give the engine a table of what each word counts as.

    `shared` are codes that two words of one upload may have, and so are to be counted once: those of several words, or
    `everything` where uploads have the same word twice.
    """
    words = np.bincount(np.array(known.code, np.int64), minlength=len(known.tags))
    shared = [everything or bool(words[code] > 1) for code in known.code]
    connection.execute(CODES, [list(known.raw), list(known.code), shared])


def _months(connection: DuckDBPyConnection, posts: nw.LazyFrame[Any], clock: ClockChoice) -> dict[str, Any]:
    """Number the months of creators, by creator, platform and month; the engine gets them as table `months`."""
    names = nw.from_native(connection.table("names"))
    connection.register("month_view", tag_months(posts, names, clock=clock).to_native())
    found = connection.execute("SELECT i, creator, month, words FROM month_view").fetchnumpy()
    order = np.lexsort((found["month"], found["i"], found["creator"]))
    months = {name: np.ma.getdata(found[name])[order] for name in ("i", "creator", "month", "words")}
    connection.register("numbered", whole_numbers(**months, row=np.arange(len(order), dtype=np.int32)))
    # Stored, so that the engine knows its size, and does not take it for larger than the uploads it is joined with.
    connection.execute("CREATE TEMP TABLE months AS SELECT i, creator, month, row FROM numbered")
    connection.unregister("numbered")
    return months


def _spread(
    connection: DuckDBPyConnection,
    posts: nw.LazyFrame[Any],
    words: Words,
    clock: ClockChoice,
    progress: Callable[[float], None],
) -> None:
    """Have the engine look up all words, and spread them over blocks; shared codes a block at a time."""
    names, months, codes = (nw.from_native(connection.table(name)) for name in ("names", "months", "codes"))
    asked = [(months, codes.filter(~c("shared")), False)]
    if connection.execute("SELECT count(*) FROM codes WHERE shared").fetchall() != [(0,)]:
        blocks = zip(words.limits[:-1].tolist(), words.limits[1:].tolist(), strict=True)
        asked += [
            (months.filter(c("row") >= low, c("row") < high), codes.filter(c("shared")), True) for low, high in blocks
        ]
    for part, (chosen, spelled, once) in enumerate(asked):
        progress(part / len(asked))
        frame = tag_words(posts, names, chosen, spelled, clock=clock, once=once)
        connection.register("word_view", frame.to_native())
        for batch in connection.sql("SELECT row, code FROM word_view").to_arrow_reader(BATCH):
            row, code = (np.from_dlpack(batch[name]) for name in ("row", "code"))
            words.add(row.astype(np.int64), code.astype(np.int64))


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


def _repeats(connection: DuckDBPyConnection, manifest: Manifest) -> bool:
    """Say whether some upload has the same tag twice."""
    if {source.kind for source in manifest.sources} <= SETS:
        return False
    ((repeated,),) = connection.execute(REPEATED).fetchall()
    return bool(repeated)


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
