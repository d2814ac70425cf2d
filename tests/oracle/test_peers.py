"""Ours against heavy peers, lifelines and pyfixest, and the published numbers that they ship data for.

They are installed by `make peers` and not by `make test`: 243 MB on top of what the other tests need.  Left out are
published numbers of estimators that are not ours (Callaway–Sant'Anna on mpdta, the castle doctrine, synthetic control
of Proposition 99): a peer that is tested against itself says nothing of us.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from precipice.effects import Span, age_period
from precipice.effects.case import case_of
from precipice.effects.incumbents import change
from precipice.effects.naive_creators import partial_likelihood
from precipice.effects.sample import add_up, sample_of
from precipice.effects.survival import greenwood_limits, kaplan_meier, survival
from precipice.population import WORLDS, Population, populate
from tests.conftest import ROOT, wanted
from tests.unit.effects.panels import sums

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs, of versions to come

REASON = "comes with `make peers`"
datasets = wanted("lifelines.datasets", REASON)
lifelines = wanted("lifelines", REASON)
pyfixest = wanted("pyfixest", REASON)
sm = wanted("statsmodels.api", REASON)

HORIZON = 1000


def censored(time: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put right-censored times as entries and lapses before one horizon for all."""
    entry = np.where(seen, 0, HORIZON - time)
    return entry, np.where(seen, time, HORIZON + 1)


def test_curves_and_greenwoods_limits_are_lifelines_on_the_waltons_flies() -> None:
    """Shipped with lifelines: 163 flies, 34 of them with an extra micro-RNA, whose median life is 26 days."""
    flies = datasets.load_waltons()
    for name, group in flies.groupby("group"):
        time, seen = group["T"].to_numpy(int), group["E"].to_numpy(bool)
        at_risk, lapsed = kaplan_meier(*censored(time, seen), HORIZON)
        theirs = lifelines.KaplanMeierFitter().fit(time, seen)
        days = theirs.survival_function_.index.to_numpy(int)
        kept = days < len(at_risk)
        assert survival(at_risk, lapsed)[days[kept]] == pytest.approx(theirs.survival_function_.to_numpy()[kept, 0])
        low, high = (limit[days[kept]] for limit in greenwood_limits(at_risk, lapsed))
        limits = theirs.confidence_interval_.to_numpy()[kept]
        inside = (limits[:, 0] > 0) & (limits[:, 1] < 1)
        assert inside.sum() > 10
        assert low[inside] == pytest.approx(limits[inside, 0], abs=1e-9)
        assert high[inside] == pytest.approx(limits[inside, 1], abs=1e-9)
        if name == "miR-137":
            assert int(np.flatnonzero(survival(at_risk, lapsed) <= 0.5)[0]) == 26


def test_the_log_rank_statistic_of_the_waltons_flies_follows_from_our_counts() -> None:
    """Published with lifelines: 122.2491.  At risk and lapsed of both groups are all that it needs (Mantel 1966)."""
    flies = datasets.load_waltons()
    counts = []
    for _, group in flies.groupby("group"):
        at_risk, lapsed = kaplan_meier(*censored(group["T"].to_numpy(int), group["E"].to_numpy(bool)), HORIZON)
        counts.append([np.pad(part, (0, 100 - len(part))).astype(float) for part in (at_risk, lapsed)])
    (n1, d1), (n2, d2) = counts
    n, d = n1 + n2, d1 + d2
    some = n > 1
    share = np.divide(n1, n, out=np.zeros_like(n), where=n > 0)
    variance = (d * share * (1 - share) * (n - d))[some] / (n - 1)[some]
    assert (d1 - d * share).sum() ** 2 / variance.sum() == pytest.approx(122.2491, abs=5e-5)


def counts_of(start: Any, stop: Any, event: Any, after: Any) -> tuple[np.ndarray, ...]:
    """Count exits and creators at risk by time, of pieces (start, stop]."""
    size = int(stop.max()) + 1
    times = np.arange(size)
    at_risk = [((start[after == side][:, None] < times) & (stop[after == side][:, None] >= times)).sum(axis=0)
               for side in (0, 1)]  # fmt: skip
    exits, exits_after = add_up(stop[event == 1], size), add_up(stop[(event == 1) & (after == 1)], size)
    return exits, exits_after, at_risk[0].astype(float), at_risk[1].astype(float)


def test_the_partial_likelihood_of_a_covariate_that_changes_is_the_stanford_hearts() -> None:
    """Crowley & Hu 1977.  The oracle gives the published -0.0103 (0.3138) of transplant beside age, year and surgery;
    of transplant alone it is then held against ours, with Breslow's ties."""
    hearts = datasets.load_stanford_heart_transplants()
    start, stop = (np.round(2 * hearts[name].to_numpy(float)).astype(int) for name in ("start", "stop"))
    event, after = hearts["event"].to_numpy(int), hearts["transplant"].to_numpy(int)
    all_four = hearts[["age", "year", "surgery", "transplant"]].to_numpy(float)
    full = sm.PHReg(stop, all_four, status=event, entry=start + 0.5, ties="efron").fit()
    assert (round(full.params[3], 4), round(full.bse[3], 4)) == (-0.0103, 0.3138)
    alone = sm.PHReg(stop, after[:, None].astype(float), status=event, entry=start + 0.5, ties="breslow").fit()
    ours = partial_likelihood(*counts_of(start, stop, event, after))
    assert ours.coefficient == pytest.approx(alone.params[0], abs=1e-6)
    assert ours.se == pytest.approx(alone.bse[0], rel=1e-5)


def test_the_partial_likelihood_of_a_fixed_covariate_is_the_rossi_arrests() -> None:
    """Rossi, Berk & Lenihan 1980.  lifelines gives the published -0.379 (0.191) of financial aid beside six others and
    the log-likelihood -658.7477; of aid alone statsmodels with Breslow's ties is held against ours."""
    arrests = datasets.load_rossi()
    full = lifelines.CoxPHFitter().fit(arrests, "week", "arrest")
    assert full.log_likelihood_ == pytest.approx(-658.7477, abs=5e-5)
    assert (round(full.params_["fin"], 3), round(full.standard_errors_["fin"], 3)) == (-0.379, 0.191)
    week, arrest, aid = (arrests[name].to_numpy(int) for name in ("week", "arrest", "fin"))
    alone = sm.PHReg(week, aid[:, None].astype(float), status=arrest, ties="breslow").fit()
    ours = partial_likelihood(*counts_of(np.zeros_like(week), week, arrest, aid))
    assert ours.coefficient == pytest.approx(alone.params[0], abs=1e-6)
    assert ours.se == pytest.approx(alone.bse[0], rel=1e-5)


RICH = Population(lifetime=8.0, rate=1.0, waking=0.3)


def test_s1_is_pyfixests_poisson_of_after_with_expected_as_offset_clustered_by_creator() -> None:
    import pandas as pd

    case = case_of(sample_of(populate(RICH, np.random.default_rng(3)), "simulated"), RICH.planted.month, Span())
    standard, span, event = case.outcome("counts"), case.span, case.event
    rows = (case.sample.entry >= event - span.look_back) & (case.sample.entry < event)
    windows = (slice(event - span.before, event), slice(event, event + span.after))
    parts = [tuple(part[rows] for part in sums(standard, months)) for months in windows]
    creators = np.arange(int(rows.sum()))
    table = pd.DataFrame({
        "o": np.concatenate([o for o, _ in parts]),
        "e": np.concatenate([e for _, e in parts]),
        "after": np.repeat([0, 1], len(creators)),
        "creator": np.tile(creators, 2),
    })  # fmt: skip
    table = table[table["e"] > 0].assign(offset=lambda part: np.log(part["e"]))
    plain = pyfixest.ssc(k_adj=False, G_adj=False)
    fit = pyfixest.fepois("o ~ after", table, vcov={"CRV1": "creator"}, offset="offset", ssc=plain)
    ours = change(standard, event, span)
    assert ours.value == pytest.approx(float(fit.coef()["after"]), abs=1e-7)
    assert ours.se == pytest.approx(float(fit.se()["after"]), rel=1e-5)


def test_tenure_and_month_effects_on_creators_by_month_are_pyfixests_and_need_only_our_cells() -> None:
    """Every creator in every month at risk, tenure and month absorbed as fixed effects; ours adds cells up first."""
    import pandas as pd

    world = WORLDS["clean"]
    case = case_of(sample_of(populate(world, np.random.default_rng(5)), "simulated"), world.planted.month, Span())
    outcome = case.outcome("capped").outcome
    cells = age_period.cohort_cells(outcome, case)
    estimate, se, clusters = age_period.fit(cells, case.event)
    members = cells.creators.astype(int)
    cell = np.repeat(np.arange(len(members)), members)
    within = np.arange(len(cell)) - np.repeat(np.cumsum(members) - members, members)
    # Of a cell with k active creators, any k of its rows are 1: the likelihood knows no more of them.
    y = (within < cells.total[cell]).astype(float)
    table = pd.DataFrame({"y": y, "entry": cells.entry[cell], "month": cells.month[cell]})
    table["tenure"] = table["month"] - table["entry"]
    table["exposed"] = ((table["entry"] < case.event) & (table["month"] >= case.event)).astype(float)
    plain = pyfixest.ssc(k_adj=False, G_adj=False)
    fit = pyfixest.fepois("y ~ exposed | tenure + month", table, vcov={"CRV1": "entry"}, ssc=plain, iwls_tol=1e-10)
    assert len(table) > 90_000
    assert estimate == pytest.approx(float(fit.coef()["exposed"]), abs=1e-5)
    lively = age_period._lively(cells)
    few, k = len(lively.total), age_period.design(lively, case.event).shape[1]
    factor = np.sqrt(clusters / (clusters - 1) * (few - 1) / (few - k))
    assert se == pytest.approx(float(fit.se()["exposed"]) * factor, rel=1e-3)


@pytest.mark.slow
def test_the_benchmark_of_effects_finds_every_way_agreeing_on_a_small_panel(tmp_path: Path) -> None:
    script = ROOT / "benchmarks" / "effects.py"
    sizes = ("--creators", "3000", "--repeats", "1", "--folder", str(tmp_path), "--results", str(tmp_path))
    done = subprocess.run([sys.executable, str(script), *sizes], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "results_effects.md").read_text(encoding="utf-8")
    assert "80 placebo cutoffs" in page
    assert page.count("| met |") == 2
