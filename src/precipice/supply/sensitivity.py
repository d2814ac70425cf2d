"""What drives a runway: the label's sensitivity, the sampling bias, the policy, and the way of forecasting."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.months import month_text
from precipice.profiles import Accuracy
from precipice.supply.flow import Belief, Flow
from precipice.supply.forecast import forecast
from precipice.supply.recursion import Generations, pool_generations
from precipice.supply.runway import Runway, Scenario, find_runways

if TYPE_CHECKING:
    import pyarrow as pa

Prepare = Callable[[Generations, Belief], Generations]
"""What is done to uploads by generation, such as dropping what is labelled, given what is believed of the label."""

SENSITIVITIES = (0.5, 0.7, 0.9, 1.0)
BIASES = (1.0, 0.95, 0.9, 0.8)
"""Printed where the bias is unmeasured, which it always was so far."""
POLICIES = ("fresh", "accumulate", "augment")


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Runways of one metric and threshold over a grid of what is not known."""

    metric: str
    threshold: float
    factors: tuple[str, ...]
    """Names of the factors, in the order of `settings`."""
    settings: tuple[tuple[object, ...], ...]
    """The setting of each factor, a tuple a runway."""
    runways: tuple[Runway, ...]
    """One for each setting."""

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row for each setting: how likely it is crossed, and when on the middle path."""
        for setting, runway in zip(self.settings, self.runways, strict=True):
            middle = runway.quantile(0.5)
            yield dict(zip(self.factors, setting, strict=True)) | {
                "metric": self.metric, "threshold": self.threshold, "probability": round(runway.probability, 4),
                "q50": None if middle is None else month_text(middle), "horizon": month_text(runway.end),
            }  # fmt: skip

    def table(self) -> "pa.Table":
        """Give the rows as a table."""
        import pyarrow as pa

        return pa.Table.from_pylist(
            [{k: str(v) if k == "policy" else v for k, v in row.items()} for row in self.rows()]
        )

    def drivers(self) -> Mapping[str, float]:
        """Give for each factor how far the probability moves with it alone, on average over all else.

        The mean over settings of the others of the largest less the smallest probability, between 0 and 1.
        """
        value = {setting: runway.probability for setting, runway in zip(self.settings, self.runways, strict=True)}
        moved = {}
        for index, name in enumerate(self.factors):
            groups: dict[tuple[object, ...], list[float]] = {}
            for setting, probability in value.items():
                groups.setdefault(setting[:index] + setting[index + 1 :], []).append(probability)
            moved[name] = float(np.mean([max(group) - min(group) for group in groups.values()]))
        return dict(sorted(moved.items(), key=lambda item: -item[1]))

    def as_dict(self) -> dict[str, Any]:
        """Give rows and drivers, as JSON takes them."""
        return {"drivers": {k: round(v, 4) for k, v in self.drivers().items()}, "rows": list(self.rows())}

    def summary(self) -> str:
        """Say what moves the runway most, and from where to where."""
        probabilities = [runway.probability for runway in self.runways]
        moved = ", ".join(f"{name} by {100 * by:.0f} points" for name, by in self.drivers().items())
        return (
            f"{self.runways[0].platform}, {self.metric} down by {100 * self.threshold:g} % by "
            f"{month_text(self.runways[0].end)}: from {100 * min(probabilities):.0f} to "
            f"{100 * max(probabilities):.0f} % of paths cross, depending on what is assumed; on average this moves "
            f"with {moved}."
        )


@dataclass(frozen=True)
class Horizon:
    """How far is looked ahead, and in what steps."""

    until: int
    """Last month to forecast (see `precipice.months`)."""
    months: int
    """Calendar months a generation."""


def vary(  # noqa: PLR0913  what is asked, and the grid that is varied over
    flow: Flow,
    belief: Belief,
    scenario: Scenario,
    horizon: Horizon,
    *,
    paths: int = 2_000,
    seed: int = 1,
    forecasters: Sequence[str] = ("bootstrap",),
    prepare: Prepare = lambda pooled, belief: pooled,
) -> Sensitivity:
    """Find the runway over a grid of label sensitivity, sampling bias, policy and forecaster, on common random numbers.

    With a stated share in the place of labels the sensitivity is no factor.

    Args:
        flow: uploads and labels.
        belief: specificity, or the stated share; its sensitivity is what is varied.
        scenario: metric and threshold.
        horizon: how far, in generations of how many months.
        paths: number of paths of each setting.
        seed: of every draw.
        forecasters: keys of `paths.FORECASTERS`.
        prepare: what is done to each setting's generations before anything trains on them.
    """
    least = 1 - belief.specificity.value  # a label that marks fewer of the works it is for than of the others is none
    values = [v for v in SENSITIVITIES if v > least] if belief.stated is None else [belief.sensitivity.value]
    settings: list[tuple[object, ...]] = []
    runways: list[Runway] = []
    for forecaster in forecasters:
        for value in values:
            believed = replace(belief, sensitivity=Accuracy(value))
            drawn = forecast(flow, horizon.until, believed, paths=paths, seed=seed, forecaster=forecaster)
            pooled = prepare(pool_generations(drawn, horizon.months), believed)
            grid = [(bias, policy) for bias in BIASES for policy in POLICIES]
            asked = [replace(scenario, bias=bias, policy=policy) for bias, policy in grid]
            runways += find_runways(pooled, asked, platform=flow.platform, cohorts=flow.cohorts, source=believed.source)
            settings += [(forecaster, value, bias, policy) for bias, policy in grid]
    names = ("forecaster", "sensitivity", "bias", "policy")
    varied = [i for i in range(len(names)) if len({setting[i] for setting in settings}) > 1]
    kept = tuple(tuple(setting[i] for i in varied) for setting in settings)
    return Sensitivity(scenario.metric, scenario.threshold, tuple(names[i] for i in varied), kept, tuple(runways))
