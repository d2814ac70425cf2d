"""Ways from an archive's Parquet to tags counted by creator and month, and what is asked of them.

python benchmarks/tag_ways.py precipice STUDY OUT
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from series_ways import files_of

CELLS = """
COPY (SELECT platform, creator, (12 * year(published) + month(published) - 1)::INTEGER AS month, tag,
             count(*)::INTEGER AS n
      FROM (SELECT platform, creator, published, unnest(tags) AS tag
            FROM (SELECT platform, unnest(creators) AS creator, published, tags FROM read_parquet({files})))
      WHERE NOT starts_with(tag, 'meta:')
      GROUP BY ALL)
TO '{out}' (FORMAT parquet, COMPRESSION zstd)
"""
FOUND = "SELECT count(*), sum(n)::BIGINT, sum(n * n)::BIGINT, count(DISTINCT tag) FROM read_parquet('{out}')"
CUTOFF = "2022-01"
COHORTS = """
WITH single AS (SELECT unnest(creators) AS creator, published, tags FROM read_parquet({files})),
entry AS (SELECT creator, min(published) < TIMESTAMP '{cutoff}-01' AS senior FROM single GROUP BY ALL),
words AS (SELECT senior, (12 * year(published) + month(published) - 1)::INTEGER AS month, unnest(tags) AS tag
          FROM single JOIN entry USING (creator)),
counted AS (SELECT senior, month, tag, count(*) AS n FROM words WHERE NOT starts_with(tag, 'meta:') GROUP BY ALL)
SELECT count(*), sum(n)::BIGINT, sum(n * n)::BIGINT, count(DISTINCT tag) FROM counted
"""
MEMORY = "1500MB"
"""What hand-written SQL may use; with the 700 MB that precipice gives its engine it runs out at 5 million posts."""


def by_sql(study: Path, out: str) -> None:
    """Count by creator, month and tag with DuckDB, and write the cells, tags as text."""
    connection = _connected(out)
    connection.execute(CELLS.format(files=files_of(study), out=out))
    print(json.dumps(connection.execute(FOUND.format(out=out)).fetchone()))


def cohorts_by_sql(study: Path, out: str) -> None:
    """Count by cohort, month and tag with DuckDB, which keeps no creators."""
    print(json.dumps(_connected(out).execute(COHORTS.format(files=files_of(study), cutoff=CUTOFF)).fetchone()))


def _connected(out: str) -> "duckdb.DuckDBPyConnection":
    connection = duckdb.connect()
    for limit in ("enable_progress_bar = false", "preserve_insertion_order = false", f"memory_limit = '{MEMORY}'"):
        connection.execute(f"SET {limit}")
    connection.execute(f"SET temp_directory = '{out}.spill'")
    return connection


def by_precipice(study: Path, out: str) -> None:
    """Count with precipice into arrays in memory; `out` is not used."""
    from precipice.archive import count_tags

    found = count_tags(study / "archive")
    sums = [0, 0]
    for low in range(0, len(found.count), 1_000_000):  # all at once, these sums would take more memory than the counts
        n = found.count[low : low + 1_000_000].astype("int64")
        sums = [sums[0] + int(n.sum()), sums[1] + int((n * n).sum())]
    print(json.dumps([len(found.count), *sums, len(found.tags) + found.tags_left_out]))


def cohorts_by_precipice(study: Path, out: str) -> None:
    """Count with precipice by creator, month and tag, and add up cohorts; `out` is not used."""
    import numpy as np

    from precipice.archive import count_tags
    from precipice.months import parse_month
    from precipice.study import open_panel

    counts, panel = count_tags(study / "archive"), open_panel(study)
    senior = panel.first[np.searchsorted(panel.creators, counts.creators)] < parse_month(CUTOFF)
    first, width = int(counts.months.min()), len(counts.tags)
    row = (senior * 1_000 + counts.months - first).astype(np.int64)
    n = np.zeros(2_000 * width, np.int32)
    for low in range(0, len(row), 100_000):
        cells = slice(counts.indptr[low], counts.indptr[min(low + 100_000, len(row))])
        lengths = np.diff(counts.indptr[low : low + 100_001])
        key = np.repeat(row[low : low + 100_000] * width, lengths) + counts.tag[cells]
        np.add.at(n, key, counts.count[cells])
    n = n[n > 0].astype(np.int64)
    print(json.dumps([len(n), int(n.sum()), int((n * n).sum()), width + counts.tags_left_out]))


def themes(study: Path, out: str) -> None:
    """Count with precipice and compare tags around one event; `out` is not used."""
    from precipice.archive import count_tags
    from precipice.months import parse_month
    from precipice.profiles.theme_search import find_themes
    from precipice.study import open_panel

    counts = count_tags(study / "archive")
    found = find_themes(open_panel(study), counts, "danbooru", parse_month("2022-08"), cutoff=parse_month("2022-01"))
    print(json.dumps([len(found.tags), len(found.dates), int(found.named.sum())]))


WAYS: Mapping[str, Callable[[Path, str], None]] = {
    "sql": by_sql,
    "precipice": by_precipice,
    "cohorts-sql": cohorts_by_sql,
    "cohorts": cohorts_by_precipice,
    "themes": themes,
}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
