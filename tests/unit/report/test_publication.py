"""What may be published: no number of 1 to 4 creators, by itself or by taking others away."""

from dataclasses import replace

import numpy as np
import pytest

from precipice.months import parse_month
from precipice.panel import Window
from precipice.report.publication import FEWEST, Line, period_of, split, total
from precipice.report.sizes import cohort_sizes
from precipice.study.findings import Findings
from tests.unit.report.made import CUTOFF, END, START, WHOLE, find, ordinary, panel, paper, steady


def lines(findings: Findings, platform: str = "site") -> dict[str, Line]:
    capped = {f"{line.name} capped": line for line in split(findings, platform, capped=True)}
    whole = {line.name: line for line in split(findings, platform, capped=False)}
    return {"all": total(findings, platform), **capped, **whole}


def test_with_enough_creators_the_lines_are_the_series() -> None:
    findings = ordinary()
    senior, junior = findings.cohorts
    found = lines(findings)
    assert found["all"].value.tolist() == findings.overall[0].uploads.tolist()
    assert found["senior capped"].value.tolist() == senior.capped.tolist()
    assert found["junior capped"].value.tolist() == junior.capped[junior.can_exist].tolist()
    low, high = senior.interval("capped")
    np.testing.assert_allclose(found["senior capped"].low, low, atol=0.005)
    np.testing.assert_allclose(found["senior capped"].high, high, atol=0.005)


def test_no_line_begins_before_its_cohort_can_exist() -> None:
    for line in lines(ordinary()).values():
        assert line.start[0] == (CUTOFF if line.name == "junior" else START)


def test_months_outside_of_a_platforms_window_are_not_drawn() -> None:
    later = {f"late {i}": dict.fromkeys(range(CUTOFF - 3, END - 1), 1) for i in range(9)}
    findings = find(panel({"site": steady(), "young": later}, {"site": WHOLE}))
    line = total(findings, "young")
    assert (line.start[0], line.end[-1]) == (CUTOFF - 3, END - 2)


def few_in(month: int, seniors: int, juniors: int) -> Findings:
    """Leave only so many creators active in one month."""
    cells = steady()
    for name, uploads in cells.items():
        number = int(name.split()[1])
        uploads.pop(month, None)
        if number < (seniors if name.startswith("senior") else juniors) and min(uploads) < month:
            uploads[month] = 9
    return find(panel({"site": cells}, {"site": WHOLE}))


@pytest.mark.parametrize("creators", range(1, FEWEST))
def test_a_month_of_one_to_four_creators_is_withheld(creators: int) -> None:
    month = CUTOFF + 15
    found = lines(few_in(month, creators, 20))
    assert found["senior capped"].few[month - START]
    assert np.isnan(found["senior capped"].value[month - START])
    assert np.isnan(found["senior capped"].low[month - START])


def test_a_month_of_nobody_is_given_as_nought() -> None:
    month = CUTOFF + 15
    line = lines(few_in(month, 0, 20))["senior capped"]
    assert line.value[month - START] == 0
    assert not line.few[month - START]


def test_where_one_cohort_is_withheld_both_are_and_their_sum_is_given() -> None:
    month = CUTOFF + 15
    found = lines(few_in(month, 3, 20))
    assert np.isnan(found["senior"].value[month - START])
    assert np.isnan(found["junior"].value[month - CUTOFF])
    assert found["all"].value[month - START] == 23 * 9
    assert found["junior capped"].value[month - CUTOFF] == 20


def test_capped_uploads_are_withheld_too_where_all_uploads_would_tell() -> None:
    cells = steady()
    month = CUTOFF + 15
    for name, uploads in cells.items():
        uploads.pop(month, None)
        if name.startswith("junior") and int(name.split()[1]) < 20:
            uploads[month] = 1
    cells["senior 0"][month] = 1  # 21 uploads, 20 juniors at most once: one senior is left
    found = lines(find(panel({"site": cells}, {"site": WHOLE})))
    assert found["all"].value[month - START] == 21
    assert np.isnan(found["junior capped"].value[month - CUTOFF])


def test_with_a_cap_over_one_no_cohort_is_given_where_the_other_is_withheld() -> None:
    findings = few_in(CUTOFF + 15, 3, 20)
    study = findings.study.model_copy(update={"study": findings.study.study.model_copy(update={"cap": 2})})
    capped = find(findings.panel, study={"cap": 2})
    assert capped.study == study
    assert np.isnan(lines(capped)["junior capped"].value[15])


def thin(creators: int = 24) -> Findings:
    """Three creators a month, others every month: too few for months, enough for quarters."""
    cells = {
        f"artist {i}": {m: 2 for m in range(START, END + 1) if m % 8 == i % 8 or (m == START and i < 12)}
        for i in range(creators)
    }
    return find(panel({"site": cells}, {"site": WHOLE}))


def test_where_too_many_months_would_be_withheld_numbers_are_of_quarters() -> None:
    findings = thin()
    assert period_of(findings, "site") == 3
    line = total(findings, "site")
    counts = dict.fromkeys(range(START, END + 1), 0)
    active: dict[int, set[int]] = {}
    for row, month, uploads in zip(
        findings.panel.row.tolist(), findings.panel.month.tolist(), findings.panel.count.tolist(), strict=True
    ):
        counts[month + START] += uploads
        active.setdefault((month + START) // 3, set()).add(row)
    for start, end, value in zip(line.start.tolist(), line.end.tolist(), line.value.tolist(), strict=True):
        if np.isnan(value):
            assert len(active[start // 3]) < FEWEST
            continue
        assert value == pytest.approx(sum(counts[m] for m in range(start, end + 1)) / (end - start + 1), abs=1e-6)


def test_the_last_quarter_may_be_short_and_is_a_mean_of_the_months_there_are() -> None:
    line = total(thin(), "site")
    assert (line.start[-1], line.end[-1]) == (parse_month("2023-10"), END)


def test_a_sum_over_months_is_over_those_that_are_given() -> None:
    findings = few_in(CUTOFF + 15, 3, 20)
    senior = next(size for size in cohort_sizes(findings, "site") if size.cohort == "senior")
    line = lines(findings)["senior"]
    assert senior.uploads == int(np.nansum(line.value))
    assert senior.uploads < int(findings.cohorts[0].uploads.sum())
    assert senior.withheld == 1


def test_a_cohort_of_one_to_four_is_given_together_with_the_other() -> None:
    cells = {name: months for name, months in steady().items() if name.startswith("senior") or name == "junior 0"}
    (size,) = cohort_sizes(find(panel({"site": cells}, {"site": WHOLE})), "site")
    assert size.cohort == "senior and junior"
    assert size.creators == 41


def test_a_simulated_population_hides_nobody() -> None:
    findings = paper()
    artstation = findings.cohorts[1]
    assert artstation.size > 0
    assert (artstation.creators > 0).any()
    assert (artstation.creators < FEWEST).all()
    assert all(line.given.all() for name in findings.panel.platforms for line in lines(findings, name).values())


def random_findings(seed: int, cap: int = 1) -> Findings:
    rng = np.random.default_rng(seed)
    cells: dict[str, dict[int, int]] = {}
    rate = rng.uniform(0.02, 0.3)
    for i in range(int(rng.integers(3, 60))):
        first = int(rng.integers(START, END + 1))
        months = [first, *(m for m in range(first + 1, END + 1) if rng.random() < rate)]
        cells[f"artist {i}"] = {m: int(rng.geometric(0.6)) for m in months}
    cells["first"], cells["last"] = {START: 1}, {END: 1}
    window = Window(START, END, bool(rng.integers(2)), bool(rng.integers(2)))
    return find(panel({"site": cells}, {"site": window}), study={"cap": cap})


@pytest.mark.parametrize("cap", [1, 3])
@pytest.mark.parametrize("seed", range(40))
def test_no_published_number_is_of_one_to_four_creators_nor_gives_one_away(seed: int, cap: int) -> None:
    findings = random_findings(seed, cap)
    found = lines(findings)
    month = findings.panel.month.astype(int) + findings.panel.start
    first = findings.panel.first[findings.panel.row]
    members = {"all": first > 0, "senior": first < CUTOFF, "junior": first >= CUTOFF}

    def creators(name: str, start: int, end: int) -> int:
        chosen = members[name] & (month >= start) & (month <= end)
        return len(np.unique(findings.panel.row[chosen]))

    given = {}
    for key, line in found.items():
        for start, end, value in zip(line.start.tolist(), line.end.tolist(), line.value.tolist(), strict=True):
            if np.isfinite(value):
                assert creators(line.name, start, end) not in range(1, FEWEST)
                given[key, start // line.period] = round(value * (end - start + 1))
    # Whoever takes one cohort from all must find no small cell of the other one.
    for (key, period), uploads in given.items():
        whole = given.get(("all", period))
        other = "junior" if key.startswith("senior") else "senior"
        months = (period * found["all"].period, (period + 1) * found["all"].period - 1)
        if key != "all" and whole is not None and creators(other, *months) in range(1, FEWEST):
            assert whole - uploads >= FEWEST - 1
            assert key.endswith("capped")
    for size in cohort_sizes(findings, "site"):
        assert size.creators is None or size.creators not in range(1, FEWEST)
        summed = found["all"] if " and " in size.cohort else found.get(size.cohort)
        assert summed is None or size.uploads == summed.uploads


def test_platforms_without_a_month_in_the_study_are_left_out() -> None:
    old = {f"old {i}": {START - 40: 3, START - 39: 1} for i in range(9)}
    findings = find(panel({"site": steady(), "gone": old}), start=START, end=END)
    from precipice.report.publication import platforms

    assert platforms(findings) == ("site",)
    assert platforms(replace(findings, start=START)) == ("site",)


@pytest.mark.parametrize(("seniors", "juniors", "told"), [(3, 0, False), (3, 8, True), (0, 0, True)])
def test_uploads_without_a_cap_are_withheld_where_few_are_above_it(seniors: int, juniors: int, told: bool) -> None:
    cells, month = steady(), CUTOFF + 15
    for name, uploads in cells.items():
        cohort, number = name.split()
        uploads.pop(month, None)
        if int(number) < 12:
            uploads[month] = 2 if int(number) < (seniors if cohort == "senior" else juniors) else 1
    found = lines(find(panel({"site": cells}, {"site": WHOLE})))
    at, later = month - START, month - CUTOFF
    assert found["senior capped"].value[at] == found["junior capped"].value[later] == 12
    few = 0 < seniors < FEWEST
    assert np.isnan(found["senior"].value[at]) == np.isnan(found["junior"].value[later]) == few
    assert np.isnan(found["all"].value[at]) == (not told)
