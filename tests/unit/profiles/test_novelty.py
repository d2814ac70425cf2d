"""Novelty of uploads against earlier ones: by hand, against all pairs, and without the archive's growth."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from precipice.archive import TagSample
from precipice.cohorts import everyone
from precipice.months import parse_month
from precipice.panel import Panel, Window, panel_of
from precipice.profiles.novelty import measure_novelty, novelties, weighted_quantile

START = parse_month("2020-01")


def unit(rows: list[list[int]]) -> csr_array:
    dense = np.array(rows, float)
    return csr_array(dense / np.linalg.norm(dense, axis=1, keepdims=True))


def test_novelty_is_one_less_the_cosine_with_the_nearest_earlier_upload() -> None:
    found = novelties(unit([[1, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 1]]), unit([[1, 0, 0, 0], [1, 1, 0, 0]]))
    assert found == pytest.approx([0, 1, 1 - 1 / np.sqrt(2)])


def platform(months: int, each: int, tags: int = 30, words: int = 3) -> tuple[Panel, TagSample]:
    """Draw uploads of chance: so many a month, each of another creator, a few tags of many."""
    rng = np.random.default_rng(1)
    n = months * each
    month = np.repeat(np.arange(START, START + months), each)
    creators = np.arange(1, n + 1)
    drawn = np.sort(np.argsort(rng.random((n, tags)), axis=1)[:, :words], axis=1)
    panel = panel_of(
        ("site",), np.zeros(n, int), creators, month, np.ones(n, int),
        windows={"site": Window(START, START + months - 1, truncated_first=False, unfinished_last=False)},
    )  # fmt: skip
    sample = TagSample(
        ("site",), tuple(f"t{k}" for k in range(tags)), np.zeros(n, np.int16), creators, month.astype(np.int32),
        np.arange(0, n * words + 1, words), drawn.ravel().astype(np.int32), each,
    )  # fmt: skip
    return panel, sample


def test_where_nothing_changes_novelty_does_not_fall_by_the_archives_growth() -> None:
    panel, sample = platform(20, 60)
    found = measure_novelty(panel, sample, everyone(panel), "site", rng=np.random.default_rng(2), reference=120)
    assert [one.month for one in found] == list(range(START + 2, START + 20))
    early, late = found[:6], found[-6:]
    error = np.hypot(*(np.sqrt(sum(one.average_se**2 for one in part)) / len(part) for part in (early, late)))
    means = [np.mean([one.average for one in part]) for part in (early, late)]
    assert means[0] == pytest.approx(means[1], abs=4 * float(error))


def test_the_whole_archive_as_reference_is_every_pair() -> None:
    panel, sample = platform(3, 40)
    (last,) = (
        one
        for one in measure_novelty(panel, sample, everyone(panel), "site", rng=np.random.default_rng(2), reference=80)
        if one.month == START + 2
    )
    dense = np.zeros((120, 30))
    dense[np.repeat(np.arange(120), 3), sample.tag] = 1 / np.sqrt(3)
    by_hand = 1 - (dense[80:] @ dense[:80].T).max(axis=1)
    assert last.average == pytest.approx(by_hand.mean())
    assert last.peak == pytest.approx(np.quantile(by_hand, 0.95))
    assert (last.creators, last.uploads) == (40, 40)


def test_months_of_few_creators_are_left_out() -> None:
    panel, sample = platform(4, 19)
    assert measure_novelty(panel, sample, everyone(panel), "site", rng=np.random.default_rng(2), reference=19) == ()


def test_a_weighted_quantile_is_that_of_values_repeated() -> None:
    rng = np.random.default_rng(3)
    values, weight = rng.random(50), rng.integers(1, 4, (50, 6)).astype(float)
    found = weighted_quantile(values, weight, 0.95)
    for column in range(6):
        repeated = np.repeat(values, weight[:, column].astype(int))
        assert found[column] == np.quantile(repeated, 0.95, method="inverted_cdf")


def test_limits_of_the_peak_hold_the_peak_of_the_whole_population() -> None:
    # Months are independent draws of one law, so the truth is the quantile of all of them together.
    panel, sample = platform(62, 60, tags=20, words=4)
    found = measure_novelty(panel, sample, everyone(panel), "site", rng=np.random.default_rng(2), reference=120)
    assert len(found) == 60
    truth = float(np.median([one.peak for one in found]))
    inside = [one.peak_low <= truth <= one.peak_high for one in found]
    # Nominal 95 %, less four binomial standard errors of 60 and what a quantile of 60 values is off.
    assert np.mean(inside) > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 60) - 0.03
    assert all(one.peak_low <= one.peak <= one.peak_high for one in found)
    assert any(one.peak_low < one.peak_high for one in found)
