"""Measure `precipice ingest` of a Danbooru-like dump on every engine that takes uploads in.

    python benchmarks/engine_ingest.py
    python benchmarks/engine_ingest.py --rows 20000 --results build --repeats 1

Writes benchmarks/results_engine_ingest.md and .json; needs Spark itself and Java 17 (`make spark`).
"""

import argparse
import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from engines import ENGINES, REAPED, machine_with_java, numbers_of
from main_job import FEW, make_place
from measuring import Place, Way, take_turns
from stages import HERE, PRECIPICE

NAME = "results_engine_ingest"
TAKING = ("duckdb", "spark=sail", "spark=local[*]")
DIGEST = """SELECT count(*), bit_xor(hash(platform, id, creators, published, clock, source_published, kind, tags,
declared_ai, opt_out, reactions, followers, followers_read, state, updated))
FROM read_parquet($1) WHERE len(creators) > 0"""


def _study(engine: str, place: Place) -> Path:
    return place.folder / f"study-{engine.partition('[')[0].replace('=', '-')}"


def _command(engine: str, place: Place) -> list[str]:
    study = str(_study(engine, place))
    return [
        *REAPED,
        *PRECIPICE,
        "ingest",
        str(place.dump),
        "--as",
        "danbooru2023",
        "--quiet",
        "--engine",
        engine,
        study,
    ]


def _without(engine: str, place: Place) -> None:
    shutil.rmtree(_study(engine, place), ignore_errors=True)


WAYS = [Way(engine, ENGINES[engine], partial(_command, engine), partial(_without, engine)) for engine in TAKING]


def files_of(engine: str, place: Place) -> list[Path]:
    """Give the Parquet files that an engine wrote."""
    return sorted((_study(engine, place) / "archive").glob("uploads-*.parquet"))


def compare(place: Place) -> int:
    """Compare the rows of every archive; give their number.

    Raises:
        SystemExit: some engine made another archive.
    """
    with duckdb.connect() as connection:
        found = {
            engine: connection.execute(DIGEST, [list(map(str, files_of(engine, place)))]).fetchone()
            for engine in TAKING
        }
    if len(set(found.values())) != 1:
        raise SystemExit(f"the archives differ: {found}")
    ((rows, _), *_) = (one or (0, 0) for one in found.values())
    return int(rows)


def page(results: Mapping[str, Any]) -> str:
    """Write the report."""
    found, load = results["machine"], results["load"]
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    lines = [
        "# Ingest on every engine, measured", "",
        f"`python benchmarks/engine_ingest.py` wrote this page on {results['measured'][:10]}; see README.md.", "",
        f"`precipice ingest` of {results['rows']:,} posts of `danbooru_like.py`, {results['bytes'] / 1e6:,.0f} MB of"
        " JSON Lines, into an empty archive.",
        f"Every engine kept the same {results['compared']:,} uploads, compared by a hash of every column.",
        "CPU seconds are those of all processes that a way starts, Java's too; ways take turns.",
        "\"Start-up\" is the same on 100 posts, \"net\" the rest.  Peak is of the largest process.", "",
        f"- Machine: {found['processor']}, {found['cores']} cores, load {load['before']:.1f} before,"
        f" {load['after']:.1f} after: other work ran beside it.",
        f"- Versions: {versions}.",
        f"- Runs of each way: {results['repeats']}.", "",
        "| engine | CPU-s | start-up | net | wall s | peak MB | files | MB written |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for way in results["ways"].values():
        lines.append(
            f"| {way['words']} | {way['cpu_s']:.2f} | {way['startup_s']:.2f} | {way['net_s']:.2f} |"
            f" {way['wall_s']:.1f} | {way['peak_mb']:,} | {way['files']} | {way['bytes'] / 1e6:,.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000, help="posts (default: 200,000)")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where all of it lies")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each way (default: 3)")
    parser.add_argument("--results", type=Path, default=HERE, help="folder of the results")
    arguments = parser.parse_args()
    started, before = datetime.now(UTC), os.getloadavg()[0]
    few = make_place(arguments.folder / "few", FEW, None, FEW, FEW)
    place = make_place(arguments.folder / f"rows-{arguments.rows}", arguments.rows, None, FEW, FEW)
    ways = {name: numbers_of(one) for name, one in take_turns("ingest", WAYS, place, few, arguments.repeats).items()}
    for name, way in ways.items():
        files = files_of(name, place)
        way |= {"files": len(files), "bytes": sum(path.stat().st_size for path in files)}
    results = {
        "measured": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine_with_java(),
        "repeats": arguments.repeats,
        "rows": place.rows,
        "bytes": place.dump.stat().st_size,
        "compared": compare(place),
        "ways": ways,
        "load": {"before": before, "after": os.getloadavg()[0]},
    }
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / f"{NAME}.json").write_text(json.dumps(results, indent=1) + "\n")
    (arguments.results / f"{NAME}.md").write_text(page(results))
    print(f"written: {arguments.results / NAME}.md", flush=True)


if __name__ == "__main__":
    main()
