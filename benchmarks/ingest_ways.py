"""Ways to take a Danbooru dump into Parquet, as a researcher would write them by hand.

python benchmarks/ingest_ways.py sql DUMP OUT.parquet
"""

import sys
from collections.abc import Callable, Mapping

COLUMNS = {
    "id": "BIGINT",
    "created_at": "VARCHAR",
    "updated_at": "VARCHAR",
    "uploader_id": "BIGINT",
    "fav_count": "BIGINT",
    "source": "VARCHAR",
    "file_ext": "VARCHAR",
    "is_deleted": "BOOLEAN",
    "is_banned": "BOOLEAN",
    "tag_string_general": "VARCHAR",
    "tag_string_character": "VARCHAR",
    "tag_string_copyright": "VARCHAR",
    "tag_string_artist": "VARCHAR",
    "tag_string_meta": "VARCHAR",
}
TAGS = tuple(name for name in COLUMNS if name.startswith("tag_string_"))
CHUNK = 20_000  # rows that pandas holds at a time


def ingest_by_sql(dump: str, out: str) -> None:
    """Read 14 columns with DuckDB: dates to UTC, tags split, zstd Parquet."""
    import duckdb

    columns = ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items())
    split = ", ".join(f"string_split({name}, ' ') AS {name}" for name in TAGS)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false; SET enable_progress_bar = false")
    connection.execute(f"""
        COPY (SELECT * REPLACE (created_at::TIMESTAMPTZ::TIMESTAMP AS created_at,
                                updated_at::TIMESTAMPTZ::TIMESTAMP AS updated_at, {split})
              FROM read_json('{dump}', format = 'newline_delimited', columns = {{{columns}}}))
        TO '{out}' (FORMAT parquet, COMPRESSION zstd)""")


def ingest_everything(dump: str, out: str) -> None:
    """Read all columns with DuckDB, their types guessed, as they are."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false; SET enable_progress_bar = false")
    connection.execute(f"COPY (FROM read_json_auto('{dump}')) TO '{out}' (FORMAT parquet, COMPRESSION zstd)")


def ingest_by_pandas(dump: str, out: str) -> None:
    """Read 14 columns with pandas, a chunk of rows at a time."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for chunk in pd.read_json(dump, lines=True, chunksize=CHUNK, convert_dates=False):
        posts = chunk[list(COLUMNS)].copy()
        for name in ("created_at", "updated_at"):
            posts[name] = pd.to_datetime(posts[name], utc=True)
        for name in TAGS:
            posts[name] = posts[name].str.split(" ")
        table = pa.Table.from_pandas(posts, preserve_index=False)
        writer = writer or pq.ParquetWriter(out, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


WAYS: Mapping[str, Callable[[str, str], None]] = {
    "sql": ingest_by_sql,
    "everything": ingest_everything,
    "pandas": ingest_by_pandas,
}

if __name__ == "__main__":
    WAYS[sys.argv[1]](sys.argv[2], sys.argv[3])
