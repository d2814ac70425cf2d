"""Measure effects at every placebo cutoff beside refitting at each cutoff with pyfixest: `make bench-effects`.

    python benchmarks/effects.py --creators 300000 --repeats 3

Writes `results_effects.md`; the panel lies in `build/bench`.
"""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any

from measuring import Reading, measure
from results_page import machine

HERE = Path(__file__).parent
WAYS = ("ours_all", "ours_s1", "refit_s1", "ours_cells", "refit_cells", "refit_rows")
CPU_TARGET, MEMORY_TARGET = 60.0, 2000.0
CLOSE = 1e-6
"""Log points by which the same number may differ between two ways."""


@dataclass(frozen=True)
class Found:
    """What the runs of one way gave."""

    readings: Sequence[Reading]
    answers: Sequence[Mapping[str, Any]]

    @property
    def cpu(self) -> float:
        """CPU seconds of the work itself: the median."""
        return float(statistics.median(answer["cpu"] for answer in self.answers))

    @property
    def whole(self) -> float:
        """CPU seconds of the whole process, start-up and reading the panel included: the median."""
        return statistics.median(reading.cpu for reading in self.readings)

    @property
    def peak(self) -> float:
        """Peak memory in megabytes: the largest."""
        return max(reading.peak for reading in self.readings)


def main() -> None:
    """Make the panel, run every way in turn, compare, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=300_000, help="of each of two platforms, about")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=HERE.parent / "build" / "bench")
    parser.add_argument("--results", type=Path, default=HERE, help="folder of results_effects.md")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    panel = asked.folder / f"effects-{asked.creators}.npz"
    started, load = datetime.now(UTC), os.getloadavg()[0]
    if not panel.exists():
        measure([*_command("make"), str(panel), str(asked.creators)], asked.folder / "make.json")
    runs: dict[str, tuple[list[Reading], list[Any]]] = {way: ([], []) for way in WAYS}
    for turn in range(asked.repeats):
        for way in WAYS:
            output = asked.folder / f"effects-{way}.json"
            runs[way][0].append(measure([*_command(way), str(panel)], output))
            runs[way][1].append(json.loads(output.read_text(encoding="utf-8")))
            print(f"{way} {turn + 1}/{asked.repeats}: {runs[way][0][-1].cpu:.1f} CPU-s", flush=True)
    found = {way: Found(*pair) for way, pair in runs.items()}
    agree(found)
    run = {"day": f"{started:%Y-%m-%d}", "repeats": str(asked.repeats), "machine": _machine(load)}
    text = page(found, run)
    (asked.results / "results_effects.md").write_text(text, encoding="utf-8")
    print(text)


def agree(found: Mapping[str, Found]) -> None:
    """Check that refits give the same numbers as ours.

    Raises:
        SystemExit: they do not.
    """
    pairs = [("ours_s1", "refit_s1"), ("ours_cells", "refit_cells")]
    for ours, theirs in pairs:
        mine, other = (found[way].answers[0]["found"] for way in (ours, theirs))
        shared = mine.keys() & other.keys()
        off = max(abs(mine[cutoff][0] - other[cutoff][0]) for cutoff in shared)
        if not shared or off > CLOSE:
            raise SystemExit(f"{ours} and {theirs} differ by {off} log points at {len(shared)} cutoffs")
    rows = max(part["off_cells"] for part in found["refit_rows"].answers[0]["parts"])
    if rows > CLOSE:
        raise SystemExit(f"rows and cells differ by {rows} log points")


def _command(way: str) -> list[str]:
    return [sys.executable, str(HERE / "effects_ways.py"), way]


def page(found: Mapping[str, Found], run: Mapping[str, str]) -> str:
    """Fill in `effects_page.md`.

    Args:
        found: what every way gave.
        run: day, repeats and machine.
    """
    template = Template((HERE / "effects_page.md").read_text(encoding="utf-8"))
    parts = {**run, **_all(found["ours_all"]), **_s1(found), **_tenure_and_month(found)}
    return template.substitute(parts, versions=_versions())


def _all(ours: Found) -> dict[str, str]:
    first = ours.answers[0]
    given = [one for one in first["effects"] if not one[3]]
    return {
        **{name: f"{first[name]:,}" for name in ("creators", "months", "cells")},
        "effects": str(len(given)),
        "given": ", ".join(f"{method} on {outcome} ({n})" for method, outcome, n, _ in given),
        "placebos": str(max(n for _, _, n, _ in given)),
        "cpu_target": f"{CPU_TARGET:.0f}",
        "memory_target": f"{MEMORY_TARGET:,.0f}",
        "all_cpu": f"{ours.cpu:.1f}",
        "all_whole": f"{ours.whole:.1f}",
        "all_peak": f"{ours.peak:,.0f}",
        "cpu_met": _met(ours.cpu, CPU_TARGET),
        "memory_met": _met(ours.peak, MEMORY_TARGET),
    }


def _s1(found: Mapping[str, Found]) -> dict[str, str]:
    ours, theirs = found["ours_s1"], found["refit_s1"]
    every, at = ours.answers[0]["cutoffs"], theirs.answers[0]["cutoffs"]
    scaled = theirs.cpu / at * every
    return {
        "every": str(every),
        "s1_at": str(at),
        "s1_cpu": f"{ours.cpu:.2f}",
        "s1_peak": f"{ours.peak:,.0f}",
        "refit_s1_cpu": f"{theirs.cpu:.2f}",
        "refit_s1_scaled": f"{scaled:.1f}",
        "refit_s1_peak": f"{theirs.peak:,.0f}",
        "s1_ratio": f"{scaled / ours.cpu:.1f}",
    }


def _tenure_and_month(found: Mapping[str, Found]) -> dict[str, str]:
    ours, cells, rows = (found[way] for way in ("ours_cells", "refit_cells", "refit_rows"))
    every, at = found["ours_s1"].answers[0]["cutoffs"], cells.answers[0]["cutoffs"]
    few, many = ([answer["parts"][index] for answer in rows.answers] for index in (0, 1))
    spent = [statistics.median(part["cpu"] for part in parts) for parts in (few, many)]
    part = many[0]
    grown = part["share"] / part["cutoffs"] * every
    slope = (spent[1] - spent[0]) / (part["rows"] - few[0]["rows"])
    return {
        "cells_at": str(at),
        "cell_rows": f"{cells.answers[0]['rows']:,}",
        "cells_cpu": f"{cells.cpu:.2f}",
        "cells_scaled": f"{cells.cpu / at * every:.1f}",
        "cells_each": f"{cells.cpu / at:.2f}",
        "cells_peak": f"{cells.peak:,.0f}",
        "own_cells_cpu": f"{ours.cpu:.2f}",
        "own_cells_peak": f"{ours.peak:,.0f}",
        "rows_at": str(part["cutoffs"]),
        "share": str(part["share"]),
        "share_before": str(few[0]["share"]),
        "rows": f"{part['rows'] * part['share'] // part['cutoffs']:,}",
        "rows_cpu": f"{spent[1]:.2f}",
        "rows_scaled": f"{spent[1] * grown:,.0f}",
        "rows_peak": f"{rows.peak:,.0f}",
        "rows_ratio": f"{spent[1] * grown / found['ours_all'].cpu:,.0f}",
        "marginal": f"{slope * part['rows'] * grown:,.0f}",
    }


def _machine(load: float) -> str:
    here = machine()
    return (
        f"{here['processor']}, {here['cores']} cores, {here['memory_gb']} GB, {here['system']}; "
        f"load {load:.1f} before, {os.getloadavg()[0]:.1f} after"
    )


def _met(value: float, target: float) -> str:
    return "met" if value < target else "**missed**"


def _versions() -> str:
    from importlib.metadata import version

    names = ("precipice", "numpy", "scipy", "statsmodels", "pandas", "pyfixest")
    return ", ".join([f"python {sys.version.split()[0]}", *(f"{name} {version(name)}" for name in names)])


if __name__ == "__main__":
    main()
