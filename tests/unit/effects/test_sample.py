import numpy as np
import pytest

from precipice.effects.sample import sample_of
from precipice.panel import Window, panel_of
from tests.unit.effects.panels import START, panel_from, quiet_panel


def test_creators_first_seen_in_the_first_year_of_a_truncated_history_are_left_out() -> None:
    rows = [(0, 1, 3, 1), (0, 1, 20, 1), (0, 2, 11, 1), (0, 3, 12, 1), (0, 3, 13, 2)]
    panel = panel_from(rows, n_months=24, truncated=True)
    sample = sample_of(panel, "here")
    assert sample.creators.tolist() == [3]
    assert sample.washed == 12
    assert sample_of(panel, "here", wash_out=0).creators.tolist() == [1, 2, 3]


def test_a_history_that_begins_with_the_window_keeps_its_first_entrants() -> None:
    assert sample_of(panel_from([(0, 1, 0, 1), (0, 1, 4, 1)], n_months=6), "here").washed == 0


def test_an_unfinished_last_month_is_never_seen() -> None:
    rows = [(0, 1, 0, 1), (0, 1, 4, 1), (0, 1, 5, 9), (0, 2, 5, 1)]
    whole, cut = (sample_of(panel_from(rows, n_months=6, unfinished=u), "here") for u in (False, True))
    assert (whole.n_months, cut.n_months) == (6, 5)
    assert [sum(block.count.sum() for block in sample.blocks()) for sample in (whole, cut)] == [12, 2]
    assert len(cut) == 1


@pytest.mark.parametrize("creators", [7, 1 << 15])
def test_blocks_hold_every_cell_of_every_creator_once(monkeypatch: pytest.MonkeyPatch, creators: int) -> None:
    monkeypatch.setattr("precipice.effects.sample.CREATORS", creators)
    panel = quiet_panel(1)
    sample = sample_of(panel, "here")
    again = np.zeros((len(panel), panel.n_months))
    seen = 0
    for block in sample.blocks():
        assert block.rows.start == seen
        seen = block.rows.stop
        assert len(block.entry) == len(block.lengths) == seen - block.rows.start
        assert (block.tenure[block.starts] == 0).all()
        row = np.repeat(np.arange(block.rows.start, seen), block.lengths)
        again[sample.creators[row], block.month] += block.count
    assert seen == len(sample) == len(panel)
    expected = np.zeros_like(again)
    expected[panel.creators[panel.row], panel.month] = panel.count
    assert (again == expected).all()


def test_the_blocks_of_a_whole_history_are_views_of_the_panels_own_arrays() -> None:
    panel = quiet_panel(1)
    (block,) = sample_of(panel, "here").blocks()
    assert np.shares_memory(block.month, panel.month)
    assert np.shares_memory(block.count, panel.count)


def test_silence_after_a_cell_lasts_to_the_next_upload_or_the_end_of_observation() -> None:
    sample = sample_of(panel_from([(0, 1, 0, 1), (0, 1, 3, 1), (0, 1, 4, 1), (0, 2, 9, 1)], n_months=12), "here")
    (block,) = sample.blocks()
    silence = block.silence(sample.n_months)
    assert dict(zip(block.month.tolist(), silence.tolist(), strict=True)) == {0: 2, 3: 0, 4: 7, 9: 2}


def test_a_platform_that_opens_later_counts_its_months_from_its_own_start() -> None:
    panel = panel_of(
        ("early", "late"), np.array([0, 1, 1]), np.ones(3, int), START + np.array([0, 30, 33]), np.ones(3, int),
        windows={name: Window(START + first, START + 40, False, False) for name, first in (("early", 0), ("late", 30))},
    )  # fmt: skip
    sample = sample_of(panel, "late")
    assert (sample.start, sample.n_months) == (START + 30, 11)
    assert sample.entry.tolist() == [0]
    (block,) = sample.blocks()
    assert block.month.tolist() == [0, 3]
