"""The figures: what is drawn, and what is said of it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from precipice.errors import InputError
from precipice.panel import Window
from precipice.records import EVENTS, Event
from precipice.report import cohorts_on, figures, retention_heatmap, totals_with_split, uploads_by_platform
from precipice.report.figure import Figure
from precipice.report.look import COHORTS, DARK, LAYOUTS, PAPER, PLATFORMS
from precipice.report.plot import nice_ticks
from precipice.study.findings import Findings
from tests.unit.report.made import CUTOFF, END, START, WHOLE, find, ordinary, panel, paper, steady


def specification(figure: Figure, millimetres: int = 178) -> dict[str, Any]:
    return dict(figure.chart(millimetres).to_dict())


def layers(spec: Any) -> Iterator[dict[str, Any]]:
    """Give every mark of a specification with the rows it draws."""
    found = spec.get("datasets", {})

    def walk(part: dict[str, Any], data: Any) -> Iterator[dict[str, Any]]:
        data = part.get("data", data)
        for inner in part.get("vconcat", []) + part.get("concat", []) + part.get("layer", []):
            yield from walk(inner, data)
        if "mark" in part:
            rows = data.get("values") if "values" in data else found[data["name"]]
            yield {"mark": part["mark"], "encoding": part["encoding"], "rows": rows}

    yield from walk(spec, {})


def marks(figure: Figure, kind: str, millimetres: int = 178) -> list[dict[str, Any]]:
    return [layer for layer in layers(specification(figure, millimetres)) if layer["mark"]["type"] == kind]


def unfinished() -> Findings:
    window = Window(START, END, truncated_first=True, unfinished_last=True)
    return find(panel({"site": steady()}, {"site": window}))


def test_a_cohort_is_drawn_from_its_cutoff_on_and_not_before() -> None:
    for layer in layers(specification(cohorts_on(ordinary(), "site"))):
        juniors = [row["month"] for row in layer["rows"] if row.get("line") == "juniors"]
        assert all(month >= "2022-01-01" for month in juniors)
    (line,) = (mark for mark in marks(cohorts_on(ordinary(), "site"), "line") if mark["rows"][0]["line"] == "juniors")
    assert line["rows"][0]["month"] == "2022-01-16"


def test_lines_hold_the_numbers_of_the_series() -> None:
    drawn = {mark["rows"][0]["line"]: mark for mark in marks(cohorts_on(ordinary(), "site"), "line")}
    senior, junior = ordinary().cohorts
    assert [row["value"] for row in drawn["seniors"]["rows"]] == senior.capped.tolist()
    assert [row["value"] for row in drawn["juniors"]["rows"]] == junior.capped[junior.can_exist].tolist()


def test_seniors_are_blue_and_solid_and_juniors_vermilion_and_dashed() -> None:
    drawn = {mark["rows"][0]["line"]: mark for mark in marks(cohorts_on(ordinary(), "site"), "line")}
    assert drawn["seniors"]["encoding"]["color"]["value"] == "#0072B2"
    assert drawn["juniors"]["encoding"]["color"]["value"] == "#D55E00"
    assert drawn["seniors"]["mark"]["strokeDash"] == [1, 0]
    assert drawn["juniors"]["mark"]["strokeDash"] != [1, 0]


def test_there_is_no_legend_since_labels_stand_at_the_lines_ends() -> None:
    figure = cohorts_on(ordinary(), "site")
    assert all(
        (mark["encoding"].get("color") or {}).get("legend", None) is None for mark in layers(specification(figure))
    )
    words = {row.get("label") for mark in marks(figure, "text") for row in mark["rows"]}
    assert {"seniors", "juniors", "NFT boom", "DALL·E 2", "Stable Diffusion"} <= words


def test_counts_begin_at_nought() -> None:
    for figure in figures(ordinary()):
        for mark in layers(specification(figure)):
            domain = (mark["encoding"].get("y", {}).get("scale") or {}).get("domain")
            assert domain is None or domain[0] == 0


def test_an_unfinished_month_is_hollow_and_stands_off_the_line_and_the_figure_says_so() -> None:
    figure = cohorts_on(unfinished(), "site")
    hollow = [
        row["month"] for mark in marks(figure, "point") if mark["mark"].get("fill") == PAPER for row in mark["rows"]
    ]
    assert sorted(hollow) == ["2021-01-16", "2023-10-16", "2023-10-16"]
    lined = {row["month"] for mark in marks(figure, "line") for row in mark["rows"]}
    assert not lined & set(hollow)
    assert "Hollow: not observed throughout." in figure.notes
    assert not [note for note in cohorts_on(ordinary(), "site").notes if "Hollow" in note]


def test_a_month_of_few_is_a_bar_over_all_it_can_be() -> None:
    cells = steady()
    month = CUTOFF + 15
    for name, uploads in cells.items():
        if name.startswith("senior") and int(name.split()[1]) > 2:
            uploads.pop(month, None)
    findings = find(panel({"site": cells}, {"site": WHOLE}))
    figure = cohorts_on(findings, "site")
    bars = [row for mark in marks(figure, "rule") for row in mark["rows"] if row.get("few")]
    assert [row["month"] for row in bars] == ["2023-04-16"]
    assert "value" not in bars[0]
    assert (bars[0]["least"], bars[0]["most"]) == (1, 4)
    assert "Bars: 1 to 4 artists, number withheld." in figure.notes


def test_every_figure_of_a_simulated_population_says_so_and_what_was_planted() -> None:
    for figure in figures(paper()):
        for millimetres in LAYOUTS:
            words = " ".join(row["line"] for row in marks(figure, "text", millimetres)[-1]["rows"])
            assert "SIMULATED — known truth: No effect was planted" in words
        assert figure.description.startswith("Simulated") or "Heat map" in figure.description


def test_a_measured_figure_does_not_say_simulated() -> None:
    for figure in figures(ordinary()):
        assert "SIMULATED" not in str(specification(figure))


def test_the_description_gives_first_last_and_highest_number_and_the_means_around_events() -> None:
    findings = ordinary()
    senior = findings.cohorts[0].capped
    top = int(np.argmax(senior))
    at = EVENTS["stable-diffusion"].month - START
    text = cohorts_on(findings, "site").description
    assert (
        f"seniors: {senior[0]} in 2021-01, {senior[-1]} in 2023-10, highest {senior[top]} in 2021-{top + 1:02d}" in text
    )
    before, after = senior[at - 6 : at].mean(), senior[at : at + 6].mean()
    assert f"Stable Diffusion, 2022-08: mean {before:.0f} in the 6 months before, {after:.0f} from it on." in text


def test_the_description_says_nothing_around_an_event_without_six_months_on_both_sides() -> None:
    near = Event("near", "Near", date(2023, 8, 1), "made up")
    findings = replace(ordinary(), events=(near,))
    assert "Near" not in cohorts_on(findings, "site").description


def test_the_specification_carries_the_description() -> None:
    figure = totals_with_split(ordinary(), "site")
    assert specification(figure)["description"] == figure.description


def test_totals_are_drawn_with_their_split() -> None:
    drawn = {mark["rows"][0]["line"]: mark["rows"] for mark in marks(totals_with_split(ordinary(), "site"), "line")}
    assert list(drawn) == ["all", "seniors", "juniors"]
    whole = {row["month"]: row["value"] for row in drawn["all"]}
    parts = [{row["month"]: row["value"] for row in drawn[name]} for name in ("seniors", "juniors")]
    assert all(value == sum(part.get(month, 0) for part in parts) for month, value in whole.items())


def test_platforms_of_like_size_share_a_plot_and_others_have_their_own() -> None:
    small = find(panel({"a": steady(), "b": steady(30, 20)}, {"a": WHOLE, "b": WHOLE}))
    assert "layer" in specification(uploads_by_platform(small))["vconcat"][0]
    names = [f"site {index}" for index in range(11)]
    many = find(panel({name: steady(12, 12) for name in names}, dict.fromkeys(names, WHOLE)))
    figure = uploads_by_platform(many)
    assert len(specification(figure)["vconcat"][0]["concat"]) == 11
    assert "Each platform has its own scale." in figure.notes
    assert "Dotted: 1 NFT boom, 2 DALL·E 2 and 3 Stable Diffusion." in figure.notes


def test_an_event_of_another_platform_is_not_drawn() -> None:
    own = Event("own", "Somewhere else", date(2022, 3, 1), "made up", platforms=("elsewhere",))
    findings = replace(ordinary(), events=(own,))
    assert "Somewhere else" not in str(specification(cohorts_on(findings, "site")))


def test_a_heat_map_has_a_row_a_year_and_leaves_out_what_could_not_be_observed() -> None:
    figure = retention_heatmap(paper(), "danbooru")
    rows = [row for mark in marks(figure, "rect") for row in mark["rows"]]
    assert {row["first"] for row in rows} == {str(year) for year in range(2014, 2024)}
    assert max(row["from"] for row in rows if row["first"] == "2023") < 10


def test_a_platform_that_is_not_there_is_an_error_that_names_those_that_are() -> None:
    with pytest.raises(InputError, match="pixiv"):
        cohorts_on(ordinary(), "pixiv")
    with pytest.raises(InputError, match="elsewhere"):
        retention_heatmap(ordinary(), "elsewhere")


@pytest.mark.parametrize(("top", "ticks"), [(214, (0, 50, 100, 150, 200)), (4.5, (0, 1, 2, 3, 4)), (1, (0, 1))])
def test_ticks_are_round_and_reach_no_further_than_the_numbers(top: float, ticks: tuple[float, ...]) -> None:
    assert nice_ticks(top, 5) == ticks


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("stroke", [*COHORTS.values(), *PLATFORMS])
def test_lines_and_labels_stand_out_on_light_and_dark_pages(stroke: Any) -> None:
    # WCAG 2.2: 3 to 1 for what is drawn (1.4.11), 4.5 to 1 for words (1.4.3).
    assert contrast(stroke.colour, PAPER) >= 3
    assert contrast(stroke.text, PAPER) >= 4.5
    assert contrast(DARK[stroke.colour], DARK[PAPER]) >= 3
    assert contrast(DARK[stroke.text], DARK[PAPER]) >= 4.5


def test_no_two_lines_of_a_plot_differ_by_colour_alone() -> None:
    assert len({stroke.dash for stroke in PLATFORMS}) == len(PLATFORMS)
    assert COHORTS["senior"].dash != COHORTS["junior"].dash


def test_all_platforms_of_a_study_get_their_figures() -> None:
    stems = [figure.stem for figure in figures(paper())]
    assert stems[0] == "uploads-by-platform"
    assert {re.sub(r"-.*", "", stem) for stem in stems[1:]} == {"cohorts", "totals", "retention"}
    assert len(stems) == len(set(stems)) == 10
