"""Pictures of tags: what they draw, what they withhold, and what they say."""

import json
from dataclasses import replace

import numpy as np
import pytest
from studies.themes.worlds import CUTOFF, World, draw

from precipice.cohorts import draw_by_cutoff, everyone
from precipice.profiles.diversity import measure_diversity
from precipice.profiles.novelty import Novelty
from precipice.profiles.theme_search import find_themes
from precipice.records import EVENTS
from precipice.report.diversity_charts import diversity_figures
from precipice.report.figure import Figure
from precipice.report.novelty_chart import novelty_figures
from precipice.report.saving import paper_svg
from precipice.report.theme_charts import theme_figures, theme_words, told
from precipice.study import Findings
from precipice.study.profiling.diversity import DiversityProfile
from precipice.study.profiling.themes import ThemesProfile, Unasked
from tests.unit.report.made import find

WORLD = World("small", "a small platform", creators=900, tags=40, planted={2: -2.5})


@pytest.fixture(scope="module")
def findings() -> Findings:
    panel, counts = draw(WORLD, np.random.default_rng(2))
    themes = find_themes(panel, counts, "site", EVENTS["stable-diffusion"], cutoff=CUTOFF)
    cohorts = (*draw_by_cutoff(panel, CUTOFF), *everyone(panel))
    years = measure_diversity(panel, counts, cohorts, "site", halves=5)
    return find(
        panel,
        themes=ThemesProfile((themes,), (Unasked("site", "nft-boom", "Too early."),), 10, 9, 40, 0),
        diversity=DiversityProfile(years, (), (), 0),
    )


@pytest.fixture(scope="module")
def pictures(findings: Findings) -> dict[str, Figure]:
    return {figure.stem: figure for figure in (*theme_figures(findings), *diversity_figures(findings))}


def test_there_are_three_pictures(pictures: dict[str, Figure]) -> None:
    assert list(pictures) == ["themes-site-stable-diffusion", "slopes-site-stable-diffusion", "diversity-site"]


@pytest.mark.parametrize("millimetres", [85, 178])
def test_each_is_drawn_at_both_widths_with_the_planted_tag_on_it(pictures: dict[str, Figure], millimetres: int) -> None:
    for name, figure in pictures.items():
        svg = paper_svg(figure, millimetres)
        assert f'width="{millimetres}mm"' in svg
        assert (">t2<" in svg) is (not name.startswith("diversity"))


def test_tags_of_one_to_four_artists_in_a_group_keep_their_numbers_to_themselves(
    findings: Findings, pictures: dict[str, Figure]
) -> None:
    assert findings.themes is not None
    (themes,) = findings.themes.found
    hidden = [themes.tags[k] for k in np.flatnonzero(~told(findings, themes))]
    assert hidden  # otherwise this test would hold of anything
    rows = {row["tag"]: row for row in pictures["themes-site-stable-diffusion"].table().to_pylist()}
    for tag in hidden:
        assert rows[tag]["status"] == "<5"
        assert rows[tag]["share_senior_before"] is rows[tag]["gap_after"] is rows[tag]["beyond"] is None
    assert f"{len(hidden)} tags of 1 to 4 artists" in " ".join(pictures["themes-site-stable-diffusion"].notes)
    drawn = {row["tag"] for row in pictures["slopes-site-stable-diffusion"].table().to_pylist()}
    assert not drawn & set(hidden)


def test_of_simulated_people_nothing_is_withheld(findings: Findings) -> None:
    assert findings.themes is not None
    simulated = replace(findings, simulated="Nothing happened.")
    assert told(simulated, findings.themes.found[0]).all()


def test_only_named_tags_stand_in_the_slopes_where_any_is(findings: Findings, pictures: dict[str, Figure]) -> None:
    assert {row["tag"] for row in pictures["slopes-site-stable-diffusion"].table().to_pylist()} == {"t2"}
    assert "t2: seniors" in pictures["slopes-site-stable-diffusion"].description


def test_the_words_say_what_was_found_and_what_could_not_be_asked(findings: Findings) -> None:
    text = " ".join(theme_words(findings))
    assert "t2" in text
    assert ", NFT boom: cannot tell: Too early." in text
    assert "common tags" in text
    assert theme_words(replace(findings, themes=None, diversity=None)) == ()


def test_the_numbers_of_diversity_are_those_drawn(findings: Findings, pictures: dict[str, Figure]) -> None:
    assert findings.diversity is not None
    rows = pictures["diversity-site"].table().to_pylist()
    told = [one for one in findings.diversity.found if one.cohort in ("senior", "junior")]
    assert [row["hill1"] for row in rows] == [one.hill[1] for one in told]
    assert min(row["creators"] for row in rows) >= 20


@pytest.fixture(scope="module")
def novel(findings: Findings) -> Findings:
    """Novelty of a few years, a gap in it, and too few months of another platform."""
    rng = np.random.default_rng(4)
    assert findings.diversity is not None
    rows = []
    for cohort, base in (("senior", 0.35), ("junior", 0.45), ("all", 0.4)):
        for month in range(CUTOFF - 10, CUTOFF + 20):
            if month != CUTOFF + 3:
                average, peak = base + 0.03 * rng.standard_normal(2) + (0, 0.3)
                rows.append(Novelty("site", cohort, month, 50, 90, average, 0.02, peak, peak - 0.05, peak + 0.04))
    rows += [Novelty("other", "senior", CUTOFF + n, 50, 90, 0.4, 0.02, 0.7, 0.6, 0.8) for n in range(5)]
    return replace(findings, diversity=replace(findings.diversity, novelty=tuple(rows)))


@pytest.mark.parametrize("millimetres", [85, 178])
def test_novelty_is_drawn_of_platforms_with_enough_months(novel: Findings, millimetres: int) -> None:
    (figure,) = novelty_figures(novel)
    assert figure.stem == "novelty-site"
    assert f'width="{millimetres}mm"' in paper_svg(figure, millimetres)
    assert "uploads was 0." in figure.description
    table = figure.table().to_pylist()
    assert {row["cohort"] for row in table} == {"senior", "junior"}
    assert len(table) == 2 * 29
    assert {"peak", "peak_low", "peak_high", "average_se"} <= set(table[0])


def test_without_novelty_there_is_no_picture_of_it(findings: Findings) -> None:
    assert novelty_figures(findings) == ()
    assert novelty_figures(replace(findings, diversity=None)) == ()


def test_turnover_is_drawn_beside_what_chance_makes(pictures: dict[str, Figure]) -> None:
    rows = pictures["diversity-site"].table().to_pylist()
    told = [row for row in rows if row["turnover"] is not None]
    assert told
    assert all(row["turnover_se"] > 0 for row in told)
    drawn = json.dumps(pictures["diversity-site"].chart().to_dict())
    assert '"chance"' in drawn
    assert "turnover from year to year" in drawn
