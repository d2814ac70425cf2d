"""How often the supply's 80 % bands hold what came: `make coverage-study` writes studies/coverage/results.csv."""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np

from precipice.supply import Generations, Paths, Scenario, Shape, find_runways, forecast, pool_generations
from studies.coverage.worlds import NOW, WORLDS, World, draw_world

RESULTS = Path(__file__).parent / "results.csv"
PLATFORMS = {"bootstrap": 40, "ets": 10}
"""Of each world: 200 in all, a standard error of 2.8 points at 80 %; fits take fifty times as long as resampling."""
PATHS = 1_000
AHEAD = 24
MONTHS = 6  # a generation
SEED = 20261125
RUNWAYS = (
    Scenario("fresh", 0.1), Scenario("fresh", 0.3), Scenario("effective", 0.3), Scenario("spread", 0.03, 0.8),
    Scenario("tail", 0.05, 0.8), Scenario("stratum:senior", 0.3),
)  # fmt: skip
COLUMNS = ("world", "platform", "target", "low", "truth", "high", "covered", "forecaster", "damping", "cap", "seed")
BEYOND = 10**6  # stands for a first passage past the horizon


def targets(world: World, paths: Paths, pooled: Generations) -> Iterator[tuple[str, float, float, float]]:
    """Give name, 10 % of paths, truth and 90 % of paths of everything that is forecast."""
    t0 = paths.known
    drawn = {"human": paths.human.sum(axis=1), "synthetic": paths.synthetic, "seniors": paths.human[:, 0]}
    truth = {"human": world.human.sum(axis=0), "synthetic": world.synthetic, "seniors": world.human[0]}
    for kind, values in drawn.items():
        for year in (1, 2):
            part = slice(t0 + 12 * (year - 1), t0 + 12 * year)
            low, high = np.quantile(values[:, part].sum(axis=1), [0.1, 0.9])
            yield f"{kind}, year {year}", low, truth[kind][part].sum(), high
        for month in (3, 24):
            low, high = np.quantile(values[:, t0 + month - 1], [0.1, 0.9])
            yield f"{kind}, month {month}", low, truth[kind][t0 + month - 1], high
    yield from _passages(world, paths, pooled)


def _passages(world: World, paths: Paths, pooled: Generations) -> Iterator[tuple[str, float, float, float]]:
    """Give first passages in months from the cut (before it negative), `BEYOND` past the horizon."""
    span = len(paths.months)
    true = replace(paths, human=world.human[None, :, :span], synthetic=world.synthetic[None, :span].astype(float))
    ours, theirs = (
        find_runways(each, RUNWAYS, platform=paths.platform, cohorts=paths.cohorts, source=paths.source)
        for each in (pooled, pool_generations(true, MONTHS))
    )
    for runway, fact in zip(ours, theirs, strict=True):
        found = [each if each is None else each - NOW for each in (runway.quantile(0.1), fact.quantile(0.5),
                                                                  runway.quantile(0.9))]  # fmt: skip
        s = runway.scenario
        low, came, high = (BEYOND if each is None else each for each in found)
        yield f"runway of {s.metric}, {s.threshold:g} at bias {s.bias:g}", low, came, high


def rows(platforms: int, forecaster: str, shape: Shape, names: tuple[str, ...]) -> Iterator[dict[str, object]]:
    """Give a row for each platform and target."""
    for index, name in enumerate(names):
        for platform in range(platforms):
            rng = np.random.default_rng([SEED, index, platform])
            world = draw_world(name, rng)
            paths = forecast(
                world.flow, NOW + AHEAD - 1, world.belief, paths=PATHS, shape=shape, forecaster=forecaster,
                seed=platform,
            )  # fmt: skip
            for target, low, truth, high in targets(world, paths, pool_generations(paths, MONTHS)):
                values = (name, platform, target, round(low, 2), round(float(truth), 2), round(high, 2),
                          int(low <= truth <= high), forecaster, shape.damping, shape.cap, SEED)  # fmt: skip
                yield dict(zip(COLUMNS, values, strict=True))


def coverage(found: list[dict[str, object]], by: str) -> dict[tuple[str, str], float]:
    """Give the share covered by target and whatever `by` names, with `all` for everything together."""
    groups: dict[tuple[str, str], list[int]] = {}
    for row in found:
        for key in (str(row[by]), "all"):
            groups.setdefault((str(row["target"]), key), []).append(int(str(row["covered"])))
    return {key: float(np.mean(values)) for key, values in groups.items()}


def main() -> None:
    """Run the study, write its rows, print its shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platforms", type=int, help="of each world and forecaster")
    parser.add_argument("--forecaster", choices=list(PLATFORMS), help="only this one")
    parser.add_argument("--damping", type=float, default=Shape().damping)
    parser.add_argument("--dry", action="store_true", help="print, write nothing")
    given = parser.parse_args()
    found: list[dict[str, object]] = []
    for forecaster, platforms in PLATFORMS.items():
        if given.forecaster in (None, forecaster):
            began, here = process_time(), len(found)
            found += rows(given.platforms or platforms, forecaster, Shape(damping=given.damping), tuple(WORLDS))
            _print(found[here:])
            print(f"{forecaster}: {process_time() - began:.0f} CPU-seconds\n")
    if not given.dry:
        with RESULTS.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)


def _print(found: list[dict[str, object]]) -> None:
    shares = coverage(found, "world")
    print("target".ljust(40), *(name.rjust(9) for name in [*WORLDS, "all"]))
    for target in dict.fromkeys(str(row["target"]) for row in found):
        print(target.ljust(40), *(f"{100 * shares[target, name]:9.0f}" for name in [*WORLDS, "all"]))


if __name__ == "__main__":
    main()
