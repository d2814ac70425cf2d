"""Generations: pooling on fingers, closed forms of the literature, and the recursion against models that are drawn."""

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.supply import POLICIES, Generations, filtered, pool_generations, run_generations
from precipice.supply.recursion import with_elsewhere
from tests.unit.supply.flows import START, paths


def constant(n_r: float, n_s: float, generations: int = 200, before: float = 0.0) -> Generations:
    """Make generations of one size, on one path and of one cohort."""
    ones = np.ones((1, generations))
    return Generations(
        months=12, starts=np.arange(generations, dtype=np.int64), known=0, human=n_r * ones[:, None, :],
        synthetic=n_s * ones, effective=ones, first=np.full((1, 1), max(n_r, 1.0), float),
        before=np.full((1, 1), before),
    )  # fmt: skip


@pytest.mark.parametrize("rho", [0.1, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("bias", [0.5, 0.8, 0.95, 1.0])
def test_fresh_data_comes_to_rest_at_the_published_share(rho: float, bias: float) -> None:
    spread = run_generations(constant(1_000 * rho, 1_000 * (1 - rho)), "fresh", bias).spread[0]
    assert spread[-1] == pytest.approx(rho / (1 - bias * (1 - rho)), rel=1e-6)


@pytest.mark.parametrize(("bias", "least"), [(0.95, 0.310), (0.9, 0.474), (0.8, 0.643)])
def test_a_tenth_is_lost_below_the_human_share_that_theory_says(bias: float, least: float) -> None:
    # rho_min = (1 - x)(1 - bias)/(1 - (1 - x) bias), at x = .1
    assert (0.9 * (1 - bias)) / (1 - 0.9 * bias) == pytest.approx(least, abs=5e-4)
    for rho, keeps in ((least + 0.002, True), (least - 0.002, False)):
        rest = run_generations(constant(1_000 * rho, 1_000 * (1 - rho)), "fresh", bias).spread[0, -1]
        assert (rest > 0.9) == keeps


def test_a_models_own_output_alone_loses_the_bias_each_time() -> None:
    spread = run_generations(constant(0, 500, 20), "synthetic", 0.9).spread[0]
    assert spread == pytest.approx(0.9 ** np.arange(1, 21))


def test_a_fixed_real_set_keeps_what_it_weighs() -> None:
    spread = run_generations(constant(0, 500, before=500), "augment", 0.9).spread[0]
    assert spread[-1] == pytest.approx(0.5 / (1 - 0.9 * 0.5))


def test_human_works_alone_lose_nothing() -> None:
    assert run_generations(constant(10, 1_000), "real", 0.5).spread == pytest.approx(1)


def test_without_bias_no_policy_loses_variance() -> None:
    for policy in POLICIES:
        assert run_generations(constant(50, 500, before=50), policy, 1.0).spread == pytest.approx(1), policy


def test_where_nothing_new_is_uploaded_only_the_last_model_is_left() -> None:
    spread = run_generations(constant(0, 0, 5), "fresh", 0.9).spread[0]
    assert spread == pytest.approx(0.9 ** np.arange(1, 6))


def drawn_variance(policy: str, n_r: list[int], n_s: list[int], before: int, bias: float) -> tuple[float, float]:
    """Draw Gaussian models a generation after the other; give the mean variance of the last and its standard error."""
    rng, replicates = np.random.default_rng(3), 300
    mean, variance = np.zeros(replicates), np.ones(replicates)
    kept = rng.standard_normal((replicates, before if policy != "fresh" else 0))
    for real, made in zip(n_r, n_s, strict=True):
        fresh = rng.standard_normal((replicates, real if policy != "augment" else 0))
        output = mean[:, None] + np.sqrt(bias * variance)[:, None] * rng.standard_normal((replicates, made))
        pool = np.concatenate([kept, fresh, output], axis=1)
        mean, variance = pool.mean(axis=1), pool.var(axis=1, ddof=1)
        kept = pool if policy == "accumulate" else kept
    return float(variance.mean()), float(variance.std(ddof=1) / replicates**0.5)


@pytest.mark.parametrize("policy", ["fresh", "augment", "accumulate"])
def test_the_recursion_is_the_mean_of_models_that_are_drawn(policy: str) -> None:
    n_r, n_s, before, bias = [900, 500, 800, 200], [300, 700, 600, 900], 1_000, 0.7
    pooled = Generations(
        months=12, starts=np.arange(4), known=0, human=np.array([[n_r]], float), synthetic=np.array([n_s], float),
        effective=np.ones((1, 4)), first=np.ones((1, 1)), before=np.full((1, 1), float(before)),
    )  # fmt: skip
    theory = run_generations(pooled, policy, bias).spread[0, -1]
    measured, error = drawn_variance(policy, n_r, n_s, before, bias)
    assert abs(measured - theory) < 4 * error + 1 / 1_000  # and what a finite sample adds, of order 1/n


def test_a_cohort_that_stops_loses_its_weight_as_a_mixture_does() -> None:
    human = np.array([[[0.0, 0.0, 0.0], [600.0, 600.0, 600.0]]])
    pooled = Generations(
        months=12, starts=np.arange(3), known=0, human=human, synthetic=np.full((1, 3), 400.0),
        effective=np.ones((1, 3)), first=np.array([[300.0, 300.0]]), before=np.zeros((1, 2)),
    )  # fmt: skip
    state = run_generations(pooled, "fresh", 0.9)
    assert state.strata[0, 0] == pytest.approx(0.4 ** np.arange(1, 4))
    assert (state.strata * 0.5).sum(axis=1) == pytest.approx(1)


def test_a_cohort_that_generation_nought_did_not_have_has_no_weight_to_lose() -> None:
    pooled = constant(10, 10, 3)
    pooled = Generations(**{**pooled.__dict__, "human": np.ones((1, 2, 3)), "first": np.array([[5.0, 0.0]]),
                            "before": np.zeros((1, 2))})  # fmt: skip
    assert np.isnan(run_generations(pooled, "fresh", 1.0).strata[0, 1]).all()


def test_months_are_pooled_from_the_first_synthetic_one_and_a_remainder_is_left_out() -> None:
    one = paths([[10] * 6 + [4] * 8, [0] * 6 + [6] * 8], [0] * 6 + [5] * 8, known=10, began=6)
    pooled = pool_generations(one, 3)
    assert (pooled.starts - START).tolist() == [6, 9]
    assert pooled.first.tolist() == [[30, 0]]
    assert pooled.before.tolist() == [[60, 0]]
    assert pooled.human[0].tolist() == [[12, 12], [18, 18]]
    assert pooled.synthetic[0].tolist() == [15, 15]
    assert pooled.known == 1
    assert pooled.effective[0] == pytest.approx([3 * 15 * (2 / 3) ** 2] * 2)


def test_labels_from_the_first_month_on_leave_the_first_generation_to_be_the_noughth() -> None:
    pooled = pool_generations(paths([[10] * 9], [5] * 9, known=6, began=0), 3)
    assert (pooled.starts - START).tolist() == [3, 6]
    assert pooled.first.tolist() == [[30]]


@pytest.mark.parametrize("months", [0, -1, 7, 12])
def test_a_generation_that_does_not_fit_is_an_error(months: int) -> None:
    with pytest.raises(InputError, match=f"a generation of {months} months"):
        pool_generations(paths([[10] * 10], [5] * 10, known=6, began=4), months)


def test_the_effective_size_of_an_unlabelled_mixture_is_the_published_one() -> None:
    # 5,000 uploads, 30 % human: worth 450 (Kanabar & Gastpar); what a detector of .8 / .05 leaves: 956.
    one = paths([[1_500, 1_500]], [0, 3_500], known=2, began=1)
    pooled = pool_generations(one, 1)
    assert pooled.effective[0] == pytest.approx([450])
    assert filtered(pooled, 0.8, 0.95).effective[0] == pytest.approx([1_425**2 / (1_425 + 700)])


def test_dropping_what_is_labelled_leaves_a_larger_human_share_and_fewer_works() -> None:
    pooled = filtered(constant(300, 700), 0.8, 0.95)
    rho = 285 / (285 + 140)
    assert run_generations(pooled, "fresh", 0.9).spread[0, -1] == pytest.approx(rho / (1 - 0.9 * (1 - rho)))


@pytest.mark.parametrize("bias", [0.0, -0.5, 1.01, float("nan")])
def test_a_bias_that_is_none_is_an_error(bias: float) -> None:
    with pytest.raises(InputError, match="no sampling bias"):
        run_generations(constant(1, 1, 2), "fresh", bias)


def test_a_policy_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match="no policy 'hope'"):
        run_generations(constant(1, 1, 2), "hope", 1.0)


def test_works_from_elsewhere_add_to_the_synthetic_ones() -> None:
    more = with_elsewhere(constant(300, 350), 1.0)
    assert run_generations(more, "fresh", 0.9).spread[0, -1] == pytest.approx(0.3 / (1 - 0.9 * 0.7))
    assert more.effective[0, 0] == pytest.approx(300**2 / 1_000)
    assert with_elsewhere(more, 0.0) is more
