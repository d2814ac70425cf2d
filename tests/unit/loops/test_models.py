"""The contract that every model passes, and what single ones promise."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
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
from tests.unit.loops.pipelines import tiny

SMALL: Mapping[str, Mapping[str, Any]] = {
    "ddpm": {"hidden": 32, "noise_steps": 20, "steps": 150},
    "mixture": {"components": 3},
    "vae": {"hidden": 32, "latent": 3, "steps": 200},
}
"""Options with which a model fits a handful of works in a moment."""


NEEDS = {"ddpm": ("torch",), "mixture": ("sklearn",), "text_to_image": ("torch", "diffusers", "peft", "transformers"),
         "vae": ("torch",)}  # fmt: skip
"""Optional parts."""
# diffusers and what it is made of warn of each other's futures.
LENIENT = pytest.mark.filterwarnings("ignore")
EVERY = [pytest.param(name, marks=LENIENT if name == "text_to_image" else ()) for name in MODELS]


@cache
def tiny_pipeline() -> Any:
    """One for all tests: it takes longer to import than to make."""
    with TemporaryDirectory() as folder:
        return tiny(Path(folder))


def made(name: str) -> Any:
    """The model, or a skipped test where its optional part is absent."""
    for part in NEEDS.get(name, ()):
        if importlib.util.find_spec(part) is None:
            absent(f"{part} is not installed")
    if name == "text_to_image":
        return make(name, {"pipeline": tiny_pipeline(), "height": 8, "width": 8, "steps": 3, "inference_steps": 2})
    return make(name, SMALL.get(name))


def human(name: str, n: int = 300) -> np.ndarray:
    """Works of a kind that the model is for."""
    rng = np.random.default_rng(1)
    if name == "styles":
        return worlds.labels(np.array([0.6, 0.3, 0.1]))(n, rng)
    if name == "regression":
        return worlds.linear(np.array([1.0, -2.0]), 1.0)(n, rng)
    if name == "text_to_image":
        return rng.random((10, 8 * 8 * 3))
    return np.asarray(worlds.normal(4)(n, rng) * np.array([1.0, 2.0, 0.5, 1.0]))


def spread(name: str, x: np.ndarray) -> float:
    """How different works are: total variance, of the residuals for a regression, chance of two styles for styles."""
    if name == "styles":
        shares = np.unique(x, return_counts=True)[1] / len(x)
        return float(1 - (shares**2).sum())
    if name == "regression":
        return float((x[:, -1] - x[:, :-1] @ np.array([1.0, -2.0])).var())
    return float(x.var(axis=0).sum())


@pytest.mark.parametrize("name", EVERY)
def test_a_model_makes_as_many_works_of_the_same_kind(name: str) -> None:
    fitted = made(name).fit(human(name), np.random.default_rng(2))
    for n in (1, 50):
        x = fitted.sample(n, 1.0, np.random.default_rng(3))
        assert x.shape == (n, human(name).shape[1])
        assert x.dtype == np.float64
        assert np.isfinite(x).all()


@pytest.mark.parametrize("name", EVERY)
def test_a_model_takes_all_its_chance_from_the_generator(name: str) -> None:
    model = made(name)
    drawn = [model.fit(human(name), np.random.default_rng(seed)).sample(20, 0.9, np.random.default_rng(seed))
             for seed in (4, 4, 5)]  # fmt: skip
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).any()


@pytest.mark.parametrize("name", EVERY)
def test_a_model_leaves_what_it_is_fitted_to_as_it_is(name: str) -> None:
    x = human(name)
    before = x.copy()
    made(name).fit(x, np.random.default_rng(6)).sample(5, 0.5, np.random.default_rng(7))
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("name", [name for name in MODELS if name != "text_to_image"])
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


def clusters() -> np.ndarray:
    """Two of equal size, eight of their widths apart."""
    rng = np.random.default_rng(6)
    return np.concatenate([rng.standard_normal((200, 2)) - 4, rng.standard_normal((200, 2)) + 4])


def test_a_diffusion_model_makes_both_clusters_and_little_between() -> None:
    made("ddpm")
    fitted = make("ddpm", {"hidden": 64, "steps": 600, "rate": 3e-3}).fit(clusters(), np.random.default_rng(1))
    drawn = fitted.sample(400, 1.0, np.random.default_rng(2))
    assert 0.3 < (drawn.sum(axis=1) > 0).mean() < 0.7
    nearest = np.minimum(np.abs(drawn - 4).max(axis=1), np.abs(drawn + 4).max(axis=1))
    assert (nearest < 3).mean() > 0.9  # a Gaussian with their moments has 0.7 there


def test_an_autoencoder_makes_works_along_what_varies() -> None:
    made("vae")
    x = clusters()
    fitted = make("vae", {"hidden": 64, "steps": 600, "latent": 2}).fit(x, np.random.default_rng(1))
    drawn = fitted.sample(400, 1.0, np.random.default_rng(2))
    assert np.corrcoef(drawn.T)[0, 1] > 0.9
    assert 0.6 < drawn.std() / x.std() < 1.1


def test_a_diffusion_model_that_learned_little_does_not_run_away() -> None:
    """196 numbers a work and 40 steps of learning: without limits what it makes is a thousand times too large."""
    made("ddpm")
    x = np.random.default_rng(1).uniform(size=(80, 196))
    drawn = (
        make("ddpm", {"hidden": 16, "steps": 40})
        .fit(x, np.random.default_rng(1))
        .sample(50, 1.0, np.random.default_rng(2))
    )
    mean = x.mean(axis=0)
    assert np.abs(drawn - mean).max() < 1.01 * np.abs(x - mean).max()


@pytest.mark.parametrize("name", ["ddpm", "vae"])
def test_a_neural_model_leaves_torch_as_it_was(name: str) -> None:
    model = made(name)
    import torch

    torch.manual_seed(7)
    threads, expected = torch.get_num_threads(), torch.rand(3)
    torch.manual_seed(7)
    fitted = model.fit(human(name, 20), np.random.default_rng(0))
    fitted.sample(2, 1.0, np.random.default_rng(0))
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(("name", "part", "extra"), [("vae", "torch", "neural"), ("ddpm", "torch", "neural"),
                                                     ("mixture", "sklearn.mixture", "loops")])  # fmt: skip
def test_a_missing_part_names_its_extra(monkeypatch: pytest.MonkeyPatch, name: str, part: str, extra: str) -> None:
    monkeypatch.setitem(sys.modules, part, None)
    with pytest.raises(MissingExtraError, match="is not installed") as refused:
        make(name).fit(human(name), np.random.default_rng(0))
    assert refused.value.fix == f"pip install 'precipice[{extra}]'"


def own(pipeline: Any) -> list[tuple[str, Any]]:
    """The denoiser's own weights, by the names they have before an adapter wraps them."""
    named = pipeline.unet.named_parameters()
    return [(name.replace(".base_layer", ""), weights) for name, weights in named if "lora" not in name]


@LENIENT
def test_a_text_to_image_fit_learns_and_leaves_the_pipeline_and_earlier_fits_as_they_were() -> None:
    model = made("text_to_image")
    pipeline = model.pipeline
    before = {name: weights.clone() for name, weights in own(pipeline)}
    x, fixed = human("text_to_image"), np.random.default_rng
    first = model.fit(x, fixed(1))
    drawn = first.sample(2, 1.0, fixed(2))
    other = replace(model, rate=0.5).fit(x, fixed(3))
    assert (other.sample(2, 1.0, fixed(2)) != drawn).any()
    np.testing.assert_array_equal(first.sample(2, 1.0, fixed(2)), drawn)
    assert len(before) > 50
    assert all((weights == before[name]).all() for name, weights in own(pipeline))


@LENIENT
def test_a_bias_is_given_to_a_pipeline_as_guidance() -> None:
    """A guidance scale of 1/λ is 1 + w, which turns a Gaussian's variance to λ = 1/(1+w) of itself."""
    fitted = made("text_to_image").fit(human("text_to_image"), np.random.default_rng(1))
    asked: list[float] = []

    def watched(prompt: str, *, guidance_scale: float, num_images_per_prompt: int, **rest: Any) -> Any:
        asked.append(guidance_scale)
        return SimpleNamespace(images=np.zeros((num_images_per_prompt, 8, 8, 3)))

    watched.unet = fitted.pipeline.unet  # type: ignore[attr-defined]
    assert replace(fitted, pipeline=watched).sample(20, 0.25, np.random.default_rng(2)).shape == (20, 192)
    assert asked == [4.0, 4.0]


def test_a_text_to_image_model_without_a_pipeline_or_with_other_pictures_is_refused() -> None:
    pytest.importorskip("torch")
    with pytest.raises(InputError, match="there is no pipeline to tune"):
        make("text_to_image", {"height": 8, "width": 8}).fit(human("text_to_image"), np.random.default_rng(0))
    with pytest.raises(InputError, match="rows of 192 numbers are no pictures of 64 × 64"):
        make("text_to_image").fit(human("text_to_image"), np.random.default_rng(0))
