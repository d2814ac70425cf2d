from dataclasses import replace

import numpy as np
import pytest

from precipice.effects import METHODS, guards
from precipice.effects.calibration import Calibration, calibrate, detectable, kernel_of, placebos_needed
from precipice.effects.case import Measured, Span, case_of
from precipice.effects.effect import Status
from precipice.effects.guards import Frame
from precipice.effects.sample import sample_of
from tests.unit.effects.effects import effect, measured, status
from tests.unit.effects.panels import START, quiet_panel, small_case


def judged(found: Measured) -> Calibration:
    return calibrate(found.estimate, found.se, found.estimates, found.errors, found.kernel)


def small(found: Measured) -> Status | None:
    calibration = judged(found)
    return guards.small(found, calibration, detectable(calibration.se, calibration.degrees))


def test_edge_fires_where_a_window_is_not_whole_and_says_how_many_months_there_are() -> None:
    panel = quiet_panel(31)
    assert guards.edge(small_case(panel, event=42), "capped", 6) is None
    late = small_case(panel, event=43)
    found = guards.edge(late, "capped", late.fitting("capped").after)
    assert found is not None
    assert found.weight == "refuses"
    assert "43 usable months before the event and 5 complete ones" in found.reason
    early = small_case(panel, event=5)
    assert guards.edge(early, "capped", 6) is not None
    assert guards.edge(small_case(panel, event=6), "capped", 6) is None


def test_an_unfinished_last_month_counts_as_absent() -> None:
    case = small_case(quiet_panel(31, unfinished=True), event=42)
    assert guards.edge(case, "capped", case.fitting("capped").after) is not None


def test_lapses_are_read_from_a_shorter_window_down_to_six_months() -> None:
    panel = quiet_panel(32, n_months=60)
    case = case_of(sample_of(panel, "here"), START + 42, Span(24, 12, 12))
    assert case.fitting("lapse").after == 12
    later = case_of(sample_of(panel, "here"), START + 46, Span(24, 12, 12))
    assert later.fitting("lapse").after == 8
    assert guards.edge(later, "lapse", 8) is None
    assert guards.short_window(later, 8) is not None
    assert guards.short_window(case, 12) is None
    latest = case_of(sample_of(panel, "here"), START + 49, Span(24, 12, 12))
    assert guards.edge(latest, "lapse", latest.fitting("lapse").after) is not None


def test_no_placebo_fires_below_three_independent_ones_and_counts_the_months_needed() -> None:
    case = small_case(quiet_panel(33))
    assert guards.no_placebo(measured(placebos=25), case) is None
    found = guards.no_placebo(measured(placebos=24), case)
    assert found is not None
    assert "24 placebo cutoffs, worth 3.0 independent ones" in found.reason
    # 25 cutoffs with 6 months before the first and 12 after the last.
    assert "25 cutoffs: at least 42 complete months before the event (there are 36)" in found.needed
    assert guards.no_placebo(measured(placebos=1, degrees=20.0), case) is None
    thin = guards.no_placebo(measured(placebos=20, n_tried=50), case)
    assert thin is not None
    assert "30 more have a window with fewer than 20 outcomes" in thin.reason
    assert "more creators" in thin.needed


def test_the_months_said_to_be_needed_are_enough() -> None:
    panel = quiet_panel(34, n_months=70)
    case = small_case(panel, event=30)
    needed = guards.no_placebo(measured(placebos=5, kernel=kernel_of(6, 6), after=6), case)
    assert needed is not None
    months = int(needed.needed.split("at least ")[1].split()[0])
    least = placebos_needed(kernel_of(6, 6))
    assert len(small_case(panel, event=months).cutoffs("capped", 6)) == least
    assert len(small_case(panel, event=months - 1).cutoffs("capped", 6)) == least - 1


@pytest.mark.parametrize(
    ("truncated", "washed", "months", "weight"),
    [
        (False, 0, 30, None),
        (True, 12, 58, "notes"),
        (True, 12, 57, "refuses"),
        (True, 0, 117, "refuses"),
        (True, 0, 118, "notes"),
    ],
)
def test_unknown_tenure_is_washed_out_forgotten_or_refused(
    truncated: bool, washed: int, months: int, weight: str | None
) -> None:
    sample = replace(sample_of(quiet_panel(35), "here"), truncated=truncated, washed=washed, n_months=months)
    found = guards.unknown_tenure(sample)
    assert (found.weight if found else None) == weight


@pytest.mark.parametrize(
    ("frame", "withheld"),
    [
        ("population", set()),
        ("random", set()),
        ("followers", {"S2", "SJ", "S12", "age-period", "lapse-S2"}),
        ("other", {"S2", "SJ", "S12", "age-period", "lapse-S2"}),
        ("recent", set(METHODS)),
    ],
)
def test_a_selected_frame_withholds_the_methods_that_break_and_warns_on_the_others(
    frame: Frame, withheld: set[str]
) -> None:
    found = {name: guards.selected_frame(frame, name) for name in METHODS}
    assert {name for name, one in found.items() if one and one.weight == "refuses"} == withheld
    assert all((one is None) == (frame in {"population", "random"}) for one in found.values())


def test_an_event_before_the_cutoff_contaminates_and_one_after_it_overlaps() -> None:
    case = small_case(quiet_panel(36))

    def names(month: int) -> list[str]:
        return [one.name for one in guards.other_events(case, {"other": START + month})]

    assert names(29) == []
    assert names(30) == names(35) == ["contaminated_pre"]
    assert names(36) == names(41) == ["overlap"]
    assert names(42) == []


def test_excluded_months_are_named() -> None:
    assert guards.excluded_months(()) is None
    found = guards.excluded_months((START + 9, START + 3))
    assert found is not None
    assert "2000-04, 2000-10" in found.reason


def test_drift_fires_on_placebos_along_a_line_and_not_on_scattered_ones() -> None:
    assert guards.drift(measured(slope=0.004)) is not None
    assert guards.drift(measured(slope=0.0)) is None
    assert guards.drift(measured(slope=0.004, degrees=20.0)) is None
    assert guards.drift(measured(slope=0.004, placebos=20)) is None


def test_drift_speaks_up_on_few_quiet_platforms() -> None:
    """Placebos that share windows as S1's do, and no line: judged with room to spare, below the nominal 5 %."""
    kernel, draws = np.concatenate([np.ones(12), -np.ones(12)]) / 12, 400
    fired = 0
    for seed in range(draws):
        noise = np.random.default_rng(seed).normal(0, 0.1, 80 + 23)
        found = measured(placebos=80)
        fired += guards.drift(replace(found, estimates=np.convolve(noise, kernel, "valid"))) is not None
    assert fired / draws < 0.05


def test_small_refuses_an_empty_window_and_warns_where_thirty_per_cent_would_be_missed() -> None:
    empty = small(measured(estimate=float("nan")))
    assert empty is not None
    assert empty.weight == "refuses"
    thin = small(measured(se=0.15))
    assert thin is not None
    assert thin.weight == "notes"
    assert "1,000 creators only falls beyond" in thin.reason
    assert small(measured(se=0.03)) is None


def test_numbers_of_creators_are_written_to_two_digits_and_none_of_one_to_four() -> None:
    written = [guards.about(creators) for creators in (1, 4, 5, 72, 123, 4_312, 295_436)]
    assert written == ["fewer than 5"] * 2 + ["about 10", "about 70", "about 120", "about 4,300", "about 300,000"]


def test_the_creators_said_to_be_needed_would_just_see_the_size() -> None:
    found = measured(se=0.15, spread=0.02)
    calibration = judged(replace(found, errors=np.full(80, 0.15)))
    now = detectable(calibration.se, calibration.degrees)
    needed = guards.creators_needed(found, calibration, now, target=now / 2)
    # Without calendar noise, half the size takes four times the creators.
    assert calibration.tau2 == 0
    assert needed == pytest.approx(4000, abs=1)


def test_no_number_of_creators_helps_against_the_platforms_own_noise() -> None:
    found = measured(se=0.02, spread=0.2)
    calibration = judged(found)
    now = detectable(calibration.se, calibration.degrees)
    assert guards.creators_needed(found, calibration, now, target=now / 3) is None
    status_found = small(found)
    assert status_found is not None
    assert "more creators would not do" in status_found.needed


def test_one_creator_who_moves_the_estimate_by_half_an_error_is_named() -> None:
    assert guards.one_creator(measured(largest=0.0005), 0.04) is None
    found = guards.one_creator(measured(largest=0.03), 0.04)
    assert found is not None
    assert "0.030 log points, 0.8 standard errors" in found.reason
    assert guards.one_creator(measured(), 0.04) is None


def test_coincident_shock_fires_where_something_else_moved_the_same_way() -> None:
    fell, rose, stood = (effect("SJ", estimate=x) for x in (-0.2, 0.2, 0.001))
    found = guards.coincident_shock(effect(), {"newcomers": fell})
    assert found is not None
    assert found.name == "coincident_shock"
    assert guards.coincident_shock(effect(), {"newcomers": rose, "control": stood}) is None
    assert guards.coincident_shock(effect(estimate=0.001), {"newcomers": fell}) is None
    assert guards.coincident_shock(effect(), {"newcomers": effect("SJ", reasons=(status("small", "refuses"),))}) is None
