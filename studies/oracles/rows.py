"""The closed forms of `precipice.loops.theory`, by row, each with a simulation by the loop itself."""

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from precipice.loops import Loop, constant, simulate, theory
from precipice.loops.expectations import Fresh, Rule, effective_human, human_distance, moments
from precipice.loops.gaussian import ClosedGaussian, NormalWorld
from precipice.loops.loop import Plan, run
from precipice.loops.models.kde import FittedKernels, KernelDensity
from precipice.loops.normal_measures import measure_all
from precipice.loops.policies import POLICIES
from precipice.loops.worlds import SampleWorld, normal
from studies.oracles.checks import Check, Estimate, Measure, ended, last, mean_of, ratio_of, variance_of

Float = npt.NDArray[np.float64]
LONG = 40
"""Generations after which a fresh loop with a fifth of human works has forgotten its start to eight digits."""


def checks() -> list[Check]:
    """Give all of them, row by row."""
    parts = (_alone, _spread, _accumulated, _regression, _fresh, _effective, _shares, _weighted, _labelled, _others,
             _biases)  # fmt: skip
    return sorted((check for part in parts for check in part()), key=lambda check: check.row)


def _alone() -> Iterator[Check]:
    for bias in (1.0, 0.9):
        setting = f"n = 50, t = 20, λ = {bias:g}"
        value = float(theory.variance_left(20, bias))
        yield Check(1, "E S_t, own output", setting, value, last("variance", 20, n=50, bias=bias), 100_000, 20_000)
        value = float(theory.drift(20, 50, bias=bias))
        yield Check(4, "E |μ_t − μ₀|²", setting, value, last("drift", 20, n=50, bias=bias), 100_000, 20_000)

    def spread(replicates: int, rng: np.random.Generator) -> Estimate:
        return variance_of(ended("log_variance", 20, replicates, rng, {"n": 50}))

    middle, variance = theory.log_variance(20, 50)
    yield Check(2, "E ln var", "n = 50, t = 20", float(middle), last("log_variance", 20, n=50), 100_000, 20_000)
    yield Check(2, "Var ln var", "n = 50, t = 20", float(variance), spread, 100_000, 20_000)
    value = float(theory.log_determinant(20, 200, 16))
    measure = last("log_variance", 20, 16.0, n=200, dimension=16)
    yield Check(2, "E ln det", "d = 16, n = 200, t = 20", value, measure, 20_000, 2_000)
    for likelihood in (False, True):
        value = float(theory.deviation_left(20, 50, likelihood=likelihood))
        setting = "n = 50, t = 20, fitted " + ("by maximum likelihood" if likelihood else "without bias")
        measure = last("deviation", 20, n=50, options={"likelihood": likelihood})
        yield Check(3, "E σ_t", setting, value, measure, 100_000, 20_000)


def _spread() -> Iterator[Check]:
    def measure(replicates: int, rng: np.random.Generator) -> Estimate:
        loop = Loop(n=200, dimension=16, generations=20, metrics=("variance", "effective_rank"))
        trace = simulate(loop, replicates=replicates, seed=int(rng.integers(2**31)))
        whole, rank = (16 * trace.of("variance")[-1]) ** 2, trace.of("effective_rank")[-1]
        return ratio_of(whole, whole / rank)

    value = float(theory.effective_rank(20, 200, 16))
    yield Check(5, "E (tr S)² / E tr S², own output", "d = 16, n = 200, t = 20", value, measure, 20_000, 4_000)


def _accumulated() -> Iterator[Check]:
    value, options = float(theory.variance_accumulated(50, 10)), {"likelihood": True}
    setting = f"n = 10, t = 50; forever: {theory.variance_accumulated_forever(10):.5f}"
    for what, expected, metric in (
        ("E var_t, everything kept", value, "variance"), ("E |μ_t|², everything kept", 1 - value, "drift"),
    ):  # fmt: skip
        measure = last(metric, 50, policy="accumulate", n=10, options=options)
        yield Check(6, what, setting, expected, measure, 50_000, 8_000)


def _regression() -> Iterator[Check]:
    setting = "d = 5, n = 25, t = 10, σ = 1"
    own, kept = float(theory.regression_error(10, 25, 5)), float(theory.regression_error_accumulated(10, 25, 5))
    loop: dict[str, Any] = {"model": "regression", "n": 25, "dimension": 5}
    yield Check(7, "E |w_t − w₀|², own labels", setting, own, last("error", 10, **loop), 20_000, 1_000)
    measure = last("error", 10, policy="accumulate", **loop)
    bound = f"{setting}; bound {theory.regression_error_bound(25, 5):.4f}"
    yield Check(8, "E |w_t − w₀|², all labels so far", bound, kept, measure, 20_000, 1_000)


def _fresh() -> Iterator[Check]:
    one, four = Fresh(1, 50, 200, 0.8), Fresh(4, 50, 200, 0.8)
    loop: dict[str, Any] = {"policy": "fresh", "n": 250, "share": 0.2, "bias": 0.8}
    setting = "n_r = 50, n_s = 200, λ = 0.8"
    value = float(one.state()[2])
    yield Check(9, "limit of E S_t, fresh", f"{setting}, d = 1", value, last("variance", LONG, **loop), 50_000, 10_000)
    measure = last("distance", LONG, dimension=4, **loop)
    yield Check(9, "limit of E dist, fresh", f"{setting}, d = 4", four.distance(), measure, 50_000, 4_000)
    for t in (5, LONG):
        begun = f"{setting}, d = 4, begun at |μ| = 3, S = 9 I, t = {t}"
        value = four.distance(t, mean=3.0, variance=9.0)
        yield Check(9, "E dist, fresh, far start", begun, value, _far_start(t), 50_000, 4_000)
    n = round(effective_human(four))
    measure = last("distance", 1, policy="real", n=n, dimension=4)
    what = "E dist of the human works that do as well"
    yield Check(9, what, f"n_e = {n}, d = 4", human_distance(n, 4), measure, 100_000, 20_000)


def _far_start(generations: int) -> Measure:
    def measure(replicates: int, rng: np.random.Generator) -> Estimate:
        world = NormalWorld(replicates, 4, mean=3.0, variance=9.0)
        feed, gauge = constant(250, 0.2, generations), measure_all(("distance",))
        return mean_of(run(world, ClosedGaussian(), Plan(POLICIES["fresh"], 0.8), feed, gauge, rng)[-1, 0])

    return measure


def _effective() -> Iterator[Check]:
    def ratio(replicates: int, rng: np.random.Generator) -> Estimate:
        loop = {"policy": "fresh", "n": 14_000, "share": 2 / 7, "dimension": 100}
        found = mean_of(ended("distance", 12, replicates, rng, loop))
        ends = [_worth(found.value + k * found.error, 100) / 4_000 for k in (-1, 0, 1)]
        return Estimate(ends[1], abs(ends[0] - ends[2]) / 2)

    value = effective_human(Fresh(100, 4_000, 10_000)) / 4_000
    setting = f"d = 100, n_r = 4,000, n_s = 10,000; limit {theory.effective_ratio(4_000, 10_000):.4f}"
    yield Check(10, "n_e / n_r, λ = 1", setting, value, ratio, 2_000, 100)
    value = theory.admissible_bound(16, 0.7)
    yield Check(11, "most synthetic works without harm", "d = 16, λ = 0.7, n_r = 10⁶", value, _bound, 60_000, 600)


def _worth(distance: float, d: int) -> float:
    """Solve d/n + d(d+1)/(4(n−1)) = distance for n, to which the difference of n and n − 1 does not matter."""
    return (d + d * (d + 1) / 4) / distance + (d * (d + 1) / 4) / (d + d * (d + 1) / 4)


def _bound(replicates: int, rng: np.random.Generator) -> Estimate:
    """Find where the gain in Wasserstein's distance turns to harm.

    Its part to second order is known exactly, so only the rest is simulated.  The gain is a n_s − b n_s² for so many
    human works, and two points give a/b.
    """
    d, n_r, bias, points = 16, 10**6, 0.7, (150, 350)

    def rest(policy: str, n_s: int) -> Float:
        world, names = NormalWorld(replicates, d), ("frechet", "distance")
        feed = constant(n_r + n_s, n_r / (n_r + n_s), 4)
        exact, second = run(world, ClosedGaussian(), Plan(POLICIES[policy], bias), feed, measure_all(names), rng)[-1]
        return np.asarray(exact - second)

    alone = rest("real", 0)
    gains = np.array([human_distance(n_r, d) - Fresh(d, n_r, n, bias).distance() + alone - rest("fresh", n)
                      for n in points]) * n_r**2  # fmt: skip
    per_work = gains / np.array(points)[:, None]
    slope = (per_work[0] - per_work[1]) / (points[1] - points[0])
    return ratio_of(per_work[0] + slope * points[0], slope)


def _shares() -> Iterator[Check]:
    for bias in (0.95, 0.9, 0.8):
        share = theory.least_share(0.1, bias)
        measure = last("variance", 80, policy="fresh", n=10**7, share=share, bias=bias)
        setting = f"ρ = {share:.3f}, λ = {bias:g}, n = 10⁷"
        yield Check(12, "variance left at the least share that keeps 0.9", setting, 0.9, measure, 4_000, 1_000)


def _weighted() -> Iterator[Check]:
    def known(replicates: int, rng: np.random.Generator) -> Estimate:
        w, mean = theory.best_weight(200, 200), np.zeros(replicates)
        for _ in range(30):
            human, made = rng.standard_normal((2, replicates)) / sqrt(200)
            mean = w * human + (1 - w) * (mean + made)
        return mean_of(mean**2)

    w = theory.best_weight(200, 200)
    value = theory.weighted_error(w, 200, 200)
    yield Check(13, "E μ², best weight, variance known", f"w = {w:.4f}, n_r = n_s = 200", value, known, 400_000, 40_000)
    feed = constant(400, 0.5, 30)
    value = float(moments("fresh", feed.human, feed.synthetic, Rule(1, weight=w))[1][-1])
    measure = last("drift", 30, policy="fresh", n=400, share=0.5, weight=w)
    yield Check(
        13, "E μ², best weight, variance fitted", f"w = {w:.4f}, n_r = n_s = 200", value, measure, 200_000, 20_000
    )


def _labelled() -> Iterator[Check]:
    n, share = 5_000, 0.3
    unlabelled, labelled = theory.effective_size(np.array([n]), np.array([share]))
    sizes, shares = theory.detected(n, share, 0.8, 0.95)
    detected, _ = theory.effective_size(sizes, shares)
    setting = "5,000 uploads, 30 % human"
    for what, value, label in (
        ("unlabelled", unlabelled, (0.0, 1.0)),
        ("labelled", labelled, (1.0, 1.0)),
        ("by a label", detected, (0.8, 0.95)),
    ):
        told = f"{setting}, sensitivity {label[0]:g}, specificity {label[1]:g}"
        yield Check(14, f"human works that uploads are worth, {what}", told, value, _worth_of(label), 40_000, 4_000)


def _worth_of(label: tuple[float, float]) -> Measure:
    """Estimate a human mean from uploads, of which each group of the label has its share of human works.

    By least squares over the groups; the inverse of its variance is what the uploads are worth.
    """

    def measure(replicates: int, rng: np.random.Generator) -> Estimate:
        n, share, (sensitivity, specificity) = 5_000, 0.3, label
        human = rng.binomial(n, share, replicates)
        flagged = rng.binomial(n - human, sensitivity), rng.binomial(human, 1 - specificity)
        groups = np.stack([n - flagged[0] - flagged[1], flagged[0] + flagged[1]])
        expected = share * specificity / (share * specificity + (1 - share) * (1 - sensitivity))
        caught = share * (1 - specificity) + (1 - share) * sensitivity
        shares = np.array([expected, share * (1 - specificity) / caught if caught else 0.0])[:, None]
        sums = rng.standard_normal(groups.shape) * np.sqrt(groups)
        estimate = (shares * sums).sum(axis=0) / (shares**2 * groups).sum(axis=0)
        found = variance_of(estimate)
        return Estimate(1 / found.value, found.error / found.value**2)

    return measure


def _others() -> Iterator[Check]:
    p = np.arange(1.0, 31) ** -1
    start = 1 - ((p / p.sum()) ** 2).sum()
    value = float(start * theory.heterogeneity_left(12, 40))
    measure = last("heterogeneity", 12, model="styles", dimension=30, n=40)
    yield Check(15, "E (1 − Σp²), styles", "30 styles, m = 40, t = 12", value, measure, 100_000, 10_000)

    def kernels(replicates: int, rng: np.random.Generator) -> Estimate:
        def gauge(fitted: Any, rng: np.random.Generator) -> Float:  # noqa: ANN401  a FittedKernels
            return np.array([_variance(fitted)])

        world, feed = SampleWorld(normal(1)), constant(200, 0, 20)
        plan = Plan(POLICIES["synthetic"])
        ends = [run(world, KernelDensity(), plan, feed, gauge, child)[-1, 0] for child in rng.spawn(replicates)]
        return mean_of(np.array(ends))

    value = float(theory.kernel_growth(20, 200, theory.silverman(200)))
    yield Check(
        16, "growth of E S, kernel density estimates", "n = 200, Silverman, t = 20", value, kernels, 10_000, 400
    )


def _variance(fitted: FittedKernels) -> float:
    return float(fitted.x.var(ddof=1))


def _biases() -> Iterator[Check]:
    for c in (0.75, 1.0, 2.0, 3.0):
        value = theory.bias_of_truncation(c)
        yield Check(17, "λ of truncation", f"|x| < {c:g}", value, _truncated(c), 400_000, 40_000)
    yield Check(17, "λ of guidance", "w = 1", theory.bias_of_guidance(1.0), _guided, 400_000, 40_000)
    setting = "taste as wide as the outputs, best of 4,096"
    yield Check(17, "λ of curation", setting, theory.bias_of_curation(1, 1), _curated, 20_000, 2_000)


def _truncated(c: float) -> Measure:
    def measure(replicates: int, rng: np.random.Generator) -> Estimate:
        x = rng.standard_normal(replicates)
        return mean_of(x[np.abs(x) < c] ** 2)

    return measure


def _guided(replicates: int, rng: np.random.Generator) -> Estimate:
    """Sharpen a density to its square by keeping x with the chance φ(x)/φ(0)."""
    x = rng.standard_normal(replicates)
    kept = rng.random(replicates) < np.exp(-(x**2) / 2)
    return mean_of(x[kept] ** 2)


def _curated(replicates: int, rng: np.random.Generator) -> Estimate:
    """Choose one of many with a chance in proportion to a Gaussian taste (Gumbel's trick)."""
    chosen = []
    for _ in range(replicates // 100):
        x = rng.standard_normal((100, 4_096), dtype=np.float32)
        score = -(x**2) / 2 + rng.gumbel(size=x.shape)
        chosen.append(np.take_along_axis(x, score.argmax(axis=1)[:, None], axis=1)[:, 0])
    return mean_of(np.concatenate(chosen).astype(np.float64) ** 2)
