"""Sufficient statistics of Gaussians: the right shapes, joins that are exact, singular cases that are defined."""

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.loops.gaussian import ClosedGaussian, Moments, Normal, NormalWorld, bartlett


def moments_of(x: np.ndarray) -> Moments:
    """Moments of samples, shape (R, n, d)."""
    mean = x.mean(axis=1)
    centred = x - mean[:, None]
    return Moments(x.shape[1], mean, np.linalg.cholesky(centred.mT @ centred))


@pytest.mark.parametrize("weight", [None, 0.5, 0.8])
def test_joined_moments_are_those_of_the_joined_samples(weight: float | None) -> None:
    rng = np.random.default_rng(1)
    one, other = rng.standard_normal((6, 9, 3)), 2 + 3 * rng.standard_normal((6, 14, 3))
    joined = NormalWorld(6, 3).join(
        (moments_of(one), moments_of(other)), None if weight is None else (weight, 1 - weight)
    )
    both = np.concatenate([one, other], axis=1)
    w = np.repeat([1 / 23] * 2 if weight is None else [weight / 9, (1 - weight) / 14], [9, 14])
    mean = np.einsum("n,rnd->rd", w, both)
    np.testing.assert_allclose(joined.mean, mean)
    found = ClosedGaussian().fit(joined, rng).factor
    if weight is None:
        expected = np.array([np.cov(rows.T) for rows in both])
    else:
        inner = weight * np.array([np.cov(r.T) for r in one]) + (1 - weight) * np.array([np.cov(r.T) for r in other])
        apart = one.mean(axis=1) - other.mean(axis=1)
        expected = inner + weight * (1 - weight) * apart[:, :, None] * apart[:, None, :]
    np.testing.assert_allclose(found @ found.mT, expected)


def test_a_bartlett_factor_has_the_mean_and_variance_of_a_wishart() -> None:
    a = bartlett((40_000, 3), 7, np.random.default_rng(2), np.float64)
    w = a @ a.mT
    error = w.std(axis=0) / 200
    assert (np.abs(w.mean(axis=0) - 7 * np.eye(3)) / error).max() < 4
    assert np.diagonal(w, axis1=1, axis2=2).var(axis=0) == pytest.approx([14] * 3, rel=0.05)  # 2ν; 5 % is 4 errors


def test_fewer_degrees_than_dimensions_give_the_rank_of_the_degrees() -> None:
    a = bartlett((5, 6), 2, np.random.default_rng(3), np.float64)
    assert (np.linalg.matrix_rank(a @ a.mT) == 2).all()
    assert np.trace(a @ a.mT, axis1=1, axis2=2).min() > 0


def test_a_join_of_too_few_works_is_singular_and_exact() -> None:
    rng = np.random.default_rng(4)
    world = NormalWorld(4, 6)
    parts = (world.draw(2, rng), world.draw(2, rng))
    joined = world.join(parts)
    scatter = sum(part.factor @ part.factor.mT for part in parts)
    apart = parts[1].mean - parts[0].mean
    scatter = scatter + apart[:, :, None] * apart[:, None, :]  # 2 · 2 / 4 of it
    np.testing.assert_allclose(joined.factor @ joined.factor.mT, scatter, atol=1e-12)
    assert (np.linalg.matrix_rank(joined.factor) == 3).all()


def test_a_join_of_what_has_collapsed_falls_back_to_what_is_always_defined() -> None:
    world = NormalWorld(2, 3)
    flat = np.zeros((2, 3, 3))
    flat[:, 0, 0] = 1.0
    joined = world.join((Moments(20, np.zeros((2, 3)), flat), Moments(20, np.zeros((2, 3)), flat)))
    np.testing.assert_allclose(joined.factor @ joined.factor.mT, 2 * flat @ flat.mT, atol=1e-12)


def test_single_precision_stays_single() -> None:
    world, rng = NormalWorld(3, 4, np.float32), np.random.default_rng(5)
    start, _ = world.start(10, rng)
    fitted = ClosedGaussian().fit(world.join((world.draw(10, rng), start.sample(10, 0.9, rng))), rng)
    assert isinstance(fitted, Normal)
    assert fitted.mean.dtype == fitted.factor.dtype == np.float32


def test_single_works_cannot_be_picked_from_moments() -> None:
    world, rng = NormalWorld(3, 4), np.random.default_rng(6)
    batch = world.draw(10, rng)
    assert world.pick(batch, 10, rng) is batch
    with pytest.raises(InputError, match="cannot be picked"):
        world.pick(batch, 5, rng)
