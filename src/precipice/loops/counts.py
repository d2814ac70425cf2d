"""Loops on discrete styles without single works: only how many works have each style (Wright–Fisher)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from precipice.loops.feed import Feed

Float = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Styles:
    """Shares of styles in R replicates."""

    p: Float
    """Rows add up to 1, shape (R, K)."""

    def sample(self, n: int, bias: float, rng: np.random.Generator) -> Whole:
        """Draw how many of n works have each style; a bias below 1 favours the common ones, p^(1/λ)."""
        return rng.multinomial(n, sharpened(self.p, bias))


class ClosedStyles:
    """Fit by shares."""

    def fit(self, x: Whole, rng: np.random.Generator) -> Styles:
        """Fit to counts, shape (R, K)."""
        return Styles(x / x.sum(axis=-1, keepdims=True))


@dataclass(frozen=True, eq=False)
class StyleWorld:
    """Human works of K styles, in R replicates of the loop."""

    replicates: int
    p: Float
    """Share of each style, shape (K,)."""

    def start(self, n: int, rng: np.random.Generator) -> tuple[Styles, None]:
        """Give generation 0, which is known and needs no works."""
        return Styles(np.tile(self.p, (self.replicates, 1))), None

    def draw(self, n: int, rng: np.random.Generator) -> Whole:
        """Draw how many of n human works have each style."""
        return rng.multinomial(n, self.p, size=self.replicates)

    def join(self, batches: Sequence[Whole], weights: Sequence[float] | None = None) -> Whole:
        """Add counts up; the weight of a batch is not supported, since counts are whole."""
        if weights is not None:
            raise ValueError("counts of styles cannot be weighted")
        return np.asarray(np.sum(batches, axis=0, dtype=np.int64))

    def pick(self, batch: Whole, n: int, rng: np.random.Generator) -> Whole:
        """Choose n works without replacement."""
        if n >= int(batch[0].sum()):
            return batch
        return np.stack([rng.multivariate_hypergeometric(row, n, method="marginals") for row in batch])


def sharpened(p: Float, bias: float) -> Float:
    """Raise shares to the power 1/λ and make them add up to 1 again, without underflow."""
    if bias == 1:
        return p
    with np.errstate(divide="ignore"):
        logs = np.log(p) / bias
    powers = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def zipf(styles: int, exponent: float = 1.0) -> Float:
    """Give shares of styles that fall as a power of their rank."""
    shares = np.arange(1.0, styles + 1) ** -exponent
    return np.asarray(shares / shares.sum())


def heterogeneity(fitted: Styles) -> Float:
    """Chance that two works differ in style, 1 − Σp²."""
    return np.asarray(1 - (fitted.p**2).sum(axis=-1))


def hill(fitted: Styles, order: float = 1.0) -> Float:
    """Effective number of styles, Hill's number of an order: exp of Shannon's entropy for 1."""
    return hill_number(fitted.p, order)


def styles_left(fitted: Styles) -> Float:
    """Number of styles that still occur."""
    return np.asarray((fitted.p > 0).sum(axis=-1), dtype=np.float64)


def tail_mass(fitted: Styles) -> Float:
    """Share of works in the rarer half of styles, by the order that the world has them in."""
    return np.asarray(fitted.p[..., fitted.p.shape[-1] // 2 :].sum(axis=-1))


def hill_number(p: Float, order: float = 1.0) -> Float:
    """Give Hill's number of shares that add up to 1 along the last axis (Hill 1973, Ecology 54)."""
    if order == 1:
        logs = np.log(p, where=p > 0, out=np.zeros_like(p))
        return np.asarray(np.exp(-(p * logs).sum(axis=-1)))
    powers = np.where(p > 0, p, 1.0) ** order * (p > 0)
    return np.asarray(powers.sum(axis=-1) ** (1 / (1 - order)))


MEASURES: Mapping[str, Callable[[Styles], Float]] = {
    "heterogeneity": heterogeneity,
    "hill": hill,
    "styles": styles_left,
    "tail_mass": tail_mass,
}


def measure_all(names: Sequence[str]) -> Callable[[Styles, np.random.Generator], Float]:
    """Give a function that measures all of these, shape (k, R)."""

    def measure(fitted: Styles, rng: np.random.Generator) -> Float:
        return np.stack([MEASURES[name](fitted) for name in names])

    return measure


def expected(name: str, policy: str, feed: Feed, p: Float, bias: float) -> Float:
    """Give what theory expects by generation, shape (G + 1,); not a number where it has no closed form.

    Drawn from shares p, 1 − Σp² loses 1/m a generation (Wright–Fisher).  Without bias the expected shares stay those of
    the world, so that Σp² follows an exact recursion under the other policies too.
    """
    t = np.arange(feed.generations + 1)
    if name == "tail_mass" and bias == 1:
        return np.full(len(t), p[len(p) // 2 :].sum())
    start = float(1 - (p**2).sum())
    if name == "heterogeneity" and policy == "real":
        return np.where(t == 0, start, start * (1 - 1 / feed.total))
    if name == "heterogeneity" and bias == 1 and policy in ALIKE:
        return 1 - ALIKE[policy](feed, 1 - start)
    return np.full(len(t), np.nan)


def _alike(n: float, c: float) -> float:
    """Give E Σx² of counts x of n works, for shares of which E Σp² is c."""
    return n + n * (n - 1) * c


def _synthetic(feed: Feed, c: float) -> Float:
    """Give E Σp² by generation where Σp² of the world is c."""
    found = [c]
    for n in feed.synthetic[1:].tolist():
        found.append(_alike(n, found[-1]) / n**2)
    return np.array(found)


def _fresh(feed: Feed, c: float) -> Float:
    found = [c]
    for h, s in zip(feed.human[1:].tolist(), feed.synthetic[1:].tolist(), strict=True):
        found.append((_alike(h, c) + _alike(s, found[-1]) + 2 * h * s * c) / (h + s) ** 2)
    return np.array(found)


def _augment(feed: Feed, c: float) -> Float:
    """The human works are the same in every generation, so that the model's shares go along with theirs."""
    h = float(feed.human[0])
    own, shared, found = _alike(h, c) / h**2, c, [c]
    for s in feed.synthetic[1:].tolist():
        n = h + s
        found.append((h**2 * own + _alike(s, found[-1]) + 2 * h * s * shared) / n**2)
        shared = (h * own + s * shared) / n
    return np.array(found)


def _accumulate(feed: Feed, c: float) -> Float:
    """A pool N that grows by human works, independent of it, and by works drawn at its own shares."""
    pool, found = 0.0, [c]
    for h, s in zip(feed.human[1:].tolist(), feed.synthetic[1:].tolist(), strict=True):
        f = found[-1]
        new = _alike(h, c) + _alike(s, f) + 2 * h * s * c
        found.append((pool**2 * f + new + 2 * pool * (h * c + s * f)) / (pool + h + s) ** 2)
        pool += h + s
    return np.array(found)


ALIKE: Mapping[str, Callable[[Feed, float], Float]] = {
    "synthetic": _synthetic, "fresh": _fresh, "augment": _augment, "accumulate": _accumulate,
}  # fmt: skip
"""Chance that two works have the same style, by policy."""
