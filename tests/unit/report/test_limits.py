"""What the data cannot say: each sentence where it holds, and nowhere else."""

from dataclasses import replace

import pytest

from precipice.archive import Source
from precipice.cohorts import sample
from precipice.panel import Window
from precipice.records import EVENTS
from precipice.report.limits import limits
from precipice.study.findings import Findings
from tests.unit.report.made import CUTOFF, END, START, WHOLE, find, ordinary, panel, paper, steady


def said(findings: Findings) -> dict[str, str]:
    found = {}
    for sentence in limits(findings):
        name, _, words = sentence.partition(". ")
        found[name] = words
    return found


def windowed(*, truncated: bool, unfinished: bool) -> Findings:
    return find(panel({"site": steady()}, {"site": Window(START, END, truncated, unfinished)}))


def source(kind: str, **dropped: int) -> Source:
    return Source(kind, (), {}, "2024-01-01T00:00:00Z", "0", 100 + sum(dropped.values()), 100, dropped)


def test_a_truncated_first_month_is_said() -> None:
    words = said(windowed(truncated=True, unfinished=False))["Who is new"]
    assert "On site records begin in 2021-01" in words
    assert "Who is new" not in said(ordinary())


def test_an_unfinished_last_month_is_said() -> None:
    assert (
        "2023-10 may not have been observed to its end"
        in said(windowed(truncated=False, unfinished=True))["The last month"]
    )
    assert "The last month" not in said(ordinary())


def test_an_unfinished_month_after_the_months_shown_is_not_said() -> None:
    findings = windowed(truncated=False, unfinished=True)
    assert "The last month" not in said(find(findings.panel, end=END - 2))


@pytest.mark.parametrize(
    ("frame", "words"), [("followers", "followers they have today"), ("recent", "uploaded lately")]
)
def test_how_creators_were_chosen_is_said(frame: str, words: str) -> None:
    assert words in said(find(ordinary().panel, study={"frame": frame}))["Who was chosen"]


@pytest.mark.parametrize("frame", ["population", "random"])
def test_creators_chosen_at_random_need_no_warning(frame: str) -> None:
    assert "Who was chosen" not in said(find(ordinary().panel, study={"frame": frame}))


def test_danbooru_times_are_said_to_be_those_of_being_noticed() -> None:
    findings = find(panel({"danbooru": steady()}, {"danbooru": WHOLE}))
    assert "when somebody posted a work to Danbooru" in said(findings)["The clock"]
    original = find(findings.panel, study={"clock": "source"})
    assert "those of the original where a post's source carries one" in said(original)["The clock"]
    assert "The clock" in said(replace(ordinary(), sources=(source("danbooru2023"),)))
    assert "The clock" not in said(ordinary())


def test_the_cap_is_always_said() -> None:
    assert "at most once a month" in said(ordinary())["The cap"]
    assert "at most 4 times a month" in said(find(ordinary().panel, study={"cap": 4}))["The cap"]


def test_uploaders_are_said_not_to_be_artists() -> None:
    assert "not those who made them" in said(find(ordinary().panel, study={"unit": "uploader"}))["Who is counted"]
    assert "account or name on one platform" in said(ordinary())["Who is counted"]


def test_few_creators_are_said() -> None:
    assert "On site (70 artists) there are fewer than 1,000 creators" in said(ordinary())["Small numbers"]
    assert "Danbooru" not in said(paper())["Small numbers"]


def test_withheld_numbers_are_counted() -> None:
    cells = steady()
    for name, uploads in cells.items():
        if name.startswith("senior") and int(name.split()[1]) > 2:
            uploads.pop(CUTOFF + 15, None)
    findings = find(panel({"site": cells}, {"site": WHOLE}))
    # The seniors' capped uploads, and the uploads of both cohorts.
    assert said(findings)["Few artists"].startswith("3 numbers of 1 to 4 artists")
    assert "Few artists" not in said(ordinary())
    assert "Few artists" not in said(paper())


def test_a_platform_without_seniors_is_said() -> None:
    young = {name: months for name, months in steady().items() if name.startswith("junior")}
    findings = find(panel({"site": steady(), "young": young}, {"site": WHOLE}))
    assert "On young there are none (first upload before 2022-01)" in said(findings)["No seniors"]
    assert "No seniors" not in said(ordinary())


def test_events_that_lie_close_together_are_said() -> None:
    assert "DALL·E 2 and Stable Diffusion lie 4 months apart" in said(ordinary())["Which event"]
    apart = replace(ordinary(), events=(EVENTS["nft-boom"], EVENTS["stable-diffusion"]))
    assert "Which event" not in said(apart)


def test_rows_that_name_nobody_are_said() -> None:
    findings = replace(ordinary(), sources=(source("table", no_creator=25),))
    assert "20.0 % of the rows read name no creator" in said(findings)["Works of nobody"]
    assert "Works of nobody" not in said(replace(ordinary(), sources=(source("table", repeated=25),)))


def test_a_sample_is_said_and_a_tiny_one_without_its_size() -> None:
    whole = ordinary().panel
    assert "30 of 70 on site" in said(replace(ordinary(), draw=sample(whole, 30, seed=3)))["A sample"]
    tiny = said(replace(ordinary(), draw=sample(whole, 3, seed=3)))["A sample"]
    assert "drawn at random (seed 3)" in tiny
    assert "3 of 70" not in tiny


def test_a_simulated_population_is_said_to_be_nothing_measured() -> None:
    assert "Nothing here is measured" in said(paper())
    assert "What is gone" not in said(paper())
    assert "What is gone" in said(ordinary())


def test_platforms_whose_records_begin_and_end_apart_share_a_sentence() -> None:
    early = steady()
    late = {name: {m: n for m, n in months.items() if START + 3 < m < END - 1} for name, months in early.items()}
    words = limits(find(panel({"early": early, "late": {k: v for k, v in late.items() if v}})))
    (new,) = [one for one in words if one.startswith("Who is new.")]
    (last,) = [one for one in words if one.startswith("The last month.")]
    assert "On early (2021-01) and late (2021-05) records begin in the month in brackets" in new
    assert "late (2023-08) and early (2023-10) the month in brackets may not have been observed to its end" in last
