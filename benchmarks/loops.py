"""Measure self-consuming Gaussian loops beside the same loop as published code writes it.

    python benchmarks/loops.py                      # writes benchmarks/results_loops.md, two to three minutes
    python benchmarks/loops.py --replicates 20 --slow 1 --results /tmp

1,000 replicates × 100 generations, d = 64, n = 1,000.  Each way is a process of its own with one BLAS thread; the slow
ways run a stated part of the replicates, since each takes as long as the others.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from measuring import Reading, measure  # noqa: E402  a module beside this one

D, N, GENERATIONS = 64, 1_000, 100
REPLICATES, SLOW = 1_000, 8
SEED = 1


def as_published(replicates: int, *, fresh: bool = False) -> list[float]:
    """One replicate after the other: `multivariate_normal` and `np.cov`; gives the last generation's tr S / d."""
    import numpy as np

    rng = np.random.RandomState(SEED)
    ends = []
    for _ in range(replicates):
        mean, covariance = np.zeros(D), np.eye(D)
        for _ in range(GENERATIONS):
            made = rng.multivariate_normal(mean, covariance, N // 2 if fresh else N)
            if fresh:
                made = np.concatenate([rng.multivariate_normal(np.zeros(D), np.eye(D), N // 2), made])
            mean, covariance = made.mean(axis=0), np.cov(made, rowvar=False)
        ends.append(float(np.trace(covariance)) / D)
    return ends


def by_cholesky(replicates: int, *, fresh: bool = False) -> list[float]:
    """The same by hand: standard normal draws times the Cholesky factor."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    ends = []
    for _ in range(replicates):
        mean, covariance = np.zeros(D), np.eye(D)
        for _ in range(GENERATIONS):
            factor = np.linalg.cholesky(covariance)
            made = mean + rng.standard_normal((N // 2 if fresh else N, D)) @ factor.T
            if fresh:
                made = np.concatenate([rng.standard_normal((N // 2, D)), made])
            mean = made.mean(axis=0)
            centred = made - mean
            covariance = centred.T @ centred / (N - 1)
        ends.append(float(np.trace(covariance)) / D)
    return ends


def ours(
    replicates: int, *, fresh: bool = False, single: bool = True, metrics: tuple[str, ...] = ("variance",)
) -> list[float]:
    """`precipice.simulate`, by sufficient statistics."""
    import precipice as pc

    policy = "fresh" if fresh else "synthetic"
    loop = pc.Loop(policy=policy, n=N, dimension=D, generations=GENERATIONS, metrics=metrics, single=single)
    values: list[float] = pc.simulate(loop, replicates=replicates, seed=SEED).of("variance")[-1].tolist()
    return values


FOUR = ("variance", "drift", "effective_rank", "log_variance")


@dataclass(frozen=True)
class Way:
    """One way to run the loop."""

    words: str
    run: Callable[[int], list[float]]
    slow: bool
    """Whether it runs a part of the replicates."""
    fresh: bool = False


WAYS: Mapping[str, Way] = {
    "published": Way("`multivariate_normal` and `np.cov`, a replicate at a time", as_published, slow=True),
    "cholesky": Way("Generator and Cholesky, a replicate at a time", by_cholesky, slow=True),
    "single": Way("precipice, single precision, the variance", ours, slow=False),
    "single-all": Way("precipice, single precision, variance, drift, rank and log-determinant of every generation",
                      lambda r: ours(r, metrics=FOUR), slow=False),
    "double": Way("precipice, double precision, the variance", lambda r: ours(r, single=False), slow=False),
    "published-fresh": Way("fresh: `multivariate_normal` and `np.cov`", lambda r: as_published(r, fresh=True),
                           slow=True, fresh=True),
    "cholesky-fresh": Way("fresh: Generator and Cholesky", lambda r: by_cholesky(r, fresh=True), slow=True, fresh=True),
    "single-fresh": Way("fresh: precipice, single precision", lambda r: ours(r, fresh=True), slow=False, fresh=True),
}  # fmt: skip


def take_readings(replicates: int, slow: int, folder: Path) -> dict[str, tuple[Reading, int, float, float]]:
    """Run every way: its reading less start-up, replicates, and mean and standard error of what it gave."""
    import json
    from math import sqrt
    from statistics import fmean, stdev

    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    found = {}
    for name, way in WAYS.items():
        count = slow if way.slow else replicates
        output = folder / f"{name}.json"
        start = measure([sys.executable, __file__, "--run", name, "--replicates", "0"], output)
        reading = measure([sys.executable, __file__, "--run", name, "--replicates", str(count)], output)
        ends = json.loads(output.read_text())
        net = Reading(reading.cpu - start.cpu, reading.wall - start.wall, reading.peak)
        found[name] = net, count, fmean(ends), stdev(ends) / sqrt(len(ends)) if len(ends) > 1 else float("inf")
        print(f"{name}: {net.cpu:.2f} CPU-s for {count} replicates", flush=True)
    return found


def check(found: Mapping[str, tuple[Reading, int, float, float]]) -> None:
    """Hold the ways' last variances against each other: the same law, so within 4 standard errors."""
    for name, way in WAYS.items():
        other = "published-fresh" if way.fresh else "published"
        (_, _, mean, error), (_, _, theirs, their_error) = found[name], found[other]
        assert abs(mean - theirs) <= 4 * (error**2 + their_error**2) ** 0.5, (name, mean, theirs)


def page(found: Mapping[str, tuple[Reading, int, float, float]], replicates: int) -> str:
    """Set the page."""
    lines = []
    for name, way in WAYS.items():
        reading, count, mean, error = found[name]
        whole = reading.cpu * replicates / count
        base = found["published-fresh" if way.fresh else "published"]
        ratio = base[0].cpu / base[1] / (reading.cpu / count)
        lines.append(
            f"| {way.words} | {count:,} | {reading.cpu:.2f} | {whole:.1f} | {ratio:.1f} × | {reading.peak:.0f} | "
            f"{mean:.4f} ± {error:.4f} |"
        )
    cost = found["single-all"][0].cpu / found["single"][0].cpu
    head = "| way | replicates run | CPU s | CPU s for all | against published | peak MB | tr S / d at the end |\n"
    head += "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    named = ", ".join(f"{name} {version(name)}" for name in ("precipice", "numpy"))
    return (
        f"# Self-consuming loops: measured\n\n{replicates:,} replicates × {GENERATIONS} generations, d = {D}, "
        f"n = {N:,} (fresh: half of them human), on {os.cpu_count()} cores; {named}, Python "
        f"{platform.python_version()}.\n"
        "CPU seconds are without start-up, with one BLAS thread each.\n"
        "Slow ways ran the replicates named and are compared by replicate.\n"
        "The last column must agree: all ways have the same law.\n\n"
        + head + "\n".join(lines)
        + f"\n\nFour measures of every generation cost {cost:.2f} × the variance alone.\n"
        "`python benchmarks/loops.py` measures it anew.\n"
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all ways, or run one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--slow", type=int, default=SLOW, help="replicates of the slow ways")
    parser.add_argument("--run", choices=tuple(WAYS), help="run one way and print what it gives")
    parser.add_argument("--results", type=Path, default=HERE, help="folder of results_loops.md")
    options = parser.parse_args(arguments)
    if options.run:
        import json

        import precipice.loops  # noqa: F401  start-up of all ways is the same

        print(json.dumps(WAYS[options.run].run(options.replicates) if options.replicates else []))
        return
    folder = options.results / "loops" if options.results != HERE else HERE.parent / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    found = take_readings(options.replicates, options.slow, folder)
    check(found)
    (options.results / "results_loops.md").write_text(page(found, options.replicates), encoding="utf-8")


if __name__ == "__main__":
    main()
