"""Ways to the cohort series from an archive's Parquet, as a researcher would write them by hand.

Seniors (first upload before 2022-01 over the whole history) and juniors, 2021-01 to 2023-10, capped at one upload a
month and creator; printed as the rows of `precipice cohorts --json`, months without uploads included.

    python benchmarks/series_ways.py sql STUDY
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

FROM, TO, CUTOFF = "2021-01", "2023-10", "2022-01"
COUNTS = ("uploads", "capped", "creators", "entrants")

SERIES = """
WITH credits AS (
    SELECT platform, unnest(creators) AS creator, date_trunc('month', published) AS month FROM read_parquet($files)
), monthly AS MATERIALIZED (
    SELECT platform, creator, month, count(*) AS n FROM credits GROUP BY ALL
), firsts AS (
    SELECT platform, creator, min(month) AS first FROM monthly GROUP BY ALL
), series AS (
    SELECT platform, CASE WHEN first < DATE '2022-01-01' THEN 'senior' ELSE 'junior' END AS cohort, month,
           sum(n) AS uploads, sum(least(n, 1)) AS capped, count(*) AS creators,
           count(*) FILTER (month = first) AS entrants
    FROM monthly JOIN firsts USING (platform, creator)
    WHERE month BETWEEN DATE '2021-01-01' AND DATE '2023-10-01' GROUP BY ALL
), calendar AS (
    SELECT platform, cohort, unnest(generate_series(TIMESTAMP '2021-01-01', TIMESTAMP '2023-10-01', INTERVAL 1 MONTH))
               AS month
    FROM (SELECT DISTINCT platform FROM monthly), (SELECT unnest(['senior', 'junior']) AS cohort)
)
SELECT platform, cohort, strftime(month, '%Y-%m'), coalesce(uploads, 0)::BIGINT, coalesce(capped, 0)::BIGINT,
       coalesce(creators, 0), coalesce(entrants, 0)
FROM calendar LEFT JOIN series USING (platform, cohort, month) ORDER BY ALL
"""


def files_of(study: Path) -> list[str]:
    """Give the Parquet files of a study's archive."""
    return [str(path) for path in sorted((study / "archive").glob("uploads-*.parquet"))]


def print_series(rows: Iterable[tuple[object, ...]]) -> None:
    """Print rows of platform, cohort, month and the four counts as the command does."""
    names = ("platform", "cohort", "month", *COUNTS)
    print(json.dumps({"series": [dict(zip(names, row, strict=True)) for row in rows]}))


def series_by_sql(study: Path) -> None:
    """Count with DuckDB."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    print_series(connection.execute(SERIES, {"files": files_of(study)}).fetchall())


def series_by_pandas(study: Path) -> None:
    """Count with pandas, as most would: explode, group, transform, months as periods."""
    import pandas as pd

    posts = pd.read_parquet(files_of(study), columns=["platform", "creators", "published"])
    credited = posts.explode("creators").dropna(subset=["creators"])
    credited["month"] = credited["published"].dt.to_period("M")
    credited["first"] = credited.groupby(["platform", "creators"])["month"].transform("min")
    credited["cohort"] = (credited["first"] < pd.Period(CUTOFF)).map({True: "senior", False: "junior"})
    monthly = credited.groupby(["platform", "cohort", "creators", "month", "first"]).size().rename("n").reset_index()
    _print_monthly(monthly, list(pd.period_range(FROM, TO, freq="M")))


def series_by_pandas_tuned(study: Path) -> None:
    """Count with pandas, by whole numbers wherever that is possible."""
    import pandas as pd

    posts = pd.read_parquet(files_of(study), columns=["platform", "creators", "published"])
    posts["platform"] = posts["platform"].astype("category")
    posts["month"] = posts["published"].to_numpy().astype("datetime64[M]").astype("int64")  # as a period's ordinal
    credited = posts.drop(columns="published").explode("creators").dropna(subset=["creators"])
    credited["creators"] = credited["creators"].astype("int64")
    monthly = credited.groupby(["platform", "creators", "month"], observed=True, sort=False).size().rename("n")
    monthly = monthly.reset_index()
    by_creator = monthly.groupby(["platform", "creators"], observed=True, sort=False)
    monthly["first"] = by_creator["month"].transform("min")
    months = range(pd.Period(FROM).ordinal, pd.Period(TO).ordinal + 1)
    monthly = monthly[monthly["month"].isin(months)].copy()
    monthly["cohort"] = (monthly["first"] < pd.Period(CUTOFF).ordinal).map({True: "senior", False: "junior"})
    _print_monthly(monthly, months)


def _print_monthly(monthly: "pd.DataFrame", months: Sequence[object]) -> None:
    """Sum cells by platform, cohort and month, and print every one of `months`, which are written as the frame's."""
    import pandas as pd

    monthly["capped"] = monthly["n"].clip(upper=1)
    monthly["entrant"] = monthly["month"] == monthly["first"]
    series = monthly.groupby(["platform", "cohort", "month"], observed=True).agg(
        uploads=("n", "sum"), capped=("capped", "sum"), creators=("n", "size"), entrants=("entrant", "sum")
    )
    platforms = sorted(monthly["platform"].unique())
    grid = pd.MultiIndex.from_product([platforms, ["junior", "senior"], months], names=series.index.names)
    counts = series.reindex(grid, fill_value=0)[list(COUNTS)].astype(int).to_numpy().tolist()
    texts = [str(month) for month in pd.period_range(FROM, TO, freq="M")] * (2 * len(platforms))
    print_series((key[0], key[1], text, *row) for key, text, row in zip(grid, texts, counts, strict=True))


def series_by_polars(study: Path) -> None:
    """Count with Polars, lazily, by its streaming engine."""
    import polars as pl

    who = ["platform", "creators"]
    monthly = (
        pl.scan_parquet(files_of(study))
        .select("platform", "creators", month=pl.col("published").dt.truncate("1mo"))
        .explode("creators")
        .drop_nulls("creators")
        .group_by(*who, "month")
        .agg(n=pl.len())
    )
    month, first = pl.col("month"), pl.col("first")
    start, end, cutoff = pl.datetime(2021, 1, 1), pl.datetime(2023, 10, 1), pl.datetime(2022, 1, 1)
    cohort = pl.when(first < cutoff).then(pl.lit("senior")).otherwise(pl.lit("junior"))
    series = (
        monthly.join(monthly.group_by(who).agg(first=month.min()), on=who)
        .filter(month.is_between(start, end))
        .group_by("platform", "month", cohort=cohort)
        .agg(uploads=pl.col("n").sum(), capped=pl.col("n").clip(upper_bound=1).sum(), creators=pl.len(),
             entrants=(month == first).sum())
        .collect(engine="streaming")
        .with_columns(month.dt.strftime("%Y-%m"))
    )  # fmt: skip
    months = pl.select(month=pl.datetime_range(start, end, "1mo").dt.strftime("%Y-%m"))
    grid = (
        series.select("platform").unique().join(pl.DataFrame({"cohort": ["junior", "senior"]}), how="cross")
        .join(months, how="cross")
    )  # fmt: skip
    full = grid.join(series, on=["platform", "cohort", "month"], how="left").fill_null(0)
    print_series(full.select("platform", "cohort", "month", *COUNTS).sort("platform", "cohort", "month").iter_rows())


WAYS: Mapping[str, Callable[[Path], None]] = {
    "sql": series_by_sql,
    "pandas": series_by_pandas,
    "pandas_tuned": series_by_pandas_tuned,
    "polars": series_by_polars,
}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]))
