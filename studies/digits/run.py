"""Run loops on handwritten digits: `python -m studies.digits.run`, about one CPU-minute.

scikit-learn's 1,797 digits of 8 × 8 pixels, on their first 48 principal components; a mixture of 20 Gaussians; 600
works a generation, ten generations, five seeds.  Writes `results.csv`, `docs/digits.md` and its pictures; `--write`
sets the page from the results that are there.
"""

import argparse
import csv
import os
import platform
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # small matrices: threads only get in each other's way
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402  after the number of threads is set
import numpy.typing as npt  # noqa: E402

from precipice.loops import Loop, Trace, simulate  # noqa: E402
from precipice.loops.loop import run as run_loop  # noqa: E402
from precipice.loops.models import make  # noqa: E402
from precipice.loops.worlds import SampleWorld, works  # noqa: E402

Float = npt.NDArray[np.float64]
PLACE = Path(__file__).parent
RESULTS = PLACE / "results.csv"
N, GENERATIONS, SEEDS, COMPONENTS = 600, 10, 5, 48
MODEL = {"components": 20, "ridge": 0.02}
METRICS = ("frechet", "precision", "recall", "tail_recall", "coverage", "vendi", "effective_rank", "variance")
SEED = 3


@dataclass(frozen=True)
class Regime:
    """One loop."""

    name: str
    policy: str
    share: float | None = None


REGIMES = (
    Regime("synthetic", "synthetic"),
    Regime("fresh 5 %", "fresh", 0.05),
    Regime("fresh 20 %", "fresh", 0.2),
    Regime("fresh 50 %", "fresh", 0.5),
    Regime("augment 50 %", "augment", 0.5),
    Regime("accumulate", "accumulate"),
    Regime("accumulate, subsample", "accumulate_subsample"),
    Regime("100 % real", "real"),
)


@dataclass(frozen=True)
class Line:
    """One measure of one generation of one seed."""

    regime: str
    metric: str
    generation: int
    seed: int
    value: float
    floor: float
    """Human against human, mean over seeds."""
    inputs: str
    """What was run, and with what versions."""


@cache
def digits() -> tuple[Float, Float, Float]:
    """Give the digits' components, shape (1797, 48), the directions, shape (48, 64), and the mean picture."""
    from sklearn.datasets import load_digits

    x = load_digits().data / 16
    mean = x.mean(axis=0)
    directions = np.linalg.svd(x - mean, full_matrices=False)[2][:COMPONENTS]
    return (x - mean) @ directions.T, directions, mean


def loop_of(regime: Regime, *, n: int = N, generations: int = GENERATIONS) -> Loop:
    """Give a regime's loop."""
    return Loop(model="mixture", policy=regime.policy, share=regime.share, n=n, generations=generations,
                works=digits()[0], metrics=METRICS, options=MODEL)  # fmt: skip


def lines_of(regime: Regime, trace: Trace) -> Iterator[Line]:
    """Give every number of a trace."""
    for k, metric in enumerate(trace.metrics):
        for generation, values in enumerate(trace.values[k]):
            for seed, value in enumerate(values):
                yield Line(regime.name, metric, generation, seed, float(value), float(trace.floor[k]), inputs())


def write(lines: Sequence[Line], path: Path = RESULTS) -> None:
    """Write the file of results, whole or not at all."""
    staged = path.with_suffix(".part")
    with staged.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow([field.name for field in fields(Line)])
        rows.writerows([f"{c:.6g}" if isinstance(c, float) else c for c in astuple(line)] for line in lines)
    staged.replace(path)


def read(path: Path = RESULTS) -> list[Line]:
    """Read the file of results."""
    kinds: Mapping[str, Any] = {field.name: field.type for field in fields(Line)}
    with path.open(newline="", encoding="utf-8") as file:
        return [Line(**{name: kinds[name](cell) for name, cell in row.items()}) for row in csv.DictReader(file)]


def pictures_of(regime: Regime, generations: Sequence[int], count: int) -> dict[int, Float]:
    """Run one seed and give pictures that the model made, shape (count, 64), by generation."""
    components, directions, mean = digits()
    loop, rng = loop_of(regime), np.random.default_rng(SEED)
    drawn: list[Float] = []

    def draw(fitted: Any, rng: np.random.Generator) -> Float:  # noqa: ANN401  a fitted mixture
        drawn.append(fitted.sample(count, 1.0, np.random.default_rng(SEED)) @ directions + mean)
        return np.zeros(1)

    run_loop(SampleWorld(works(components)), make("mixture", MODEL), loop.plan(), loop.supply(), draw, rng)
    return {generation: drawn[generation] for generation in generations}


def versions() -> str:
    """Name the versions that decide the numbers."""
    named = ", ".join(f"{name} {version(name)}" for name in ("precipice", "numpy", "scipy", "scikit-learn"))
    return f"{named}, Python {platform.python_version()}"


def inputs() -> str:
    """Say what is run."""
    model = ", ".join(f"{name} {value}" for name, value in MODEL.items())
    return f"digits, {COMPONENTS} components of 64; mixture, {model}; n {N}; seed {SEED}; {versions()}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the options and do the study, or write its page."""
    parser = argparse.ArgumentParser(prog="python -m studies.digits.run", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the page, run nothing but what is drawn")
    options = parser.parse_args(arguments)
    if not options.write:
        lines: list[Line] = []
        for regime in REGIMES:
            began = time.process_time()
            lines += lines_of(regime, simulate(loop_of(regime), replicates=SEEDS, seed=SEED))
            print(f"{regime.name}: {time.process_time() - began:.0f} CPU-s", file=sys.stderr)
        write(lines)
    from studies.digits.pages import write_page

    write_page(read())


if __name__ == "__main__":
    main()
