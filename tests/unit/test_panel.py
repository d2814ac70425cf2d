import numpy as np
import pytest

from precipice.errors import InputError
from precipice.months import parse_month
from precipice.panel import panel_of, sorted_panel
from tests.unit.worlds import panel


def test_cells_of_one_creator_and_month_are_added_up() -> None:
    month = parse_month("2020-01")
    found = panel_of(
        ("a",), np.zeros(3, int), np.array([7, 7, 7]), np.array([month, month, month + 1]), np.ones(3, int)
    )
    assert found.count.tolist() == [2, 1]
    assert found.indptr.tolist() == [0, 2]


def test_the_same_name_on_two_platforms_is_two_creators() -> None:
    month = parse_month("2020-01")
    found = panel_of(("a", "b"), np.array([0, 1]), np.array([7, 7]), np.array([month, month]), np.ones(2, int))
    assert len(found) == 2
    assert [len(found.only(name)) for name in ("a", "b")] == [1, 1]


def test_a_creators_first_and_last_month_and_uploads_are_over_the_whole_history() -> None:
    found = panel({"ann": {"2019-05": 2, "2021-01": 1}, "bob": {"2020-02": 4}})
    assert found.first.tolist() == [parse_month("2019-05"), parse_month("2020-02")]
    assert found.last.tolist() == [parse_month("2021-01"), parse_month("2020-02")]
    assert found.uploads.tolist() == [3, 4]


def test_keeping_some_creators_keeps_their_cells_and_nobody_elses() -> None:
    found = panel({"ann": {"2019-05": 2, "2021-01": 1}, "bob": {"2020-02": 4}, "eve": {"2020-03": 5}})
    kept = found.keep(np.array([True, False, True]))
    assert kept.creators.tolist() == [1, 3]
    assert kept.count.tolist() == [2, 1, 5]
    assert kept.start == found.start


def test_rows_in_order_and_rows_in_any_order_give_the_same_panel() -> None:
    month = parse_month("2020-01")
    platform, creators = np.array([0, 0, 1]), np.array([3, 5, 4])
    months, counts = np.array([month, month + 2, month + 1]), np.array([1, 2, 3])
    shuffled = panel_of(("a", "b"), platform[::-1], creators[::-1], months[::-1], counts[::-1])
    ordered = sorted_panel(("a", "b"), platform, creators, np.arange(4), months, counts)
    assert [getattr(shuffled, name).tolist() for name in ("creators", "indptr", "month", "count", "first")] == [
        getattr(ordered, name).tolist() for name in ("creators", "indptr", "month", "count", "first")
    ]


def test_an_empty_panel_and_a_count_of_zero_are_refused() -> None:
    none = np.zeros(0, int)
    with pytest.raises(InputError, match="the panel is empty"):
        panel_of(("a",), none, none, none, none)
    with pytest.raises(InputError, match="a count is below 1"):
        panel_of(("a",), np.zeros(1, int), np.ones(1, int), np.array([24000]), np.zeros(1, int))


def test_a_platform_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(InputError, match="no platform 'elsewhere'") as caught:
        panel({"ann": {"2020-01": 1}}).only("elsewhere")
    assert "it holds site" in str(caught.value)


def test_an_unfinished_last_month_is_not_complete() -> None:
    window = panel({"ann": {"2020-01": 1, "2020-03": 1}}).windows[0]
    assert window.last_complete == parse_month("2020-02")
    assert str(window) == "2020-01 to 2020-03 (first month truncated, last month unfinished)"
