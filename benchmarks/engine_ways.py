"""Two more ways to read an archive: the least that any way must do, and Spark by hand.

python benchmarks/engine_ways.py read STUDY
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from series_ways import SERIES, files_of, print_series


def read_alone(study: Path) -> None:
    """Read and unpack the bytes that the series need, and nothing more."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    query = "SELECT max(platform), sum(len(creators)), max(published) FROM read_parquet($files)"
    print(connection.execute(query, {"files": files_of(study)}).fetchall())


# The same text as DuckDB's, where the dialects differ written anew.
SPARK = (
    SERIES.replace("read_parquet($files)", "posts")
    .replace("unnest(creators)", "explode(creators)")
    .replace("MATERIALIZED (", "(")
    .replace("FILTER (month", "FILTER (WHERE month")
    .replace("unnest(generate_series(TIMESTAMP '2021-01-01', TIMESTAMP '2023-10-01', INTERVAL 1 MONTH))",
             "explode(sequence(TIMESTAMP_NTZ '2021-01-01', TIMESTAMP_NTZ '2023-10-01', INTERVAL 1 MONTH))")
    .replace("(SELECT unnest(['senior', 'junior']) AS cohort)", "(SELECT explode(array('senior', 'junior')) AS cohort)")
    .replace("strftime(month, '%Y-%m')", "date_format(month, 'yyyy-MM')")
)  # fmt: skip


def series_by_spark(study: Path) -> None:
    """Count with Spark SQL on this machine."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false")
    settings = {
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.memory": "2g",
        "spark.log.level": "ERROR",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.read.parquet(*files_of(study)).createOrReplaceTempView("posts")
    print_series(tuple(row) for row in session.sql(SPARK).collect())


WAYS: Mapping[str, Callable[[Path], None]] = {"read": read_alone, "spark": series_by_spark}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]))
