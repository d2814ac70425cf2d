"""Run loops on Fashion-MNIST: `python -m studies.fashion.run`, about two CPU-minutes, three more with `--neural`.

Pictures of Debian's package dataset-fashion-mnist, which is not part of the project.  Models without a network: 28 × 28
pixels on 48 principal components, a Gaussian, a mixture of 20 and a kernel density, 1,000 works a generation, ten
generations, three seeds.  With `--neural` (torch, on the processor): a small diffusion model and a small variational
autoencoder on 14 × 14 pixels, also on 48 components, 1,000 works a generation, five generations, one seed: three
CPU-minutes.  Each writes its part of `results.csv`; `--write` sets the page from the results that are there.
"""

import argparse
import csv
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # small matrices: threads only get in each other's way
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402  after the number of threads is set
import numpy.typing as npt  # noqa: E402

from precipice.loops import Loop, Trace, simulate  # noqa: E402
from precipice.loops.components import Components  # noqa: E402
from precipice.loops.showing import show_generations  # noqa: E402
from precipice.study.pictures import PictureSet, open_pictures  # noqa: E402

Float = npt.NDArray[np.float64]
PLACE = Path(__file__).parent
RESULTS = PLACE / "results.csv"
SEED, COMPONENTS, POOL = 5, 48, 8_000
METRICS = ("frechet", "precision", "recall", "tail_recall", "vendi", "effective_rank", "variance")


@dataclass(frozen=True)
class Regime:
    """One loop."""

    name: str
    policy: str
    share: float | None = None


REGIMES = (
    Regime("synthetic", "synthetic"),
    Regime("augment 50 %", "augment", 0.5),
    Regime("fresh 20 %", "fresh", 0.2),
    Regime("accumulate", "accumulate"),
    Regime("100 % real", "real"),
)
FEW = tuple(regime for regime in REGIMES if regime.name in ("synthetic", "fresh 20 %", "100 % real"))


@dataclass(frozen=True)
class Kind:
    """A model and the size at which it is run."""

    name: str
    regimes: tuple[Regime, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    n: int = 1_000
    generations: int = 10
    seeds: int = 3
    half: bool = False
    """Whether on pictures of half the size, 14 × 14 pixels."""


KINDS: Mapping[str, Kind] = {
    "gaussian": Kind("gaussian", REGIMES),
    "mixture": Kind("mixture", REGIMES, {"components": 20, "ridge": 0.02}),
    "kde": Kind("kde", REGIMES),
    "vae": Kind("vae", FEW, {}, 1_000, 5, 1, half=True),
    "ddpm": Kind("ddpm", FEW, {"hidden": 192, "steps": 1_500, "batch": 64}, 1_000, 5, 1, half=True),
}
NEURAL = ("vae", "ddpm")


@dataclass(frozen=True)
class Line:
    """One measure of one generation of one seed."""

    model: str
    regime: str
    metric: str
    generation: int
    seed: int
    value: float
    floor: float
    """Human against human, mean over seeds."""
    inputs: str
    """What was run, and with what versions; written once a regime."""


@cache
def clothes() -> PictureSet:
    """Give the pictures."""
    return open_pictures("fashion-mnist", Path(), most=POOL, seed=SEED)


@cache
def pixels(*, half: bool) -> Float:
    """Give the pictures in rows, from 0 to 1: whole, or at half their size, each pixel the mean of four."""
    x = clothes().rows()
    if not half:
        return x
    return np.asarray(x.reshape(len(x), 14, 2, 14, 2).mean(axis=(2, 4)).reshape(len(x), -1))


@cache
def features(*, half: bool) -> Components:
    """Give the components of the pictures: what models learn and works are compared by."""
    return Components.of(pixels(half=half), COMPONENTS)


def pool_of(kind: Kind) -> Float:
    """Give the human works that a model is fitted to, shape (POOL, COMPONENTS)."""
    return features(half=kind.half).of_works(pixels(half=kind.half))


def loop_of(kind: Kind, regime: Regime, *, n: int | None = None, generations: int | None = None) -> Loop:
    """Give a regime's loop."""
    return Loop(
        model=kind.name, policy=regime.policy, share=regime.share, n=n or kind.n,
        generations=generations or kind.generations, works=pool_of(kind), metrics=METRICS, options=kind.options,
    )  # fmt: skip


def lines_of(kind: Kind, regime: Regime, trace: Trace) -> Iterator[Line]:
    """Give every number of a trace."""
    for k, metric in enumerate(trace.metrics):
        for generation, values in enumerate(trace.values[k]):
            for seed, value in enumerate(values):
                told = inputs(kind) if k == generation == seed == 0 else ""
                yield Line(kind.name, regime.name, metric, generation, seed, float(value), float(trace.floor[k]), told)


def write(lines: Sequence[Line], path: Path = RESULTS) -> None:
    """Write the file of results, whole or not at all."""
    staged = path.with_suffix(".part")
    with staged.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([one.name for one in fields(Line)])
        rows.writerows([f"{c:.6g}" if isinstance(c, float) else c for c in astuple(line)] for line in lines)
    staged.replace(path)


def read(path: Path = RESULTS) -> list[Line]:
    """Read the file of results."""
    kinds: Mapping[str, Any] = {one.name: one.type for one in fields(Line)}
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [Line(**{name: kinds[name](cell) for name, cell in row.items()}) for row in csv.DictReader(file)]


def pictures_of(kind: Kind, regime: Regime, generations: Sequence[int], count: int) -> dict[int, Float]:
    """Run one seed and give pictures that the model made, by generation, shape (count, pixels)."""
    made = show_generations(loop_of(kind, regime), generations, count, seed=SEED)
    return {generation: features(half=kind.half).works(x) for generation, x in made.items()}


def inputs(kind: Kind) -> str:
    """Say what is run."""
    options = "".join(f", {name} {value}" for name, value in kind.options.items())
    size = f"{'14 × 14' if kind.half else '28 × 28'} pixels on {COMPONENTS} components"
    names = ("precipice", "numpy", "scipy", *(("torch",) if kind.half else ("scikit-learn",)))
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"{clothes().words}, SHA-256 of the pixels {clothes().sha256[:12]}; {size}; {kind.name}{options}; n {kind.n}; "
        f"seed {SEED}; {versions}, Python {platform.python_version()}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the models, or only set the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neural", action="store_true", help="run the neural models in place of the others")
    parser.add_argument("--write", action="store_true", help="only set the page")
    options = parser.parse_args(arguments)
    if not options.write:
        for kind in (KINDS[name] for name in KINDS if (name in NEURAL) == options.neural):
            _run(kind)
    from studies.fashion.pages import write_page

    write_page(read())


def _run(kind: Kind) -> None:
    """Run one model; each regime's lines take the place of those that were there."""
    for regime in kind.regimes:
        began = time.process_time()
        lines = list(lines_of(kind, regime, simulate(loop_of(kind, regime), replicates=kind.seeds, seed=SEED)))
        print(f"{kind.name}, {regime.name}: {time.process_time() - began:.0f} CPU-s", file=sys.stderr)
        kept = [line for line in read() if (line.model, line.regime) != (kind.name, regime.name)]
        write(sorted([*kept, *lines], key=_place))


def _place(line: Line) -> tuple[int, int]:
    """Give the place of a line in the file: by model, then regime."""
    return list(KINDS).index(line.model), [regime.name for regime in REGIMES].index(line.regime)


if __name__ == "__main__":
    main()
