"""Numbers of creators that a page tells in several places, attacked: no difference of them is of 1 to 4 creators."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from precipice.panel import Window
from precipice.report import publication
from precipice.report.charts import retention_heatmap
from precipice.report.publication import FEWEST
from precipice.report.sizes import cohort_sizes
from precipice.study.findings import Findings
from tests.unit.report.made import find, panel

Members = npt.NDArray[np.bool_]

START, END = 24_240, 24_240 + 47  # four years


def world(seed: int) -> tuple[Findings, npt.NDArray[np.int64]]:
    """Draw a few dozen creators, with a cutoff anywhere, a truncated first month or an unfinished last one.

    Returns:
        findings, and the month in which each creator came.
    """
    rng = np.random.default_rng(seed)
    first = np.sort(rng.integers(START, END + 1, int(rng.integers(12, 70))))
    cells = {
        str(i): {m: 1 for m in range(joined, END + 1) if m == joined or rng.random() < 0.5}
        for i, joined in enumerate(first.tolist())
    }
    window = Window(START, END, truncated_first=bool(rng.random() < 0.5), unfinished_last=bool(rng.random() < 0.5))
    made = find(panel({"site": cells}, {"site": window}), cutoff=int(rng.integers(START + 2, END - 2)))
    return made, first


def told(findings: Findings, first: npt.NDArray[np.int64]) -> list[Members]:
    """Give the members of each number of creators that the page tells: of cohorts, and of years of entry."""
    senior = first < findings.study.study.cutoff
    members = {"senior": senior, "junior": ~senior, "senior and junior": np.ones_like(senior)}
    found = [members[size.cohort] for size in cohort_sizes(findings, "site") if size.creators is not None]
    window = findings.panel.window("site")
    followed = (first >= window.first + window.truncated_first) & (first <= window.last_complete)
    years = {
        (row["first_upload"], row["creators"])
        for row in retention_heatmap(findings, "site").table().to_pylist()
        if row["creators"] is not None
    }
    for years_of, size in sorted(years):
        begin, end = (int(years_of.split("–")[side]) for side in (0, -1))
        found.append(followed & (first // 12 >= begin) & (first // 12 <= end))
        assert found[-1].sum() == size
    return found


def fewest_found(forms: list[Members]) -> int:
    """Give the smallest group, none of nobody, that sums of the forms and their differences tell of."""
    sums = [
        np.sum([forms[i] for i in chosen], axis=0)
        for number in range(1, len(forms) + 1)
        for chosen in itertools.combinations(range(len(forms)), number)
    ]
    differences = [one - other for one in sums for other in [np.zeros_like(one), *sums] if ((one - other) >= 0).all()]
    return min((int((form > 0).sum()) for form in differences if form.any()), default=FEWEST)


@pytest.mark.parametrize("seed", range(40))
def test_no_difference_of_numbers_of_creators_is_of_one_to_four(seed: int) -> None:
    findings, first = world(seed)
    if not publication.followed(findings):
        return
    assert fewest_found(told(findings, first)) >= FEWEST


def test_worlds_are_such_that_years_told_anyway_would_tell_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "vintages_told", lambda *given: True)
    assert sum(fewest_found(told(*world(seed))) < FEWEST for seed in range(40)) > 10


def test_numbers_behind_an_estimate_are_told_in_fives() -> None:
    assert [publication.rounded(creators) for creators in (0, 1, 4, 5, 9, 72, 75)] == [0, None, None, 5, 5, 70, 75]
