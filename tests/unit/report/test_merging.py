"""Cells of at least five: on fingers."""

import numpy as np

from precipice.report.explorer import encoded
from precipice.report.merging import Merged, choose, depths, free, levels, merge


def cells(counts: list[int], least: int = 5) -> tuple[list[bool], list[bool]]:
    found = merge(np.array([[counts]]), np.ones((1, len(counts)), bool), least)
    return found.edges[0].tolist(), found.told[0].tolist()


def test_nought_and_five_are_free_and_one_to_four_are_not() -> None:
    assert free(np.arange(7), 5).tolist() == [True, False, False, False, False, True, True]


def test_bins_are_gathered_until_five() -> None:
    assert cells([7, 2, 1, 4, 6])[0] == [True, False, False, True, True]
    assert cells([0, 0, 5])[0] == [True, True, True]


def test_what_is_left_over_joins_the_last_cell_that_makes_it_five() -> None:
    assert cells([6, 5, 2])[0] == [True, False, True]
    assert cells([6, 0, 2])[0] == [False, False, True]


def test_nothing_is_told_where_all_together_are_few() -> None:
    assert cells([1, 0, 2]) == ([False] * 3, [False] * 3)
    assert cells([]) == ([], [])


def test_a_single_creator_is_free_where_the_population_is_simulated() -> None:
    assert cells([1, 0, 2], least=1)[0] == [True, True, True]


def test_every_part_of_a_cell_is_free() -> None:
    parts = np.array([[[5, 5, 5]], [[0, 3, 4]]])
    assert merge(parts, np.ones((1, 3), bool), 5).edges.tolist() == [[True, False, True]]


def test_bins_are_chosen_with_which_most_rows_can_end() -> None:
    rows = np.array([[[5, 5, 5], [5, 1, 5], [5, 2, 5], [0, 0, 0]]])
    assert choose(rows, np.ones(3, bool), 5, 0.75).tolist() == [True, False, True]
    assert choose(rows, np.array([False, True, True]), 5, 0.75).tolist() == [False, True, True]


def test_a_level_has_cells_made_of_those_before_and_none_crosses_the_split() -> None:
    at_least = np.array([[[8, 9, 12, 20]], [[3, 4, 5, 10]]])
    everything = np.ones((2, 1), bool)
    first, second = levels(at_least, 2, everything, np.full((2, 1), 9), 5, 0.75)
    assert first.edges.tolist() == [[True, True, True, True]]
    assert second.edges.tolist() == [[False, True, True, True]]


def test_a_side_that_tables_withhold_is_not_told() -> None:
    at_least = np.array([[[8, 9, 3]]])
    (found,) = levels(at_least, 2, np.array([[True], [False]]), np.full((2, 1), 9), 5, 0.75)
    assert found.told.tolist() == [[True, True, False]]


def depth(seniors: list[int], juniors: list[int], cap: int = 1, given: tuple[bool, bool] = (True, True)) -> list[int]:
    of_sides = np.array([seniors, juniors]).T[:, :, None]
    found: list[int] = depths(of_sides, np.array(given)[:, None], 5, of_sides[cap], cap)[:, 0].tolist()
    return found


def test_a_level_is_told_where_nobody_or_five_are_above_it() -> None:
    assert depth([20, 10, 5, 2], [20, 10, 5, 5]) == [2, 3]
    assert depth([20, 0, 0, 0], [20, 10, 3, 0]) == [3, 1]


def test_beside_few_above_the_cap_only_what_the_tables_tell_stays() -> None:
    assert depth([20, 3, 0, 0], [20, 10, 5, 5]) == [1, 1]
    assert depth([20, 10, 3, 0], [20, 10, 5, 5], cap=2) == [0, 0]


def test_beside_a_side_withheld_only_what_the_tables_tell_stays() -> None:
    assert depth([3, 0, 0, 0], [20, 10, 5, 5], given=(False, True))[1] == 1
    assert depth([3, 0, 0, 0], [20, 10, 5, 5], cap=2, given=(False, True))[1] == 0


def test_cells_are_written_as_widths_and_numbers() -> None:
    told = np.array([[True] * 6 + [False] * 2])
    edges = np.array([[True, False, True, True, True, True, False, False]])
    counts = np.array([[7, 3, 4, 0, 0, 9, 1, 2]])
    assert encoded(Merged(edges, told), counts) == [[1, 7, 2, 7, 0, 2, 1, 9, -2]]
