"""Results as a page and as JSON: what was measured, on what, against which targets."""

import json
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from measuring import LEAST_NOISE, MEGABYTE, Measured, Place
from stages import Stage

PACKAGES = ("precipice", "duckdb", "narwhals", "numpy", "scipy", "pyarrow", "pandas", "polars")
Ways = Mapping[str, Measured]

HOW = """\
Each way is a process of its own; CPU seconds are user and system time of the whole process tree, memory is the largest
resident set.  Ways take turns (A B A B …); times are medians, memory the largest of all runs.  "Start-up" is the same
command on {few}, measured before and after each run; "net" is the rest, and × says how many times the
net of the way marked 1.00.  Where that is less than the start-ups lie apart (at least {noise} s), it is printed as "<"
so much and counts as so much.  All ways may use all cores.  What they give is compared row by row."""


@dataclass(frozen=True)
class Target:
    """A limit on one measured number."""

    stage: str
    words: str
    limit: float
    unit: str
    value: Callable[[Ways], float]
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Say whether a number keeps within the limit."""
        return value >= self.limit if self.at_least else value <= self.limit


def ratio(one: Measured, other: Measured) -> float:
    """Give one way's net CPU time as a multiple of another's; what is lost in the noise counts as the noise."""
    return one.counted / other.counted


def _net_ratio(one: str, other: str) -> Callable[[Ways], float]:
    return lambda ways: ratio(ways[one], ways[other])


def _peak(*names: str) -> Callable[[Ways], float]:
    return lambda ways: max(ways[name].peak for name in names)


TARGETS = (
    Target("ingest", "ingest: CPU against hand-written SQL, start-up apart", 1.3, "×", _net_ratio("precipice", "sql")),
    Target("ingest", "ingest: peak memory", 1_000, "MB", _peak("precipice")),
    Target("series", "series, first look: CPU against hand-written SQL, start-up apart", 1.3, "×",
           _net_ratio("first", "sql")),
    Target("series", "series, later look: CPU against hand-written SQL, start-up apart", 1.3, "×",
           _net_ratio("later", "sql")),
    Target("series", "series, first look: pandas' CPU against ours, start-up apart", 15, "×",
           _net_ratio("pandas", "first"), at_least=True),
    Target("series", "series, later look: pandas' CPU against ours, start-up apart", 15, "×",
           _net_ratio("pandas", "later"), at_least=True),
    Target("series", "series: peak memory", 500, "MB", _peak("first", "later")),
    Target("panel", "panel: peak memory", 1_000, "MB", _peak("precipice")),
    Target("bands", "bands in closed form: CPU, start-up apart", 1.0, "CPU-s",
           lambda ways: ways["closed"].counted),
    Target("bands", "1,000 replicates of the Gini coefficient: CPU, start-up apart", 5.0, "CPU-s",
           lambda ways: ways["gini"].counted),
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """One stage, measured and compared."""

    stage: Stage
    ways: Ways
    rows: int
    """Rows compared."""
    differ: Mapping[str, int]
    """By way: rows that differ."""
    words: str
    """What was compared."""


@dataclass(frozen=True)
class Run:
    """What the measurements were made on."""

    place: Place
    few: Place
    origin: str
    """Where the dump is from."""
    repeats: int
    load_before: float
    """Processes that were running or waiting, a minute's mean, before the first measurement."""
    started: datetime


def machine() -> dict[str, Any]:
    """Describe the machine and the versions."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": f"{platform.system()} {platform.release()}",
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
    }


def write(run: Run, outcomes: Mapping[str, Outcome], folder: Path) -> None:
    """Write `results.json` and `results.md`."""
    found = {
        "measured": run.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "took_s": round((datetime.now(UTC) - run.started).total_seconds()),
        "machine": machine(),
        "load": {"before": run.load_before, "after": os.getloadavg()[0]},
        "input": {"rows": run.place.rows, "bytes": run.place.dump.stat().st_size, "origin": run.origin,
                  "sample_rows": run.place.sample_rows, "creators": run.place.creators,
                  "startup_rows": run.few.rows},
        "repeats": run.repeats,
        "stages": {name: _stage(outcome) for name, outcome in outcomes.items()},
        "targets": list(_targets(outcomes)),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "results.md").write_text("\n".join(_page(found, outcomes)) + "\n", encoding="utf-8")


def _stage(outcome: Outcome) -> dict[str, Any]:
    yardstick = outcome.ways[outcome.stage.yardstick]
    return {
        "compared": {"rows": outcome.rows, "differ": dict(outcome.differ), "what": outcome.words},
        "yardstick": outcome.stage.yardstick,
        "ways": {
            name: {
                "what": way.way.words, "cpu_s": round(way.cpu, 3), "startup_s": round(way.started, 3),
                "net_s": round(way.net, 3), "noise_s": round(way.noise, 3), "ratio": round(ratio(way, yardstick), 3),
                "wall_s": round(way.wall, 3),
                "peak_mb": round(way.peak, 1), "times": way.way.times,
                "readings": [asdict(reading) for reading in way.readings],
                "startup": [asdict(reading) for reading in way.startup],
            }
            for name, way in outcome.ways.items()
        },
    }  # fmt: skip


def _targets(outcomes: Mapping[str, Outcome]) -> Iterator[dict[str, Any]]:
    for target in TARGETS:
        if target.stage in outcomes:
            value = target.value(outcomes[target.stage].ways)
            limit = f"at {'least' if target.at_least else 'most'} {target.limit:,g} {target.unit}"
            yield {"what": target.words, "limit": limit, "value": round(value, 3), "unit": target.unit,
                   "met": target.met(value)}  # fmt: skip


def _page(found: Mapping[str, Any], outcomes: Mapping[str, Outcome]) -> Iterator[str]:
    given, machine_found, load = found["input"], found["machine"], found["load"]
    versions = ", ".join(f"{name} {number}" for name, number in machine_found["versions"].items())
    yield f"# The main job, measured\n\n`make bench` wrote this page on {found['measured'][:10]}; see README.md.\n"
    yield HOW.format(few=f"{given['startup_rows']} posts or creators", noise=LEAST_NOISE) + "\n"
    yield (
        f"- Machine: {machine_found['processor']}, {machine_found['cores']} cores, {machine_found['memory_gb']} GB,"
        f" {machine_found['system']}; load {load['before']:.1f} before, {load['after']:.1f} after."
    )
    yield f"- Versions: {versions}."
    size = f"{given['bytes'] / 1000 / MEGABYTE:.2f} GB"
    yield f"- Input: {given['rows']:,} posts, {size} of JSON Lines, {given['origin']}; files are cached."
    yield f"- Repeats: {found['repeats']}.\n"
    yield "## Targets\n\n| what | target | measured | |\n|---|---|--:|---|"
    for target in found["targets"]:
        said = f"{target['value']:,.2f}" if target["value"] < 100 else f"{target['value']:,.0f}"
        verdict = "met" if target["met"] else "**missed**"
        yield f"| {target['what']} | {target['limit']} | {said} {target['unit']} | {verdict} |"
    for name, outcome in outcomes.items():
        yield from _section(name, found["stages"][name], outcome.stage, given)


def _section(name: str, found: Mapping[str, Any], stage: Stage, given: Mapping[str, Any]) -> Iterator[str]:
    sizes = {"sample": f"{given['sample_rows']:,} posts", "bands": f"{given['creators']:,} creators"}
    size = sizes.get(name, f"{given['rows']:,} posts")
    yield f"\n## {stage.title} ({size})\n\n{stage.words}\n"
    yield "| way | CPU-s | start-up | net | × | wall s | peak MB |\n|---|--:|--:|--:|--:|--:|--:|"
    for way in found["ways"].values():
        net = f"{way['net_s']:,.2f}" if way["net_s"] >= way["noise_s"] else f"< {way['noise_s']:,.2f}"
        yield (
            f"| {way['what']} | {way['cpu_s']:,.2f} | {way['startup_s']:.2f} | {net}"
            f" | {way['ratio']:,.2f} | {way['wall_s']:,.1f} | {way['peak_mb']:,.0f} |"
        )
    compared = found["compared"]
    wrong = ", ".join(f"{way}: {count}" for way, count in compared["differ"].items() if count)
    rows = f"{compared['rows']:,} rows compared ({compared['what']})"
    yield f"\n{rows}: {f'**rows differ** ({wrong})' if wrong else 'all ways agree'}."
