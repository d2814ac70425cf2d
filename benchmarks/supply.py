"""36 runway scenarios × 4,000 paths × 120 months, beside the same recursion a path at a time.

`python benchmarks/supply.py` prints; `--write` also writes benchmarks/results_supply.md.  Both ways give the same first
passages, which is checked; the slow way runs on a share of the paths, and its time is scaled up.
"""

import argparse
import os
import platform
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

from precipice.supply import (
    Belief,
    Flow,
    Generations,
    Runway,
    Scenario,
    find_runways,
    forecast,
    pool_generations,
)

PLACE = Path(__file__).parent / "results_supply.md"
PATHS, AHEAD, HISTORY = 4_000, 120, 96
SHARE = 50  # the slow way runs on one path in so many
METRICS, POLICIES = ("spread", "stratum:senior"), ("fresh", "accumulate", "augment")
BIASES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.7)
REPEATS = 3


def platform_flow() -> Flow:
    """Give a platform of two cohorts with 36 months of labels."""
    rng = np.random.default_rng(1)
    level = np.array([3_000 * np.exp(-0.01 * np.arange(HISTORY)), np.linspace(50, 3_000, HISTORY)])
    uploads = np.round(level * np.exp(rng.normal(0, 0.08, level.shape)))
    share, size = np.full(level.shape, np.nan), np.full(level.shape, np.nan)
    share[:, -36:], size[:, -36:] = np.linspace(0.02, 0.3, 36), 300.0
    return Flow("site", np.arange(24_000, 24_000 + HISTORY, dtype=np.int32), ("senior", "junior"), uploads, share, size,
                HISTORY - 36)  # fmt: skip


def scenarios() -> tuple[Scenario, ...]:
    """Give 36 scenarios: two metrics, six biases, three policies."""
    return tuple(Scenario(m, 0.1, bias, policy) for m in METRICS for policy in POLICIES for bias in BIASES)


def ours(pooled: Generations) -> tuple[Runway, ...]:
    """Find all runways, all paths at once."""
    return find_runways(pooled, scenarios(), platform="site", cohorts=("senior", "junior"), source="labelled")


def one_by_one(pooled: Generations, paths: range) -> list[list[int]]:
    """Find first passages a path, a scenario and a generation at a time, as the recursion is written on paper."""
    found = []
    for scenario in scenarios():
        crossed = []
        for p in paths:
            human, synthetic = pooled.human[p].tolist(), pooled.synthetic[p].tolist()
            first, before = pooled.first[p].tolist(), pooled.before[p].tolist()
            weight = [part / sum(first) for part in first]
            kept = before if scenario.policy != "fresh" else [0.0, 0.0]
            variance, mass, total = sum(kept), list(kept), sum(kept)
            a, q, passage = 1.0, list(weight), len(synthetic)
            for g, made in enumerate(synthetic):
                fresh = [human[c][g] if scenario.policy != "augment" else 0.0 for c in range(2)]
                new = sum(fresh) + scenario.bias * made * a
                new_mass = [fresh[c] + made * q[c] for c in range(2)]
                pool = total + sum(fresh) + made
                a, q = (variance + new) / pool, [(mass[c] + new_mass[c]) / pool for c in range(2)]
                if scenario.policy == "accumulate":
                    variance, mass, total = variance + new, [mass[c] + new_mass[c] for c in range(2)], pool
                value = a if scenario.metric == "spread" else q[0] / weight[0]
                if value < 0.9 * (1 - 1e-12):
                    passage = g
                    break
            crossed.append(passage)
        found.append(crossed)
    return found


def seconds(months: int, flow: Flow, until: int) -> tuple[float, float, float, int]:
    """Measure the forecast, the runways, and the runways one by one, scaled to all paths."""
    times = []
    some = range(0, PATHS, SHARE)
    for _ in range(REPEATS):
        at = process_time()
        drawn = forecast(flow, until, Belief(), paths=PATHS)
        pooled = pool_generations(drawn, months)
        forecast_done = process_time()
        fast = ours(pooled)
        fast_done = process_time()
        slow = one_by_one(pooled, some)
        times.append((forecast_done - at, fast_done - forecast_done, SHARE * (process_time() - fast_done)))
    part = replace(
        pooled, human=pooled.human[::SHARE], synthetic=pooled.synthetic[::SHARE], first=pooled.first[::SHARE],
        before=pooled.before[::SHARE], effective=pooled.effective[::SHARE],
    )  # fmt: skip
    for runway, passages in zip(ours(part), slow, strict=True):
        by = [np.mean([passage <= g for passage in passages]) for g in range(len(pooled.starts))]
        assert np.allclose(runway.crossed, by), runway.scenario
    assert len(fast) == 36
    forecasting, fast_time, slow_time = (median(column) for column in zip(*times, strict=True))
    return forecasting, fast_time, slow_time, len(pooled.starts)


def main() -> None:
    """Measure, print, and write where asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    flow = platform_flow()
    until = int(flow.months[-1]) + AHEAD
    lines = []
    for months in (12, 1):
        forecasting, fast, slow, count = seconds(months, flow, until)
        lines.append(
            f"| {months} | {count} | {forecasting:.2f} | {fast:.2f} | {forecasting + fast:.2f} | {slow:.0f} "
            f"| {slow / fast:.0f} × |"
        )
    text = TEXT.format(
        rows="\n".join(lines), paths=PATHS, ahead=AHEAD, history=HISTORY, share=SHARE, repeats=REPEATS,
        machine=f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        versions=f"python {platform.python_version()}, numpy {version('numpy')}, scipy {version('scipy')}",
    )  # fmt: skip
    print(text)
    if given.write:
        PLACE.write_text(text, encoding="utf-8")


TEXT = """# Runways, measured

`python benchmarks/supply.py --write` wrote this page: 36 scenarios (2 metrics, 6 biases, 3 policies) on {paths:,} paths
of {ahead} months to come after {history} months at hand, CPU seconds of one process, medians of {repeats}.
The way beside it is the same recursion a path, a scenario and a generation at a time in plain Python, run on one path
in {share} and scaled up; both give the same first passages, which is checked.

- Machine: {machine}.
- Versions: {versions}.

| months a generation | generations | forecast | 36 runways | together | one by one | runways against one by one |
|--:|--:|--:|--:|--:|--:|--:|
{rows}
"""

if __name__ == "__main__":
    main()
