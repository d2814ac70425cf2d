"""Paths around a cutoff: against the sums done creator by creator, and against S1 and SJ."""

import numpy as np
import pytest

from precipice.effects import follow
from precipice.effects.case import Case, Span
from precipice.effects.incumbents import change
from precipice.effects.newcomers import newcomers_change
from precipice.effects.paths import Who, blocks
from precipice.errors import InputError
from tests.unit.effects.panels import at_risk, dense, naive_expected, quiet_panel, small_case, sums

EVENT = 36
SPAN = Span(18, 6, 6)


@pytest.fixture(scope="module")
def case() -> Case:
    return small_case(quiet_panel(5), event=EVENT)


def cells(case: Case, outcome: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entry, outcome and expectation creator by month, done one cell at a time."""
    entry, counts = dense(quiet_panel(5))
    y = counts if outcome == "counts" else (counts > 0).astype(float)
    standard = case.outcome("counts" if outcome == "counts" else "capped")
    return entry, at_risk(entry, y, standard.outcome.oldest), naive_expected(standard, entry, counts.shape[1])


@pytest.mark.parametrize("outcome", ["capped", "counts"])
def test_a_month_of_the_path_is_the_ratio_of_sums_against_the_window_before(case: Case, outcome: str) -> None:
    entry, o, e = cells(case, outcome)
    old = (entry >= EVENT - SPAN.look_back) & (entry < EVENT)

    def ratio(first: int, stop: int) -> float:
        return float(np.log(o[old, first:stop].sum() / e[old, first:stop].sum()))

    paths = follow(case, "incumbents", "counts" if outcome == "counts" else "capped")
    before = ratio(EVENT - SPAN.before, EVENT)
    expected = [ratio(month, month + 1) - before for month in range(EVENT - SPAN.before, EVENT + SPAN.after)]
    assert paths.offsets.tolist() == list(range(-6, 6))
    assert paths.event == pytest.approx(expected, abs=1e-12)
    assert paths.creators.tolist() == [(o[old, m] > 0).sum() for m in range(EVENT - 6, EVENT + 6)]


@pytest.mark.parametrize("who", ["incumbents", "newcomers"])
def test_the_months_from_the_cutoff_on_weighted_by_expectation_are_the_statistic(case: Case, who: str) -> None:
    """Σ E_t exp(path_t)/Σ E_t over the window after is exp(S1), or exp(SJ): the path is what the statistic adds up."""
    entry, _, e = cells(case, "capped")
    chosen = (
        (entry >= EVENT - SPAN.look_back) & (entry < EVENT)
        if who == "incumbents"
        else (entry >= EVENT) & (entry < EVENT + SPAN.after)
    )
    statistic = change if who == "incumbents" else newcomers_change
    paths = follow(case, "incumbents" if who == "incumbents" else "newcomers")
    after = paths.offsets >= 0
    weight = e[chosen, EVENT : EVENT + SPAN.after].sum(axis=0)
    ratios = np.exp(np.nan_to_num(paths.event[after], nan=-np.inf))
    at_event = statistic(case.outcome("capped"), EVENT, SPAN)
    assert np.log(weight @ ratios / weight.sum()) == pytest.approx(at_event.value, abs=1e-12)


@pytest.mark.parametrize("who", ["incumbents", "newcomers"])
def test_on_the_outcome_of_verdicts_the_path_adds_up_to_the_statistic_too(case: Case, who: Who) -> None:
    standard = case.outcome("trimmed")
    ((_, _), (entries, months)) = blocks(who, EVENT, SPAN)
    rows = (case.sample.entry >= entries.start) & (case.sample.entry < entries.stop)
    weight = np.array([sums(standard, slice(t, t + 1))[1][rows].sum() for t in range(months.start, months.stop)])
    paths = follow(case, who, "trimmed")
    ratios = np.exp(np.nan_to_num(paths.event[paths.offsets >= 0], nan=-np.inf))
    statistic = change if who == "incumbents" else newcomers_change
    assert np.log(weight @ ratios / weight.sum()) == pytest.approx(statistic(standard, EVENT, SPAN).value, abs=1e-12)


def test_errors_are_those_of_leaving_creators_out(case: Case) -> None:
    """Against the derivative by each creator's weight, taken numerically for one month."""
    entry, o, e = cells(case, "capped")
    old = np.flatnonzero((entry >= EVENT - SPAN.look_back) & (entry < EVENT))
    month, step = EVENT + 2, 1e-6

    def value(weight: np.ndarray) -> float:
        def ratio(first: int, stop: int) -> float:
            counted, expected = ((weight[:, None] * x[old, first:stop]).sum() for x in (o, e))
            return float(np.log(counted / expected))

        return ratio(month, month + 1) - ratio(EVENT - SPAN.before, EVENT)

    whole = np.ones(len(old))
    slopes = []
    for creator in range(len(old)):
        nudged = whole.copy()
        nudged[creator] += step
        slopes.append((value(nudged) - value(whole)) / step)
    errors = follow(case).errors
    assert errors[SPAN.before + 2] == pytest.approx(np.sqrt(np.sum(np.square(slopes))), rel=1e-4)


def test_placebo_paths_are_the_same_at_every_placebo_cutoff(case: Case) -> None:
    paths = follow(case)
    assert paths.cutoffs.tolist() == [case.sample.start + cutoff for cutoff in case.cutoffs("capped", SPAN.after)]
    entry, o, e = cells(case, "capped")
    cutoff = int(paths.cutoffs[3]) - case.sample.start
    old = (entry >= cutoff - SPAN.look_back) & (entry < cutoff)
    before = np.log(o[old, cutoff - 6 : cutoff].sum() / e[old, cutoff - 6 : cutoff].sum())
    month = np.log(o[old, cutoff + 1].sum() / e[old, cutoff + 1].sum())
    assert paths.placebos[3, SPAN.before + 1] == pytest.approx(month - before, abs=1e-12)


def test_newcomers_have_no_number_in_the_cutoffs_own_month(case: Case) -> None:
    """Nobody who enters in it has been there for a month yet."""
    paths = follow(case, "newcomers")
    assert np.isnan(paths.event[paths.offsets == 0]).all()
    assert (paths.creators[paths.offsets == 0] == 0).all()


def test_bands_are_quantiles_month_by_month_and_the_count_outside_follows_from_them(case: Case) -> None:
    paths = follow(case)
    low, high = paths.bands((0.05, 0.95))
    assert low == pytest.approx(np.nanquantile(paths.placebos, 0.05, axis=0))
    months, below, above = paths.outside()
    after = paths.offsets >= 0
    assert (months, below, above) == (
        6, int((paths.event[after] < low[after]).sum()), int((paths.event[after] > high[after]).sum()),
    )  # fmt: skip
    assert f"of 6 months from the cutoff on {below} lie below and {above} above" in paths.summary()


def test_the_table_has_a_row_a_month_with_the_quantiles(case: Case) -> None:
    rows = follow(case, "newcomers").table().to_pylist()
    assert [row["offset"] for row in rows] == list(range(-6, 6))
    assert rows[6]["path"] is None
    assert set(rows[0]) == {
        "month", "offset", "path", "se", "creators", "placebo_5", "placebo_25", "placebo_50", "placebo_75",
        "placebo_95",
    }  # fmt: skip


def test_an_all_but_empty_window_has_no_path() -> None:
    """As S1 has no number there."""
    paths = follow(small_case(quiet_panel(5, creators=12), event=EVENT), "newcomers")
    assert np.isnan(paths.event).all()
    assert paths.outside() == (0, 0, 0)


def test_lapses_have_no_path(case: Case) -> None:
    with pytest.raises(InputError, match="no path"):
        follow(case, "incumbents", "lapse")
