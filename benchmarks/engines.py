"""Measure an archive's way to cohort series on every engine, beside what one would write by hand for each.

    python benchmarks/engines.py
    python benchmarks/engines.py --rows 20000 --results build --repeats 1
    python benchmarks/engines.py --without spark= --without hand-spark --keep    # Spark's readings stay as they were

Writes benchmarks/results_engines.md and results_engines.json; needs Spark itself and Java 17 (`make spark`).
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from main_job import FEW, make_place
from measuring import Measured, Place, Way, take_turns
from results_page import machine
from stages import COHORTS, HERE, PRECIPICE, archived, unstaged

REAPED = (sys.executable, str(HERE / "reaped.py"))
ENGINES = {
    "duckdb": "precipice on DuckDB, the default",
    "polars": "precipice on Polars",
    "spark=sail": "precipice on Sail, in its process",
    "spark=local[*]": "precipice on Spark, this machine",
}
BY_HAND = {
    "sql": "DuckDB, hand-written SQL, monthly table staged",
    "polars": "Polars, lazy, streaming",
    "pandas": "pandas, as most would write it",
    "pandas_tuned": "pandas, by whole numbers",
}
OTHERS = {"spark": "Spark SQL, hand-written, this machine"}
TARGET = 1.1
"""Most that the queries of precipice on DuckDB may take of hand-written SQL."""


def _ours(engine: str, place: Place) -> list[str]:
    return [*REAPED, *PRECIPICE, "cohorts", str(place.study), *COHORTS, "--quiet", "--engine", engine]


def _by_hand(script: str, way: str, place: Place) -> list[str]:
    return [*REAPED, sys.executable, str(HERE / script), way, str(place.study)]


WAYS = [
    *(Way(f"ours-{name}", words, partial(_ours, name), unstaged) for name, words in ENGINES.items()),
    *(Way(f"hand-{name}", words, partial(_by_hand, "series_ways.py", name), unstaged)
      for name, words in BY_HAND.items()),
    *(Way(f"hand-{name}", words, partial(_by_hand, "engine_ways.py", name), unstaged)
      for name, words in OTHERS.items()),
    Way("read", "the limit: DuckDB reads the columns, and that is all", partial(_by_hand, "engine_ways.py", "read"),
        unstaged),
]  # fmt: skip
YARDSTICK = "hand-sql"


def rows_given(place: Place, way: str) -> list[tuple[object, ...]]:
    """Give the rows that a way printed."""
    series = json.loads(place.output("series", way).read_text())["series"]
    return sorted(tuple(row.values()) for row in series)


def chosen(without: Sequence[str]) -> list[Way]:
    """Give the ways whose names hold none of some words."""
    return [way for way in WAYS if not any(word in way.name for word in without)]


def compare(place: Place, ways: Sequence[Way] = WAYS) -> int:
    """Compare what every way printed, row by row.

    Raises:
        SystemExit: some way gave other rows.
    """
    expected = rows_given(place, YARDSTICK)
    for way in ways:
        if way.name != "read" and rows_given(place, way.name) != expected:
            raise SystemExit(f"{way.name} gave other rows than {YARDSTICK} on {place.rows} posts")
    return len(expected)


def measure_size(
    rows: int, few: Place, arguments: argparse.Namespace, earlier: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Measure ways on one size; `earlier` readings stand for those left out."""
    place = make_place(arguments.folder / f"rows-{rows}", rows, None, FEW, FEW)
    for at in (few, place):
        archived(at)
    asked = chosen(arguments.without)
    found = take_turns("series", asked, place, few, arguments.repeats)
    held = sum(path.stat().st_size for path in (place.study / "archive").glob("uploads-*.parquet"))
    ways = {
        way.name: numbers_of(found[way.name]) if way.name in found else earlier[way.name]
        for way in WAYS
        if way.name in found or way.name in earlier
    }
    return {"rows": rows, "archive_bytes": held, "compared": compare(place, asked), "ways": ways}


def kept(place: Path) -> dict[int, dict[str, dict[str, Any]]]:
    """Give the readings of the last results by size and way, each with its day."""
    last = json.loads(place.read_text())
    return {
        size["rows"]: {name: {"measured": last["measured"][:10], **way} for name, way in size["ways"].items()}
        for size in last["sizes"]
    }


def numbers_of(measured: Measured) -> dict[str, Any]:
    """Give what was measured of a way, for the results."""
    return {
        "words": measured.way.words,
        "cpu_s": round(measured.cpu, 3),
        "startup_s": round(measured.started, 3),
        "net_s": round(measured.counted, 3),
        "wall_s": round(measured.wall, 2),
        "peak_mb": round(measured.peak),
        "readings": [vars(one) for one in measured.readings],
    }


def table(size: Mapping[str, Any]) -> list[str]:
    """Write one size as a table."""
    yardstick = size["ways"][YARDSTICK]["net_s"]
    lines = ["| way | CPU-s | start-up | net | × | wall s | peak MB |", "|---|--:|--:|--:|--:|--:|--:|"]
    for way in size["ways"].values():
        words = f"{way['words']}, {way['measured']}" if "measured" in way else way["words"]
        # What is lost among the start-ups counts as how far these lay apart.
        lost = "< " if median(one["cpu"] for one in way["readings"]) - way["startup_s"] < way["net_s"] - 0.002 else ""
        lines.append(
            f"| {words} | {way['cpu_s']:.2f} | {way['startup_s']:.2f} | {lost}{way['net_s']:.2f} |"
            f" {lost}{way['net_s'] / yardstick:.2f} | {way['wall_s']:.1f} | {way['peak_mb']:,} |"
        )
    return lines


def page(results: Mapping[str, Any]) -> str:
    """Write the report."""
    found, load = results["machine"], results["load"]
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    sizes: Sequence[Mapping[str, Any]] = results["sizes"]
    lines = [
        "# Engines, measured", "",
        f"`make bench-engines` wrote this page on {results['measured'][:10]}; see README.md.", "",
        "From an archive's Parquet to cohort series: uploads, capped at 1, active creators and entrants of seniors",
        "and juniors by month, printed as JSON; nothing is staged beforehand.  precipice also keeps the monthly table,",
        "which spares every later look the counting, and works out squares for the bands, followers and the window.",
        "Every way gives the same rows, compared one by one.",
        "CPU seconds are those of all processes that a way starts, Java's too; ways take turns.",
        "\"Start-up\" is the same on 100 posts, \"net\" the rest, and × says how many times the net of SQL by hand.",
        "A net that start-ups, as far as they lay apart, cannot be told from is printed as \"<\" so much.",
        "Peak is of the largest process.  All ways may use all cores.  A row with a date is of an earlier run.", "",
        f"- Machine: {found['processor']}, {found['cores']} cores, load {load['before']:.1f} before,"
        f" {load['after']:.1f} after: other work ran beside it.",
        f"- Versions: {versions}.",
        f"- Runs of each way: {results['repeats']}; left out: {', '.join(results['without']) or 'none'}.", "",
    ]  # fmt: skip
    for size in sizes:
        words = f"{size['compared']} rows compared; the archive takes {size['archive_bytes'] / 1e6:,.1f} MB."
        lines += [f"## {size['rows']:,} posts", "", *table(size), "", words, ""]
    return "\n".join(lines)


def machine_with_java() -> dict[str, Any]:
    """Say what this machine is, and which versions of Spark and Java it has."""
    found = machine()
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr.split('"')[1]
    found["versions"] |= {"pyspark": version("pyspark"), "pysail": version("pysail"), "java": java}
    return found


def main() -> None:
    """Measure, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", help="posts (default: 200,000 and 1,000,000)")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where all of it lies")
    parser.add_argument("--without", action="append", default=[], help="leave out ways with this word in their name")
    parser.add_argument("--keep", action="store_true", help="keep the last results' readings of what is left out")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each way (default: 3)")
    parser.add_argument("--results", type=Path, default=HERE, help="folder of the results")
    arguments = parser.parse_args()
    started, before = datetime.now(UTC), os.getloadavg()[0]
    last = arguments.results / "results_engines.json"
    earlier = kept(last) if arguments.keep else {}
    few = make_place(arguments.folder / "few", FEW, None, FEW, FEW)
    results: dict[str, Any] = {
        "measured": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": json.loads(last.read_text())["machine"] if arguments.keep else machine_with_java(),
        "repeats": arguments.repeats,
        "without": [] if arguments.keep else [way.words for way in WAYS if way not in chosen(arguments.without)],
        "sizes": [],
    }
    arguments.results.mkdir(parents=True, exist_ok=True)
    for rows in arguments.rows or (200_000, 1_000_000):  # written after each: the next may take long
        results["sizes"].append(measure_size(rows, few, arguments, earlier.get(rows, {})))
        results["load"] = {"before": before, "after": os.getloadavg()[0]}
        (arguments.results / "results_engines.json").write_text(json.dumps(results, indent=1) + "\n")
        (arguments.results / "results_engines.md").write_text(page(results))
        print(f"written: {arguments.results / 'results_engines.md'}", flush=True)


if __name__ == "__main__":
    main()
