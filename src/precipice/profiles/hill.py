"""Hill numbers at a common size or coverage: how many kinds, how many common ones, how many dominant ones.

A sample is T units (creators), and of each kind (tag) the number Q of units in which it occurs; U = ΣQ.  With Q counts
of single things and T = U their number, the same formulas are those of abundances.  Rarefaction and extrapolation: Chao
et al. (2014), tables 1 and 2; coverage: Chao & Jost (2012); asymptotes: Chao, Wang & Jost (2013), Chao & Jost (2015).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from precipice.profiles.tag_sums import Float, Index

ORDERS = (0, 1, 2)
KEEPS = 20.0
"""Exponent up to which a difference of nearly equal numbers keeps digits, and beyond twice which terms are nothing."""
REACH = 10.0
"""Standard deviations of a hypergeometric law that are summed."""


@dataclass(frozen=True, eq=False)
class Incidence:
    """A sample of units and the kinds in them."""

    units: int
    """T."""
    counts: Index
    """Q of each kind that occurs, at least 1 each."""

    @staticmethod
    def of(units: int, counts: Index) -> "Incidence":
        """Make a sample from the counts of all kinds, those that do not occur included."""
        return Incidence(int(units), counts[counts > 0].astype(np.int64))

    @staticmethod
    def of_abundance(counts: Index) -> "Incidence":
        """Make a sample of single things from the number of each kind."""
        return Incidence.of(int(counts.sum()), counts)

    @property
    def total(self) -> int:
        """U."""
        return int(self.counts.sum())

    @cached_property
    def distinct(self) -> tuple[Index, Index]:
        """Give the different counts, and how many kinds have each."""
        values, times = np.unique(self.counts, return_counts=True)
        return values.astype(np.int64), times.astype(np.int64)

    @property
    def once(self) -> int:
        """Kinds in one unit alone, Q₁."""
        return int((self.counts == 1).sum())

    @property
    def twice(self) -> int:
        """Kinds in two units, Q₂."""
        return int((self.counts == 2).sum())

    @property
    def unseen(self) -> float:
        """Kinds that were not seen, at least: Chao's estimate."""
        once, twice, share = self.once, self.twice, (self.units - 1) / self.units
        return share * (once**2 / (2 * twice) if twice else once * (once - 1) / 2)

    @property
    def lack(self) -> float:
        """By how much the next unit lowers what is not covered, 1 − A in Chao & Jost (2012)."""
        once, twice, others = self.once, self.twice, self.units - 1
        if not once:
            return 0.0
        if twice:
            return others * once / (others * once + 2 * twice)
        return others * (once - 1) / (others * (once - 1) + 2) if once > 1 else 0.0


def coverage(sample: Incidence, size: float) -> float:
    """Estimate which share of all occurrences is of kinds that a sample of some units would hold.

    Args:
        sample: what was seen.
        size: t, units; between whole numbers, interpolated; beyond T, extrapolated.
    """
    whole = int(size)
    if whole >= sample.units:
        return float(1 - sample.once / sample.total * sample.lack ** (size - sample.units + 1))
    low = _rarefied_coverage(sample, whole)
    return low if whole == size else low + (size - whole) * (coverage(sample, whole + 1) - low)


def _rarefied_coverage(sample: Incidence, size: int) -> float:
    values, times = sample.distinct
    missed = _log_choose(sample.units - values, size) - _log_choose(np.array(sample.units - 1), size)
    return float(1 - (times * values / sample.total * np.exp(missed)).sum())


def size_for(sample: Incidence, wanted: float) -> float:
    """Find the size at which a sample would have some coverage, in units and parts of them.

    Args:
        sample: what was seen.
        wanted: coverage, below 1.
    """
    if wanted > coverage(sample, sample.units):
        if not 0 < sample.lack < 1:
            return np.inf
        return float(sample.units - 1 + np.log((1 - wanted) * sample.total / sample.once) / np.log(sample.lack))
    low, high = 1, sample.units
    if wanted <= coverage(sample, 1):
        return 1.0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if coverage(sample, middle) < wanted else (low, middle)
    ends = coverage(sample, low), coverage(sample, high)
    return float(low + (wanted - ends[0]) / (ends[1] - ends[0])) if ends[1] > ends[0] else float(high)


def hill(sample: Incidence, size: float, order: int) -> float:
    """Estimate the Hill number of an order that a sample of some units would have.

    Args:
        sample: what was seen.
        size: t, units; between whole numbers, interpolated.
        order: 0 counts kinds, 1 is the exponential of Shannon's entropy, 2 the inverse of Simpson's concentration.
    """
    if order == 2:
        q, t, units = sample.counts, size, sample.units
        again = float((q * (q - 1.0)).sum()) / (sample.total**2 * (1 - 1 / units)) if units > 1 else 0.0
        return 1 / (units / (t * sample.total) + (t - 1) / t * again)
    if size > sample.units:
        return _extrapolated(sample, size, order)
    whole = int(size)
    low = _rarefied(sample, whole, order)
    return low if whole == size else low + (size - whole) * (_rarefied(sample, whole + 1, order) - low)


def asymptote(sample: Incidence, order: int) -> float:
    """Estimate the Hill number of all units there are; that of order 0 is a lower bound."""
    if order == 0:
        return len(sample.counts) + sample.unseen
    if order == 2:
        q, units = sample.counts, sample.units
        again = float((q * (q - 1.0)).sum())
        return float(sample.total**2 * (1 - 1 / units) / again) if again else np.inf
    return float(np.exp(sample.units / sample.total * _entropy(sample) + np.log(sample.total / sample.units)))


def _entropy(sample: Incidence) -> float:
    """Estimate −Σ π log π over kinds, π being the probability that a unit holds one (Chao, Wang & Jost 2013)."""
    from scipy.special import digamma

    values, times = sample.distinct
    units = sample.units
    seen = values < units
    harmonic = digamma(float(units)) - digamma(values[seen].astype(float))
    known = float((times[seen] * values[seen] / units * harmonic).sum())
    small = 1 - sample.lack
    if not sample.once or small >= 1:
        return known
    # (1 − A)^(−T+1) {−log A − Σ (1 − A)^r/r} = Σ over r ≥ T of (1 − A)^(r−T+1)/r; either side where it keeps digits.
    if (units - 1) * -np.log(sample.lack) < KEEPS:
        steps = np.arange(1, units)
        rest = -np.log(small) - float((sample.lack**steps / steps).sum())
        tail = float(rest * np.exp(-(units - 1) * np.log(sample.lack)))
    else:
        far = np.arange(int(2 * KEEPS / small) + 2)
        tail = float((sample.lack ** (far + 1.0) / (far + units)).sum())
    return float(known + sample.once / units * tail)


def _rarefied(sample: Incidence, size: int, order: int) -> float:
    values, times = sample.distinct
    if order == 0:
        missed = np.exp(_log_choose(sample.units - values, size) - _log_choose(np.array(sample.units), size))
        return float((times * (1 - missed)).sum())
    if size == sample.units:
        share = values / sample.total
        return float(np.exp(-(times * share * np.log(share)).sum()))
    whole = size * sample.total / sample.units
    entropy = 0.0
    for value, kinds in zip(values.tolist(), times.tolist(), strict=True):
        k, chance = _hypergeometric(sample.units, value, size)
        share = k / whole
        entropy -= kinds * float((chance * share * np.log(share)).sum())
    return float(np.exp(entropy))


def _hypergeometric(units: int, value: int, size: int) -> tuple[Index, Float]:
    """Give the numbers of `size` units drawn among `value` marked ones of `units`, from 1 on, and their chances."""
    mean = size * value / units
    spread = REACH * np.sqrt(mean * (1 - value / units)) + REACH
    low, high = max(1, size - units + value, int(mean - spread)), min(value, size, int(mean + spread) + 1)
    k = np.arange(low, high + 1)
    log = _log_choose(np.array(value), k) + _log_choose(np.array(units - value), size - k)
    return k, np.exp(log - _log_choose(np.array(units), size))


def _extrapolated(sample: Incidence, size: float, order: int) -> float:
    more = size - sample.units
    now, last = _rarefied(sample, sample.units, order), asymptote(sample, order)
    if order == 0:
        rate = sample.once / (sample.units * sample.unseen + sample.once) if sample.once else 0.0
        return float(now + sample.unseen * (1 - (1 - rate) ** more))
    before = _rarefied(sample, sample.units - 1, order)
    rate = (now - before) / (last - before) if last > before else 0.0
    return float(now + (last - now) * (1 - (1 - rate) ** more))


def _log_choose(n: Index | Float, k: Index | int) -> Float:
    """Give log C(n, k), −∞ where k > n."""
    from scipy.special import gammaln

    n, k = np.asarray(n, float), np.asarray(k, float)
    inside = n >= k
    safe = np.where(inside, n - k, 0.0)
    return np.where(inside, gammaln(n + 1) - gammaln(k + 1) - gammaln(safe + 1), -np.inf)
