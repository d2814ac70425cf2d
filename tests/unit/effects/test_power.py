from typing import Any

import numpy as np
import pytest

from precipice.effects import Question, case_for, from_assumptions, measure_power
from precipice.effects.case import Case
from precipice.effects.incumbents import change
from precipice.effects.outcomes import TRIM, OutcomeName
from precipice.effects.power import plant, thinned
from precipice.errors import InputError
from precipice.population import Population, populate
from tests.unit.effects.panels import cells_of, dense, panel_from, quiet_panel, small_case

PLANTED_BY_SIZE: tuple[OutcomeName, ...] = ("capped", "trimmed", "counts")


@pytest.fixture(scope="module")
def case() -> Case:
    return small_case(quiet_panel(41, creators=1500, n_months=90), event=78)


def test_planted_counts_of_incumbents_shrink_by_the_size_and_shift_s1_by_its_logarithm(case: Case) -> None:
    thinned = plant(case, "counts", 50, -0.2)
    before, after = (change(standard, 50, case.span).value for standard in (case.outcome("counts"), thinned))
    assert after - before == pytest.approx(np.log(0.8), abs=1e-12)


def test_a_month_of_y_uploads_keeps_one_with_chance_one_less_delta_to_the_y(case: Case) -> None:
    row, month, uploads = cells_of(case.outcome("counts").outcome)
    entry = case.sample.entry[row]
    touched = (month >= 50) & (month < 56) & (entry < 50)
    wanted = np.zeros_like(case.outcome("capped").counted)
    np.add.at(wanted, (entry, month), np.where(touched, 1 - 0.3**uploads, 1.0))
    assert plant(case, "capped", 50, -0.3).counted == pytest.approx(wanted)


@pytest.mark.parametrize("lost", [0.1, 0.5, 0.9])
def test_trimmed_months_keep_what_the_binomial_law_lets_them(lost: float) -> None:
    from scipy.stats import binom

    for uploads in range(1, 30):
        kept = np.arange(uploads + 1)
        law = float(np.minimum(kept, TRIM) @ binom.pmf(kept, uploads, 1 - lost))
        assert thinned(np.array([float(uploads)]), lost, "trimmed") == pytest.approx(law)


def test_trimming_lies_between_capping_and_counting(case: Case) -> None:
    capped, trimmed, counts = (measure_power(case, outcome=name).shifts for name in PLANTED_BY_SIZE)
    assert (np.abs(capped) < np.abs(trimmed)).all()
    assert (np.abs(trimmed) < np.abs(counts)).all()


def test_capping_shows_a_fall_of_the_rate_as_less(case: Case) -> None:
    capped, counts = (measure_power(case, outcome=name).shifts for name in ("capped", "counts"))
    assert counts == pytest.approx(np.log([0.9, 0.8, 0.7, 0.6, 0.5]), abs=1e-12)
    assert (np.abs(capped) < np.abs(counts)).all()


def test_power_grows_with_the_size_and_the_smallest_size_seen_is_seen_four_times_in_five(case: Case) -> None:
    found = measure_power(case)
    assert (np.diff(found.power) > 0).all()
    assert (np.diff(found.planted) >= 0).all()
    again = measure_power(case, sizes=(found.smallest,))
    # The shift is read off a line between two sizes; power at it is 4 in 5 but for the t's skewness.
    assert again.power[0] == pytest.approx(0.8, abs=0.03)


def test_what_happened_at_the_event_plays_no_part_in_what_is_planted(case: Case) -> None:
    panel = quiet_panel(41, creators=1500, n_months=90)
    rows = zip(panel.creators[panel.row], panel.month, panel.count, strict=True)
    halved = panel_from([(0, *row) for row in rows if row[1] < 78 or row[0] % 2], n_months=90)
    other = small_case(halved, event=78)
    found, again = measure_power(case), measure_power(other)
    assert (
        change(other.outcome("capped"), 78, case.span).value < change(case.outcome("capped"), 78, case.span).value - 0.5
    )
    assert again.shifts == pytest.approx(found.shifts)
    assert again.planted == pytest.approx(found.planted)


@pytest.mark.parametrize("method", ["S2", "S12"])
def test_other_methods_see_planted_effects_of_incumbents(case: Case, method: str) -> None:
    found = measure_power(case, method)
    assert (np.diff(found.shifts) < 0).all()
    assert found.method == method


def test_planting_on_one_platform_leaves_the_control_alone(case: Case) -> None:
    both = small_case(quiet_panel(41, creators=1500, n_months=90), event=78, control=case)
    alone, difference = measure_power(case), measure_power(both, "control")
    assert difference.shifts == pytest.approx(alone.shifts)
    assert (difference.n_creators, difference.detectable) == (2 * alone.n_creators, difference.detectable)


def test_what_is_said_of_more_creators_holds_with_more_creators() -> None:
    little, much = (
        measure_power(small_case(quiet_panel(42, creators=n, n_months=90), event=78), sizes=(-0.3,))
        for n in (400, 1600)
    )
    assert little.detectable > much.detectable
    # Nothing moves this platform as a whole, so four times the creators see half the size (both are estimates).
    assert little.detectable / much.detectable == pytest.approx(2, rel=0.25)
    assert little.creators[0] is not None


def test_power_before_collecting_agrees_with_power_on_panels_of_that_kind() -> None:
    world = Population(lifetime=8.0, rate=1.0, waking=0.3)
    months = slice(world.planted.month - world.start - 12, world.planted.month - world.start + 12)
    ratios = []
    for seed in range(5):
        panel = populate(world, np.random.default_rng(seed))
        entry, counts = dense(panel)
        window = counts[(entry >= months.start - 48) & (entry < months.start + 12), months]
        active, uploads = (window > 0).mean(), window[window > 0].mean()
        measured = measure_power(case_for(panel, "simulated", Question("event", world.planted.month)))
        assumed = from_assumptions(len(window), 103, activity=active, uploads=uploads, noise=0.0)
        assert assumed.n_creators == measured.n_creators
        # The law of an active month's uploads is an assumption; a tenth of a shift is what it costs here.
        assert assumed.shifts == pytest.approx(measured.shifts, rel=0.1)
        assert np.isnan(assumed.planted).all()
        ratios.append(assumed.detectable / measured.detectable)
    # Placebos always show some calendar noise by chance, and the design effect is taken on the high side.
    assert np.mean(ratios) == pytest.approx(1, abs=0.2)


def test_answers_come_as_words_table_and_json(case: Case) -> None:
    found = measure_power(case)
    assert "is seen four times in five" in found.summary()
    assert found.table().column_names == ["size", "shift", "power", "planted", "creators"]
    assert found.as_dict()["sizes"][0]["size"] == -0.1
    assumed = from_assumptions(100, 90)
    assert assumed.as_dict()["smallest"] is None
    assert assumed.as_dict()["sizes"][0]["planted"] is None
    assert "a fall of 50 % in incumbents' upload rate is not seen four times in five" in assumed.summary()


def test_what_cannot_be_planted_is_refused(case: Case) -> None:
    for wrong in ({"method": "SJ"}, {"outcome": "lapse"}, {"sizes": (0.2,)}, {"sizes": (-1.0,)}, {"sizes": ()}):
        with pytest.raises(InputError, match="cannot be planted"):
            measure_power(case, **wrong)


def test_too_few_windows_or_assumptions_out_of_range_are_refused() -> None:
    with pytest.raises(InputError, match="too few to plant"):
        measure_power(small_case(quiet_panel(43), event=22))
    with pytest.raises(InputError, match="not whole"):
        measure_power(small_case(quiet_panel(43), event=45))
    out_of_range: list[dict[str, Any]] = [{"activity": 0.0}, {"uploads": 0.5}, {"noise": -0.1}]
    for wrong in out_of_range:
        with pytest.raises(InputError, match="cannot be computed"):
            from_assumptions(1000, 100, **wrong)
    with pytest.raises(InputError, match="cannot be computed"):
        from_assumptions(1000, 40)


def test_a_month_kept_with_logarithmic_uploads_equals_the_sum_over_their_law() -> None:
    x = 0.8
    y = np.arange(1, 400)
    law = -(x**y) / (y * np.log1p(-x))
    mean = float(y @ law)
    found = from_assumptions(1000, 100, uploads=mean, sizes=(-0.3,)).shifts[0]
    assert found == pytest.approx(np.log(1 - 0.3**y @ law), abs=1e-9)
    assert from_assumptions(1000, 100, uploads=1.0, sizes=(-0.3,)).shifts[0] == pytest.approx(np.log(0.7))
