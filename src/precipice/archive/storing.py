"""Files of uploads on disk: how Parquet is written, and how a finished part gets its name for good."""

from pathlib import Path

import duckdb

from precipice.archive.engine import one_row
from precipice.archive.fingerprints import fingerprint
from precipice.archive.manifest import StoredFile

ROW_GROUP = 122_880  # 200,000 cost a tenth more CPU at ingest, a million half as much again (memory, spilling)
COPY_OPTIONS = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"

SPAN = """
SELECT count(*) FILTER (len(creators) > 0), count(*) FILTER (coalesce(len(creators), 0) = 0),
       coalesce(strftime(min(published) FILTER (len(creators) > 0), '%Y-%m-%dT%H:%M:%SZ'), ''),
       coalesce(strftime(max(published) FILTER (len(creators) > 0), '%Y-%m-%dT%H:%M:%SZ'), '')
FROM read_parquet($1)
"""


def store(connection: duckdb.DuckDBPyConnection, folder: Path, part: Path, number: int) -> StoredFile:
    """Give a finished part its name for good."""
    rows, aside, first, last = one_row(connection, SPAN, [str(part)])
    place = folder / f"uploads-{number:04d}-{fingerprint(part).sha256[:12]}.parquet"
    part.replace(place)
    return StoredFile(
        place.name, int(str(rows)), int(str(aside)), place.stat().st_size, first=str(first), last=str(last)
    )
