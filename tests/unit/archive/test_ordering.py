"""Cells put in order, held against numpy's sort of three columns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precipice.archive import ordering
from precipice.archive.ordering import Loose, Ordered, Sorter, merged

TOP = (1 << 63) - 1
CREATORS = st.one_of(
    st.integers(0, 5), st.integers(TOP - 5, TOP), st.integers(1 << 40, (1 << 40) + 3), st.integers(0, TOP)
)
MONTHS = st.one_of(st.integers(24_000, 24_020), st.integers(0, 32_767))
CELLS = st.dictionaries(st.tuples(CREATORS, MONTHS), st.integers(1, (1 << 31) - 1), max_size=40)
Counts = dict[tuple[int, int], int]


def loose(cells: Counts) -> Loose:
    return Loose(
        np.array([creator for creator, _ in cells], np.int64),
        np.array([month for _, month in cells], np.int16),
        np.array([*cells.values()], np.int32),
    )


def sorter(*batches: Counts, expected: int) -> Ordered:
    found = Sorter(expected)
    for batch in batches:
        found.take(loose(batch))
    return found.ordered()


def listed(found: Ordered) -> list[tuple[int, int, int]]:
    assert found.lengths.sum() == len(found.months) == len(found.counts)
    assert len(found.creators) == len(found.lengths)
    assert (found.lengths > 0).all()
    rows = np.repeat(found.creators, found.lengths).tolist()
    return [*zip(rows, found.months.tolist(), found.counts.tolist(), strict=True)]


def in_order(cells: Counts) -> list[tuple[int, int, int]]:
    return [(*key, cells[key]) for key in sorted(cells)]


@given(CELLS, st.integers(0, 40), st.sampled_from([0, 1 << 17, 1 << 20]))
def test_cells_that_come_in_any_order_are_sorted(cells: Counts, cut: int, expected: int) -> None:
    keys = [*cells]
    batches = [{key: cells[key] for key in part} for part in (keys[:cut], keys[cut:])]
    assert listed(sorter(*batches, expected=expected)) == in_order(cells)


def test_creators_that_share_all_bits_there_is_room_for_do_not_get_tangled() -> None:
    rng = np.random.default_rng(3)
    creators = np.concatenate([[0, TOP], TOP // 2 + rng.permutation(40)])
    cells = {(int(creator), int(month)): int(month) + 1 for creator in creators for month in rng.permutation(300)}
    assert listed(sorter(cells, expected=0)) == in_order(cells)


@settings(max_examples=40)
@given(st.lists(CELLS.filter(len), min_size=1, max_size=4), st.sampled_from([1, 3, 1 << 17]))
def test_tables_add_up(parts: list[Counts], piece: int) -> None:
    halves = [
        {key: max(1, count // 4) for key, count in part.items()} for part in parts
    ]  # so that sums fit in four bytes
    wanted: Counts = {}
    for half in halves:
        for key, count in half.items():
            wanted[key] = wanted.get(key, 0) + count
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ordering, "PIECE", piece)
        assert listed(merged([sorter(half, expected=0) for half in halves])) == in_order(wanted)
