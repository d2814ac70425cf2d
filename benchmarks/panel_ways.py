"""Ways from an archive's Parquet to the panel: uploads by creator and month, in order.

python benchmarks/panel_ways.py sql STUDY OUT.parquet
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from series_ways import files_of

CELLS = """
COPY (SELECT platform, creator, month, count(*)::INTEGER AS n
      FROM (SELECT platform, unnest(creators) AS creator,
                   (12 * year(published) + month(published) - 1)::INTEGER AS month
            FROM read_parquet({files}))
      GROUP BY ALL ORDER BY platform, creator, month)
TO '{out}' (FORMAT parquet, COMPRESSION zstd)
"""


def panel_by_sql(study: Path, out: str) -> None:
    """Count with DuckDB, sort, and write the cells."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(CELLS.format(files=files_of(study), out=out))


def panel_by_precipice(study: Path, out: str) -> None:
    """Reduce the archive, keep the monthly table beside it, and build the panel; `out` is not used."""
    from precipice.study import open_panel

    panel = open_panel(study)
    print(f"{len(panel)} creators, {len(panel.count)} cells; nothing is written to {out}")


WAYS: Mapping[str, Callable[[Path, str], None]] = {"sql": panel_by_sql, "precipice": panel_by_precipice}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
