"""Loops on Fashion-MNIST: the committed study, its page, and a short version of it."""

from pathlib import Path

import numpy as np
import pytest
from studies.fashion.pages import PAGE, page_text, trace
from studies.fashion.run import KINDS, NEURAL, Kind, Regime, loop_of, read

from precipice.loops import simulate
from precipice.loops.expectations import Rule, moments
from precipice.study.pictures import FASHION
from tests.conftest import absent

LINES = read()
MODELS = tuple(name for name in KINDS if name not in NEURAL)


def test_the_page_says_what_is_in_the_results() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_text(LINES)


@pytest.mark.parametrize("model", ["mixture", "gaussian", "kde"])
def test_only_own_output_ends_farther_from_real_pictures_than_any_other_regime(model: str) -> None:
    ends = {regime.name: trace(LINES, model, regime.name).of("frechet")[-1] for regime in KINDS[model].regimes}
    worst = ends.pop("synthetic")
    assert all(worst.min() > other.max() for other in ends.values())


def test_a_kernel_density_spreads_where_a_gaussian_stays() -> None:
    """Row 16 of the closed forms: its variance grows in every generation; a Gaussian's expected one does not."""
    variance = trace(LINES, "kde", "synthetic").of("variance").mean(axis=1)
    assert (np.diff(variance) > 0).all()
    gaussian = trace(LINES, "gaussian", "synthetic").of("variance").mean(axis=1)
    assert variance[-1] / variance[0] > gaussian[-1] / gaussian[0]


@pytest.mark.parametrize(
    ("model", "metric", "left"), [("mixture", "tail_recall", 0.5), ("vae", "recall", 0.5), ("ddpm", "precision", 0.5)]
)
def test_each_model_loses_what_the_page_says_and_keeps_it_on_real_pictures(
    model: str, metric: str, left: float
) -> None:
    lost, kept = (trace(LINES, model, name).of(metric).mean(axis=1) for name in ("synthetic", "100 % real"))
    assert lost[-1] < left * lost[0]
    assert kept[-1] > 0.85 * kept[0]


@pytest.mark.parametrize("model", ["gaussian", "mixture", *NEURAL])
def test_a_fifth_of_new_human_works_lies_between_none_and_nothing_else(model: str) -> None:
    none, fifth, all_ = (
        trace(LINES, model, name).of("frechet")[-1].mean() for name in ("synthetic", "fresh 20 %", "100 % real")
    )
    assert none > fifth > all_


@pytest.fixture(scope="module")
def there() -> Path:
    if not FASHION.is_dir():
        absent("Debian's package dataset-fashion-mnist is not installed")
    return FASHION


@pytest.mark.parametrize("policy", ["fresh", "accumulate"])
def test_a_gaussian_on_real_pictures_follows_its_closed_form(there: Path, policy: str) -> None:
    """Expected variance needs second moments alone, so it holds for pictures too: 12 short runs, 4 standard errors.

    Generation 0 is fitted to pictures, so the law's generation 1 on; human works are drawn without replacement from
    5,000, which changes their variance by less than 1 in 1,000.
    """
    share = 0.3 if policy == "fresh" else 0.0
    kind, regime = Kind("gaussian", ()), Regime(policy, policy, share)
    loop = loop_of(kind, regime, n=150, generations=3)
    found = simulate(loop, replicates=12, seed=2).of("variance")
    feed = loop.supply()
    expected, _ = moments(policy, feed.human, feed.synthetic, Rule(48))
    relative = found[1:] / found[0].mean()
    error = relative.std(axis=1, ddof=1) / np.sqrt(12) + found[0].std(ddof=1) / found[0].mean() / np.sqrt(12)
    assert (np.abs(relative.mean(axis=1) - expected[1:]) < 4 * error).all()


def test_a_short_loop_loses_what_the_control_keeps(there: Path) -> None:
    pytest.importorskip("sklearn")
    ended = {}
    for regime in (KINDS["mixture"].regimes[0], KINDS["mixture"].regimes[-1]):
        found = simulate(loop_of(KINDS["mixture"], regime, n=250, generations=3), replicates=1, seed=1)
        ended[regime.name] = found.of("recall")[-1].mean()
    assert ended["100 % real"] - ended["synthetic"] > 0.1
