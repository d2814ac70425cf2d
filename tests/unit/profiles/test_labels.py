"""Labels in a panel's cells, and which uploads a share is of by each platform's rule."""

import numpy as np
import pytest

from precipice.cohorts import everyone
from precipice.errors import CheckError, InputError
from precipice.months import parse_month
from precipice.profiles import MARKS, RULES, label, measure_shares
from precipice.profiles.rules import NOTHING, rule_of
from precipice.profiles.words import word_lists
from tests.unit.profiles.worlds import Cells, labelled, panel_from

MONTH = parse_month("2023-01")
ROWS = [(1, MONTH, 4), (1, MONTH + 1, 2), (2, MONTH, 1), (3, MONTH - 6, 5)]


def test_labels_follow_the_creators_that_are_kept() -> None:
    panel = panel_from(ROWS)
    cells = Cells(panel, declared=[1, 2, 0, 5], denied=[3, 0, 1, 0])
    part = panel.keep(np.array([True, False, True]))
    found = label(part, cells)
    assert found.declared.tolist() == [1, 2, 5]
    assert found.unsaid.tolist() == [0, 0, 0]


def test_labels_of_another_archive_are_refused() -> None:
    panel = panel_from(ROWS)
    other = Cells(panel_from([(1, MONTH, 3), *ROWS[1:]]))
    with pytest.raises(CheckError, match="count different uploads"):
        label(panel, other)
    with pytest.raises(CheckError, match="no platform 'site'"):
        label(panel, Cells(panel_from(ROWS, "elsewhere")))


def test_a_creator_the_labels_do_not_know_is_refused() -> None:
    with pytest.raises(CheckError):
        label(panel_from([*ROWS, (9, MONTH, 7)]), Cells(panel_from(ROWS)))


def test_uploads_from_before_the_question_are_in_no_share() -> None:
    rows = [(1, parse_month("2022-10"), 9, 2), (1, parse_month("2022-11"), 4, 1)]
    (share,) = measure_shares(found := labelled(rows, "pixiv"), everyone(found.panel))
    assert share.monthly.n.tolist() == [0, 4]
    assert share.unsaid.tolist() == [9, 0]
    assert share.as_dict()["share"] == 0.25


def test_where_the_label_is_volunteered_silence_of_read_tags_is_no() -> None:
    panel = panel_from([(1, MONTH, 10)], "artstation")
    found = label(panel, Cells(panel, declared=[1], unsaid_readable=[5]))
    (share,) = measure_shares(found, everyone(panel))
    assert (share.as_dict()["said"], share.as_dict()["asked"], share.as_dict()["unsaid"]) == (1, 6, 4)


def test_a_platform_that_says_nothing_has_no_share_and_says_so() -> None:
    panel = panel_from(ROWS, "deviantart")
    (share,) = measure_shares(label(panel, Cells(panel)), everyone(panel))
    assert share.says_nothing
    assert np.isnan(share.value).all()
    assert NOTHING in share.summary()
    assert share.as_dict()["share"] is None


def test_a_platform_whose_rule_nobody_wrote_down_has_what_its_records_say() -> None:
    assert rule_of("site", says_something=False).silence == "nothing"
    assert rule_of("site", says_something=True).silence == "not asked"
    assert rule_of("deviantart", says_something=True).silence == "not asked"  # a dump with the pages' own state


def test_every_rule_names_its_source_and_who_declares() -> None:
    for name, rule in RULES.items():
        assert rule.platform == name
        assert rule.source
        assert rule.declared_by


def test_every_word_is_bare_and_belongs_to_one_mark() -> None:
    words = [word for listed in word_lists().values() for word in listed]
    assert len(words) == len(set(words))
    for word in words:
        assert word == word.lower()
        assert word.isalnum(), word
    assert all(mark.may_mean for mark in MARKS.values())


def test_opting_out_is_a_share_of_uploads_of_which_it_is_known() -> None:
    panel = panel_from([(1, MONTH, 10), (2, MONTH, 10)])
    found = label(panel, Cells(panel, opted_out=[3, 0], not_opted_out=[5, 0]))
    (share,) = measure_shares(found, everyone(panel), "opted_out")
    assert share.as_dict()["share"] == 3 / 8


def test_mentions_are_a_share_of_uploads_with_tags() -> None:
    panel = panel_from([(1, MONTH, 10), (2, MONTH, 10)])
    found = label(panel, Cells(panel, mentions={"glaze": np.array([2, 0])}, tagged=[8, 8]))
    (share,) = measure_shares(found, everyone(panel), "glaze")
    assert share.as_dict()["share"] == 2 / 16
    with pytest.raises(InputError, match="no measure 'graze'"):
        measure_shares(found, everyone(panel), "graze")


def test_the_table_has_a_row_a_month() -> None:
    found = labelled([(1, MONTH, 3, 1), (1, MONTH + 2, 2, 2)])
    (share,) = measure_shares(found, everyone(found.panel))
    table = share.table()
    assert table["month"].to_pylist() == ["2023-01", "2023-02", "2023-03"]
    assert table["share"].to_pylist() == [pytest.approx(1 / 3, abs=1e-6), None, 1.0]
