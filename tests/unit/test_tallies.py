"""Sums over creators and of products of two months, against dense arrays of every creator and month."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precipice import tallies
from precipice.panel import Panel, panel_of
from precipice.tallies import products, tally

COUNTS = st.sampled_from([1, 1, 1, 2, 3, 7, 62, 63, 64, 65, 4_101, 70_001])
CELLS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 12), st.integers(0, 29), COUNTS), min_size=1, max_size=60)
SOON = settings(max_examples=60, deadline=None)


def made(cells: list[tuple[int, int, int, int]]) -> Panel:
    platform, creator, month, count = (np.array(column) for column in zip(*cells, strict=True))
    return panel_of(("a", "b"), platform, creator, 24_000 + month, count)


def dense(panel: Panel) -> np.ndarray:
    found = np.zeros((len(panel), panel.n_months), np.int64)
    found[panel.row, panel.month] = panel.count
    return found


@SOON
@given(CELLS, st.integers(1, 70), st.integers(0, 4), st.integers(0, 2**32), st.integers(1, 40))
def test_tallies_are_sums_over_any_groups_of_creators(
    cells: list[tuple[int, int, int, int]], cap: int, groups: int, seed: int, at_a_time: int
) -> None:
    panel = made(cells)
    members = np.random.default_rng(seed).random((groups, len(panel))) < 0.6
    whole, part_of = dense(panel), tallies.parts
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tallies, "parts", lambda panel, _: part_of(panel, at_a_time))
        found = tally(panel, [*members], cap)
    assert len(found) == groups
    for group, one in zip(members, found, strict=True):
        for index in range(2):
            mine = group & (panel.platform == index)
            rows, capped = whole[mine], np.minimum(whole[mine], cap)
            wanted = {
                "uploads": rows.sum(axis=0), "squares": (rows**2).sum(axis=0), "capped": capped.sum(axis=0),
                "capped_squares": (capped**2).sum(axis=0), "active": (rows > 0).sum(axis=0),
                "over": (rows > cap).sum(axis=0),
                "entrants": np.bincount(panel.first[mine] - panel.start, minlength=panel.n_months),
            }  # fmt: skip
            for name, sums in wanted.items():
                assert getattr(one, name)[index].tolist() == sums.tolist(), name
            assert one.size[index] == mine.sum()


@SOON
@given(CELLS, st.sampled_from([1, 3, 64, None]), st.integers(0, 2**32), st.integers(1, 40))
def test_products_are_those_of_the_dense_matrix_with_itself(
    cells: list[tuple[int, int, int, int]], cap: int | None, seed: int, at_a_time: int
) -> None:
    panel = made(cells)
    members = np.random.default_rng(seed).random(len(panel)) < 0.6
    rows = dense(panel)[members]
    rows = rows if cap is None else np.minimum(rows, cap)
    wanted, part_of = (rows.T @ rows).tolist(), tallies.parts
    assert products(panel, members, cap).tolist() == wanted
    for exact in (0, tallies.EXACT):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(tallies, "EXACT", exact)
            patched.setattr(tallies, "parts", lambda panel, _: part_of(panel, at_a_time))
            assert products(panel, members, cap).tolist() == wanted
