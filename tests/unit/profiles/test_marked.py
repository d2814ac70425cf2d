"""Shares of marked files: on fingers, and by their law over creators."""

import numpy as np
import pytest

from precipice.cohorts import everyone
from precipice.profiles.marked import share_marked
from tests.unit.profiles.worlds import panel_from

PANEL = panel_from([(1, 24000, 1), (2, 24000, 1), (3, 24001, 1), (4, 24001, 1)])


def test_files_and_creators_are_counted_apart() -> None:
    creator = np.array([0, 0, 0, 0, 1, 2])
    marked = np.array([True, True, True, False, False, False])
    found = share_marked(PANEL, everyone(PANEL)[0], "site", "x", creator=creator, marked=marked)
    assert (found.files, found.marked, found.creators, found.creators_marked) == (6, 3, 3, 1)
    assert found.share == 0.5
    assert found.creator_share == pytest.approx(1 / 3)
    # Clopper & Pearson for 1 of 3: the roots of 1 − (1 − p)³ = 0.025 and p³ + 3 p² (1 − p) = 0.975.
    assert found.creator_low == pytest.approx(1 - 0.975 ** (1 / 3), abs=1e-9)
    high = found.creator_high
    assert high**3 + 3 * high**2 * (1 - high) == pytest.approx(0.975, abs=1e-6)


def test_one_creators_many_files_do_not_narrow_the_limits() -> None:
    few = share_marked(PANEL, everyone(PANEL)[0], "site", "x", creator=np.array([0, 1, 2, 3]),
                       marked=np.array([True, False, False, False]))  # fmt: skip
    many = share_marked(PANEL, everyone(PANEL)[0], "site", "x", creator=np.repeat([0, 1, 2, 3], 100),
                        marked=np.repeat([True, False, False, False], 100))  # fmt: skip
    assert many.share == few.share == 0.25
    assert many.low == pytest.approx(few.low, abs=0.02)
    assert many.high == pytest.approx(few.high, abs=0.02)


def test_nobody_with_a_file_is_no_share() -> None:
    found = share_marked(PANEL, everyone(PANEL)[0], "site", "x", creator=np.array([], np.int64),
                         marked=np.array([], np.bool_))  # fmt: skip
    assert found.files == 0
    assert found.as_dict()["share"] is found.as_dict()["creator_low"] is None
