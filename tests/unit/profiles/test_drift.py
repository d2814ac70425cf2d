"""The law of changes at dates without an event."""

import numpy as np
import pytest

from precipice.profiles.drift import components, judge, left_out, sampling_only, student


def test_what_other_dates_predict_is_the_regression_on_them() -> None:
    rng = np.random.default_rng(1)
    root = rng.standard_normal((4, 4))
    covariance = root @ root.T + np.eye(4)
    values = rng.standard_normal(4)
    residual, variance = (part[0] for part in left_out(values[None], covariance[None]))
    for d in range(4):
        rest = [e for e in range(4) if e != d]
        slope = np.linalg.solve(covariance[np.ix_(rest, rest)], covariance[rest, d])
        assert residual[d] == pytest.approx(values[d] - slope @ values[rest])
        assert variance[d] == pytest.approx(covariance[d, d] - slope @ covariance[rest, d])


def test_returning_and_passing_drift_are_told_apart() -> None:
    rng = np.random.default_rng(2)
    tags, dates = 4_000, 5
    sampling = rng.uniform(0.1, 0.5, tags)
    covariance = sampling[:, None, None] ** 2 * np.eye(dates)
    estimates = (
        0.3 * rng.standard_normal((tags, 1))
        + 0.2 * rng.standard_normal((tags, dates))
        + sampling[:, None] * rng.standard_normal((tags, dates))
    )
    returning, passing = components(estimates, covariance)
    # Each is a mean of thousands of products whose spread is about twice their mean: 4 standard errors are near 20 %.
    assert returning == pytest.approx(0.09, rel=0.2)
    assert passing == pytest.approx(0.04, rel=0.3)


def test_without_drift_nothing_is_added_and_the_law_is_normal() -> None:
    rng = np.random.default_rng(3)
    covariance = np.broadcast_to(0.04 * np.eye(6), (2_000, 6, 6))
    drift = judge(0.2 * rng.standard_normal((2_000, 6)), covariance)
    assert max(drift.returning, drift.passing) < 0.03
    assert drift.scale == pytest.approx(1, abs=0.02)
    # 5 % of 2,000, within 4 standard errors of it.
    assert np.mean(drift.p < 0.05) == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2_000))
    assert np.mean(drift.p_rank < 0.05) == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 2_000))
    assert np.mean(np.abs(drift.estimate) < drift.half) == pytest.approx(0.95, abs=4 * np.sqrt(0.05 * 0.95 / 2_000))


def test_drift_that_comes_back_is_no_change_and_what_is_beyond_it_is() -> None:
    rng = np.random.default_rng(4)
    tags, dates = 500, 6
    covariance = np.broadcast_to(0.01 * np.eye(dates + 1), (tags, dates + 1, dates + 1))
    drift = rng.standard_normal((tags, 1)) + 0.1 * rng.standard_normal((tags, dates + 1))
    drift[:5, 0] += 1.0
    found = judge(drift, covariance)
    assert found.estimate[:5] == pytest.approx(np.ones(5), abs=4 * found.se[0])
    assert (found.p[:5] < 1e-4).all()
    assert np.mean(found.p[5:] < 0.05) == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 495))


def test_heavy_tails_are_seen() -> None:
    rng = np.random.default_rng(5)
    scale, degrees = student(1.5 * rng.standard_t(4, 20_000))
    assert scale == pytest.approx(1.5, rel=0.05)
    assert degrees == 4.0
    assert student(0.5 * rng.standard_normal(5_000))[0] == 1.0


def test_heavy_tailed_drift_does_not_pass_for_changes() -> None:
    rng = np.random.default_rng(6)
    wrong = [
        judge(0.3 * rng.standard_t(3, (300, 7)), np.broadcast_to(0.0025 * np.eye(7), (300, 7, 7))).p < 0.001
        for _ in range(20)
    ]
    # A normal law would have some 1.5 % here; 4 standard errors above a thousandth of 6,000 is 0.26 %.
    assert np.mean(wrong) < 0.001 + 4 * np.sqrt(0.001 / 6_000)


def test_by_sampling_alone_p_is_the_normal_one() -> None:
    found = sampling_only(np.array([1.959963984540054, 0.0]), np.array([1.0, 4.0]))
    assert found.p == pytest.approx([0.05, 1.0])
    assert found.half == pytest.approx([1.959963984540054, 2 * 1.959963984540054])
    assert np.isnan(found.p_rank).all()


def test_a_tag_that_stands_on_every_upload_alike_never_changes_and_hides_no_drift() -> None:
    rng = np.random.default_rng(7)
    covariance = np.concatenate([np.zeros((1, 5, 5)), np.broadcast_to(0.01 * np.eye(5), (300, 5, 5))])
    estimates = np.concatenate([np.zeros((1, 5)), 0.3 * rng.standard_normal((300, 5))])
    found = judge(estimates, covariance)
    assert found.p[0] == 1
    assert found.passing == pytest.approx(np.sqrt(0.09 - 0.01), rel=0.1)
