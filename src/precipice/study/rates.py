"""Measured rates, from which `precipice doctor` says what a study takes; a test holds them to the benchmarks."""

from collections.abc import Mapping
from dataclasses import dataclass

INGEST_US = 10.92  # 54.58 CPU-s for 5,000,000 posts of 30 tags: benchmarks/results.json, stage ingest
CELLS = 0.4755  # 2,377,493 cells of 5,000,000 posts: the same, stage panel
ARCHIVE_BYTES = 112.0  # of an upload with 30 tags, zstd: benchmarks/results_engines.json, largest input
# Fetched (2 + 8 + 4 + 4 bytes), put in order (8), and copied in that order (18); then the row limits.
CELL_BYTES = 48.0
SPILL_BYTES = 40.0  # of an upload: what grouping holds of it, if nothing stays in memory
PROCESS_BYTES = 116e6  # the command on 100 posts: benchmarks/results.json


@dataclass(frozen=True)
class Rates:
    """What an engine takes for an upload."""

    reduce_us: float
    """CPU microseconds to reduce one upload, all processes together."""
    start_s: float
    """Seconds before it begins."""
    source: str
    ingest_us: float = INGEST_US
    cells: float = CELLS
    archive_bytes: float = ARCHIVE_BYTES
    cell_bytes: float = CELL_BYTES
    spill_bytes: float = SPILL_BYTES
    process_bytes: float = PROCESS_BYTES


RESULTS = "benchmarks/results_engines.json, 1,000,000 posts"
RATES: Mapping[str, Rates] = {
    "duckdb": Rates(0.344, 1.7, "benchmarks/results.json, 5,000,000 posts"),
}
"""Engine → its rates."""
