"""Archives to measure on: Danbooru-like uploads with tags, written straight as Parquet as an ingest would."""

from pathlib import Path
from typing import Literal

Order = Literal["by time", "shuffled"]
"""How uploads lie in files: as a dump in order of posting does, or without any order, as a crawl does."""

PER_CREATOR = 15
"""Uploads for each creator that there may be; the law is log-uniform over ranks, as in benchmarks/danbooru_like.py."""
TAGS = 30
SECONDS = 586_000_000
"""From the first month, May 2005, to the last, December 2023."""
POWER = 0.7
"""Of the share of uploads by which time grows: later months have more."""

# A number of its own for each stream: hashes of two values differ between streams by a fixed pattern of bits alone.
MACROS = """
CREATE MACRO uniform(i, stream) AS (hash(8 * i + stream) >> 11)::DOUBLE / 9007199254740992.0;
CREATE MACRO pseudonym(i, stream) AS (hash(floor(pow({creators}, uniform(i, stream)))::BIGINT) >> 1)::BIGINT;
CREATE MACRO place(i) AS CASE WHEN {by_time} THEN (i + uniform(i, 0)) / {rows}::DOUBLE ELSE uniform(i, 0) END;
"""
UPLOADS = """
COPY (SELECT 'danbooru' AS platform, id::VARCHAR AS id,
             CASE WHEN uniform(id, 1) < 0.03 THEN []::BIGINT[]
                  WHEN uniform(id, 1) < 0.07 THEN [pseudonym(id, 2), pseudonym(id, 3)]
                  ELSE [pseudonym(id, 2)] END AS creators,
             TIMESTAMP '2005-05-24 12:00:00' + to_seconds(({seconds} * pow(place(id), {power}))::BIGINT) AS published,
             'created_at' AS clock, NULL::TIMESTAMP AS source_published, 'image' AS kind,
             list_distinct(list_transform(range({tags}), lambda k:
                 'tag_' || floor(pow({words}, uniform(32 * id + k, 4)))::BIGINT)) AS tags,
             NULL::BOOLEAN AS declared_ai, NULL::BOOLEAN AS opt_out, (id % 90)::BIGINT AS reactions,
             NULL::BIGINT AS followers, NULL::TIMESTAMP AS followers_read, 'shown' AS state, NULL::TIMESTAMP AS updated
      FROM range({rows}) AS numbers(id))
TO '{place}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {group})
"""


def make_archive(folder: Path, rows: int, order: Order) -> Path:
    """Write an archive, where it is not there yet.

    Args:
        folder: where archives lie.
        rows: uploads.
        order: how they lie in files.

    Returns:
        The archive's folder.
    """
    import duckdb

    from precipice.archive.manifest import Manifest, StoredFile, write_manifest
    from precipice.archive.storing import ROW_GROUP

    archive = folder / f"{rows}-{order.replace(' ', '-')}" / "archive"
    if (archive / "manifest.json").exists():
        return archive
    archive.mkdir(parents=True, exist_ok=True)
    settings = {"seconds": SECONDS, "power": POWER, "tags": TAGS, "words": max(100, rows // 50), "group": ROW_GROUP}
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        by_time = str(order == "by time").upper()
        connection.execute(MACROS.format(creators=max(10, rows // PER_CREATOR), rows=rows, by_time=by_time))
        # One file, as few files are counted one by one and many at once, and those of a large archive are many.
        place = archive / f"uploads-0000-{rows:012x}.parquet"
        connection.execute(UPLOADS.format(rows=rows, place=place, **settings))
    file = StoredFile(place.name, rows, 0, place.stat().st_size, "2005-05-24", "2023-12-31")
    write_manifest(archive, Manifest(files=(file,)))
    return archive


def column_bytes(archive: Path) -> dict[str, int]:
    """Give the bytes that each column of an archive takes in its files, compressed, as a reader fetches them."""
    from pyarrow import parquet

    found: dict[str, int] = {}
    for file in archive.glob("uploads-*.parquet"):
        metadata = parquet.read_metadata(file)
        for group in range(metadata.num_row_groups):
            for index in range(metadata.num_columns):
                column = metadata.row_group(group).column(index)
                name = column.path_in_schema.split(".")[0]
                found[name] = found.get(name, 0) + column.total_compressed_size
    return found
