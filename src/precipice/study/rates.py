"""Measured rates, from which `precipice doctor` says what a study takes; a test holds them to the benchmarks."""

from collections.abc import Mapping
from dataclasses import dataclass

INGEST_US = 10.92  # 54.58 CPU-s for 5,000,000 posts of 30 tags: benchmarks/results.json, stage ingest
CELLS = 0.4755  # 2,377,493 cells of 5,000,000 posts: the same, stage panel
# 487,360,573 bytes of 5,000,000 posts of `benchmarks/danbooru_like.py`, 30 tags each; 66.5 of 1,000,000, 57.4 of
# 200,000: the more posts, the fewer of their tags fit in a file's dictionaries.
ARCHIVE_BYTES = 97.5
# (1,179 − 372) MB for 18,482,287 cells more, of 50 and of 5 million uploads: benchmarks/growth.csv.
CELL_BYTES = 44.0
# By arithmetic, a bound: platform, creator, month, count and hash of a group, if every upload were a group of its own.
SPILL_BYTES = 40.0
PROCESS_BYTES = 116e6  # the command on 100 posts: benchmarks/results.json


@dataclass(frozen=True)
class Rates:
    """What an engine takes for an upload."""

    reduce_us: float
    """CPU microseconds to reduce one upload, all processes together, on as many cores as there are."""
    start_s: float
    """Seconds before it begins."""
    source: str
    driver_us: float = 0.0
    """CPU microseconds of the process that asks, for one upload, on one core whatever the cluster."""
    ingest_us: float = INGEST_US
    cells: float = CELLS
    archive_bytes: float = ARCHIVE_BYTES
    cell_bytes: float = CELL_BYTES
    spill_bytes: float = SPILL_BYTES
    process_bytes: float = PROCESS_BYTES


RATES: Mapping[str, Rates] = {
    "duckdb": Rates(0.344, 1.7, "benchmarks/results.json, 5,000,000 posts"),
    # Start: CPU seconds on two cores, halved.
    "spark": Rates(1.507, 11.5, "studies/cluster, 5,000,000 uploads, and benchmarks/results_engines.json", 0.161),
    "sail": Rates(0.775, 2.05, "benchmarks/results_engines.json, 1,000,000 posts"),
}
"""Engine → its rates."""
