"""Run a loop in replicates, and put what theory expects beside it."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.loops import counts, normal_measures
from precipice.loops.expectations import Rule
from precipice.loops.feed import Feed
from precipice.loops.gaussian import ClosedGaussian, NormalWorld
from precipice.loops.loop import run
from precipice.loops.sampling import measured_samples
from precipice.loops.settings import Loop
from precipice.loops.trace import Trace
from precipice.threads import one_thread

Float = npt.NDArray[np.float64]
Progress = Callable[[str, float | None], None]
CHUNK = 2**18
"""Numbers in the covariances of one chunk of replicates: 1 or 2 MB, what the cache of one core holds."""
FEWEST, MOST = 32, 4_096
"""Replicates in a chunk."""


def simulate(
    loop: Loop,
    *,
    replicates: int | None = None,
    seed: int = 0,
    jobs: int | None = None,
    progress: Progress = lambda step, share: None,
) -> Trace:
    """Run a self-consuming loop in independent replicates; see `precipice simulate`.

    Args:
        loop: model, policy, supply, bias and what is measured.
        replicates: independent runs; None for 1,000 of sufficient statistics and 5 of samples.
        seed: of all chance; the same seed gives the same numbers with any number of jobs.
        jobs: threads for sufficient statistics; None for one a processor.
        progress: called with what is done, and its share.

    Raises:
        InputError: fewer than one replicate, or a measure nobody knows.
        MissingExtraError: the model needs an optional part that is not installed.
    """
    wanted = (1_000 if loop.closed else 5) if replicates is None else replicates
    if wanted < 1:
        raise InputError(f"{wanted} replicates are asked for", fix="ask for 1 or more; 2 or more give intervals")
    rng = np.random.default_rng(seed)
    # A BLAS of many threads on small matrices was measured 200 times slower than one thread.
    with one_thread():
        if not loop.closed:
            return measured_samples(loop, wanted, rng, progress)
        return _measured_statistics(loop, wanted, rng, jobs or os.cpu_count() or 1, progress)


def _measured_statistics(loop: Loop, replicates: int, rng: np.random.Generator, jobs: int, progress: Progress) -> Trace:
    feed, styles = loop.supply(), loop.model == "styles"
    metrics = _checked(loop, counts.MEASURES if styles else normal_measures.MEASURES)
    setting = _styles(loop, metrics) if styles else _normals(loop, metrics)
    values = _in_chunks(setting, feed, loop, replicates, rng)(jobs, progress)
    return Trace(
        metrics=metrics,
        values=values,
        theory=np.stack([_expected(name, loop, feed) for name in metrics]),
        floor=np.full(len(metrics), np.nan),
        words=loop.describe(),
        source="sufficient statistics",
        notes=_notes(loop, feed),
        described={name: _line(name, styles=styles) for name in metrics},
    )


Setting = tuple[Callable[[int], Any], Any, Callable[[Any, np.random.Generator], Float], int]
"""World of so many replicates, model, measure, and numbers a replicate takes."""


def _normals(loop: Loop, metrics: Sequence[str]) -> Setting:
    dtype = np.float32 if loop.single else np.float64
    model = ClosedGaussian(bool(loop.options.get("likelihood", False)))
    return (
        lambda r: NormalWorld(r, loop.dimension, dtype),
        model,
        normal_measures.measure_all(metrics),
        loop.dimension**2,
    )


def _styles(loop: Loop, metrics: Sequence[str]) -> Setting:
    p = loop.shares()
    return lambda r: counts.StyleWorld(r, p), counts.ClosedStyles(), counts.measure_all(metrics), len(p)


def _in_chunks(
    setting: Setting, feed: Feed, loop: Loop, replicates: int, rng: np.random.Generator
) -> Callable[[int, Progress], Float]:
    """Give a function that runs chunks of replicates in threads, shape (k, G + 1, R).

    Every chunk has a generator of its own and a size that does not depend on the threads, so neither do the numbers.
    """
    world, model, measure, size = setting
    chunk = int(np.clip(CHUNK // size, FEWEST, MOST))
    parts = ceil(replicates / chunk)
    sizes = [min(chunk, replicates - chunk * i) for i in range(parts)]

    def one(part: tuple[int, np.random.Generator]) -> Float:
        r, child = part
        return run(world(r), model, loop.plan(), feed, measure, child)

    def all_of_them(jobs: int, progress: Progress) -> Float:
        done: list[Float] = []
        with ThreadPoolExecutor(jobs) as pool:
            for values in pool.map(one, zip(sizes, rng.spawn(parts), strict=True)):
                done.append(values)
                progress("run replicates", len(done) / parts)
        return np.concatenate(done, axis=2).transpose(1, 0, 2)

    return all_of_them


def _expected(name: str, loop: Loop, feed: Feed) -> Float:
    if loop.model == "styles":
        return counts.expected(name, loop.policy, feed, loop.shares(), loop.bias)
    rule = Rule(loop.dimension, loop.bias, bool(loop.options.get("likelihood", False)), loop.weight)
    return normal_measures.expected(name, loop.policy, feed, rule)


def _checked(loop: Loop, known: Any) -> tuple[str, ...]:  # noqa: ANN401  measures by name
    usual = tuple(known) if loop.model == "styles" else normal_measures.usual(loop.dimension)
    for name in loop.metrics:
        if name not in known:
            raise InputError(
                f"there is no measure '{name}' for the model '{loop.model}' by sufficient statistics",
                why=f"there are {', '.join(known)}",
                fix="choose among them, or draw works (by_samples, --samples)",
            )
    return loop.metrics or usual


def _notes(loop: Loop, feed: Feed) -> tuple[str, ...]:
    notes = ["The model is small and its world made up: what holds here is a law, not a forecast of any platform."]
    if loop.model == "gaussian" and int(feed.total.min()) <= loop.dimension:
        notes.append(
            f"A generation of {int(feed.total.min())} works in {loop.dimension} dimensions has a singular covariance: "
            "the loop goes on in fewer dimensions, and log_variance is −∞ (null in JSON)."
        )
    return tuple(notes)


def _line(name: str, *, styles: bool) -> str:
    function = (counts.MEASURES if styles else normal_measures.MEASURES)[name]
    return (function.__doc__ or "").strip()
