"""Ways from an archive's Parquet to tags counted by creator and month, and what is asked of them.

python benchmarks/tag_ways.py precipice STUDY OUT
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

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


def by_sql(study: Path, out: str) -> None:
    """Count with DuckDB within the memory that precipice gives it, and write the cells, tags as text."""
    import duckdb

    connection = duckdb.connect()
    for limit in ("enable_progress_bar = false", "preserve_insertion_order = false", "memory_limit = '700MB'"):
        connection.execute(f"SET {limit}")
    connection.execute(f"SET temp_directory = '{out}.spill'")
    connection.execute(CELLS.format(files=files_of(study), out=out))
    print(json.dumps(connection.execute(FOUND.format(out=out)).fetchone()))


def by_precipice(study: Path, out: str) -> None:
    """Count with precipice into arrays in memory; `out` is not used."""
    from precipice.archive import count_tags

    found = count_tags(study / "archive")
    n = found.count.astype("int64")
    print(json.dumps([len(n), int(n.sum()), int((n * n).sum()), len(found.tags) + found.tags_left_out]))


def themes(study: Path, out: str) -> None:
    """Count with precipice and compare tags around one event; `out` is not used."""
    from precipice.archive import count_tags
    from precipice.months import parse_month
    from precipice.profiles.theme_search import find_themes
    from precipice.study import open_panel

    counts = count_tags(study / "archive")
    found = find_themes(open_panel(study), counts, "danbooru", parse_month("2022-08"), cutoff=parse_month("2022-01"))
    print(json.dumps([len(found.tags), len(found.dates), int(found.named.sum())]))


WAYS: Mapping[str, Callable[[Path, str], None]] = {"sql": by_sql, "precipice": by_precipice, "themes": themes}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
