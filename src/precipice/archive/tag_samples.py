"""A random sample of uploads with their tags, as many of each month: what novelty is measured on.

Which uploads are drawn depends on platform, id and seed alone, by a hash that only the embedded engine has: it draws,
whichever engine the study names.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from precipice.archive.engine import Limits, connect
from precipice.archive.engines.duckdb import Embedded
from precipice.archive.manifest import read_manifest
from precipice.archive.reduction import ClockChoice, file_list
from precipice.archive.tag_counts import MOST_TAGS, read_vocabulary, untagged
from precipice.errors import InputError
from precipice.tag_rules import TagRules

NAMES = """
CREATE TEMP TABLE names AS SELECT platform, row_number() OVER (ORDER BY platform)::INTEGER - 1 AS i
FROM (SELECT DISTINCT platform FROM posts WHERE len(creators) > 0)
"""
CODES = "CREATE TEMP TABLE codes AS SELECT unnest($1::VARCHAR[]) AS raw, unnest($2::INTEGER[]) AS code"
MOMENT = {
    "first": "published",
    "source": "CASE WHEN source_published <= published THEN source_published ELSE published END",
}
# Ranked without their tags, so that what is sorted is small; then the few drawn are looked up.
DRAWN = """
CREATE TEMP TABLE drawn AS
SELECT platform, id, creators[1] AS creator, (12 * year({moment}) + month({moment}) - 1)::INTEGER AS month
FROM posts WHERE len(creators) > 0 AND len(tags) > 0
QUALIFY row_number() OVER (PARTITION BY platform, month ORDER BY hash(platform, id, $1::BIGINT), id) <= $2
"""
ROWS = """
SELECT names.i, drawn.creator, drawn.month, list_sort(list(DISTINCT codes.code)) AS codes
FROM (SELECT platform, id, unnest(tags) AS tag FROM posts SEMI JOIN drawn USING (platform, id)) AS words
JOIN codes ON words.tag = codes.raw JOIN drawn USING (platform, id) JOIN names USING (platform)
GROUP BY names.i, drawn.creator, drawn.month, drawn.id ORDER BY names.i, drawn.month, drawn.id
"""


@dataclass(frozen=True, eq=False)
class TagSample:
    """Uploads drawn at random with their tags, in compressed sparse rows, by platform and month."""

    platforms: tuple[str, ...]
    """Names, sorted."""
    tags: tuple[str, ...]
    """The tags, the most used first."""
    platform: npt.NDArray[np.int16]
    """Index into `platforms`, shape (n,)."""
    creators: npt.NDArray[np.int64]
    """Pseudonym of the first creator of each upload, shape (n,)."""
    months: npt.NDArray[np.int32]
    """As in `precipice.months`, never falling within a platform, shape (n,)."""
    indptr: npt.NDArray[np.int64]
    """Row limits, shape (n + 1,)."""
    tag: npt.NDArray[np.int32]
    """Index into `tags`, rising within an upload, shape (words,)."""
    each: int
    """Uploads drawn of each platform and month, at most."""


def sample_tags(
    folder: Path,
    rules: TagRules | None = None,
    *,
    each: int,
    seed: int = 0,
    clock: ClockChoice = "first",
    limits: Limits | None = None,
) -> TagSample:
    """Draw uploads with tags at random, so many of each platform and month.

    Args:
        folder: the archive's folder.
        rules: aliases, implications and stop lists.
        each: uploads of each platform and month, at most.
        seed: of the draw.
        clock: which time to count by.
        limits: what the engine may use.

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
        uploads, tagged, known = read_vocabulary(Embedded(connection), posts, rules, MOST_TAGS)
        if not known.tags:
            raise untagged(folder, uploads, tagged)
        connection.execute(NAMES)
        names = [str(name) for (name,) in connection.execute("SELECT platform FROM names ORDER BY i").fetchall()]
        connection.execute(CODES, [list(known.raw), list(known.code)])
        connection.execute(DRAWN.format(moment=MOMENT[clock]), [seed, each])
        table: Any = connection.sql(ROWS).to_arrow_table()
    column: Any = {name: table[name].combine_chunks() for name in table.column_names}
    return TagSample(
        platforms=tuple(names),
        tags=known.tags,
        platform=np.from_dlpack(column["i"]).astype(np.int16),
        creators=np.from_dlpack(column["creator"]).astype(np.int64),
        months=np.from_dlpack(column["month"]).astype(np.int32),
        indptr=np.from_dlpack(column["codes"].offsets).astype(np.int64),
        tag=np.from_dlpack(column["codes"].values).astype(np.int32),
        each=each,
    )
