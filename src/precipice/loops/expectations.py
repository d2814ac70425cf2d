"""Exact expectations of Gaussian loops under any supply: recursions of moments, no simulation.

The human distribution is standard normal in d dimensions; by affine invariance that is no loss for what is said of
traces relative to it.  m is |μ_t|², S the fitted covariance, W scatter, δ the distance between the means of two batches
that are joined.  Only first moments are needed for the variance and the drift (every policy); the distance of a fresh
loop needs second moments, which are linear too (Isserlis' theorem and the Wishart law).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Batch:
    """Expectations of one batch or a pool of them, about the human mean."""

    n: float
    drift: float
    """E |mean|²."""
    scatter: float
    """E tr W."""


@dataclass(frozen=True)
class Rule:
    """How covariances are fitted and outputs drawn."""

    d: int
    bias: float = 1.0
    """λ."""
    likelihood: bool = False
    """Whether covariances are fitted over n, not n − 1."""
    weight: float | None = None
    """Weight of the human batch in place of its share; `fresh` and `augment` alone."""

    def trace(self, batch: Batch) -> float:
        """Give E tr S of a fit to a batch."""
        return batch.scatter / (batch.n - (not self.likelihood))

    def human(self, n: float) -> Batch:
        """Draw human works."""
        return Batch(n, self.d / n, (n - 1) * self.d)

    def made(self, n: float, drift: float, trace: float) -> Batch:
        """Draw from a model with E |μ|² and E tr S."""
        return Batch(n, drift + self.bias * trace / n, (n - 1) * self.bias * trace)

    def joined(self, one: Batch, other: Batch, product: float) -> Batch:
        """Join two batches of which E of the scalar product of their means is known."""
        if not one.n or not other.n:
            return other if not one.n else one
        n = one.n + other.n
        w = one.n / n
        apart = one.drift + other.drift - 2 * product
        if self.weight is None:
            drift = w**2 * one.drift + (1 - w) ** 2 * other.drift + 2 * w * (1 - w) * product
            return Batch(n, drift, one.scatter + other.scatter + w * (1 - w) * n * apart)
        w = self.weight
        drift = w**2 * one.drift + (1 - w) ** 2 * other.drift + 2 * w * (1 - w) * product
        within = w * one.scatter / (one.n - 1) + (1 - w) * other.scatter / (other.n - 1)
        return Batch(n, drift, (n - 1) * (within + w * (1 - w) * apart))


def moments(
    policy: str, human: npt.NDArray[np.int64], synthetic: npt.NDArray[np.int64], rule: Rule
) -> tuple[Float, Float]:
    """Give E tr S_t / d and E |μ_t|² by generation for a policy under a supply, each of shape (G + 1,).

    Args:
        policy: a name of `precipice.loops.policies.POLICIES`.
        human: works by generation, shape (G + 1,); entry 0 is not used, generation 0 is the human distribution.
        synthetic: the same of the model's.
        rule: how fits and draws are made.
    """
    step = STEPS[policy](rule, float(human[0]))
    variance, drifts = [1.0], [0.0]
    for n_human, n_synthetic in zip(human[1:], synthetic[1:], strict=True):
        trace, drift = step(float(n_human), float(n_synthetic), variance[-1] * rule.d, drifts[-1])
        variance.append(trace / rule.d)
        drifts.append(drift)
    return np.array(variance), np.array(drifts)


class _Synthetic:
    def __init__(self, rule: Rule, first: float) -> None:
        self.rule = rule

    def __call__(self, n_human: float, n_synthetic: float, trace: float, drift: float) -> tuple[float, float]:
        return self.fitted(self.rule.made(n_synthetic, drift, trace))

    def fitted(self, batch: Batch) -> tuple[float, float]:
        return self.rule.trace(batch), batch.drift


class _Real(_Synthetic):
    def __call__(self, n_human: float, n_synthetic: float, trace: float, drift: float) -> tuple[float, float]:
        return self.fitted(self.rule.human(n_human + n_synthetic))


class _Fresh(_Synthetic):
    def __call__(self, n_human: float, n_synthetic: float, trace: float, drift: float) -> tuple[float, float]:
        human = self.rule.human(n_human) if n_human else Batch(0, 0, 0)
        made = self.rule.made(n_synthetic, drift, trace) if n_synthetic else Batch(0, 0, 0)
        return self.fitted(self.rule.joined(human, made, 0.0))


class _Augment(_Synthetic):
    """The human set is the same in every generation, so its mean and the model's are not independent."""

    def __init__(self, rule: Rule, first: float) -> None:
        super().__init__(rule, first)
        self.original = rule.human(first)
        self.product = 0.0
        """E of the scalar product of the model's mean and the human set's."""

    def __call__(self, n_human: float, n_synthetic: float, trace: float, drift: float) -> tuple[float, float]:
        if not n_synthetic:
            self.product = self.original.drift
            return self.fitted(self.original)
        made = self.rule.made(n_synthetic, drift, trace)
        batch = self.rule.joined(self.original, made, self.product)
        share = self.original.n / (self.original.n + n_synthetic)
        w = share if self.rule.weight is None else self.rule.weight
        self.product = w * self.original.drift + (1 - w) * self.product
        return self.fitted(batch)


class _Accumulate(_Synthetic):
    def __init__(self, rule: Rule, first: float) -> None:
        super().__init__(rule, first)
        self.pool = Batch(0, 0, 0)

    def __call__(self, n_human: float, n_synthetic: float, trace: float, drift: float) -> tuple[float, float]:
        self.grow(n_human, n_synthetic, trace, drift)
        return self.fitted(self.pool)

    def grow(self, n_human: float, n_synthetic: float, trace: float, drift: float) -> None:
        """Add human works, then the model's, which lie around the mean that the model was fitted with.

        That is the pool's mean, or one whose expectation given the pool it is; of the pool with new human works added,
        the scalar product with it is the old part's.
        """
        before = self.pool
        after = self.rule.joined(before, self.rule.human(n_human), 0.0) if n_human else before
        if not n_synthetic:
            self.pool = after
            return
        made = self.rule.made(n_synthetic, drift, trace)
        product = before.drift * before.n / after.n if after.n else 0.0
        self.pool = self.rule.joined(after, made, product)


class _Subsample(_Accumulate):
    """A fixed number from the pool without replacement: unbiased for its scatter, its mean off by (1/n − 1/N) S."""

    def __call__(self, n_human: float, n_synthetic: float, trace: float, drift: float) -> tuple[float, float]:
        self.grow(n_human, n_synthetic, trace, drift)
        n = min(n_human + n_synthetic, self.pool.n)
        spread = self.pool.scatter / (self.pool.n - 1)
        off = (1 / n - 1 / self.pool.n) * spread
        return self.fitted(Batch(n, self.pool.drift + off, (n - 1) * spread))


STEPS = {
    "synthetic": _Synthetic,
    "augment": _Augment,
    "fresh": _Fresh,
    "accumulate": _Accumulate,
    "accumulate_subsample": _Subsample,
    "real": _Real,
}

ONE, M, TR, M2, MTR, MSM, TR2, TRTR = range(8)
"""The state of the second-moment recursion: 1, |μ|², tr S, |μ|⁴, |μ|² tr S, μ'Sμ, tr S², (tr S)²."""


@dataclass(frozen=True)
class Fresh:
    """The fresh loop with constant numbers, to second moments: unbiased fits, no weights."""

    d: int
    n_human: float
    n_synthetic: float
    bias: float = 1.0

    @property
    def matrix(self) -> Float:
        """The linear map of the state from one generation to the next, shape (8, 8).

        Given μ and S: human and synthetic means a ~ N(0, I/n_r), b ~ N(μ, λS/n_s); u = ρa + (1−ρ)b, δ = b − a; scatter
        A + κδδ' with A the sum of two Wisharts, κ = n_r n_s / n.  Every covariance here is αI + βS, a pair below.
        """
        n_r, n_s, lam = self.n_human, self.n_synthetic, self.bias
        n, kappa, q = n_r + n_s, n_r * n_s / (n_r + n_s), n_s / (n_r + n_s)
        nu = n - 1
        c_u, c_delta, cross = (n_r / n**2, q * lam / n), (1 / n_r, lam / n_s), (-1 / n, lam / n)
        a_bar = (n_r - 1, (n_s - 1) * lam)
        u2 = _linear(m=q * q) + self._trace(c_u)
        delta2 = _linear(m=1.0) + self._trace(c_delta)
        tr_a = self._trace(a_bar)
        u4 = _product(u2, u2) + 2 * self._pair(c_u, c_u) + 4 * q * q * _quadratic(c_u)
        delta4 = _product(delta2, delta2) + 2 * self._pair(c_delta, c_delta) + 4 * _quadratic(c_delta)
        u2_delta2 = _product(u2, delta2) + 2 * self._pair(cross, cross) + 4 * q * _quadratic(cross)
        inner = _linear(m=q) + self._trace(cross)
        inner2 = _product(inner, inner) + q * q * _quadratic(c_delta) + _quadratic(c_u) + 2 * q * _quadratic(cross)
        inner2 += self._pair(c_u, c_delta) + self._pair(cross, cross)
        uau = q * q * _quadratic(a_bar) + self._pair(a_bar, c_u)
        dad = _quadratic(a_bar) + self._pair(a_bar, c_delta)
        square, whole = self._wishart()
        rows = np.zeros((8, 8))
        rows[ONE, ONE] = 1
        rows[M], rows[TR] = u2, (tr_a + kappa * delta2) / nu
        rows[M2], rows[MTR] = u4, (_product(u2, tr_a) + kappa * u2_delta2) / nu
        rows[MSM] = (uau + kappa * inner2) / nu
        rows[TR2] = (square + 2 * kappa * dad + kappa**2 * delta4) / nu**2
        rows[TRTR] = (whole + 2 * kappa * _product(tr_a, delta2) + kappa**2 * delta4) / nu**2
        return rows

    def distance(self, t: int | None = None, *, mean: float = 0.0, variance: float = 1.0) -> float:
        """Give E [|μ_t|² + ‖S_t − I‖²/4], Wasserstein's squared distance to second order around the human distribution.

        Args:
            t: generations; None for the limit.
            mean: |μ₀| of the start.
            variance: S₀ of the start, times the identity.
        """
        state = self.state(t, mean=mean, variance=variance)
        return float(state[M] + (state[TR2] - 2 * state[TR] + self.d) / 4)

    def state(self, t: int | None = None, *, mean: float = 0.0, variance: float = 1.0) -> Float:
        """Give the expected state after t generations, or in the limit, which forgets the start; shape (8,)."""
        if t is None:
            rest = np.eye(7) - self.matrix[1:, 1:]
            return np.concatenate([[1.0], np.linalg.solve(rest, self.matrix[1:, 0])])
        m, tr = mean**2, variance * self.d
        start = np.array([1, m, tr, m * m, m * tr, m * variance, variance * tr, tr * tr])
        found: Float = np.linalg.matrix_power(self.matrix, t) @ start
        return found

    def _trace(self, c: tuple[float, float]) -> Float:
        return _linear(one=c[0] * self.d, tr=c[1])

    def _pair(self, c: tuple[float, float], e: tuple[float, float]) -> Float:
        """Give tr (αI + βS)(γI + εS)."""
        state = _linear(one=c[0] * e[0] * self.d, tr=c[0] * e[1] + c[1] * e[0])
        state[TR2] = c[1] * e[1]
        return state

    def _wishart(self) -> tuple[Float, Float]:
        """Give E tr A² and E (tr A)² of A = W_d(I, n_r − 1) + W_d(λS, n_s − 1)."""
        d, (r, s), lam = self.d, (self.n_human - 1, self.n_synthetic - 1), self.bias
        square, whole = np.zeros(8), np.zeros(8)
        square[ONE] = r * (r + 1) * d + r * d * d
        square[TR] = 2 * r * s * lam
        square[TR2], square[TRTR] = s * (s + 1) * lam**2, s * lam**2
        whole[ONE] = r * r * d * d + 2 * r * d
        whole[TR] = 2 * r * d * s * lam
        whole[TR2], whole[TRTR] = 2 * s * lam**2, s * s * lam**2
        return square, whole


def human_distance(n: float, d: int) -> float:
    """Give the same distance of a model fitted to n human works: d/n + d(d+1)/(4(n−1))."""
    return d / n + d * (d + 1) / (4 * (n - 1))


def effective_human(loop: Fresh) -> float:
    """Give n_e, the human works that alone would do as well as the fresh loop in the long run (MAD eq. 3 and 4)."""
    from scipy.optimize import brentq

    aim = loop.distance()
    return float(brentq(lambda n: human_distance(n, loop.d) - aim, 1 + 1e-9, 1e12, xtol=1e-9, rtol=1e-12))


def admissible(d: int, n_human: float, bias: float, most: float = 1e9) -> float:
    """Give the most synthetic works that a fresh loop takes without harm: n_e/n_r ≥ 1; 0 for none, `most` for no limit.

    Args:
        d: dimensions.
        n_human: human works a generation.
        bias: λ.
        most: where the search ends.
    """
    from scipy.optimize import brentq

    def gain(n_synthetic: float) -> float:
        return human_distance(n_human, d) - Fresh(d, n_human, n_synthetic, bias).distance()

    grid = np.geomspace(2, most, 120)
    gains = np.array([gain(n) for n in grid])
    if gains[0] <= 0:
        return 0.0
    harmed = np.flatnonzero(gains <= 0)
    return float(brentq(gain, grid[harmed[0] - 1], grid[harmed[0]])) if len(harmed) else most


def _linear(one: float = 0.0, m: float = 0.0, tr: float = 0.0) -> Float:
    state = np.zeros(8)
    state[[ONE, M, TR]] = one, m, tr
    return state


def _quadratic(c: tuple[float, float]) -> Float:
    """Give μ'(αI + βS)μ."""
    state = _linear(m=c[0])
    state[MSM] = c[1]
    return state


def _product(f: Float, g: Float) -> Float:
    """Multiply two forms that are linear in (1, |μ|², tr S)."""
    state = np.zeros(8)
    state[ONE] = f[ONE] * g[ONE]
    state[M], state[TR] = f[ONE] * g[M] + f[M] * g[ONE], f[ONE] * g[TR] + f[TR] * g[ONE]
    state[M2], state[TRTR], state[MTR] = f[M] * g[M], f[TR] * g[TR], f[M] * g[TR] + f[TR] * g[M]
    return state
