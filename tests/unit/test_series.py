import numpy as np
import pytest
from scipy import stats

from precipice import tallies
from precipice.cohorts import draw, everyone
from precipice.errors import InputError
from precipice.months import parse_month
from precipice.panel import Panel, Window, panel_of
from precipice.series import count, covariance, interval_of_sum, retain
from tests.unit.worlds import panel


@pytest.fixture
def world() -> Panel:
    return panel(
        {"ann": {"2021-11": 3, "2022-02": 1}, "bob": {"2022-01": 5, "2022-02": 2}, "eve": {"2021-12": 1}},
        window=Window(parse_month("2021-11"), parse_month("2022-03"), truncated_first=False, unfinished_last=False),
    )


def test_uploads_capped_creators_and_entrants_of_a_world_on_fingers(world: Panel) -> None:
    senior, junior = count(world, draw(world, cutoff="2022-01"), cap=2)
    assert senior.uploads.tolist() == [3, 1, 0, 1, 0]
    assert senior.capped.tolist() == [2, 1, 0, 1, 0]
    assert senior.creators.tolist() == [1, 1, 0, 1, 0]
    assert senior.entrants.tolist() == [1, 1, 0, 0, 0]
    assert junior.uploads.tolist() == [0, 0, 5, 2, 0]
    assert junior.capped.tolist() == [0, 0, 2, 2, 0]
    assert junior.can_exist.tolist() == [False, False, True, True, True]


def test_first_upload_is_over_the_whole_history_when_the_months_shown_begin_later(world: Panel) -> None:
    senior, _ = count(world, draw(world, cutoff="2022-01"), start=parse_month("2022-02"), end=parse_month("2022-03"))
    assert senior.uploads.tolist() == [1, 0]
    assert senior.entrants.tolist() == [0, 0]


def test_months_beyond_the_data_are_zeros_and_not_complete(world: Panel) -> None:
    (series,) = count(world, everyone(world), start=parse_month("2021-10"), end=parse_month("2022-05"))
    assert series.uploads.tolist() == [0, 3, 1, 5, 3, 0, 0, 0]
    assert series.complete.tolist() == [False, True, True, True, True, True, False, False]


def test_a_truncated_first_and_an_unfinished_last_month_are_not_complete() -> None:
    world = panel({"ann": {"2021-11": 1, "2022-01": 1}})
    assert count(world, everyone(world))[0].complete.tolist() == [False, True, False]


def test_rows_are_plain_and_carry_every_month(world: Panel) -> None:
    rows = list(count(world, draw(world, cutoff="2022-01"))[0].rows())
    counts = {"uploads": 3, "capped": 1, "creators": 1, "entrants": 1}
    assert rows[0] == {"platform": "site", "cohort": "senior", "month": "2021-11", **counts}
    assert [row["month"] for row in rows] == ["2021-11", "2021-12", "2022-01", "2022-02", "2022-03"]


def test_cohorts_that_overlap_are_counted_each_for_itself(world: Panel) -> None:
    whole, twice = count(world, (*everyone(world), *everyone(world)))
    assert whole.uploads.tolist() == twice.uploads.tolist() == [3, 1, 5, 3, 0]


@pytest.mark.parametrize(("start", "end"), [("2022-03", "2022-01"), ("2030-01", "2030-02"), ("2000-01", "2000-02")])
def test_months_without_data_are_refused(world: Panel, start: str, end: str) -> None:
    with pytest.raises(InputError, match="hold no uploads") as caught:
        count(world, everyone(world), start=parse_month(start), end=parse_month(end))
    assert "2021-11 to 2022-03" in str(caught.value)


def test_a_cap_of_zero_is_refused(world: Panel) -> None:
    with pytest.raises(InputError, match="cap of 0"):
        count(world, everyone(world), cap=0)


def test_an_empty_cohort_is_refused(world: Panel) -> None:
    with pytest.raises(InputError, match="nobody is in these cohorts"):
        count(world, draw(world, "uploads > 1000")[:1])


def test_limits_of_active_creators_are_garwoods() -> None:
    # Garwood (1936): 95 % limits of a Poisson mean; 0 → (0, 3.689), 1 → (0.0253, 5.572), 10 → (4.795, 18.390)
    low, high = interval_of_sum([0, 1, 10], [0, 1, 10])
    assert low == pytest.approx([0, 0.0253, 4.795], abs=5e-4)
    assert high == pytest.approx([3.689, 5.572, 18.390], abs=5e-4)


@pytest.mark.parametrize("mean", [10.0, 30.0, 300.0])
def test_limits_over_creators_cover_the_expected_uploads(mean: float) -> None:
    # Creators are Poisson many and upload unequally: the compound Poisson sum of the docstring.
    rng, worlds = np.random.default_rng(5), 4_000
    size = rng.poisson(mean, worlds)
    values = np.ceil(rng.lognormal(0.3, 0.7, (worlds, size.max())))
    values *= np.arange(size.max()) < size[:, None]
    truth = mean * np.ceil(np.random.default_rng(6).lognormal(0.3, 0.7, 2_000_000)).mean()
    low, high = interval_of_sum(values.sum(axis=1), (values**2).sum(axis=1))
    covered = ((low <= truth) & (truth <= high)).mean()
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / worlds)


def test_the_closed_form_covariance_is_that_of_a_poisson_bootstrap() -> None:
    rng = np.random.default_rng(2)
    cells = rng.poisson(0.6, (80, 6))
    creators, months = np.nonzero(cells)
    world = panel_of(("a",), np.zeros(len(creators), int), creators, months + 24000, cells[creators, months])
    exact = covariance(world, everyone(world)[0], cap=None)
    present = cells[cells.any(axis=1)]
    draws = rng.poisson(1.0, (40_000, len(present))) @ present
    measured = np.cov(draws.T)
    error = np.sqrt((exact**2 + np.outer(exact.diagonal(), exact.diagonal())) / len(draws))
    assert (np.abs(measured - exact) < 4.5 * error).all()


def test_a_series_variance_is_the_diagonal_of_the_covariance(world: Panel) -> None:
    (series,) = count(world, everyone(world), cap=2)
    assert covariance(world, everyone(world)[0], cap=None).diagonal().tolist() == series.squares.tolist()
    assert covariance(world, everyone(world)[0], cap=2).diagonal().tolist() == series.capped_squares.tolist()


def test_retention_of_a_world_on_fingers() -> None:
    world = panel(
        {"ann": {"2021-01": 1, "2021-03": 1}, "bob": {"2021-02": 2}, "new": {"2021-04": 1}},
        window=Window(parse_month("2021-01"), parse_month("2021-04"), truncated_first=False, unfinished_last=False),
    )
    (retention,) = retain(world, "year")
    assert retention.vintages == ("2021",)
    assert retention.observable.tolist() == [[3, 2, 2, 1]]
    assert retention.active.tolist() == [[3, 0, 1, 0]]
    assert retention.share.tolist() == [[1.0, 0.0, 0.5, 0.0]]


def test_retention_leaves_out_the_truncated_first_and_the_unfinished_last_month() -> None:
    world = panel({"old": {"2021-01": 1, "2021-02": 1}, "ann": {"2021-02": 1, "2021-04": 1}, "z": {"2021-04": 1}})
    (retention,) = retain(world, "month")
    assert retention.vintages == ("2021-02",)
    assert retention.observable.tolist() == [[1, 1]]


def test_retention_of_constant_hazard_is_geometric() -> None:
    # Creators upload every month and stop with probability h each month: the share active at tenure a is (1 − h)^a.
    rng, n, months, h = np.random.default_rng(8), 20_000, 24, 0.15
    life = np.minimum(rng.geometric(h, n), months)
    creators = np.repeat(np.arange(n), life)
    tenure = np.arange(life.sum()) - np.repeat(np.cumsum(life) - life, life)
    window = Window(24000, 24000 + months - 1, truncated_first=False, unfinished_last=False)
    world = panel_of(("a",), np.zeros(len(creators), int), creators, 24000 + tenure, np.ones(len(creators), int),
                     windows={"a": window})  # fmt: skip
    share = retain(world, "month")[0].share[0]
    expected = (1 - h) ** np.arange(months)
    assert (np.abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / n) + 1e-12).all()


def test_a_table_has_limits_around_every_count(world: Panel) -> None:
    table = count(world, everyone(world))[0].table()
    for measure in ("uploads", "capped", "creators", "entrants"):
        low, value, high = (table[name].to_pylist() for name in (f"{measure}_low", measure, f"{measure}_high"))
        assert all(a <= b <= c for a, b, c in zip(low, value, high, strict=True))


def test_garwoods_lower_limit_is_the_gamma_quantile() -> None:
    low, high = interval_of_sum(np.array([7.0]), np.array([7.0]))
    assert low[0] == pytest.approx(stats.gamma.ppf(0.025, 7))
    assert high[0] == pytest.approx(stats.gamma.ppf(0.975, 8))


def test_parts_of_the_creators_and_large_counts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Counts around and far above the ones that are tallied, on two platforms, against plain sums.
    rng = np.random.default_rng(3)
    n = 400
    platform, creator, month = rng.integers(0, 2, n), rng.integers(1, 40, n), rng.integers(0, 9, n)
    uploads = rng.choice([1, 2, 62, 63, 64, 65, 5_000_000], n)
    panel = panel_of(("a", "b"), platform, creator, 24_000 + month, uploads)
    cohorts = draw(panel, "cutoff", cutoff=24_002)
    whole = count(panel, cohorts, cap=64)
    matrices = [covariance(panel, cohort, cap=64) for cohort in cohorts]
    parts = tallies.parts
    monkeypatch.setattr(tallies, "parts", lambda panel, _: parts(panel, 7))
    for one, other in zip(whole, count(panel, cohorts, cap=64), strict=True):
        for name in ("uploads", "squares", "capped", "capped_squares", "creators", "entrants"):
            assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    for cohort, matrix in zip(cohorts, matrices, strict=True):
        assert covariance(panel, cohort, cap=64).tolist() == matrix.tolist()
    dense = np.zeros((len(panel), panel.n_months), np.int64)
    dense[panel.row, panel.month] = panel.count
    for cohort, series in zip(cohorts, whole[:2], strict=True):  # of platform a
        mine = dense[cohort.members & panel.on("a")]
        assert series.uploads.tolist() == mine.sum(axis=0).tolist()
        assert series.squares.tolist() == (mine**2).sum(axis=0).tolist()
        assert series.capped_squares.tolist() == (np.minimum(mine, 64) ** 2).sum(axis=0).tolist()
        assert series.creators.tolist() == (mine > 0).sum(axis=0).tolist()
