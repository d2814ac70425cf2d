"""Complete is only who is complete by all three: how gallery-dl ended, its log, and the platform's total."""

from dataclasses import replace

import pytest

from precipice.sources.collection.completeness import judge
from precipice.sources.collection.protocol import Result

WHOLE = Result(reached_end=True, stated=20, seen=20)


def test_all_three_agreeing_is_complete() -> None:
    assert judge(WHOLE).state == "complete"
    assert judge(replace(WHOLE, seen=5), before=15).state == "complete"
    assert judge(replace(WHOLE, seen=21, deleted=1)).state == "complete"
    assert judge(replace(WHOLE, seen=2, updated=True)).state == "complete"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exit": 4}, "gallery-dl ended with status 4"),
        ({"errors": ("Unable to parse",)}, "gallery-dl logged an error: Unable to parse"),
        ({"failures": ("the listing answered 500",), "exit": 4}, "the listing answered 500"),
        ({"reached_end": False}, "the listing did not come to its end"),
        ({"stated": None}, "the platform stated no total"),
        ({"seen": 19}, "19 posts were served and 20 are stated"),
        ({"seen": 21}, "21 posts were served and 20 are stated"),
        ({"gone": True, "exit": 4}, "the artist was removed or renamed half-way"),
    ],
)
def test_one_of_them_disagreeing_is_partial_and_says_which(changes: dict[str, object], why: str) -> None:
    judged = judge(replace(WHOLE, **changes))  # type: ignore[arg-type]
    assert judged.state == "partial"
    assert judged.why == why


def test_nobody_is_gone_of_whom_a_post_was_ever_served() -> None:
    gone = Result(gone=True, exit=4)
    assert judge(gone).state == "gone"
    assert judge(gone, was_there=True).state == "partial"
    assert judge(gone, before=3).state == "partial"


def test_all_reasons_are_given() -> None:
    assert judge(Result(failures=("the listing stalled",), stated=9, seen=4)).why == (
        "the listing stalled; 4 posts were served and 9 are stated"
    )
