"""Retention as it may be published."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from precipice.report.kept import Active, Kept, active_in_bins, keep
from precipice.report.tables import kept_table
from precipice.series import Retention, retain
from tests.unit.report.made import END, START, WHOLE, ordinary, panel


def busiest(found: Retention) -> Active:
    """As many creators as uploaded in the bin's busiest month, as if always the same ones did."""

    def counted(months: int) -> np.ndarray:
        bins = (found.active.shape[1] - 1) // months
        inside = found.active[:, 1 : 1 + bins * months]
        return np.asarray(inside.reshape(len(inside), bins, months).max(axis=2))

    return counted


def kept(found: Retention, *, told: bool = True) -> Kept:
    return keep(found, busiest(found), told=lambda starts: told)


def retention(sizes: dict[str, int], active: dict[str, list[int]], months: int) -> Retention:
    names = tuple(sizes)
    observable = np.array([[sizes[name]] * months for name in names])
    found = np.array([[sizes[name], *active[name]] + [0] * (months - 1 - len(active[name])) for name in names])
    return Retention("site", names, observable, found)


def test_a_share_is_the_mean_of_its_months() -> None:
    cells = kept(retention({"2020": 100}, {"2020": [30, 20, 10, 8, 8, 8]}, 7))
    assert cells.tenures == ((1, 3), (4, 6))
    assert cells.share[0].tolist() == [0.2, 0.08]


def test_the_month_of_the_first_upload_is_left_out_since_everybody_is_active_in_it() -> None:
    assert kept(retain(ordinary().panel)[0]).tenures[0][0] == 1


def test_a_cell_of_one_to_four_active_creators_is_withheld_and_nought_is_given() -> None:
    cells = kept(retention({"2020": 100}, {"2020": [30, 20, 10, 4, 4, 3, 0, 0, 0] + [9] * 12}, 22))
    assert cells.few[0, :3].tolist() == [False, True, False]
    assert np.isnan(cells.share[0, 1])
    assert cells.share[0, 2] == 0


def test_entry_years_of_fewer_than_five_are_given_with_their_neighbours() -> None:
    sizes = {"2014": 2, "2015": 2, "2016": 3, "2017": 40, "2018": 1}
    cells = kept(retention(sizes, {name: [] for name in sizes}, 13))
    assert cells.vintages == ("2014–2016", "2017–2018")
    assert cells.creators is not None
    assert cells.creators.tolist() == [7, 41]


def test_thin_retention_is_given_in_longer_bins() -> None:
    thin = kept(retention({"2020": 30}, {"2020": [6, 1, 1, 2, 2, 1, 1, 1, 2, 1, 1, 1] * 3}, 37))
    assert thin.bin == 12


@pytest.mark.parametrize("seed", range(20))
def test_no_share_of_a_random_panel_is_of_fewer_than_five(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = {}
    for i in range(int(rng.integers(6, 80))):
        first = int(rng.integers(START - 24, END))
        cells[f"artist {i}"] = {m: 1 for m in range(first, END + 1) if m == first or rng.random() < 0.15}
    whole = panel({"site": cells}, {"site": replace(WHOLE, first=START - 24)})
    found = retain(whole)[0]
    for row in kept_table(keep(found, partial(active_in_bins, whole, "site"))).to_pylist():
        first_year, last_year = (int(row["first_upload"].split("–")[end]) for end in (0, -1))
        tenures = range(row["months_since_from"], row["months_since_to"] + 1)
        those = [c for c in cells.values() if first_year <= min(c) // 12 <= last_year]
        followed = [c for t in tenures for c in those if min(c) + t <= END]
        active = [id(c) for t in tenures for c in those if min(c) + t in c]
        assert row["creators"] == len(those) >= 5
        if row["status"] == "given":
            assert len(set(active)) not in range(1, 5)
            assert row["share_active"] == pytest.approx(len(active) / len(followed), abs=0.0051)
        else:
            assert row["share_active"] is None


def test_sizes_of_years_are_given_only_where_they_may_be_told() -> None:
    found = retention({"2020": 100}, {"2020": [30, 20, 10]}, 4)
    assert kept(found, told=False).creators is None
    assert kept(found).creators is not None
