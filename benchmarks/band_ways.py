"""Ways to bands over creators: how far would a series lie elsewhere with other creators of the same kind.

python benchmarks/band_ways.py make PANEL.npz 300000
python benchmarks/band_ways.py closed PANEL.npz
"""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from precipice.cohorts import Cohort
    from precipice.panel import Panel

MONTHS = 34
START = 12 * 2021  # 2021-01, as in precipice.months
CUTOFF = START + 12
ONE_MORE = 0.758  # chance of one more active month: 4.1 of them a creator, 1.24 million cells for 300,000
LARGEST = 500  # uploads a month
SEED = 20
REPLICATES = 1_000
DRAWN = 20  # replicates that pandas draws
SMALL_CHUNK, LARGE_CHUNK = 500, 20_000


def make_panel(place: Path, creators: int) -> None:
    """Write cells of creators with a geometric number of active months in a row and heavy-tailed counts."""
    rng = np.random.default_rng(SEED)
    length = np.minimum(rng.geometric(1 - ONE_MORE, creators), MONTHS)
    entry = (rng.random(creators) * (MONTHS - length + 1)).astype(np.int64)
    creator = np.repeat(np.arange(creators), length)
    within = np.arange(len(creator)) - np.repeat(np.cumsum(length) - length, length)
    n = np.minimum(1 + rng.lognormal(0.5, 1.2, len(creator)), LARGEST).astype(np.int32)
    names = rng.integers(0, 2**62, creators)
    np.savez(place, creator=names[creator], month=START + entry[creator] + within, n=n)


def read_cells(place: Path) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Give creator, month and uploads of each cell."""
    with np.load(place) as cells:
        return cells["creator"], cells["month"], cells["n"]


def _open(place: Path) -> tuple["Panel", tuple["Cohort", "Cohort"]]:
    from precipice.cohorts import draw_by_cutoff
    from precipice.panel import Window, panel_of

    creator, month, n = read_cells(place)
    window = {"made": Window(START, START + MONTHS - 1, truncated_first=False, unfinished_last=False)}
    panel = panel_of(("made",), np.zeros(len(n), np.int16), creator, month, n, windows=window, origin="simulated")
    return panel, draw_by_cutoff(panel, CUTOFF)


def bands_in_closed_form(place: Path) -> dict[str, Any]:
    """Count both cohorts; limits of all four measures, and the covariances over months of uploads and capped."""
    from precipice.series import MEASURES, count, covariance

    panel, cohorts = _open(place)
    found: dict[str, Any] = {}
    for cohort, series in zip(cohorts, count(panel, cohorts), strict=True):
        for cap, name in ((None, "uploads"), (1, "capped")):
            matrix = covariance(panel, cohort, cap=cap)
            found[f"{cohort.name} {name}"] = {"sum": getattr(series, name).tolist(), "covariance": matrix.tolist()}
        found[f"{cohort.name} limits"] = {name: [limit.tolist() for limit in series.interval(name)]
                                          for name in MEASURES}  # fmt: skip
    return {"creators": len(panel), "cells": len(panel.count), "bands": found}


def bands_by_pandas(place: Path) -> dict[str, Any]:
    """Draw creators with replacement, merge, group: `DRAWN` times, uploads and capped."""
    import pandas as pd

    creator, month, n = read_cells(place)
    cells = pd.DataFrame({"creator": creator, "month": month, "uploads": n})
    cells["capped"] = cells["uploads"].clip(upper=1)
    first = cells.groupby("creator")["month"].transform("min")
    cells["cohort"] = (first < CUTOFF).map({True: "senior", False: "junior"})
    creators = pd.Series(cells["creator"].unique(), name="creator")
    rng = np.random.default_rng(SEED)
    draws: dict[str, list[list[int]]] = {}
    for _ in range(DRAWN):
        drawn = creators.sample(frac=1, replace=True, random_state=rng)
        resample = pd.DataFrame({"creator": drawn}).merge(cells, on="creator")
        sums = resample.groupby(["cohort", "month"])[["uploads", "capped"]].sum()
        for cohort in ("senior", "junior"):
            full = sums.loc[cohort].reindex(range(START, START + MONTHS), fill_value=0)
            for name in ("uploads", "capped"):
                draws.setdefault(f"{cohort} {name}", []).append(full[name].tolist())
    return {"creators": len(creators), "draws": draws}


def gini_replicates(place: Path, chunk: int | None = None) -> dict[str, Any]:
    """Bootstrap the Gini coefficient of every month and both cohorts, `REPLICATES` times."""
    from precipice.replicates import CHUNK, gini, replicate

    panel, cohorts = _open(place)
    digest = hashlib.sha256()
    value = {}
    for cohort in cohorts:
        found = replicate(panel, cohort, gini, replicates=REPLICATES, seed=SEED, chunk=chunk or CHUNK)
        digest.update(np.ascontiguousarray(found.draws).tobytes())
        low, high = found.interval()
        value[cohort.name] = {"value": found.value.tolist(), "low": low.tolist(), "high": high.tolist()}
    return {"chunk": chunk or CHUNK, "sha256": digest.hexdigest(), "gini": value}


WAYS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "closed": bands_in_closed_form,
    "pandas": bands_by_pandas,
    "gini": gini_replicates,
    "gini_small": partial(gini_replicates, chunk=SMALL_CHUNK),
    "gini_large": partial(gini_replicates, chunk=LARGE_CHUNK),
}

if __name__ == "__main__":
    if sys.argv[1] == "make":
        make_panel(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]))))
