"""Compare what the ways of a stage gave, row by row; exit 1 if a row differs.

    python benchmarks/checks.py series FOLDER

Prints the comparison as JSON.
"""

import hmac
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from band_ways import DRAWN, read_cells
from ingest_ways import TAGS
from series_ways import files_of

STANDARD_ERRORS = 4.0  # a right answer falls outside once in 16,000 runs
ROUNDING = 1e-9  # relative, between two orders of floating-point sums


@dataclass(frozen=True)
class Comparison:
    """What a comparison found."""

    rows: int
    """Rows compared, those of one side."""
    differ: Mapping[str, int]
    """By way: rows that differ."""
    words: str
    """What was compared."""


ARCHIVE = """
CREATE TABLE archive AS
SELECT id::BIGINT AS id, hash(published, updated, tags, state, reactions) AS print FROM read_parquet($files)
"""
CREDITS = """
CREATE TABLE credits AS SELECT id::BIGINT AS id, unnest(creators) AS creator FROM read_parquet($files)
"""
SPLIT = ", ".join(f"string_split({name}, ' ') AS {name}" for name in TAGS)
KINDS = ("character", "copyright", "meta")
PREFIXED = " || ".join(
    f"list_transform(list_filter(tag_string_{kind}, lambda tag: tag != ''), lambda tag: '{kind}:' || tag)"
    for kind in KINDS
)
OTHER = f"""
CREATE OR REPLACE TABLE other AS
SELECT id, hash(date_trunc('second', created_at::TIMESTAMP), date_trunc('second', updated_at::TIMESTAMP),
                list_filter(tag_string_general, lambda tag: tag != '') || {PREFIXED},
                CASE WHEN is_banned THEN 'banned' WHEN is_deleted THEN 'deleted' ELSE 'shown' END,
                fav_count::BIGINT) AS print
FROM given
"""
NAMED = """
CREATE OR REPLACE TABLE named AS
SELECT id, name FROM (SELECT id, unnest(tag_string_artist) AS name FROM given) WHERE name NOT IN ('', 'banned_artist')
"""
POSTS_DIFFER = (
    "SELECT count(*) FROM archive FULL JOIN other USING (id) WHERE archive.print IS DISTINCT FROM other.print"
)
CREDITS_DIFFER = """
SELECT count(*) FROM credits FULL JOIN (FROM named JOIN pseudonyms USING (name)) AS other USING (id, creator)
WHERE credits.id IS NULL OR other.id IS NULL
"""


def check_ingest(stage: str, study: str, ways: tuple[str, ...], folder: Path) -> Comparison:
    """Compare posts (times, tags, state, favourites) and credits (post and artist) with those in the archive.

    The archive's creators are pseudonyms; those of the other side's names are computed here, with Python's HMAC.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    for query in (ARCHIVE, CREDITS):
        connection.execute(query, {"files": files_of(folder / study)})
    differ = {}
    for way in ways:
        columns = f"* REPLACE ({SPLIT})" if way == "everything" else "*"
        connection.execute(
            f"CREATE OR REPLACE VIEW given AS SELECT {columns} FROM read_parquet('{folder}/{stage}-{way}.parquet')"
        )
        connection.execute(OTHER)
        connection.execute(NAMED)
        _name(connection)
        differ[way] = _number(connection, POSTS_DIFFER) + _number(connection, CREDITS_DIFFER)
    rows = _number(connection, "SELECT (SELECT count(*) FROM archive) + (SELECT count(*) FROM credits)")
    words = "posts (times in UTC to the second, tags, state, favourites) and credits (post and artist)"
    return Comparison(rows, differ, words)


def _name(connection: duckdb.DuckDBPyConnection) -> None:
    """Compute the pseudonym of every name, from the definition."""
    import pyarrow as pa

    key = bytes.fromhex(os.environ["PRECIPICE_KEY"])
    names = [name for (name,) in connection.execute("SELECT DISTINCT name FROM named").fetchall()]
    digests = (hmac.digest(key, f"danbooru\0{name}".encode(), "sha256") for name in names)
    numbers = [int.from_bytes(digest[:8], "big") >> 1 for digest in digests]
    connection.register("pseudonyms", pa.table({"name": names, "creator": pa.array(numbers, pa.int64())}))


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    rows: list[tuple[int]] = connection.execute(query).fetchall()
    return rows[0][0]


def check_series(folder: Path) -> Comparison:
    """Compare each way's rows with those of the hand-written SQL."""
    from stages import SERIES

    def rows(way: str) -> set[tuple[object, ...]]:
        found = json.loads((folder / f"series-{way}.json").read_text())["series"]
        return {tuple(row[name] for name in sorted(row)) for row in found}

    reference = rows("sql")
    differ = {way.name: len(rows(way.name) ^ reference) for way in SERIES.ways if way.name != "sql"}
    return Comparison(len(reference), differ, "platform, cohort, month and four counts")


def check_panel(folder: Path) -> Comparison:
    """Compare the panel's cells and each creator's first month with those of the hand-written SQL."""
    from precipice.study import open_panel

    panel = open_panel(folder / "study")
    cells = duckdb.execute(
        "SELECT creator, month, n FROM read_parquet($file) ORDER BY platform, creator, month",
        {"file": str(folder / "panel-sql.parquet")},
    ).fetchnumpy()
    ours = (panel.creators[panel.row], panel.start + panel.month.astype(int), panel.count)
    if len(cells["n"]) != len(panel.count):
        return Comparison(len(cells["n"]), {"precipice": abs(len(cells["n"]) - len(panel.count))}, "cells")
    wrong = np.zeros(len(panel.count), bool)
    for name, column in zip(("creator", "month", "n"), ours, strict=True):
        wrong |= cells[name] != column
    first = np.flatnonzero(np.concatenate([[True], np.diff(cells["creator"]) != 0]))
    late = int((cells["month"][first] != panel.first).sum())
    return Comparison(len(wrong), {"precipice": int(wrong.sum()) + late}, "creator, month, uploads; first month")


def check_bands(folder: Path) -> Comparison:
    """Compare sums with a plain recount, replicates with the law of resampling, and Gini coefficients with another sum.

    Pooled over months, cohorts and measures, the squared deviations of the draws are compared with the covariance that
    drawing N creators with replacement has, Σyy' − TT'/N; the tolerance is `STANDARD_ERRORS` of that pooled mean.
    """
    read = partial(_read, folder)
    closed, drawn, gini = read("closed"), read("pandas"), read("gini")
    differ = {
        "closed": _wrong_sums(folder / "panel.npz", closed["bands"]),
        "pandas": int(_far(closed["bands"], drawn["draws"], drawn["creators"])),
        "gini": _wrong_gini(folder / "panel.npz", gini["gini"]),
        **{way: int(read(way)["sha256"] != gini["sha256"]) for way in ("gini_small", "gini_large")},
    }
    words = "sums and their variances, the law of the draws, Gini coefficients, replicates to the last bit"
    return Comparison(closed["cells"], differ, words)


def _read(folder: Path, way: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"bands-{way}.json").read_text())
    return found


def _by_cohort(place: Path) -> Mapping[str, tuple[Any, Any]]:
    """Give month index and uploads of each cohort's cells, recounted from the cells alone."""
    from band_ways import CUTOFF, START

    creator, month, n = read_cells(place)
    names, index = np.unique(creator, return_inverse=True)
    first = np.full(len(names), month.max())
    np.minimum.at(first, index, month)
    senior = first[index] < CUTOFF
    return {name: (month[part] - START, n[part]) for name, part in (("senior", senior), ("junior", ~senior))}


def _wrong_sums(place: Path, bands: Mapping[str, Any]) -> int:
    """Count the months whose sum or variance is not that of a plain recount."""
    wrong = 0
    for cohort, (month, n) in _by_cohort(place).items():
        for name, values in (("uploads", n.astype(float)), ("capped", np.minimum(n, 1).astype(float))):
            band = bands[f"{cohort} {name}"]
            size = len(band["sum"])
            wrong += int((np.bincount(month, values, size) != band["sum"]).sum())
            wrong += int((np.bincount(month, values**2, size) != np.diag(band["covariance"])).sum())
    return wrong


def _far(bands: Mapping[str, Any], draws: Mapping[str, Any], creators: int) -> bool:
    """Say whether the draws vary otherwise than the closed form says."""
    deviations, variance, correlated = [], [], 0.0
    for name, band in bands.items():
        if name.endswith("limits"):
            continue
        total = np.array(band["sum"], float)
        covariance = np.array(band["covariance"]) - np.outer(total, total) / creators
        there = np.diag(covariance) > 0
        deviations.append((np.array(draws[name], float) - total)[:, there])
        variance.append(np.diag(covariance)[there])
        scale = np.sqrt(variance[-1])
        correlated += float(np.sqrt(np.sum((covariance[np.ix_(there, there)] / np.outer(scale, scale)) ** 2)))
    count = sum(map(len, variance))
    pooled = sum(float(np.sum(d**2 / v)) for d, v in zip(deviations, variance, strict=True)) / (DRAWN * count)
    # Blocks (cohort, measure) go together at worst: the norm of their sum is at most the sum of their norms.
    error = np.sqrt(2 / DRAWN) * correlated / count
    return bool(abs(pooled - 1) > STANDARD_ERRORS * error)


def _wrong_gini(place: Path, found: Mapping[str, Any]) -> int:
    """Count the months whose Gini coefficient is not 2 Σ i y_i / (n Σ y) − (n + 1) / n of the sorted uploads."""
    wrong = 0
    for cohort, (month, n) in _by_cohort(place).items():
        for index, value in enumerate(found[cohort]["value"]):
            y = np.sort(n[month == index]).astype(float)
            if len(y) == 0:
                wrong += not np.isnan(value)
                continue
            plain = 2 * np.dot(np.arange(1, len(y) + 1), y) / (len(y) * y.sum()) - (len(y) + 1) / len(y)
            wrong += abs(plain - value) > ROUNDING
    return int(wrong)


CHECKS: Mapping[str, Callable[[Path], Comparison]] = {
    "ingest": partial(check_ingest, "ingest", "study", ("sql", "everything")),
    "sample": partial(check_ingest, "sample", "study-sample", ("pandas",)),
    "series": check_series,
    "panel": check_panel,
    "bands": check_bands,
}

if __name__ == "__main__":
    comparison = CHECKS[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps(asdict(comparison)))
    sys.exit(any(comparison.differ.values()))
