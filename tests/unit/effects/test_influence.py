"""Standard errors from sums of products are those of the influences themselves, creator by creator."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from precipice.effects import gap, incumbents, newcomers
from precipice.effects.case import Case, Span, Statistic, case_of
from precipice.effects.influence import Influence, Weights
from precipice.effects.outcomes import OutcomeName
from tests.unit.effects.panels import START, cells_of, each, panel_from, quiet_panel, small_case

SPAN = Span(18, 6, 6)
NAMES: tuple[OutcomeName, ...] = ("capped", "counts", "trimmed", "lapse")


@pytest.fixture(scope="module")
def case() -> Case:
    return small_case(quiet_panel(61, creators=4_000, unfinished=True), excluded=(START + 27, START + 34))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "statistic",
    [incumbents.change, gap.gap_between, newcomers.newcomers_change, newcomers.change_beyond_newcomers],
    ids=["S1", "S2", "SJ", "S12"],
)
def test_the_error_is_the_root_of_the_sum_of_squared_influences(
    case: Case, statistic: Callable[..., Statistic], name: OutcomeName
) -> None:
    seen = 0
    for cutoff in (*case.cutoffs(name, 6), case.event):
        found = statistic(case.outcome(name), cutoff, SPAN)
        if found.influence is not None:
            influence = np.concatenate([*found.influence.each()])
            assert found.se == pytest.approx(float(np.linalg.norm(influence)), rel=1e-11)
            number, largest = found.influence.extent()
            assert number == np.count_nonzero(influence)
            assert largest == float(np.abs(influence).max())
            seen += 1
    assert seen >= 5


@pytest.mark.parametrize("name", NAMES)
def test_blocks_and_the_width_of_numbers_change_nothing(
    case: Case, name: OutcomeName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums of whole numbers are exact, in whatever order and in four bytes or eight, so that they are the same bits."""
    whole = case.outcome(name).outcome
    for constant, value in (("sample.CREATORS", 9), ("outcomes.EXACT", 0)):
        with monkeypatch.context() as patched:
            patched.setattr(f"precipice.effects.{constant}", value)
            again = replace(whole, sample=replace(whole.sample))
            assert not again.sample.tables
            assert (again.counted == whole.counted).all()
            assert (again.at_risk == whole.at_risk).all()
            assert (again.products == whole.products).all()


def test_what_was_worked_out_for_a_wider_question_serves_a_narrower_one(case: Case) -> None:
    sample = case.sample
    narrow = [case_of(each, START + 36, Span(12, 4, 4)) for each in (sample, replace(sample))]
    for name in NAMES:
        case.outcome(name)
        held = sample.tables[name]
        (counted, error), (alone, error_alone) = (
            (one.outcome(name).counted, incumbents.change(one.outcome(name), 36, one.span).se) for one in narrow
        )
        assert sample.tables[name] is held
        assert (counted == alone).all()
        assert error == pytest.approx(error_alone, rel=1e-11)
        wide = case_of(sample, START + 36, Span(24, 8, 8)).outcome(name)
        assert (wide.counted == case_of(replace(sample), START + 36, Span(24, 8, 8)).outcome(name).counted).all()
        assert sample.tables[name] is not held


def test_counts_too_large_for_four_bytes_are_added_up_in_eight() -> None:
    rows = [(0, creator, month, 5_001 + 2 * creator) for creator in range(30) for month in range(creator % 3, 12)]
    outcome = small_case(panel_from(rows, n_months=12), event=8).outcome("counts").outcome
    row, month, value = cells_of(outcome)
    assert int((value.astype(np.int64) ** 2)[month == 5].sum()) > 1 << 24
    for entry in range(3):
        mine = outcome.sample.entry[row] == entry
        values = value[mine & (month == 5)].astype(np.int64)
        assert outcome.counted[entry, 5] == values.sum()
        assert outcome.products[entry, 5, 0] == pytest.approx(((values - values.mean()) ** 2).sum(), rel=1e-12)
        later = value[mine & (month == 7)].astype(np.int64)
        around = ((values - values.mean()) * (later - later.mean())).sum()
        assert outcome.products[entry, 5, 2] == pytest.approx(around, rel=1e-12)


def test_creators_who_are_all_alike_have_no_error() -> None:
    rows = [(0, creator, month, 1) for creator in range(300) for month in range(48)]
    case = small_case(panel_from(rows, n_months=48), event=12)
    standard = replace(case.outcome("capped"), expected=np.where(case.outcome("capped").outcome.exposed, 1.0, 0.0))
    ones = Weights(slice(0, 1), slice(2, 8), 1.0, -1.0)
    assert each(standard, ones) == pytest.approx(np.zeros(300))
    assert Influence(standard, (ones,)).norm == 0.0


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_weights_give_the_same_error_both_ways(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    rows = [
        (0, creator, int(month), int(rng.integers(1, 9)))
        for creator in range(25)
        for month in np.flatnonzero(rng.random(30) < rng.random())
    ]
    case = small_case(panel_from([*rows, (0, 99, 0, 1), (0, 99, 29, 1)], n_months=30), event=20)
    standard = case.outcome(data.draw(st.sampled_from(NAMES)))
    parts = []
    for _ in range(data.draw(st.integers(1, 3))):
        first, begin = (data.draw(st.integers(0, 29)) for _ in range(2))
        entries = slice(first, data.draw(st.integers(first + 1, 36)))
        months = slice(begin, min(begin + data.draw(st.integers(1, 6)), 30))
        weights = rng.normal(size=(2, months.stop - months.start))
        parts.append(Weights(entries, months, *weights))
    low, high = min(p.months.start for p in parts), max(p.months.stop for p in parts)
    if high - low <= standard.outcome.reach:
        expected = float(np.linalg.norm(each(standard, *parts)))
        assert Influence(standard, tuple(parts)).norm == pytest.approx(expected, rel=1e-9, abs=1e-9)
