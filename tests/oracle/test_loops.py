"""Closed forms of self-consuming loops against the loop itself, and the loop's two ways against each other."""

from typing import Any

import numpy as np
import pytest
from studies.oracles.checks import Check
from studies.oracles.rows import checks
from studies.oracles.run import RESULTS, measured, page, read

from precipice.loops import Loop, simulate, theory
from precipice.loops.expectations import Fresh, Rule, admissible, effective_human, moments
from precipice.loops.feed import Feed
from tests.conftest import ROOT

CHECKS = checks()
ERRORS = 4.0
"""Monte Carlo standard errors: a right formula fails one of 16,000 seeds, and the seeds are fixed."""


@pytest.mark.parametrize(
    ("number", "check"), list(enumerate(CHECKS)), ids=[f"{check.row}: {check.what}" for check in CHECKS]
)
def test_a_closed_form_holds(number: int, check: Check) -> None:
    found = measured(check, number, check.short)
    assert abs(found.z) < ERRORS, f"theory {found.theory}, measured {found.measured} ± {found.error}"


def test_all_seventeen_rows_are_checked_and_the_committed_table_is_of_these_checks() -> None:
    assert {check.row for check in CHECKS} == set(range(1, 18))
    results = read(RESULTS)
    assert [(r.row, r.what, r.setting) for r in results] == [(c.row, c.what, c.setting) for c in CHECKS]
    assert [r.theory for r in results] == pytest.approx([check.theory for check in CHECKS], rel=1e-5)
    assert max(abs(r.z) for r in results) < ERRORS
    assert page(results) == (ROOT / "docs" / "loop-oracles.md").read_text(encoding="utf-8")


def test_a_wrong_closed_form_would_fail() -> None:
    """The drift as it would be were only generation 1 drawn without the bias: a ninth more."""
    check = [check for check in CHECKS if check.row == 4][1]
    found = measured(check, 0, check.replicates)
    assert abs(found.measured - check.theory / 0.9) / found.error > 3 * ERRORS


# Numbers of the papers and of independent work, to the digits in which they are stated.
STATED = [
    (theory.log_variance(20, 50)[0], -0.41094),
    (theory.log_variance(20, 50)[1], 0.8332),
    (theory.log_determinant(20, 200, 16), -14.061),
    (theory.deviation_left(20, 50), 0.90300),
    (theory.effective_rank(20, 200, 16), 5.830),
    (theory.variance_accumulated(50, 10), 0.84511),
    (theory.regression_error(10, 25, 5), 2.6316),
    (theory.regression_error_accumulated(10, 25, 5), 0.38365),
    (Fresh(1, 50, 200, 0.8).state()[2], 0.55832),
    (effective_human(Fresh(100, 4_000, 10_000)) / 4_000, 1.714),
    (theory.least_share(0.1, 0.95), 0.310),
    (theory.least_share(0.1, 0.9), 0.474),
    (theory.least_share(0.1, 0.8), 0.643),
    (theory.best_weight(1, 1), 0.618),
    (theory.weighted_error(theory.best_weight(1, 1), 200, 200), 0.00309),
    (theory.bias_of_truncation(0.75), 0.174),
    (theory.bias_of_truncation(1), 0.291),
    (theory.bias_of_truncation(2), 0.774),
    (theory.bias_of_truncation(3), 0.973),
]


@pytest.mark.parametrize(("ours", "stated"), STATED)
def test_stated_numbers_are_met_to_their_last_digit(ours: float, stated: float) -> None:
    digits = len(f"{stated}".split(".")[1])
    assert float(ours) == pytest.approx(stated, abs=0.6 * 10**-digits)


@pytest.mark.parametrize("policy", ["synthetic", "augment", "fresh", "accumulate", "accumulate_subsample", "real"])
def test_samples_and_sufficient_statistics_and_theory_agree_under_a_changing_supply(policy: str) -> None:
    """Variance and drift in two dimensions; the supply grows, and its human part shrinks."""
    feed = Feed(np.array([12, 10, 8, 6, 4]), np.array([8, 12, 16, 20, 24]), "made up")
    for by_samples, replicates in ((True, 700), (False, 20_000)):
        if policy == "accumulate_subsample" and not by_samples:
            continue
        loop = Loop(policy=policy, feed=feed, bias=0.9, dimension=2, metrics=("variance", "drift"),
                    by_samples=by_samples)  # fmt: skip
        trace = simulate(loop, replicates=replicates, seed=3)
        assert trace.source == ("samples" if by_samples else "sufficient statistics")
        assert np.isfinite(trace.theory).all()
        assert np.abs(trace.z()).max() < ERRORS


def test_both_ways_agree_where_there_are_fewer_works_than_dimensions() -> None:
    """The law of the trace and the mean; in five dimensions four works have a singular covariance."""
    loop: dict[str, Any] = {
        "policy": "fresh",
        "n": 4,
        "share": 0.5,
        "dimension": 5,
        "generations": 3,
        "metrics": ("variance", "drift"),
    }
    for by_samples, replicates in ((True, 1_000), (False, 10_000)):
        trace = simulate(Loop(by_samples=by_samples, **loop), replicates=replicates, seed=4)
        assert np.abs(trace.z()).max() < ERRORS


@pytest.mark.parametrize("policy", ["synthetic", "fresh", "accumulate"])
def test_styles_in_samples_and_in_counts_have_the_same_law(policy: str) -> None:
    share = 0.0 if policy == "synthetic" else 0.3
    loop: dict[str, Any] = {"model": "styles", "policy": policy, "n": 30, "share": share, "dimension": 8,
                            "generations": 4, "metrics": ("heterogeneity", "styles")}  # fmt: skip
    samples = simulate(Loop(by_samples=True, **loop), replicates=400, seed=5)
    counts = simulate(Loop(**loop), replicates=8_000, seed=6)
    apart = (samples.mean - counts.mean)[:, 1:] / np.hypot(samples.error, counts.error)[:, 1:]
    assert np.abs(apart).max() < ERRORS


def test_weighted_fits_follow_their_exact_expectation() -> None:
    for policy in ("fresh", "augment"):
        loop = Loop(policy=policy, n=30, share=0.4, weight=0.7, bias=0.9, dimension=3, generations=6,
                    metrics=("variance", "drift"))  # fmt: skip
        assert np.abs(simulate(loop, replicates=20_000, seed=7).z()).max() < ERRORS


def test_the_exact_recursions_contain_the_closed_forms() -> None:
    feed = Feed(np.zeros(13, dtype=np.int64), np.full(13, 20), "constant")
    t = np.arange(13)
    variance, drift = moments("synthetic", feed.human, feed.synthetic, Rule(3, 0.9))
    np.testing.assert_allclose(variance, theory.variance_left(t, 0.9))
    np.testing.assert_allclose(drift, theory.drift(t, 20, trace=3, bias=0.9))
    variance, drift = moments("accumulate", feed.human, feed.synthetic, Rule(1, likelihood=True))
    np.testing.assert_allclose(variance, theory.variance_accumulated(t, 20))
    np.testing.assert_allclose(drift, 1 - theory.variance_accumulated(t, 20))
    loop = Fresh(3, 10, 20, 0.9)
    fresh = moments("fresh", np.full(13, 10), np.full(13, 20), Rule(3, 0.9))
    states = np.array([loop.state(int(k)) for k in t])
    np.testing.assert_allclose(fresh, [states[:, 2] / 3, states[:, 1]])


def test_the_best_weight_is_the_best() -> None:
    best = theory.best_weight(100, 300)
    errors = [theory.weighted_error(best + step, 100, 300) for step in (-0.02, 0.0, 0.02)]
    assert errors[1] == min(errors)


def test_admissible_amounts_tend_to_their_bound_and_any_amount_helps_without_bias() -> None:
    assert admissible(16, 10**6, 0.7) == pytest.approx(theory.admissible_bound(16, 0.7, second_order=True), rel=2e-3)
    assert admissible(16, 1_000, 1.0, most=1e6) == 1e6
    assert effective_human(Fresh(4, 1_000, 1e9)) == pytest.approx(2_000, rel=0.01)


def test_the_effective_rank_halves_after_about_n_over_d_generations() -> None:
    assert theory.effective_rank(200 // 16, 200, 16) == pytest.approx(8, rel=0.1)
