import builtins
from typing import Any

import numpy as np
import pytest

from precipice.effects import age_period
from precipice.effects.case import Case
from precipice.errors import CheckError, MissingExtraError
from tests.unit.effects.panels import dense, quiet_panel, small_case

pytest.importorskip("statsmodels")


@pytest.fixture(scope="module")
def case() -> Case:
    return small_case(quiet_panel(51, creators=800))


def test_cells_add_up_the_cohorts_of_the_look_back_and_the_newcomers(case: Case) -> None:
    cells = age_period.cohort_cells(case.outcome("counts").outcome, case)
    entry, counts = dense(quiet_panel(51, creators=800))
    place = np.flatnonzero((cells.entry == 25) & (cells.month == 30))
    assert cells.creators[place] == (entry == 25).sum()
    assert cells.total[place] == counts[entry == 25, 30].sum()
    assert cells.entry.min() == 36 - 18
    assert cells.month.max() == 41
    assert (cells.month > cells.entry).all()


def test_with_cohort_effects_the_effect_is_exactly_collinear_and_with_tenures_it_is_not(case: Case) -> None:
    cells = age_period.cohort_cells(case.outcome("capped").outcome, case)
    X = age_period.design(cells, 36)
    assert np.linalg.matrix_rank(X) == X.shape[1]
    cohorts = (cells.entry[:, None] == np.unique(cells.entry)).astype(float)
    months = (cells.month[:, None] == np.unique(cells.month)).astype(float)[:, 1:]
    two_way = np.hstack([X[:, :1], cohorts, months])
    assert np.linalg.matrix_rank(two_way) == two_way.shape[1] - 1


def test_a_linear_drift_of_cohorts_is_absorbed_and_a_jump_is_found() -> None:
    entry, month = (a.ravel() for a in np.meshgrid(np.arange(40), np.arange(40), indexing="ij"))
    risk = month > entry
    entry, month = entry[risk], month[risk]
    log_rate = -1 - 0.02 * (month - entry) + 0.1 * np.sin(month) + 0.03 * entry
    exposed = (entry < 30) & (month >= 30)
    for jump in (0.0, -0.25):
        # Expectations in place of draws, rounded to one in a hundred thousand.
        expected = np.round(1e6 * np.exp(log_rate + jump * exposed))
        cells = age_period.Cells(entry, month, np.full(len(entry), 1e6), expected)
        estimate, _, clusters = age_period.fit(cells, 30)
        assert estimate == pytest.approx(jump, abs=1e-4)
        assert clusters == 39


def test_tenures_and_months_in_which_nothing_happened_are_left_out() -> None:
    rng = np.random.default_rng(52)
    entry, month = (a.ravel() for a in np.meshgrid(np.arange(30), np.arange(30), indexing="ij"))
    risk = month > entry
    cells = age_period.Cells(entry[risk], month[risk], np.full(risk.sum(), 50.0), rng.poisson(5.0, risk.sum()) * 1.0)
    emptied = age_period.Cells(cells.entry, cells.month, cells.creators, np.where(cells.month == 12, 0.0, cells.total))
    kept = cells.month != 12
    without = age_period.Cells(*(a[kept] for a in (cells.entry, cells.month, cells.creators, cells.total)))
    assert age_period.fit(emptied, 20)[:2] == pytest.approx(age_period.fit(without, 20)[:2])


def test_too_few_outcomes_on_a_side_have_no_estimate() -> None:
    assert np.isfinite(age_period.measure(small_case(quiet_panel(53, creators=400))).estimate)
    assert np.isnan(age_period.measure(small_case(quiet_panel(53, creators=30))).estimate)


def test_a_model_that_is_not_identified_is_refused(case: Case) -> None:
    cells = age_period.cohort_cells(case.outcome("capped").outcome, case)
    with pytest.raises(CheckError, match="not identified"):
        age_period.fit(cells, 60)


def test_without_statsmodels_the_extra_is_named(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.startswith("statsmodels"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtraError) as caught:
        age_period.measure(case)
    assert "precipice[effects]" in caught.value.fix
