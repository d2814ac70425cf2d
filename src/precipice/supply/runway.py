"""The runway: when models trained on what is uploaded would have lost a share of the real distribution.

A first passage over generations, censored at the horizon, on many paths: a probability and quantiles, never one date.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from precipice.display import Plot, Shown
from precipice.errors import InputError
from precipice.months import month_text
from precipice.supply.recursion import Generations, State, run_generations
from precipice.supply.tags import CohortTags, tail_recall

if TYPE_CHECKING:
    import pyarrow as pa

Float = npt.NDArray[np.float64]
Metric = Callable[[Generations, State], Float]
"""From generations and what models keep of them to a number relative to generation 0, shape (paths, G)."""

TAIL = 0.1
"""Share of the real distribution that counts as its tail."""
QUANTILES = (0.1, 0.5, 0.9)

STYLES = "styles:"
"""How the metrics begin that are of a cohort's styles, by its tags."""

CAVEATS = (
    "Uploads are not training sets.",
    "The share of synthetic uploads is a label's, corrected or not, or stated.",
    "The sampling bias is assumed.",
    "A Gaussian stands for the model: thresholds differ by metric and are not those of a text-to-image model.",
    "The length of a generation is assumed.",
    "Fresh human work may itself imitate machines.",
    "Synthetic works from elsewhere are unknown, and none is in it unless so many are stated.",
)
"""What is to be said with every runway."""


def _spread(pooled: Generations, state: State) -> Float:
    return state.spread


def _tail(pooled: Generations, state: State) -> Float:
    """Give the mass beyond the real tail's edge of a Gaussian with the spread that is left, over the real mass."""
    from scipy.special import ndtr, ndtri

    edge = ndtri(1 - TAIL / 2)
    return np.asarray(2 * ndtr(-edge / np.sqrt(np.maximum(state.spread, 1e-300))) / TAIL)


def _fresh(pooled: Generations, state: State) -> Float:
    return _relative(pooled.human.sum(axis=1), pooled.first.sum(axis=1))


def _effective(pooled: Generations, state: State) -> Float:
    return _relative(pooled.effective, pooled.first.sum(axis=1))


def _relative(values: Float, first: Float) -> Float:
    return np.divide(values, first[:, None], out=np.ones_like(values), where=first[:, None] > 0)


@dataclass(frozen=True)
class Measured:
    """A metric with what it is of, and how it comes about."""

    words: str
    """What falls, in words."""
    produced_by: str
    """Which of closed form, simulation and response surface gives it."""
    of: Metric
    loops: bool = True
    """Whether policy and bias matter to it; where not, one runway says all."""


METRICS: Mapping[str, Measured] = {
    "spread": Measured(
        "the variance of what a model makes", "closed form: the expected variance of a Gaussian loop (MAD)", _spread
    ),
    "tail": Measured(
        "what a model makes of the outermost tenth of the real works",
        "closed form: tail mass of a Gaussian of the expected variance", _tail,
    ),
    "effective": Measured(
        "what a generation's unlabelled uploads are worth in human ones",
        "closed form: effective sample size of an unlabelled mixture (Kanabar and Gastpar)", _effective, loops=False,
    ),
    "fresh": Measured(
        "the number of human uploads of a generation", "count and forecast, with no model in it", _fresh, loops=False
    ),
}  # fmt: skip
"""Every metric by name; `stratum:COHORT` is one more for each cohort, and `styles:COHORT` where uploads have tags."""


def metric_of(name: str, cohorts: Sequence[str], tags: CohortTags | None = None) -> Measured:
    """Find a metric by its name.

    Args:
        name: of the metric.
        cohorts: names of the strata.
        tags: what their uploads carry; None where that is not known.

    Raises:
        InputError: there is none, or it needs tags and there are none.
    """
    if name in METRICS:
        return METRICS[name]
    if name.startswith(STYLES) and name.removeprefix(STYLES) in cohorts:
        return _styles_of(name, list(cohorts), tags)
    _, _, cohort = name.partition("stratum:")
    if cohort in cohorts:
        index = list(cohorts).index(cohort)
        return Measured(
            f"the weight of {cohort}s' works in what a model makes",
            "closed form: shares of a mixture carried from generation to generation, a stand-in for the recall of "
            "styles that are theirs alone, which styles:COHORT takes from tags; a closed cohort shrinks with no model "
            "at all, and policy real says how fast",
            lambda pooled, state: state.strata[:, index],
        )
    strata = ", ".join(f"{kind}{cohort}" for kind in ("stratum:", STYLES) for cohort in cohorts)
    raise InputError(
        f"there is no metric '{name}'", where="--metric", why=f"there are {', '.join(METRICS)}, {strata}",
        fix="name one of those",
    )  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """One way of asking for a runway."""

    metric: str = "spread"
    """A key of `METRICS`, or `stratum:COHORT`."""
    threshold: float = 0.1
    """Loss at which it is over: 0.1 is a tenth below generation 0."""
    bias: float = 1.0
    """λ: 1 for none; unmeasured, so ask for several."""
    policy: str = "fresh"
    """A key of `recursion.POLICIES`."""

    @property
    def has_policy(self) -> bool:
        """Whether the policy matters to the metric."""
        return self.metric not in METRICS or METRICS[self.metric].loops

    @property
    def has_bias(self) -> bool:
        """Whether the bias matters: not to cohorts' weights, and not where nothing synthetic is trained on."""
        return self.has_policy and self.policy != "real" and not self.metric.startswith(("stratum:", STYLES))

    def __post_init__(self) -> None:
        """Check the threshold.

        Raises:
            InputError: it lies outside of 0 to 1.
        """
        if not 0 < self.threshold < 1:
            raise InputError(
                f"{self.threshold:g} is no threshold",
                where="--threshold",
                why="it is the share of generation 0 that is lost: over 0 and below 1",
                fix="write it like 0.1",
            )


@dataclass(frozen=True, eq=False)
class Runway(Shown):
    """The first generation that has lost more than a threshold, over many paths.

    Its month is the first of the generation's months.  None stands for beyond the horizon.
    """

    plot = Plot("generation_from", "crossed")

    platform: str
    scenario: Scenario
    months: int
    """Calendar months a generation."""
    starts: npt.NDArray[np.int64]
    """First month of each generation (see `precipice.months`), shape (G,)."""
    crossed: Float
    """Share of paths that have crossed by each generation, shape (G,)."""
    known: int
    """Generations within the months at hand."""
    paths: int
    source: str
    """Where the share of synthetic uploads is from: `labelled`, `corrected` or `stated`."""
    produced_by: str
    """Which of closed form, simulation and response surface gives the metric."""
    of: str
    """What falls, in words."""

    @property
    def probability(self) -> float:
        """Share of paths that cross within the horizon."""
        return float(self.crossed[-1])

    @property
    def error(self) -> float:
        """Monte Carlo standard error of it."""
        return sqrt(self.probability * (1 - self.probability) / self.paths)

    @property
    def already(self) -> float:
        """Share of paths that have crossed within the months at hand."""
        return float(self.crossed[self.known - 1]) if self.known else 0.0

    @property
    def end(self) -> int:
        """Last month of the last generation."""
        return int(self.starts[-1]) + self.months - 1

    def quantile(self, q: float) -> int | None:
        """Give the month by which a share q of paths has crossed; None where that lies beyond the horizon."""
        reached = np.flatnonzero(self.crossed >= q)
        return int(self.starts[reached[0]]) if len(reached) else None

    def as_dict(self) -> dict[str, Any]:
        """Give the runway as JSON takes it; a quantile beyond the horizon is None."""
        quantiles = {f"q{round(100 * q)}": _text(self.quantile(q)) for q in QUANTILES}
        return {
            "platform": self.platform, "metric": self.scenario.metric, "threshold": self.scenario.threshold,
            "bias": self.scenario.bias if self.scenario.has_bias else None,
            "policy": self.scenario.policy if self.scenario.has_policy else None,
            "probability": round(self.probability, 4), "monte_carlo_error": round(self.error, 4),
            "already": round(self.already, 4), **quantiles, "horizon": month_text(self.end),
            "censored": round(1 - self.probability, 4), "paths": self.paths, "share_from": self.source,
            "produced_by": self.produced_by,
        }  # fmt: skip

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row for each generation: the share of paths that have crossed by it."""
        for start, crossed in zip(self.starts.tolist(), self.crossed.tolist(), strict=True):
            yield {
                "platform": self.platform, "metric": self.scenario.metric, "threshold": self.scenario.threshold,
                "bias": self.scenario.bias, "policy": self.scenario.policy, "generation_from": month_text(start),
                "crossed": round(crossed, 4),
            }  # fmt: skip

    def table(self) -> "pa.Table":
        """Give the rows as a table."""
        import pyarrow as pa

        return pa.Table.from_pylist(list(self.rows()))

    def summary(self) -> str:
        """Say it in plain words, as a probability and quantiles."""
        words = (
            f"{self.platform}, {self.under}: {self.of} is below {100 * (1 - self.scenario.threshold):g} % of "
            f"generation 0 by {month_text(self.end)} on {100 * self.probability:.0f} % of {self.paths:,} paths"
        )
        if self.already:
            words += f", on {100 * self.already:.0f} % within the months at hand"
        if self.probability >= QUANTILES[0]:
            months = [(q, self.quantile(q)) for q in QUANTILES]
            told = [f"{100 * q:.0f} % from {month_text(month)} on" for q, month in months if month is not None]
            words += f" ({', '.join([*told, *(['the rest later or never'] if len(told) < len(months) else [])])})"
        return f"{words}. {100 * (1 - self.probability):.0f} % of paths are censored there. By {self.produced_by}."

    @property
    def under(self) -> str:
        """Say under which policy and bias, or that these do not matter."""
        s = self.scenario
        if not s.has_policy:
            return "whatever the policy"
        return f"policy {s.policy}, bias {s.bias:g}" if s.has_bias else f"policy {s.policy}, whatever the bias"


def find_runways(
    pooled: Generations,
    scenarios: Sequence[Scenario],
    *,
    platform: str,
    cohorts: Sequence[str],
    source: str,
    tags: CohortTags | None = None,
) -> tuple[Runway, ...]:
    """Find the runway of each scenario on the same paths.

    Args:
        pooled: uploads by generation.
        scenarios: what is asked; the recursion runs once for each policy and bias among them.
        platform: name of the platform.
        cohorts: names of the strata.
        source: where the share of synthetic uploads is from.
        tags: what the cohorts' uploads carry, for metrics of styles; None where that is not known.

    Raises:
        InputError: a scenario has no such metric or policy.
    """
    measured = [metric_of(s.metric, cohorts, tags) for s in scenarios]
    states: dict[tuple[str, float], State] = {}
    found = []
    for scenario, metric in zip(scenarios, measured, strict=True):
        key = (scenario.policy, scenario.bias)
        if key not in states:
            states[key] = run_generations(pooled, *key)
        lost = first_passage(metric.of(pooled, states[key]), scenario.threshold)
        found.append(
            Runway(
                platform, scenario, pooled.months, pooled.starts, lost, pooled.known, len(pooled.first), source,
                metric.produced_by, metric.words,
            )
        )  # fmt: skip
    return tuple(found)


def scenarios_of(
    metrics: Sequence[str], thresholds: Sequence[float], biases: Sequence[float], policies: Sequence[str]
) -> tuple[Scenario, ...]:
    """Give all scenarios of some metrics, thresholds, biases and policies; one where policy or bias does not matter."""
    found = [
        Scenario(m, x, bias, policy) for m in metrics for x in thresholds for policy in policies for bias in biases
    ]
    usual = (policies[0] if policies else "", biases[0] if biases else 1.0)
    same = (
        replace(
            scenario,
            policy=scenario.policy if scenario.has_policy else usual[0],
            bias=scenario.bias if scenario.has_bias else usual[1],
        )
        for scenario in found
    )
    return tuple(dict.fromkeys(same))


def first_passage(relative: Float, threshold: float) -> Float:
    """Give the share of paths that have crossed by each generation, shape (G,).

    Args:
        relative: a metric over generation 0, shape (paths, G); what is not a number never crosses.
        threshold: loss at which it is over.
    """
    # A hair's breadth, so that a constant state at the threshold is not crossed by rounding.
    crossed = np.logical_or.accumulate(relative < (1 - threshold) * (1 - 1e-12), axis=1)
    return np.asarray(crossed.mean(axis=0))


def _styles_of(name: str, cohorts: list[str], tags: CohortTags | None) -> Measured:
    cohort = name.removeprefix(STYLES)
    if tags is None:
        raise InputError(
            f"the styles of {cohort}s are not known", where="--metric", why="no upload has a tag that is counted",
            fix=f"ask for --metric stratum:{cohort}, the weight of their works, in its place",
        )  # fmt: skip
    known, index = tags.of(cohorts), cohorts.index(cohort)

    def recalled(pooled: Generations, state: State) -> Float:
        sums = pooled.first.sum(axis=1)
        first = np.divide(pooled.first, sums[:, None], out=np.zeros_like(pooled.first), where=sums[:, None] > 0)
        return tail_recall(known, index, state.weights, first, sums)

    return Measured(
        f"what a model makes of the rarest tenth of {cohort}s' tags",
        "closed form: expected number of tags in as many works as generation 0 had, at the cohorts' weights in what a "
        "model makes; without bias between tags, and with every cohort's own tags as they are",
        recalled,
    )


def _text(month: int | None) -> str | None:
    return None if month is None else month_text(month)
