"""Run the study of themes: worlds without a change, and worlds with planted ones.

    python -m studies.themes.run --replications 200 --planted 60 --jobs 2
    python -m studies.themes.run --world all --kind planted

Writes studies/themes/results.csv, of which worlds that are not run keep their lines; docs/themes.md shows it.
"""

import argparse
import csv
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from precipice.archive import TagCounts
from precipice.corrections import benjamini_hochberg
from precipice.panel import Panel
from precipice.profiles.drift import sampling_only
from precipice.profiles.theme_search import WINDOW, find_themes
from precipice.profiles.themes import DISCOVERY
from studies.themes.worlds import CUTOFF, EVENT, WORLDS, World, draw

HERE = Path(__file__).parent
PLANTED = dict.fromkeys((3, 12, 24, 48, 96), float(np.log(0.4)))
"""Tags that seniors use less from the event on, common ones and rare ones: their odds fall to two fifths."""

Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What one replication gave, by each of three ways to ask."""

    tested: int
    wrong: tuple[float, float, float]
    """Share of false ones among the tags named, 0 where none is: calibrated, by creators alone, by uploads."""
    small: tuple[float, float, float]
    """Share of the tags without a change whose p is below 5 %."""
    found: tuple[float, float, float]
    """Share of the planted changes named; NaN without any."""
    error: float
    """Mean error of the calibrated size of the planted changes, log points."""
    covered: float
    """Share of planted changes inside their 95 % interval."""
    size: float
    """Mean planted change of the log-odds of a creator's share, log points."""


def replicate(world: World, seed: int) -> Outcome:
    """Draw a world once and ask for its themes in three ways."""
    panel, counts = draw(world, np.random.default_rng(seed))
    themes = find_themes(panel, counts, "site", EVENT, cutoff=CUTOFF)
    tag = np.array([int(name[1:]) for name in themes.tags])
    planted = np.isin(tag, list(world.planted))
    by_uploads = _by_uploads(panel, counts, tag)
    ways = [(themes.beyond.p, themes.named)]
    for p in (sampling_only(themes.change, themes.change_se**2).p, sampling_only(*by_uploads).p):
        ways.append((p, benjamini_hochberg(p) <= DISCOVERY))
    truth = _truth(world, seed, tag[planted]) if planted.any() else np.zeros(0)
    error = themes.beyond.estimate[planted] - truth
    return Outcome(
        tested=len(tag),
        wrong=tuple(float((named & ~planted).sum() / max(named.sum(), 1)) for _, named in ways),  # type: ignore[arg-type]
        small=tuple(float((p[~planted] < 0.05).mean()) for p, _ in ways),  # type: ignore[arg-type]
        found=tuple(_mean(named[planted]) for _, named in ways),  # type: ignore[arg-type]
        error=_mean(error),
        covered=_mean(np.abs(error) <= themes.beyond.half[planted]),
        size=_mean(truth),
    )


def _mean(values: npt.NDArray[np.generic]) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _truth(world: World, seed: int, tags: npt.NDArray[np.int64]) -> Float:
    """Give what the planted changes are in the log-odds of shares: with them and without, of expected tags."""
    found = []
    for one in (world, replace(world, planted={})):
        panel, counts = draw(one, np.random.default_rng(seed), expected=True)
        themes = find_themes(panel, counts, "site", EVENT, cutoff=CUTOFF, fewest=1)
        found.append(dict(zip(themes.tags, themes.change.tolist(), strict=True)))
    return np.array([found[0][f"t{tag}"] - found[1][f"t{tag}"] for tag in tags])


def _by_uploads(panel: Panel, counts: TagCounts, tags: npt.NDArray[np.int64]) -> tuple[Float, Float]:
    """Give the change and its variance with every tag of every upload a draw of its own, as in Monroe et al. (2008)."""
    senior = panel.first[np.searchsorted(panel.creators, counts.creators)] < CUTOFF
    row = np.repeat(np.arange(len(counts)), np.diff(counts.indptr))
    change, variance = np.zeros(len(tags)), np.zeros(len(tags))
    for sign, members in ((1, senior), (-1, ~senior)):
        for side, begin in ((1, EVENT), (-1, EVENT - WINDOW)):
            inside = members & (counts.months >= begin) & (counts.months < begin + WINDOW)
            words = np.bincount(counts.tag[inside[row]], counts.count[inside[row]], len(counts.tags)) + 0.5
            change += sign * side * np.log(words / (words.sum() - words))[tags]
            variance += 1 / words[tags]
    return change, variance


@dataclass(frozen=True)
class Line:
    """One world of the results."""

    world: str
    planted: int
    replications: int
    tags: float
    false_calibrated: float
    false_creators: float
    false_uploads: float
    p05_calibrated: float
    p05_creators: float
    p05_uploads: float
    found_calibrated: float
    found_creators: float
    found_uploads: float
    size: float
    error: float
    covered: float


def tally(world: World, outcomes: Iterable[Outcome]) -> Line:
    """Average replications; the Monte Carlo error of a share s is √(s(1 − s)/replications)."""
    done = list(outcomes)

    def mean(name: str, index: int | None = None) -> float:
        values = [getattr(one, name) if index is None else getattr(one, name)[index] for one in done]
        return round(float(np.mean(values)), 4)

    shares = [mean(name, index) for name in ("wrong", "small", "found") for index in range(3)]
    rest = (mean("size"), mean("error"), mean("covered"))
    return Line(world.name, len(world.planted), len(done), mean("tested"), *shares, *rest)  # type: ignore[call-arg]


def settings() -> tuple[World, ...]:
    """Give the worlds: each without a change, and the first and the last of them with planted ones."""
    return (*WORLDS.values(), *(replace(WORLDS[name], planted=PLANTED) for name in ("still", "all")))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--replications", type=int, default=200, help="of each world without a change")
    parser.add_argument("--planted", type=int, default=60, help="of each world with planted changes")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--world", choices=WORLDS, action="append", help="only these")
    parser.add_argument("--kind", choices=("planted", "null"), help="only with planted changes, or only without")
    arguments = parser.parse_args()
    chosen = [
        world
        for world in settings()
        if world.name in (arguments.world or WORLDS)
        and arguments.kind in (None, "planted" if world.planted else "null")
    ]
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for world in chosen:
            count = arguments.planted if world.planted else arguments.replications
            seeds = [crc32(f"{world.name} {len(world.planted)} {r}".encode()) for r in range(count)]
            line = tally(world, pool.map(replicate, [world] * len(seeds), seeds, chunksize=5))
            print(line, flush=True)
            write(line, HERE / "results.csv")


def write(line: Line, place: Path) -> None:
    """Put the line of one world into the results, in the order of `settings`."""
    names = [field.name for field in fields(Line)]
    rows = {}
    if place.exists():
        with place.open(encoding="utf-8", newline="") as file:
            rows = {(row["world"], row["planted"]): row for row in csv.DictReader(file)}
    rows[line.world, str(line.planted)] = {name: str(getattr(line, name)) for name in names}
    order = [(world.name, str(len(world.planted))) for world in settings()]
    with place.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names, lineterminator="\n")
        table.writeheader()
        table.writerows(rows[key] for key in order if key in rows)


if __name__ == "__main__":
    main()
