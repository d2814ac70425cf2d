"""Measure what is done with a panel of many creators: load, draw, count, covariance, retention, effects.

    python benchmarks/size.py --creators 1000000
    python benchmarks/size.py --creators 10000000 --step load --step count

The panel is written straight as an archive's monthly table: 120 months, 10 months with uploads a creator, most of them
of few.  Each step is a process of its own, which opens the panel first; results_size.md holds what came out.  A mapped
file's pages count as memory while they are looked at, and go when others need it: what is the process's own is given
apart, where the system tells it (Linux).
"""

import argparse
import json
import resource
import sys
import threading
import time
from pathlib import Path

from measuring import KIB, MEGABYTE, measure

HERE = Path(__file__).parent
MONTHS, ACTIVE = 120, 10
STEPS = ("load", "draw", "count", "covariance", "retention", "effects", "methods")
METHODS = ("S1", "S2", "SJ", "S12", "lapse-S1", "lapse-S2")
"""Those that every panel can be asked, 12 with their outcomes; the age-period fit costs no more on a large one."""
EVERY = 0.02
"""Seconds between two looks at the memory that is the process's own."""
FILE = "uploads-0000-000000000000.parquet"
STATUS = Path("/proc/self/status")


def main() -> None:
    """Read the command line; with --run do one step in this process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--creators", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("build/bench-size"))
    parser.add_argument("--step", choices=STEPS, action="append")
    parser.add_argument("--run", choices=("make", *STEPS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    study = arguments.folder / f"study_{arguments.creators}"
    if arguments.run == "make":
        make(study, arguments.creators)
    elif arguments.run:
        run(study, arguments.run)
    else:
        arguments.folder.mkdir(parents=True, exist_ok=True)
        for step in ("make", *(arguments.step or STEPS)):
            if step == "make" and study.exists():
                continue
            output = arguments.folder / f"{step}.json"
            command = [sys.executable, __file__, "--creators", str(arguments.creators), "--folder"]
            reading = measure([*command, str(arguments.folder), "--run", step], output)
            print(f"{step}: {reading.cpu:.1f} CPU-s, {reading.peak:.0f} MB, {output.read_text().strip()}", flush=True)


def make(study: Path, creators: int) -> None:
    """Write a panel as the monthly table of an archive, and a manifest that names one file."""
    import numpy as np

    from precipice.archive.manifest import Manifest, StoredFile, write_manifest
    from precipice.archive.monthly_tables import monthly_of, place_of, write
    from precipice.months import parse_month

    rng = np.random.default_rng(1)
    start = parse_month("2014-01")
    entry = rng.integers(0, MONTHS, creators)
    lengths = np.minimum(rng.geometric(1 / ACTIVE, creators), MONTHS - entry)
    # Nobody's months lie apart: a creator stays for so many months and goes.
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    months = np.arange(indptr[-1], dtype=np.int32)
    months -= np.repeat((indptr[:-1] - entry).astype(np.int32), lengths)
    months += start
    counts = rng.geometric(0.5, indptr[-1]).astype(np.int32)
    pseudonyms = np.sort(rng.integers(0, 2**63 - 1, creators))
    reduced = monthly_of(
        ("site",), np.zeros(creators, np.int16), pseudonyms, indptr, months.astype(np.int16), counts, ("2023-12-31",)
    )
    archive = study / "archive"
    archive.mkdir(parents=True)
    (study / "precipice.toml").write_text('[archive]\nobserved_from = "2014-01"\nobserved_to = "2023-12"\n')
    write(reduced, place_of(archive, "first", [FILE]), [FILE], added=False)
    stored = StoredFile(FILE, int(counts.sum()), 0, 0, "2014-01-01T00:00:00Z", "2023-12-31T00:00:00Z")
    write_manifest(archive, Manifest(files=(stored,)))
    print(json.dumps({"creators": creators, "cells": int(indptr[-1])}))


def run(study: Path, step: str) -> None:
    """Load the panel, do one step, and say what it alone took."""
    from precipice.cohorts import draw
    from precipice.months import parse_month
    from precipice.study import open_panel

    own = Own()
    panel = open_panel(study)
    before, began, loaded = _cpu(), time.perf_counter(), _peak()
    found: object = len(panel)
    if step != "load":
        cohorts = draw(panel, "cutoff", cutoff="2022-08")
        found = [len(cohort) for cohort in cohorts]
    if step == "count":
        from precipice.series import count

        series = count(panel, cohorts)
        found = [[float(limit[-1]) for limit in one.interval("uploads")] for one in series]
    elif step == "covariance":
        from precipice.series import covariance

        found = [float(covariance(panel, cohort).trace()) for cohort in cohorts]
    elif step == "retention":
        from precipice.series import retain

        found = [int(one.active.sum()) for one in retain(panel)]
    elif step in {"effects", "methods"}:
        from precipice.effects import estimate

        effects = estimate(panel, parse_month("2022-08"), methods=["S1"] if step == "effects" else METHODS)
        found = [[one.method, one.outcome, one.estimate, one.low, one.high] for one in effects]
    print(json.dumps({"cpu": round(_cpu() - before, 2), "seconds": round(time.perf_counter() - began, 2),
                      "loaded_mb": round(loaded), "own_mb": own.stop(), "found": found}))  # fmt: skip


class Own:
    """The most memory that was this process's own at a time, looked at again and again from a thread."""

    def __init__(self) -> None:
        """Begin."""
        self.most, self._over = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> int | None:
        """End, and give it in MB; None where the system does not tell it."""
        self._over.set()
        self._thread.join()
        return round(self.most) or None

    def _watch(self) -> None:
        while STATUS.exists() and not self._over.wait(EVERY):
            told = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
            self.most = max(self.most, int(told["RssAnon"].split()[0]) * KIB / MEGABYTE)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIB / MEGABYTE


if __name__ == "__main__":
    main()
