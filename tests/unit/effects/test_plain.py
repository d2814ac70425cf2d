import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from precipice.effects import from_panel
from precipice.errors import InputError
from precipice.months import parse_month

ROWS = {
    "creator": ["ann", "bob", "ann", "ann"],
    "month": ["2020-01", "2020-03", "2020-02", "2020-02"],
    "uploads": [1, 2, 3, 0],
}


@pytest.mark.parametrize(
    "table", [dict, pa.table, pd.DataFrame, pl.DataFrame], ids=["dict", "arrow", "pandas", "polars"]
)
def test_every_kind_of_table_gives_the_same_panel(table: Callable[..., Any]) -> None:
    panel = from_panel(table(ROWS))
    assert panel.platforms == ("panel",)
    assert panel.start == parse_month("2020-01")
    assert panel.indptr.tolist() == [0, 2, 3]
    assert panel.month.tolist() == [0, 1, 2]
    assert panel.count.tolist() == [1, 3, 2]
    assert panel.windows[0].truncated_first
    assert not panel.windows[0].unfinished_last


@pytest.mark.parametrize(
    "months",
    [
        np.array(["2020-01", "2020-03", "2020-02", "2020-02"], "datetime64[D]"),
        [dt.date(2020, 1, 1), dt.date(2020, 3, 1), dt.date(2020, 2, 1), dt.date(2020, 2, 1)],
        [24240, 24242, 24241, 24241],
    ],
    ids=["datetime64", "dates", "whole numbers"],
)
def test_months_may_be_dates_or_whole_numbers(months: Any) -> None:
    assert from_panel(ROWS | {"month": months}).month.tolist() == [0, 1, 2]


def test_platforms_are_kept_apart_and_a_name_on_two_is_two_creators() -> None:
    panel = from_panel(ROWS | {"platform": ["a", "a", "b", "b"]})
    assert panel.platforms == ("a", "b")
    assert len(panel) == 3


def test_months_without_uploads_count_as_observed() -> None:
    panel = from_panel({"creator": ["x", "x"], "month": ["2020-01", "2020-09"], "uploads": [1, 0]}, begins=True)
    assert panel.windows[0].last == parse_month("2020-09")
    assert not panel.windows[0].truncated_first


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"uploads": [1, 2, 3, 0.5]}, "no whole number"),
        ({"uploads": [1, 2, 3, -1]}, "no whole number"),
        ({"uploads": [1, 2, 3, None]}, "no whole number"),
        ({"month": ["2020-01", "2020-13", "2020-02", "2020-02"]}, "'2020-13' is not a month"),
        ({"month": [202001, 202003, 202002, 202002]}, "is no month"),
        ({"creator": ["ann"]}, "differ in length"),
    ],
)
def test_what_cannot_be_read_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        from_panel(ROWS | change)


def test_a_missing_column_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match="column 'month' is missing") as caught:
        from_panel({"creator": [1], "when": ["2020-01"], "uploads": [1]})
    assert "creator, when, uploads" in caught.value.why
