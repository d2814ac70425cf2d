"""Effects against other implementations, published numbers and the bootstrap."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from precipice.effects import age_period, benjamini_hochberg, gap, holm, incumbents
from precipice.effects.calibration import calibrate, paule_mandel
from precipice.effects.case import Case, Span, Statistic, case_of
from precipice.effects.gap import gap_between
from precipice.effects.newcomers import change_beyond_newcomers, measure_beyond
from precipice.effects.outcomes import LAPSE
from precipice.effects.reference import Standardised, proportional_fit, standardise
from precipice.effects.sample import Sample, sample_of
from precipice.effects.survival import first_lapse, greenwood, kaplan_meier, survival
from precipice.population import WORLDS, Population, populate
from tests.unit.effects.panels import cells_of

# Colditz et al. 1994, thirteen trials of the BCG vaccine: cases and others, vaccinated then not.
BCG = np.array([
    [4, 119, 11, 128], [6, 300, 29, 274], [3, 228, 11, 209], [62, 13536, 248, 12619], [33, 5036, 47, 5761],
    [180, 1361, 372, 1079], [8, 2537, 10, 619], [505, 87886, 499, 87892], [29, 7470, 45, 7232],
    [17, 1699, 65, 1600], [186, 50448, 141, 27197], [5, 2493, 3, 2338], [27, 16886, 29, 17825],
])  # fmt: skip

RICH = Population(lifetime=8.0, rate=1.0, waking=0.3)
EVENT = RICH.planted.month


def bcg() -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratios and their standard errors."""
    a, b, c, d = BCG.T.astype(float)
    ratio = np.log(a / (a + b)) - np.log(c / (c + d))
    return ratio, np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


def counted(sample: Sample) -> np.ndarray:
    """Uploads by creator and month, shape (n, n_months)."""
    counts = np.zeros((len(sample), sample.n_months))
    for block in sample.blocks():
        counts[np.repeat(np.arange(block.rows.start, block.rows.stop), block.lengths), block.month] = block.count
    return counts


def case_on(seed: int, world: Population = RICH, span: Span | None = None) -> Case:
    panel = populate(world, np.random.default_rng(seed))
    return case_of(sample_of(panel, "simulated"), EVENT, span or Span())


def test_paule_mandel_gives_the_published_heterogeneity_of_the_bcg_trials() -> None:
    """metafor's rma(..., method = "PM") on dat.bcg: τ² = 0.3181."""
    assert paule_mandel(*bcg()) == pytest.approx(0.3181, abs=5e-5)


def test_paule_mandel_agrees_with_statsmodels() -> None:
    meta = pytest.importorskip("statsmodels.stats.meta_analysis")
    estimates, errors = bcg()
    theirs = meta.combine_effects(estimates, errors**2, method_re="iterated", atol=1e-12)
    assert paule_mandel(estimates, errors) == pytest.approx(theirs.tau2, rel=1e-5)


def test_proportional_fitting_is_the_poisson_regression_on_tenure_and_season() -> None:
    sm = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(1)
    at_risk = rng.integers(1, 300, (15, 12)).astype(float)
    counted = rng.poisson(at_risk * rng.uniform(0.05, 0.5, (15, 1)) * rng.uniform(0.8, 1.2, (1, 12))).astype(float)
    f, s = proportional_fit(counted, at_risk, 0.0)
    tenure, season = (a.ravel() for a in np.meshgrid(np.arange(15), np.arange(12), indexing="ij"))
    X = np.column_stack([tenure[:, None] == np.arange(15), season[:, None] == np.arange(1, 12)]).astype(float)
    theirs = sm.GLM(counted.ravel(), X, family=sm.families.Poisson(), offset=np.log(at_risk.ravel())).fit(tol=1e-12)
    ours = at_risk * f[:, None] * s[None, :]
    assert ours.ravel() == pytest.approx(theirs.fittedvalues, rel=1e-6)


def test_the_whole_reference_curve_is_the_poisson_regression_on_creators_by_month() -> None:
    """From cells of single creators, not from our table; the two pseudo-cells are left out."""
    sm = pytest.importorskip("statsmodels.api")
    case = case_on(2, replace(RICH, entries=8.0), Span(12, 6, 6))
    standard = standardise(case.outcome("counts").outcome, case.event, pseudo=0.0)
    sample, oldest = case.sample, standard.outcome.oldest
    counts = counted(sample)
    months = np.arange(sample.n_months)[None, :]
    age = months - sample.entry[:, None]
    risk = (age >= 1) & (age <= oldest) & (months < case.event)
    reached = np.unique(age[risk])
    y, a, m = counts[risk], age[risk], np.broadcast_to(months, age.shape)[risk] % 12
    reached = np.array([level for level in reached if y[a == level].sum() > 0])
    inside = np.isin(a, reached)
    X = np.column_stack([a[inside][:, None] == reached, m[inside][:, None] == np.arange(1, 12)]).astype(float)
    theirs = sm.GLM(y[inside], X, family=sm.families.Poisson()).fit(tol=1e-12)
    january = standard.season[0]
    assert standard.tenure[reached] * january == pytest.approx(np.exp(theirs.params[: len(reached)]), rel=1e-5)
    assert standard.season[1:] / january == pytest.approx(np.exp(theirs.params[len(reached) :]), rel=1e-5)


def test_holm_and_benjamini_hochberg_agree_with_statsmodels() -> None:
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    p = np.random.default_rng(3).uniform(0, 0.2, 12)
    assert holm(p) == pytest.approx(multitest.multipletests(p, method="holm")[1])
    assert benjamini_hochberg(p) == pytest.approx(multitest.multipletests(p, method="fdr_bh")[1])


def test_the_gap_is_mantel_and_haenszels_rate_ratio() -> None:
    """With one month the weights cancel and D is the log of the ratio of O/E; over months statsmodels' stratified
    estimate of the odds ratio comes to it when outcomes are rare, for then odds are rates."""
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    case = case_on(4)
    standard, cutoff = case.outcome("capped"), 80
    months = range(cutoff, cutoff + 12)
    entrants, (row, when, _) = case.sample.entrants, cells_of(standard.outcome)
    entry = case.sample.entry[row]
    strata = []
    for month in months:
        old = entry[when == month] < cutoff
        recent = (entry[when == month] >= cutoff - 60) & old
        o_old, o_new = recent.sum(), (~old).sum()
        expected = entrants * standard.expected[:, month]
        e_old, e_new = expected[cutoff - 60 : cutoff].sum(), expected[cutoff:month].sum()
        if e_new > 0:
            # A thousand times the expectation stands for person-time, so that cases are rare.
            strata.append([[o_old, 1e6 * e_old], [o_new, 1e6 * e_new]])
    pooled = tables.StratifiedTable(np.array(strata).transpose(1, 2, 0)).logodds_pooled
    assert gap_between(standard, cutoff, case.span).value == pytest.approx(pooled, abs=1e-4)


@pytest.mark.parametrize(
    "statistic", [incumbents.change, gap_between, change_beyond_newcomers], ids=["S1", "S2", "S12"]
)
def test_creator_robust_variance_equals_a_bootstrap_of_creators(
    statistic: Callable[[Standardised, int, Span], Statistic],
) -> None:
    """600 resamples give a standard error known to 1/√1200 = 2.9 %, four times which are allowed."""
    case = case_on(5)
    found = statistic(case.outcome("capped"), case.event, case.span)
    rng, draws = np.random.default_rng(5), []
    for _ in range(600):
        draws.append(statistic(resampled(case.outcome("capped"), rng), case.event, case.span).value)
    assert np.std(draws, ddof=1) == pytest.approx(found.se, rel=4 * 0.029)


def resampled(standard: Standardised, rng: np.random.Generator) -> Standardised:
    """Draw creators with replacement; the curve stays as it was fitted."""
    outcome, panel = standard.outcome, standard.outcome.sample.panel
    drawn = np.sort(rng.integers(0, len(panel), len(panel)))
    lengths = np.diff(panel.indptr)[drawn]
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    cells = np.repeat(panel.indptr[drawn] - indptr[:-1], lengths) + np.arange(indptr[-1])
    again = replace(
        panel, creators=panel.creators[drawn], indptr=indptr, month=panel.month[cells], count=panel.count[cells],
        first=panel.first[drawn],
    )  # fmt: skip
    new = replace(outcome, sample=replace(outcome.sample, panel=again))
    return replace(standard, outcome=new, counted=new.counted)


def test_the_age_period_fit_on_cells_is_the_fit_on_creators_by_month() -> None:
    """Adding up cells with the same tenure and month changes neither the coefficient nor, with clusters kept whole,
    its standard error but for statsmodels' factor (N − 1)/(N − K)."""
    sm = pytest.importorskip("statsmodels.api")
    case = case_on(6, replace(RICH, entries=8.0), Span(12, 6, 6))
    cells = age_period.cohort_cells(case.outcome("counts").outcome, case)
    estimate, se, _ = age_period.fit(cells, case.event)
    sample = case.sample
    counts = counted(sample)
    members = [np.flatnonzero(sample.entry == c) for c in cells.entry]
    entry = np.repeat(cells.entry, [len(m) for m in members])
    month = np.repeat(cells.month, [len(m) for m in members])
    y = np.concatenate([counts[m, t] for m, t in zip(members, cells.month, strict=True)])
    single = age_period.Cells(entry, month, np.ones(len(y)), y)
    lively = np.isin(month - entry, np.unique((cells.month - cells.entry)[cells.total > 0]))
    single = age_period.Cells(entry[lively], month[lively], np.ones(int(lively.sum())), y[lively])
    X = age_period.design(single, case.event)
    theirs = sm.GLM(single.total, X, family=sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": single.entry}
    )
    assert estimate == pytest.approx(theirs.params[0], abs=1e-6)
    many, few, k = len(single.total), len(cells.total), X.shape[1]
    factor = np.sqrt(((few - 1) / (few - k)) / ((many - 1) / (many - k)))
    assert se == pytest.approx(theirs.bse[0] * factor, rel=0.01)


@pytest.mark.parametrize(("world", "most"), [("clean", 0.05), ("realistic", 0.07)])
def test_true_nulls_are_rejected_no_more_often_than_their_band_allows(world: str, most: float) -> None:
    """S1, S2 and S12 on 150 small platforms with nothing planted, at four Monte Carlo errors over the band's upper end.

    The full study, with its Monte Carlo errors, is an artefact of its own; this one only fails when a method is broken.
    """
    draws = 150
    rejected = np.zeros(3)
    population = replace(WORLDS[world], lifetime=8.0, rate=1.0, waking=0.3, entries=8.0)
    for seed in range(draws):
        case = case_on(1000 + seed, population)
        for place, measure in enumerate((incumbents.measure, gap.measure, measure_beyond)):
            m = measure(case)
            rejected[place] += calibrate(m.estimate, m.se, m.estimates, m.errors, m.kernel).p < 0.05
    assert (rejected / draws < most + 4 * np.sqrt(most * (1 - most) / draws)).all()


def test_curves_of_first_lapses_and_greenwoods_errors_are_those_of_statsmodels() -> None:
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    case = case_on(6)
    lapse, horizon = first_lapse(case.sample), case.sample.n_months - 1 - LAPSE
    kept = case.sample.entry <= horizon
    entry, lapse = case.sample.entry[kept], lapse[kept]
    at_risk, lapsed = kaplan_meier(entry, lapse, horizon)
    theirs = survfunc.SurvfuncRight(np.minimum(lapse, horizon) - entry, (lapse <= horizon).astype(int))
    times, alive = theirs.surv_times.astype(int), theirs.surv_prob > 0
    share = survival(at_risk, lapsed)[times]
    assert alive.sum() > 20
    assert share == pytest.approx(theirs.surv_prob, rel=1e-12, abs=1e-15)
    errors = share[alive] * np.sqrt(greenwood(at_risk, lapsed)[times][alive])
    assert errors == pytest.approx(theirs.surv_prob_se[alive], rel=1e-9)
