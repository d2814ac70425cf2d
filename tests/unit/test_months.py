import pytest
from hypothesis import given
from hypothesis import strategies as st

from precipice.errors import InputError
from precipice.months import month_start, month_text, parse_month


@given(st.integers(12, 12 * 9999))
def test_a_month_survives_being_written_and_read(month: int) -> None:
    assert parse_month(month_text(month)) == month
    assert month_text(month_start(month).year * 12 + month_start(month).month - 1) == month_text(month)


@pytest.mark.parametrize("text", ["2022", "2022-13", "2022-00", "2022-1", "2022-01-15", "January 2022", ""])
def test_what_is_no_month_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="is not a month") as caught:
        parse_month(text)
    assert "2022-01" in str(caught.value)


def test_the_first_day_of_a_month_is_that_month() -> None:
    assert parse_month("2022-01-01") == parse_month("2022-01") == 24264
