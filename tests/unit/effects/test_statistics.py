"""S1, S2, SJ, S12 and the control difference against their definitions, written out creator by creator."""

from collections.abc import Callable

import numpy as np
import pytest

from precipice.effects import control, gap, incumbents, lapse, newcomers
from precipice.effects.case import Case, Span, Statistic
from precipice.effects.outcomes import OutcomeName
from precipice.errors import InputError
from precipice.panel import Panel
from tests.unit.effects.panels import (
    START,
    Array,
    at_risk,
    dense,
    naive_change,
    naive_expected,
    naive_gap,
    panel_from,
    quiet_panel,
    quiet_rows,
    small_case,
    sums,
)

SPAN = Span(18, 6, 6)


def laid_out(panel: Panel, case: Case, name: OutcomeName) -> tuple[Array, Array, Array]:
    """Outcome and expectation by creator and month, and the months of entry."""
    standard = case.outcome(name)
    entry, counts = dense(panel)
    o = at_risk(entry, (counts > 0).astype(float) if name == "capped" else counts, standard.outcome.oldest)
    return o, naive_expected(standard, entry, panel.n_months), entry


@pytest.mark.parametrize("name", ["capped", "counts"])
@pytest.mark.parametrize(
    ("statistic", "naive"), [(incumbents.change, naive_change), (gap.gap_between, naive_gap)], ids=["S1", "S2"]
)
def test_aggregated_statistic_equals_the_naive_one_at_every_cutoff(
    statistic: Callable[..., Statistic], naive: Callable[..., float], name: OutcomeName
) -> None:
    panel = quiet_panel(11)
    case = small_case(panel)
    o, e, entry = laid_out(panel, case, name)
    for cutoff in (*case.cutoffs(name, 6), case.event):
        if np.isfinite(value := statistic(case.outcome(name), cutoff, SPAN).value):
            assert value == pytest.approx(naive(o, e, entry, cutoff=cutoff, span=SPAN), abs=1e-12)


@pytest.mark.parametrize(
    ("statistic", "naive"), [(incumbents.change, naive_change), (gap.gap_between, naive_gap)], ids=["S1", "S2"]
)
def test_influence_is_the_derivative_by_a_creators_weight(
    statistic: Callable[..., Statistic], naive: Callable[..., float]
) -> None:
    panel = quiet_panel(12, creators=150)
    case = small_case(panel)
    o, e, entry = laid_out(panel, case, "counts")
    found = statistic(case.outcome("counts"), 30, SPAN).influence
    assert found is not None
    influence = np.concatenate([*found.each()])
    step = 1e-5
    for creator in range(0, len(entry), 5):
        up, down = np.ones(len(entry)), np.ones(len(entry))
        up[creator] += step
        down[creator] -= step
        slope = naive(o, e, entry, cutoff=30, span=SPAN, weight=up) - naive(
            o, e, entry, cutoff=30, span=SPAN, weight=down
        )
        # Central differences err by the third derivative times the step squared.
        assert influence[creator] == pytest.approx(slope / (2 * step), abs=1e-7)


def test_newcomers_change_sets_their_first_months_against_those_of_the_newcomers_before() -> None:
    panel = quiet_panel(13)
    case = small_case(panel)
    o, e, entry = laid_out(panel, case, "capped")
    logs = []
    for first in (30, 24):
        block = (entry >= first) & (entry < first + 6)
        logs.append(np.log(o[block, first : first + 6].sum() / e[block, first : first + 6].sum()))
    found = newcomers.newcomers_change(case.outcome("capped"), 30, SPAN)
    assert found.value == pytest.approx(logs[0] - logs[1], abs=1e-12)


def test_change_beyond_newcomers_is_the_difference_creator_by_creator() -> None:
    case = small_case(quiet_panel(14))
    parts = [f(case.outcome("capped"), 30, SPAN) for f in (incumbents.change, newcomers.newcomers_change)]
    beyond = newcomers.change_beyond_newcomers(case.outcome("capped"), 30, SPAN)
    assert beyond.value == pytest.approx(parts[0].value - parts[1].value)
    of_parts = [np.concatenate([*part.influence.each()]) for part in parts if part.influence is not None]
    assert beyond.se == pytest.approx(float(np.linalg.norm(of_parts[0] - of_parts[1])))


def test_a_fall_of_all_incumbents_counts_by_half_shows_as_log_half_in_s1() -> None:
    rows = [(0, creator, month, 4) for creator in range(40) for month in range(creator % 12, 36)]
    halved = [(p, c, m, 2 if m >= 24 else n) for p, c, m, n in rows]
    kept, fallen = (
        incumbents.change(small_case(panel_from(r, n_months=36), event=24).outcome("counts"), 24, SPAN).value
        for r in (rows, halved)
    )
    assert fallen - kept == pytest.approx(np.log(0.5), abs=1e-12)


def test_a_change_of_the_whole_platform_moves_s1_and_leaves_s2_as_it_was() -> None:
    panel = quiet_panel(15, creators=600)
    doubled = panel_from(
        [
            (0, int(panel.creators[r]), int(m), int(c) * (2 if m >= 36 else 1))
            for r, m, c in zip(panel.row, panel.month, panel.count, strict=True)
        ],
        n_months=48,
    )
    s1, s2 = (
        [f(small_case(p).outcome("counts"), 36, SPAN).value for p in (panel, doubled)]
        for f in (incumbents.change, gap.gap_between)
    )
    assert s1[1] - s1[0] == pytest.approx(np.log(2), abs=1e-12)
    assert s2[1] == pytest.approx(s2[0], abs=1e-12)


def test_placebo_cutoffs_have_whole_windows_within_the_history_and_before_the_event() -> None:
    case = small_case(quiet_panel(16))
    measured = incumbents.measure(case)
    assert measured.cutoffs.tolist() == [START + k for k in range(6, 31)]
    assert measured.kernel.weights == pytest.approx([-1 / 6] * 6 + [1 / 6] * 6)
    hazard = lapse.measure(case)
    # Lapses must have been settled before the cutoff and before the event: six months less at either end.
    assert set(hazard.cutoffs.tolist()) <= {START + k for k in range(12, 25)}


def test_the_hazards_window_before_a_cutoff_ends_where_lapses_stop_looking_past_it() -> None:
    """Everybody stops at month 24: the lapses dated just before it belong to neither window."""
    rows = [(0, creator, month, 1) for creator in range(40) for month in range(creator % 8, 24)]
    stopped = small_case(panel_from(rows, n_months=48), event=30).outcome("lapse")
    went_on = small_case(
        panel_from(rows + [(0, c, m, 1) for c in range(40) for m in range(24, 48)], n_months=48), event=30
    ).outcome("lapse")
    settled = slice(12, 18)
    assert sums(stopped, settled)[0].sum() == sums(went_on, settled)[0].sum() == 0
    assert sums(stopped, slice(23, 24))[0].sum() == 40


def test_control_difference_is_taken_cutoff_by_cutoff_on_the_months_both_have() -> None:
    rng = np.random.default_rng(17)
    rows = quiet_rows(rng, creators=400, n_months=48) + quiet_rows(rng, creators=400, n_months=48, platform=1)
    panel = panel_from(rows, n_months=48, platforms=("here", "there"))
    there = small_case(panel, platform="there")
    here = small_case(panel, control=there)
    found, mine, theirs = control.measure(here), incumbents.measure(here), incumbents.measure(there)
    assert found.estimate == pytest.approx(mine.estimate - theirs.estimate)
    assert found.se == pytest.approx(np.hypot(mine.se, theirs.se))
    shared = {k: v for k, v in zip(theirs.cutoffs, theirs.estimates, strict=True) if k in mine.cutoffs}
    assert found.cutoffs.tolist() == sorted(shared)
    first = mine.estimates[mine.cutoffs == found.cutoffs[0]][0] - shared[found.cutoffs[0]]
    assert found.estimates[0] == pytest.approx(first)
    assert mine.largest is not None
    assert theirs.largest is not None
    assert found.largest == max(mine.largest, theirs.largest)


def test_the_control_difference_without_a_control_says_what_to_name() -> None:
    with pytest.raises(InputError, match="needs a control platform"):
        control.measure(small_case(quiet_panel(18)))


def test_a_window_with_fewer_than_twenty_outcomes_has_no_statistic() -> None:
    case = small_case(quiet_panel(19, creators=12))
    for statistic in (
        incumbents.change,
        gap.gap_between,
        newcomers.newcomers_change,
        newcomers.change_beyond_newcomers,
    ):
        assert np.isnan(statistic(case.outcome("capped"), 30, SPAN).value)


def test_an_event_outside_the_complete_months_is_refused() -> None:
    with pytest.raises(InputError, match="outside the complete months"):
        small_case(quiet_panel(20), event=48)
