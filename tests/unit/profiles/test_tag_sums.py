"""Sums over creators of shares of tags."""

import numpy as np
import pytest

from precipice.months import parse_month
from precipice.profiles.tag_sums import Group, count_users, rows_on, share_matrix, sum_groups
from tests.unit.profiles.tagged import chance, tagged

WORLD = {
    "ann": {"2021-01": {"cat": 2, "dog": 1}, "2021-02": {"cat": 1}, "2022-01": {"dog": 5}},
    "bob": {"2021-03": {"fox": 9}},
    "eve": {"2022-02": {"cat": 1, "dog": 1}},
}
YEAR = (parse_month("2021-01"), parse_month("2022-01"))
NEXT = (parse_month("2022-01"), parse_month("2023-01"))


def test_a_creators_shares_are_of_all_tags_in_the_window() -> None:
    panel, counts = tagged(WORLD)
    matrix, weight = share_matrix(rows_on(panel, counts, "site"), YEAR, np.array([0, 1, 2]), half=0)
    assert matrix.toarray() == pytest.approx(np.array([[3 / 4, 1 / 4, 0], [0, 0, 1], [0, 0, 0]]))
    assert weight.tolist() == [1, 1, 0]


def test_shares_of_some_tags_are_still_of_all() -> None:
    panel, counts = tagged(WORLD)
    matrix, _ = share_matrix(rows_on(panel, counts, "site"), YEAR, np.array([1]), half=0)
    assert matrix.toarray().ravel() == pytest.approx([1 / 4, 0, 0])


def test_nobody_weighs_more_than_one_and_one_with_few_tags_less() -> None:
    panel, counts = tagged(WORLD)
    matrix, weight = share_matrix(rows_on(panel, counts, "site"), YEAR, np.array([0, 1, 2]), half=4)
    assert weight == pytest.approx([4 / 8, 9 / 13, 0])
    assert matrix.toarray() == pytest.approx(weight[:, None] * np.array([[3 / 4, 1 / 4, 0], [0, 0, 1], [0, 0, 0]]))


def test_sums_are_over_the_active_creators_of_groups_and_of_what_they_have_in_common() -> None:
    panel, counts = tagged(WORLD)
    everybody, but_bob = np.ones(3, bool), np.array([True, False, True])
    groups = [Group(YEAR, everybody), Group(NEXT, everybody), Group(YEAR, but_bob)]
    sums = sum_groups(rows_on(panel, counts, "site"), groups, np.array([0, 1, 2]), half=0)
    assert sums.active.tolist() == sums.weights.tolist() == [2, 2, 1]
    assert sums.shares == pytest.approx(np.array([[0.75, 0.25, 1], [0.5, 1.5, 0], [0.75, 0.25, 0]]))
    assert sums.pairs.tolist() == [[2, 1, 1], [1, 2, 1], [1, 1, 1]]
    assert sums.products[0, 1] == pytest.approx([0, 0.25, 0])  # Ann alone is in both
    assert sums.products[0, 0] == pytest.approx([0.75**2, 0.25**2, 1])
    assert sums.common[0, 1] == pytest.approx([0.75, 0.25, 0])
    assert sums.common[1, 0] == pytest.approx([0, 1, 0])
    assert sums.users.tolist() == [[1, 1, 1], [1, 2, 0], [1, 1, 0]]
    assert sums.anyone.tolist() == [2, 2, 1]


@pytest.mark.parametrize("block", [1, 7, 1_000])
def test_blocks_of_creators_change_nothing(block: int) -> None:
    panel, counts = chance(np.random.default_rng(3), creators=40)
    rng = np.random.default_rng(4)
    spans = [(parse_month("2020-01"), parse_month("2020-09")), (parse_month("2020-06"), parse_month("2021-12"))]
    groups = [Group(spans[g % 2], rng.random(len(panel)) < 0.7) for g in range(5)]
    rows, tags = rows_on(panel, counts, "site"), np.array([4, 0, 2])
    sums = sum_groups(rows, groups, tags, block=block)
    made = []
    for group in groups:
        matrix, weight = share_matrix(rows, group.window, tags)
        made.append((matrix.toarray(), group.members * weight))
    for g, (p, mine) in enumerate(made):
        assert sums.active[g] == (mine > 0).sum()
        assert sums.weights[g] == pytest.approx(mine.sum())
        assert sums.shares[g] == pytest.approx(p[mine > 0].sum(axis=0))
        for h, (r, theirs) in enumerate(made):
            both = (mine > 0) & (theirs > 0)
            assert sums.pairs[g, h] == pytest.approx((mine * theirs).sum())
            assert sums.products[g, h] == pytest.approx((p * r)[both].sum(axis=0))
            assert sums.common[g, h] == pytest.approx(p[both].T @ theirs[both])
    used = np.any([(p > 0) & (mine > 0)[:, None] for p, mine in made], axis=0).sum(axis=0)
    assert sums.anyone.tolist() == used.tolist()


def test_creators_who_are_not_in_the_panel_count_nowhere() -> None:
    panel, counts = tagged(WORLD)
    part = panel.keep(np.array([True, False, True]))
    rows = rows_on(part, counts, "site")
    assert rows.size == 2
    sums = sum_groups(rows, [Group(YEAR, np.ones(2, bool))], np.array([0, 1, 2]))
    assert sums.active.tolist() == [1]


def test_a_platform_without_tags_has_no_rows() -> None:
    panel, counts = tagged(WORLD)
    other = type(counts)(**{**vars(counts), "platforms": ("elsewhere",)})
    assert len(rows_on(panel, other, "site").rows) == 0


@pytest.mark.parametrize("block", [9, 1_000])
def test_users_of_a_tag_are_each_counted_once(block: int) -> None:
    panel, counts = chance(np.random.default_rng(3), creators=40)
    rows, span = rows_on(panel, counts, "site"), (parse_month("2020-03"), parse_month("2021-02"))
    everybody = Group(span, np.ones(len(panel), bool))
    assert count_users(rows, span, block=block).tolist() == sum_groups(rows, [everybody], np.arange(6)).anyone.tolist()
