"""The contract that every model passes, and what single ones promise."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from precipice.errors import InputError, MissingExtraError
from precipice.loops import MODELS, worlds
from precipice.loops.models import make
from precipice.loops.models.gaussian import Gaussian
from precipice.loops.models.kde import KernelDensity
from precipice.loops.models.mixture import Mixture
from precipice.loops.models.regression import Regression
from tests.conftest import absent

SMALL: Mapping[str, Mapping[str, Any]] = {"mixture": {"components": 3}}
"""Options with which a model fits a handful of works in a moment."""


def made(name: str) -> Any:
    """The model, or a skipped test where its optional part is absent."""
    model = make(name, SMALL.get(name))
    try:
        model.fit(human(name, 12), np.random.default_rng(0))
    except MissingExtraError as error:
        absent(str(error))
    return model


def human(name: str, n: int = 300) -> np.ndarray:
    """Works of a kind that the model is for."""
    rng = np.random.default_rng(1)
    if name == "styles":
        return worlds.labels(np.array([0.6, 0.3, 0.1]))(n, rng)
    if name == "regression":
        return worlds.linear(np.array([1.0, -2.0]), 1.0)(n, rng)
    return np.asarray(worlds.normal(4)(n, rng) * np.array([1.0, 2.0, 0.5, 1.0]))


def spread(name: str, x: np.ndarray) -> float:
    """How different works are: total variance, of the residuals for a regression, chance of two styles for styles."""
    if name == "styles":
        shares = np.unique(x, return_counts=True)[1] / len(x)
        return float(1 - (shares**2).sum())
    if name == "regression":
        return float((x[:, -1] - x[:, :-1] @ np.array([1.0, -2.0])).var())
    return float(x.var(axis=0).sum())


@pytest.mark.parametrize("name", MODELS)
def test_a_model_makes_as_many_works_of_the_same_kind(name: str) -> None:
    fitted = made(name).fit(human(name), np.random.default_rng(2))
    for n in (1, 50):
        x = fitted.sample(n, 1.0, np.random.default_rng(3))
        assert x.shape == (n, human(name).shape[1])
        assert x.dtype == np.float64
        assert np.isfinite(x).all()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_takes_all_its_chance_from_the_generator(name: str) -> None:
    model = made(name)
    drawn = [model.fit(human(name), np.random.default_rng(seed)).sample(20, 0.9, np.random.default_rng(seed))
             for seed in (4, 4, 5)]  # fmt: skip
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).any()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_leaves_what_it_is_fitted_to_as_it_is(name: str) -> None:
    x = human(name)
    before = x.copy()
    made(name).fit(x, np.random.default_rng(6)).sample(5, 0.5, np.random.default_rng(7))
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("name", MODELS)
def test_a_bias_below_1_costs_diversity(name: str) -> None:
    fitted = made(name).fit(human(name), np.random.default_rng(8))
    wide, narrow = (spread(name, fitted.sample(600, bias, np.random.default_rng(9))) for bias in (1.0, 0.25))
    assert narrow < 0.85 * wide


def test_a_model_or_option_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match="there is no model 'gan'"):
        make("gan")
    with pytest.raises(InputError, match="has no option 'depth'") as refused:
        make("kde", {"depth": 3})
    assert "bandwidth" in refused.value.fix


def test_a_gaussian_has_the_moments_of_its_works() -> None:
    x = human("gaussian")
    fitted = Gaussian().fit(x, np.random.default_rng(0))
    np.testing.assert_allclose(fitted.mean, x.mean(axis=0))
    np.testing.assert_allclose(fitted.factor @ fitted.factor.T, np.cov(x.T))
    over_n = Gaussian(likelihood=True).fit(x, np.random.default_rng(0))
    np.testing.assert_allclose(over_n.factor @ over_n.factor.T, np.cov(x.T, ddof=0))


def test_a_gaussian_of_fewer_works_than_dimensions_makes_works_in_their_span() -> None:
    x = np.random.default_rng(1).standard_normal((3, 6))
    drawn = Gaussian().fit(x, np.random.default_rng(0)).sample(40, 1.0, np.random.default_rng(2))
    assert np.linalg.matrix_rank(drawn - x.mean(axis=0), tol=1e-9) == 2


def test_the_bias_of_a_gaussian_and_of_kernels_scales_every_variance_by_itself() -> None:
    x, n = human("gaussian"), 40_000
    for model in (Gaussian(), KernelDensity()):
        fitted = model.fit(x, np.random.default_rng(0))
        wide, narrow = (fitted.sample(n, bias, np.random.default_rng(3)) for bias in (1.0, 0.4))
        np.testing.assert_allclose(narrow.var(axis=0), 0.4 * wide.var(axis=0), rtol=1e-6)


def test_kernels_spread_what_they_are_fitted_to() -> None:
    x = human("kde")
    drawn = KernelDensity(bandwidth=0.5).fit(x, np.random.default_rng(0)).sample(60_000, 1.0, np.random.default_rng(4))
    # Variance 1.25 times the works'; 3 % is four standard errors.
    np.testing.assert_allclose(drawn.var(axis=0), 1.25 * x.var(axis=0), rtol=0.03)


def test_a_mixture_finds_clusters_that_lie_apart() -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.standard_normal((100, 2)), 20 + rng.standard_normal((50, 2))])
    fitted = Mixture(components=2).fit(x, rng)
    order = np.argsort(fitted.means[:, 0])
    np.testing.assert_allclose(fitted.weights[order], [2 / 3, 1 / 3], rtol=1e-6)
    np.testing.assert_allclose(fitted.means[order], [x[:100].mean(axis=0), x[100:].mean(axis=0)], rtol=1e-4)


def test_a_regression_is_least_squares() -> None:
    x = human("regression")
    fitted = Regression().fit(x, np.random.default_rng(0))
    np.testing.assert_allclose(fitted.coefficients, np.linalg.lstsq(x[:, :2], x[:, 2], rcond=None)[0])
