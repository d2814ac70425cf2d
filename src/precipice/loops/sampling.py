"""Loops on works themselves: each replicate is run by samples and measured by distances, beside their floor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.errors import InputError
from precipice.loops import counts, distances, normal_measures, theory, worlds
from precipice.loops.distances import Pair, Works
from precipice.loops.expectations import Rule
from precipice.loops.gaussian import Normal
from precipice.loops.loop import Fitted, World, run
from precipice.loops.models import make
from precipice.loops.models.gaussian import FittedGaussian
from precipice.loops.models.regression import FittedLine
from precipice.loops.models.styles import FittedShares
from precipice.loops.settings import Loop
from precipice.loops.trace import Trace

Float = npt.NDArray[np.float64]
Gauge = Callable[[Fitted[Float], np.random.Generator], Float]
"""From a fitted model to measures, shape (k,)."""


def measured_samples(
    loop: Loop, replicates: int, rng: np.random.Generator, progress: Callable[[str, float | None], None]
) -> Trace:
    """Run a loop on works in replicates, one after the other.

    Args:
        loop: its settings.
        replicates: independent runs.
        rng: source of chance; each replicate has a child of it.
        progress: called after each generation.
    """
    feed, scene = loop.supply(), SCENES.get(loop.model if loop.works is None else "works", of_works)(loop)
    model, steps = make(loop.model, loop.options), replicates * (feed.generations + 1)
    values, floors = [], []
    done = 0
    for child in rng.spawn(replicates):
        world, gauge, floor = scene.begin(child)

        def watched(fitted: Fitted[Float], rng: np.random.Generator, gauge: Gauge = gauge) -> Float:
            nonlocal done
            done += 1
            progress("run generations", done / steps)
            return gauge(fitted, rng)

        floors.append(floor)
        values.append(run(world, model, loop.plan(), feed, watched, child))
    return Trace(
        metrics=scene.metrics,
        values=np.stack(values, axis=-1).transpose(1, 0, 2),
        theory=np.stack([scene.expected(name) for name in scene.metrics]),
        floor=np.mean(floors, axis=0),
        words=loop.describe(),
        source="samples",
        notes=scene.notes,
        described=scene.described,
    )


@dataclass(frozen=True, eq=False)
class Scene:
    """A world, and how its models are measured."""

    metrics: tuple[str, ...]
    begin: Callable[[np.random.Generator], tuple[World[Float], Gauge, Float]]
    """Gives the world of one replicate, the measure, and the floor of each measure, shape (k,)."""
    expected: Callable[[str], Float]
    """What theory expects of a measure, shape (G + 1,)."""
    described: Mapping[str, str]
    """What each measure is, in a line."""
    notes: tuple[str, ...] = ()


def of_gaussian(loop: Loop) -> Scene:
    """A standard normal world, known to its model; measured by the fitted parameters, as with sufficient statistics."""
    metrics = _chosen(loop, normal_measures.MEASURES, normal_measures.usual(loop.dimension))
    measure, d = normal_measures.measure_all(metrics), loop.dimension

    def gauge(fitted: Any, rng: np.random.Generator) -> Float:  # noqa: ANN401  a FittedGaussian
        factor = np.zeros((1, d, d))
        factor[0, :, : fitted.factor.shape[1]] = fitted.factor
        return measure(Normal(fitted.mean[None], factor), rng)[:, 0]

    rule = Rule(d, loop.bias, bool(loop.options.get("likelihood", False)), loop.weight)
    world = worlds.SampleWorld(worlds.normal(d), FittedGaussian(np.zeros(d), np.eye(d)))
    feed = loop.supply()

    def expected(name: str) -> Float:
        if loop.weight is not None:  # rows are repeated, which is the weighted fit but for terms of order 1/n
            return np.full(feed.generations + 1, np.nan)
        return normal_measures.expected(name, loop.policy, feed, rule)

    return _known(metrics, world, gauge, expected, normal_measures.MEASURES)


def of_styles(loop: Loop) -> Scene:
    """Styles with Zipf's shares, known to their model."""
    metrics = _chosen(loop, counts.MEASURES, tuple(counts.MEASURES))
    measure, p = counts.measure_all(metrics), loop.shares()

    def gauge(fitted: Any, rng: np.random.Generator) -> Float:  # noqa: ANN401  a FittedShares
        shares = np.zeros((1, len(p)))
        shares[0, fitted.styles.astype(int)] = fitted.p
        return measure(counts.Styles(shares), rng)[:, 0]

    world = worlds.SampleWorld(worlds.labels(p), FittedShares(np.arange(len(p), dtype=float), p))
    feed = loop.supply()
    return _known(metrics, world, gauge, lambda name: counts.expected(name, loop.policy, feed, p, loop.bias),
                  counts.MEASURES)  # fmt: skip


def of_regression(loop: Loop) -> Scene:
    """A linear world with coefficients of nought, which is no loss, and labels with the model's noise."""
    metrics = _chosen(loop, {"error": 0}, ("error",))
    noise, d, feed = float(loop.options.get("noise", 1.0)), loop.dimension, loop.supply()
    world = worlds.SampleWorld(worlds.linear(np.zeros(d), noise), FittedLine(np.zeros(d), noise))

    def gauge(fitted: Any, rng: np.random.Generator) -> Float:  # noqa: ANN401  a FittedLine
        return np.array([(fitted.coefficients**2).sum()])

    def expected(name: str) -> Float:
        t, n = np.arange(feed.generations + 1), int(feed.total[0])
        same = bool((feed.total == n).all()) and not feed.human.any() and n > d + 1 and loop.bias == 1
        if same and loop.policy == "synthetic":
            return theory.regression_error(t, n, d, noise)
        if same and loop.policy == "accumulate":
            return theory.regression_error_accumulated(t, n, d, noise)
        return np.full(len(t), np.nan)

    line = "Excess test error |w − w₀|² on standard normal predictors."
    return _known(metrics, world, gauge, expected, {}, {"error": line})


def of_works(loop: Loop) -> Scene:
    """Works that there are, or standard normal ones; measured by distances to others that no model has seen."""
    metrics = _chosen(loop, distances.DISTANCES, distances.HEADLINE)
    feed = loop.supply()
    n = int(feed.total[0])

    def begin(rng: np.random.Generator) -> tuple[World[Float], Gauge, Float]:
        reference, source = _held_out(loop, n, rng)
        m, features = len(reference), loop.features or (lambda x: x)
        real = Works(features(reference))

        def measured(made: Float) -> Float:
            pair = Pair(real, Works(features(made)))
            return np.array([distances.DISTANCES[name](pair) for name in metrics])

        def gauge(fitted: Fitted[Float], rng: np.random.Generator) -> Float:
            return measured(fitted.sample(m, loop.bias, rng))

        return worlds.SampleWorld(source), gauge, measured(source(m, rng))

    described = {name: _first_line(distances.DISTANCES[name]) for name in metrics}
    nothing = np.full(feed.generations + 1, np.nan)
    return Scene(metrics, begin, lambda name: nothing, described, CAVEATS)


CAVEATS = (
    "Every measure depends on how many works are compared: read it beside human against human.",
    "Total variance, Vendi score and effective rank can rise while styles are lost; precision, recall, tail recall and "
    "Fréchet's distance are the headline.",
    "The model is small: thresholds differ by measure and are not those of a text-to-image model.",
)

SCENES: Mapping[str, Callable[[Loop], Scene]] = {
    "gaussian": of_gaussian,
    "styles": of_styles,
    "regression": of_regression,
}
"""Worlds that a model's family holds, so that generation 0 is the world itself; others are measured by distances."""


def _held_out(loop: Loop, n: int, rng: np.random.Generator) -> tuple[Float, worlds.Source]:
    """Give works for comparison, and a source of others."""
    if loop.works is None:
        source = worlds.normal(loop.dimension)
        return source(n, rng), source
    every = worlds.works(loop.works)(len(loop.works), rng)
    m = min(n, len(every) // 3)
    return every[:m], worlds.works(every[m:])


def _known(
    metrics: tuple[str, ...],
    world: World[Float],
    gauge: Gauge,
    expected: Callable[[str], Float],
    known: Mapping[str, Any],
    described: Mapping[str, str] | None = None,
) -> Scene:
    lines = {name: _first_line(known[name]) for name in metrics} if described is None else described
    return Scene(metrics, lambda rng: (world, gauge, np.full(len(metrics), np.nan)), expected, lines)


def _chosen(loop: Loop, known: Mapping[str, Any], usual: tuple[str, ...]) -> tuple[str, ...]:
    for name in loop.metrics:
        if name not in known:
            raise InputError(
                f"there is no measure '{name}' for the model '{loop.model}' on these works",
                why=f"there are {', '.join(known)}",
                fix="choose among them",
            )
    return loop.metrics or usual


def _first_line(function: Callable[..., Any]) -> str:
    return (function.__doc__ or "").strip().splitlines()[0]
