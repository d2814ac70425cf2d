"""What a loop did, generation by generation, over replicates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from precipice.display import Plot, Shown

if TYPE_CHECKING:
    import pyarrow as pa

Float = npt.NDArray[np.float64]
LEVEL = 0.95
INTERVAL = "95 % limits of the mean over replicates (Student's t); none from a single replicate"
SPREAD = "middle 95 % of single replicates"


@dataclass(frozen=True, eq=False)
class Trace(Shown):
    """Measures of every generation of a loop."""

    plot = Plot("generation", "mean", "low", "high", rows="metric")

    metrics: tuple[str, ...]
    """What was measured, k names."""
    values: Float
    """Shape (k, G + 1, R): by measure, generation and replicate."""
    theory: Float
    """What closed forms expect of the mean, shape (k, G + 1); not a number where there is none."""
    floor: Float
    """The same measure of human works against other human works, as many, shape (k,); not a number where the measure
    compares nothing."""
    words: str
    """Model, policy, supply and bias."""
    source: Literal["sufficient statistics", "samples"]
    """What was simulated: exact draws of sufficient statistics, or works themselves."""
    notes: tuple[str, ...] = ()
    """What is to be said with the numbers."""
    described: Mapping[str, str] = field(default_factory=dict)
    """What each measure is, in a line."""

    @property
    def generations(self) -> int:
        """Generations after the first."""
        return int(self.values.shape[1]) - 1

    @property
    def replicates(self) -> int:
        """Independent runs of the loop."""
        return int(self.values.shape[2])

    @property
    def mean(self) -> Float:
        """Mean over replicates, shape (k, G + 1)."""
        return np.asarray(self.values.mean(axis=2))

    @property
    def error(self) -> Float:
        """Standard error of the mean, shape (k, G + 1); not a number from a single replicate."""
        if self.replicates < 2:
            return np.full(self.values.shape[:2], np.nan)
        with np.errstate(invalid="ignore"):  # −∞ for what has collapsed
            return np.asarray(self.values.std(axis=2, ddof=1) / np.sqrt(self.replicates))

    def interval(self, level: float = LEVEL) -> tuple[Float, Float]:
        """Give limits of the mean over replicates by Student's t, each of shape (k, G + 1)."""
        from scipy.special import stdtrit

        reach = float(stdtrit(max(self.replicates - 1, 1), (1 + level) / 2)) * self.error
        return self.mean - reach, self.mean + reach

    def spread(self, level: float = LEVEL) -> tuple[Float, Float]:
        """Give between what limits single replicates lie, each of shape (k, G + 1)."""
        alpha = (1 - level) / 2
        low, high = np.quantile(self.values, [alpha, 1 - alpha], axis=2, method="inverted_cdf")
        return low, high

    def z(self) -> Float:
        """Give how many standard errors the mean lies from theory, shape (k, G + 1); 0 where both are the same."""
        mean, error = self.mean, self.error
        close = np.isclose(mean, self.theory, rtol=1e-12, atol=1e-12)
        with np.errstate(divide="ignore", invalid="ignore"):  # −∞ less −∞
            return np.where(close, 0.0, (mean - self.theory) / error)

    def of(self, metric: str) -> Float:
        """Give one measure, shape (G + 1, R)."""
        return np.asarray(self.values[self.metrics.index(metric)])

    def rows(self) -> list[dict[str, Any]]:
        """Give one row a measure and generation, as JSON takes it: None for what is not a finite number."""
        (low, high), mean = self.interval(), self.mean
        return [
            {"generation": t, "metric": name, "mean": _plain(mean[k, t]), "low": _plain(low[k, t]),
             "high": _plain(high[k, t]), "theory": _plain(self.theory[k, t])}
            for k, name in enumerate(self.metrics)
            for t in range(self.generations + 1)
        ]  # fmt: skip

    def table(self) -> "pa.Table":
        """Give one row a measure and generation: mean, limits, standard error, spread of replicates, theory, floor."""
        import pyarrow as pa

        spread, error = self.spread(), self.error
        whole = self.generations + 1
        more = [
            {"error": _plain(error[i, t]), "from": _plain(spread[0][i, t]), "to": _plain(spread[1][i, t]),
             "floor": _plain(self.floor[i]), "replicates": self.replicates}
            for i in range(len(self.metrics))
            for t in range(whole)
        ]  # fmt: skip
        kinds = {"generation": pa.int64(), "metric": pa.string(), "replicates": pa.int64()}
        names = ("generation", "metric", "mean", "low", "high", "theory", "error", "from", "to", "floor", "replicates")
        schema = pa.schema([(name, kinds.get(name, pa.float64())) for name in names])
        rows = [row | rest for row, rest in zip(self.rows(), more, strict=True)]
        return pa.Table.from_pylist(rows, schema=schema)

    def summary(self) -> str:
        """Say what the loop did to each measure, and what to keep in mind."""
        return "\n".join([f"{self.words}; {self._counted()}.", *map(self._said, range(len(self.metrics))), *self.notes])

    def _counted(self) -> str:
        kind = "replicate" if self.replicates == 1 else "replicates"
        return f"{self.replicates:,} {kind}, simulated by {self.source}"

    def _said(self, k: int) -> str:
        low, high = self.interval()
        end = f"{_short(self.mean[k, -1])}"
        if isfinite(low[k, -1]):
            end += f" ({_short(low[k, -1])} to {_short(high[k, -1])})"
        words = f"{self.metrics[k]}: {_short(self.mean[k, 0])} in generation 0, {end} in generation {self.generations}"
        words += f"; theory {_short(self.theory[k, -1])}" if isfinite(self.theory[k, -1]) else ""
        return words + (f"; human against human {_short(self.floor[k])}" if isfinite(self.floor[k]) else "")


def _plain(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
