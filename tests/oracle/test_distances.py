"""Distances against prdc, vendi-score, POT and SciPy."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from precipice.loops.distances import DISTANCES, frechet_of_moments, pair_of
from precipice.loops.distances.pair import NEIGHBOURS


def clouds(seed: int, n: int = 120, m: int = 120, d: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Works in three clusters, and a model's that lost one of them and shrank."""
    rng = np.random.default_rng(seed)
    centres = 4 * rng.standard_normal((3, d))
    real = centres[rng.integers(3, size=n)] + rng.standard_normal((n, d))
    return real, centres[rng.integers(2, size=m)] + 0.6 * rng.standard_normal((m, d))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_precision_recall_density_and_coverage_are_prdcs(seed: int) -> None:
    prdc = pytest.importorskip("prdc")
    real, made = clouds(seed, n=130, m=90)
    theirs = prdc.compute_prdc(real, made, nearest_k=NEIGHBOURS)
    pair = pair_of(real, made)
    for name, value in theirs.items():
        assert DISTANCES[name](pair) == pytest.approx(value, abs=1e-12), name


@pytest.mark.parametrize("seed", [1, 2])
def test_the_vendi_score_is_vendi_scores(seed: int) -> None:
    vendi = pytest.importorskip("vendi_score.vendi")
    _, made = clouds(seed)
    for x in (made, made[:4]):  # more works than numbers, and fewer
        # The other takes logarithms of eigenvalues that rounding leaves just above nought.
        assert DISTANCES["vendi"](pair_of(made, x)) == pytest.approx(vendi.score_dual(x), rel=1e-9)


@pytest.mark.parametrize(("n", "m"), [(60, 60), (60, 45)])
def test_the_wasserstein_distance_is_pots(n: int, m: int) -> None:
    ot = pytest.importorskip("ot")
    real, made = clouds(4, n, m)
    cost = ot.dist(real, made)
    theirs = np.sqrt(ot.emd2(np.full(n, 1 / n), np.full(m, 1 / m), cost))
    assert DISTANCES["wasserstein"](pair_of(real, made)) == pytest.approx(theirs, rel=1e-9)


def by_matrix_root(m: np.ndarray, s: np.ndarray, m2: np.ndarray, s2: np.ndarray) -> float:
    """The usual formula, tr S₁ + tr S₂ − 2 tr (S₁S₂)^½."""
    return float(((m - m2) ** 2).sum() + np.trace(s) + np.trace(s2) - 2 * np.trace(sqrtm(s @ s2)).real)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_frechet_distance_is_that_of_the_matrix_root_where_that_is_defined(seed: int) -> None:
    real, made = clouds(seed)
    moments = [part for x in (real, made) for part in (x.mean(axis=0), np.cov(x.T))]
    expected = by_matrix_root(*moments)
    assert DISTANCES["frechet"](pair_of(real, made)) == pytest.approx(expected, rel=1e-9)
    assert frechet_of_moments(*moments) == pytest.approx(expected, rel=1e-9)


def test_the_frechet_distance_is_pots_bures_wasserstein() -> None:
    gaussian = pytest.importorskip("ot.gaussian")
    real, made = clouds(5)
    theirs = gaussian.empirical_bures_wasserstein_distance(real, made, reg=0.0)
    # POT divides by n where we divide by n − 1.
    moments = [part for x in (real, made) for part in (x.mean(axis=0), np.cov(x.T, ddof=0))]
    assert frechet_of_moments(*moments) == pytest.approx(float(theirs) ** 2, rel=1e-9)


def test_singular_covariances_have_a_real_frechet_distance() -> None:
    rng = np.random.default_rng(6)
    d = 30
    line = rng.standard_normal(d)
    collapsed = np.outer(line, line)
    spread = np.eye(d)
    # Closed form: the root of S₁^½ S₂ S₁^½ of rank one is |line|.
    expected = float(line @ line) + d - 2 * float(np.linalg.norm(line))
    zero = np.zeros(d)
    assert frechet_of_moments(zero, collapsed, zero, spread) == pytest.approx(expected, rel=1e-12)
    other = np.outer(rng.standard_normal(d), np.ones(d))
    other = other @ other.T
    found = frechet_of_moments(zero, collapsed, zero, other)
    assert np.isfinite(found)
    assert found >= 0


def test_frechet_of_fewer_works_than_dimensions_agrees_with_its_moments() -> None:
    rng = np.random.default_rng(7)
    real, made = rng.standard_normal((8, 20)), 1 + 2 * rng.standard_normal((6, 20))
    moments = [part for x in (real, made) for part in (x.mean(axis=0), np.cov(x.T))]
    assert DISTANCES["frechet"](pair_of(real, made)) == pytest.approx(frechet_of_moments(*moments), rel=1e-6)
