"""Ways to get effects at every placebo cutoff, each a process of its own: `effects_ways.py WAY PANEL`.

Each prints one JSON object: CPU seconds by part (`time.process_time`, all threads), and what it found.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.effects import Question, Span, age_period, case_for, estimate, incumbents
from precipice.effects.case import Case
from precipice.effects.influence import Influence, Weights
from precipice.effects.reference import Standardised
from precipice.months import parse_month
from precipice.panel import Panel, panel_of, sorted_panel
from precipice.population import Population, populate

if TYPE_CHECKING:
    import pandas as pd

EVENT = parse_month("2022-08")
START = parse_month("2014-01")
"""Placebo cutoffs run from 2015-01 to 2021-08, 80 of them, where a year lies on either side."""
LIVELY = Population(lifetime=8.0, rate=1.0, waking=0.3, calendar_sd=0.1)
"""A population that stays longer and uploads more than the default: more cells, and so more work for every way."""
CUTOFFS = 8
"""Cutoffs at which a slow way refits, spread evenly over the 80 placebo cutoffs and the event."""
FEW = 2
"""The same for the slowest."""
SHARES = (40, 20)
"""The slowest way is given one creator in so many, twice, to see how its time grows."""
LEAST = (500, 1000)
"""Creators that it is given at least: of fewer some month has no upload, and its fit does not settle."""


def make_panel(creators: int, path: Path) -> None:
    """Draw two platforms of about so many creators each, and keep them as arrays."""
    default = 4200.0 * LIVELY.entries / Population().entries
    world = replace(LIVELY, entries=LIVELY.entries * creators / default * 1.02)
    cells = [populate(world, np.random.default_rng(seed)) for seed in (1, 2)]
    columns = zip(*(_cells(panel, index) for index, panel in enumerate(cells)), strict=True)
    whole = panel_of(
        ("here", "there"), *(np.concatenate(parts) for parts in columns),
        windows=dict.fromkeys(("here", "there"), cells[0].windows[0]),
    )  # fmt: skip
    np.savez(path, platform=whole.platform, creators=whole.creators, indptr=whole.indptr,
             month=whole.month.astype(np.int64) + whole.start, count=whole.count)  # fmt: skip


def _cells(panel: Panel, index: int) -> tuple[Any, ...]:
    row = panel.row
    return (np.full(len(row), index), panel.creators[row], panel.month.astype(np.int64) + panel.start, panel.count)


def read_panel(path: Path) -> Panel:
    """Read what `make_panel` kept."""
    from precipice.panel import Window

    with np.load(path) as held:
        parts = [held[name] for name in ("platform", "creators", "indptr", "month", "count")]
    window = Window(START, parse_month("2023-10"), truncated_first=False, unfinished_last=False)
    return sorted_panel(("here", "there"), *parts, windows={"here": window, "there": window})


def ours_all(path: Path) -> dict[str, Any]:
    """Ask every method on every outcome, the control difference among them, at the event and all placebo cutoffs."""
    panel = read_panel(path)
    began = process_time()
    effects = estimate(panel, EVENT, control="there")
    spent = process_time() - began
    return {
        "cpu": spent, "creators": int(panel.on("here").sum()), "cells": len(panel.count), "months": panel.n_months,
        "effects": [[e.method, e.outcome, e.n_placebos, e.refused] for e in effects],
    }  # fmt: skip


def ours_s1(path: Path) -> dict[str, Any]:
    """Fit the curve, and compute S1 on months with an upload at the event and all placebo cutoffs."""
    panel = read_panel(path).only("here")
    began = process_time()
    measured = incumbents.measure(_case(panel))
    spent = process_time() - began
    found = dict(zip(measured.cutoffs.tolist(), zip(measured.estimates, measured.errors, strict=True), strict=True))
    return {"cpu": spent, "cutoffs": len(found) + 1, "found": _plain(found)}


def refit_s1(path: Path) -> dict[str, Any]:
    """Get S1 by a Poisson regression at each cutoff: two rows a creator, expectation as offset, errors by creator.

    The curve is given; only tables and fits are counted.
    """
    import pandas as pd

    case = _case(read_panel(path).only("here"))
    standard, span = case.outcome("capped"), case.span
    _warm_up()
    spent, found = 0.0, {}
    for cutoff in _spread(case, CUTOFFS):
        rows = (case.sample.entry >= cutoff - span.look_back) & (case.sample.entry < cutoff)
        windows = (slice(cutoff - span.before, cutoff), slice(cutoff, cutoff + span.after))
        began = process_time()
        parts = [tuple(part[rows] for part in _sums(standard, months)) for months in windows]
        n = int(rows.sum())
        table = pd.DataFrame({
            "o": np.concatenate([o for o, _ in parts]), "e": np.concatenate([e for _, e in parts]),
            "after": np.repeat([0, 1], n), "creator": np.tile(np.arange(n), 2),
        })  # fmt: skip
        table = table[table["e"] > 0].assign(offset=lambda part: np.log(part["e"]))
        fit = _fepois("o ~ after", table, "creator", offset="offset")
        spent += process_time() - began
        found[cutoff + case.sample.start] = (float(fit.coef()["after"]), float(fit.se()["after"]))
    return {"cpu": spent, "cutoffs": len(found), "found": _plain(found)}


def ours_cells(path: Path) -> dict[str, Any]:
    """Fit the age + period model on aggregated cells at the event, as `age-period` does."""
    case = _case(read_panel(path).only("here"))
    began = process_time()
    measured = age_period.measure(case)
    return {"cpu": process_time() - began, "cutoffs": 1, "found": _plain({EVENT: (measured.estimate, measured.se)})}


def refit_cells(path: Path) -> dict[str, Any]:
    """Refit tenure and month fixed effects at each cutoff, on cells of entry and month added up first."""
    panel = read_panel(path).only("here")
    _warm_up()
    case = _case(panel)
    spent, found, rows = 0.0, {}, 0
    for cutoff in _spread(case, CUTOFFS):
        began = process_time()
        table = _cohort_cells(case, cutoff)
        fit = _fepois("y ~ exposed | tenure + month", table, "entry", weights="n", offset=None)
        spent += process_time() - began
        rows = max(rows, len(table))
        found[cutoff + case.sample.start] = (float(fit.coef()["exposed"]), float(fit.se()["exposed"]))
    return {"cpu": spent, "cutoffs": len(found), "rows": rows, "found": _plain(found)}


def refit_rows(path: Path) -> dict[str, Any]:
    """Refit tenure and month fixed effects at each cutoff, on a row a creator and month at risk, for few creators."""
    panel = read_panel(path).only("here")
    _warm_up()
    parts = []
    for share in (min(most, max(1, len(panel) // least)) for most, least in zip(SHARES, LEAST, strict=True)):
        case = _case(panel.keep(np.arange(len(panel)) % share == 0))
        spent, rows, found = 0.0, 0, {}
        for cutoff in _spread(case, FEW):
            began = process_time()
            table = _every_month(case, cutoff)
            fit = _fepois("y ~ exposed | tenure + month", table, "entry")
            spent += process_time() - began
            rows += len(table)
            found[cutoff + case.sample.start] = (float(fit.coef()["exposed"]), float(fit.se()["exposed"]))
        cells = {
            cutoff: _fepois("y ~ exposed | tenure + month", _cohort_cells(case, cutoff - START), "entry", weights="n")
            for cutoff in found
        }
        same = max(abs(found[c][0] - float(cells[c].coef()["exposed"])) for c in found)
        parts.append({"share": share, "cpu": spent, "cutoffs": len(found), "rows": rows, "off_cells": same})
    return {"parts": parts, "found": _plain(found)}


def _case(panel: Panel) -> Case:
    return case_for(panel, "here", Question("event", EVENT, Span()))


def _sums(standard: Standardised, months: slice) -> tuple[Any, Any]:
    """Add up each creator's outcome and expectation over a window, each of shape (n,)."""
    weights = (Weights(slice(0, standard.outcome.n_months), months, *pair) for pair in ((1.0, 0.0), (0.0, 1.0)))
    o, e = (np.concatenate([*Influence(standard, (each,)).each()]) for each in weights)
    return o, e


def _spread(case: Case, number: int) -> list[int]:
    every = [*case.cutoffs("capped", case.span.after), case.event]
    return [every[index] for index in np.linspace(0, len(every) - 1, number).round().astype(int)]


def _cohort_cells(case: Case, cutoff: int) -> "pd.DataFrame":
    """Give a row a cell of entry and month: creators as weight, mean outcome, as pyfixest takes grouped counts."""
    import pandas as pd

    cells = age_period.cohort_cells(case.outcome("capped").outcome, replace(case, event=cutoff))
    table = pd.DataFrame({"entry": cells.entry, "month": cells.month, "n": cells.creators, "total": cells.total})
    table["tenure"] = table["month"] - table["entry"]
    table["exposed"] = ((table["entry"] < cutoff) & (table["month"] >= cutoff)).astype(float)
    table["y"] = table["total"] / table["n"]
    return table


def _every_month(case: Case, cutoff: int) -> "pd.DataFrame":
    """Give a row a creator and month at risk; of a cell with k active creators any k rows are 1."""
    import pandas as pd

    cells = _cohort_cells(case, cutoff)
    n = cells["n"].to_numpy(int)
    at = np.repeat(np.arange(len(cells)), n)
    within = np.arange(len(at)) - np.repeat(np.cumsum(n) - n, n)
    table = cells[["tenure", "month", "entry", "exposed"]].iloc[at].reset_index(drop=True)
    return table.assign(y=pd.Series((within < cells["total"].to_numpy()[at]).astype(float)))


def _fepois(formula: str, table: "pd.DataFrame", cluster: str, **more: Any) -> Any:  # noqa: ANN401  pyfixest's
    import warnings

    import pyfixest

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pyfixest.fepois(
            formula, table, vcov={"CRV1": cluster}, ssc=pyfixest.ssc(k_adj=False, G_adj=False),
            **{name: value for name, value in more.items() if value is not None},
        )  # fmt: skip


def _warm_up() -> None:
    """Let pyfixest compile what it compiles on first use, which is not counted."""
    import pandas as pd

    rng = np.random.default_rng(0)
    table = pd.DataFrame({"y": rng.poisson(1, 400), "a": np.arange(400) % 20, "b": np.arange(400) // 20, "x": 0.0})
    table["x"] = rng.random(400)
    table["w"] = rng.integers(1, 9, 400).astype(float)
    _fepois("y ~ x | a + b", table, "a")
    _fepois("y ~ x | a + b", table, "a", weights="w")
    _fepois("y ~ x", table, "a", offset="w")


def _plain(found: Mapping[int, tuple[float, float]]) -> dict[str, list[float]]:
    return {str(cutoff): [float(value), float(se)] for cutoff, (value, se) in found.items()}


WAYS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "ours_all": ours_all,
    "ours_s1": ours_s1,
    "refit_s1": refit_s1,
    "ours_cells": ours_cells,
    "refit_cells": refit_cells,
    "refit_rows": refit_rows,
}

if __name__ == "__main__":
    if sys.argv[1] == "make":
        make_panel(int(sys.argv[3]), Path(sys.argv[2]))
    else:
        print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]))))
