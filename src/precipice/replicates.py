"""Bootstrap replicates over creators, for statistics of a month's distribution that are not sums.

A creator's weight in a replicate is Poisson with mean 1 and depends on (pseudonym, replicate, seed) alone, so chunks,
threads and engines cannot change a result.  What is summed are weighted histograms, months × counts, a sparse matrix
times the weights of a few thousand creators at a time: no matrix of replicates × creators ever exists.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from precipice.cohorts import Cohort, mix
from precipice.display import Plot, Shown
from precipice.months import month_text
from precipice.panel import Panel

if TYPE_CHECKING:
    import pyarrow as pa

Float = npt.NDArray[np.float64]
Statistic = Callable[[npt.NDArray[np.int64], Float], Float]
"""From the values (shape (k,), rising) and their weights (shape (k, B)) of a month to numbers of shape (B,)."""

CHUNK = 2_048  # creators at a time: their weights for 1,000 replicates take 8 MB, which fits the cache of one core
LANES = 4  # a 64-bit hash serves four weights of 16 bits; P(weight = w) is then right to 2^-17


def _poisson_table() -> npt.NDArray[np.float32]:
    """Give the weight for each 16-bit number: the quantiles of a Poisson law with mean 1, shape (65536,)."""
    from scipy.special import pdtr

    limits = np.round(pdtr(np.arange(12), 1.0) * 65536)
    return np.searchsorted(limits, np.arange(65536), side="right").astype(np.float32)


def weights(creators: npt.NDArray[np.int64], replicates: int, seed: int) -> npt.NDArray[np.float32]:
    """Give Poisson(1) weights that depend on pseudonym, replicate and seed alone, shape (creators, replicates)."""
    table = _poisson_table()
    blocks = -(-replicates // LANES)
    base = mix(creators.view(np.uint64), seed)[:, None]
    step = mix(np.arange(blocks, dtype=np.uint64), seed + 1)[None, :]
    lanes = mix(base ^ step, 0).view(np.uint16)
    return np.take(table, lanes)[:, :replicates]


@dataclass(frozen=True, eq=False)
class Replicates(Shown):
    """A statistic by month, and its bootstrap replicates over creators."""

    plot = Plot("month", "value", "low", "high")

    months: npt.NDArray[np.int32]
    """Shape (T,)."""
    value: Float
    """From the creators as they are, shape (T,); not a number where nobody was active."""
    draws: Float
    """Shape (T, B)."""

    def table(self) -> "pa.Table":
        """Give a row a month: the statistic and its 95 % percentile limits."""
        import pyarrow as pa

        low, high = self.interval()
        months = [month_text(month) for month in self.months.tolist()]
        return pa.table({"month": months, "value": self.value, "low": low, "high": high})

    def summary(self) -> str:
        """Say over how many months and with how many replicates."""
        ends = f"{month_text(int(self.months[0]))} to {month_text(int(self.months[-1]))}"
        return (
            f"A statistic of creators' uploads by month, {ends}, with {self.draws.shape[1]:,} replicates over creators"
        )

    def interval(self, level: float = 0.95) -> tuple[Float, Float]:
        """Give percentile limits, each of shape (T,)."""
        alpha = (1 - level) / 2
        low, high = np.full(len(self.months), np.nan), np.full(len(self.months), np.nan)
        told = np.isfinite(self.draws).any(axis=1)  # nobody may be active: juniors before the cutoff
        low[told], high[told] = np.nanquantile(self.draws[told], [alpha, 1 - alpha], axis=1)
        return low, high


def replicate(  # the arguments of a bootstrap
    panel: Panel, cohort: Cohort, statistic: Statistic, *, replicates: int = 1_000, seed: int = 0, chunk: int = CHUNK
) -> Replicates:
    """Bootstrap a statistic of the monthly distribution of uploads over a cohort's active creators.

    Args:
        panel: the creators and their uploads.
        cohort: whose uploads.
        statistic: see `Statistic`; `gini` and `median` are at hand.
        replicates: B.
        seed: of the weights.
        chunk: creators at a time; changes nothing but memory.
    """
    cells = np.repeat(cohort.members, np.diff(panel.indptr))
    key, column, code = _histogram(panel, cells)
    creators = panel.creators[cohort.members]
    total = np.zeros((len(key), replicates))
    for low in range(0, len(creators), chunk):
        part = _sparse(code, column, len(key), low, min(low + chunk, len(creators)))
        total += part @ weights(creators[low : low + chunk], replicates, seed)
    here = np.bincount(code, minlength=len(key)).astype(float)[:, None]
    months = np.arange(panel.start, panel.end + 1, dtype=np.int32)
    value, draws = np.full((len(months), 1), np.nan), np.full((len(months), replicates), np.nan)
    limits = np.searchsorted(key[:, 0], np.arange(len(months) + 1))
    for t in range(len(months)):
        rows = slice(limits[t], limits[t + 1])
        if limits[t + 1] > limits[t]:
            value[t], draws[t] = statistic(key[rows, 1], here[rows]), statistic(key[rows, 1], total[rows])
    return Replicates(months, value[:, 0], draws)


def _histogram(
    panel: Panel, cells: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the distinct (month, count) pairs, and each cell's creator (among those chosen) and pair."""
    width = int(panel.count.max(initial=0)) + 1
    packed = panel.month[cells].astype(np.int64) * width + panel.count[cells]
    pairs, code = np.unique(packed, return_inverse=True)
    members = np.cumsum(np.bincount(panel.row[cells], minlength=len(panel)) > 0) - 1
    return np.column_stack([pairs // width, pairs % width]), members[panel.row[cells]], code.astype(np.int64)


def _sparse(
    code: npt.NDArray[np.int64], column: npt.NDArray[np.int64], n_keys: int, low: int, high: int
) -> "csr_array":  # type: ignore[name-defined]  # noqa: F821  scipy.sparse is imported when needed
    from scipy.sparse import csr_array

    first, last = np.searchsorted(column, [low, high])
    ones = np.ones(last - first, np.float32)
    return csr_array((ones, (code[first:last], column[first:last] - low)), shape=(n_keys, high - low))


def gini(values: npt.NDArray[np.int64], weight: Float) -> Float:
    """Give the Gini coefficient of uploads over active creators, one a column of weights, shape (B,).

    1 − Σ (S_i + S_{i−1}) p_i, with p the shares of creators and S the cumulative shares of uploads (Lorenz curve).
    """
    creators = weight.sum(axis=0)
    amount = np.cumsum(weight * values[:, None], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = amount / amount[-1]
        before = np.vstack([np.zeros(weight.shape[1]), share[:-1]])
        return np.asarray(1 - ((share + before) * weight / creators).sum(axis=0), float)


def median(values: npt.NDArray[np.int64], weight: Float) -> Float:
    """Give the lower median of uploads over active creators, one a column of weights, shape (B,)."""
    reached = np.cumsum(weight, axis=0) >= weight.sum(axis=0) / 2
    return np.where(weight.sum(axis=0) > 0, values[reached.argmax(axis=0)], np.nan)
