"""The page's part on loops: figure, pictures, words, and what made each result."""

import re
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from precipice.report.loop_section import MOST_BYTES, loop_figures, loop_words
from precipice.report.page import render
from precipice.report.saving import paper_svg
from precipice.study import Findings
from precipice.study.looping import REGIMES, loop_study
from tests.unit.linked import asked_of
from tests.unit.report.made import find


@cache
def looped(folder: Path, pictures: str | None = None) -> Findings:
    asked, outlooks, counts = asked_of(folder)
    study = asked.study
    if pictures:
        loop = study.loop.model_copy(update={"pictures": pictures, "model": "gaussian", "n": 60, "replicates": 2})
        study = study.model_copy(update={"loop": loop})
    found = loop_study(replace(asked, study=study), outlooks, counts)
    findings = find(asked.panel, cutoff=study.study.cutoff)
    return replace(findings, study=study, outlooks=outlooks, loop=found)


def test_the_curves_are_the_traces_with_theory_where_there_is_some(linked: Path) -> None:
    findings = looped(linked / "labelled")
    assert findings.loop is not None
    (figure,) = loop_figures(findings)
    rows = figure.table().to_pylist()
    mine = [row for row in rows if row["measure"] == "Gaussian: variance" and row["regime"] == "fresh"]
    assert [row["mean"] for row in mine] == pytest.approx(findings.loop.law["fresh"].mean[0])
    assert all(row["theory"] is not None for row in mine)
    assert {row["regime"] for row in rows} == set(REGIMES)
    for millimetres in (85, 178):
        svg = paper_svg(figure, millimetres)
        assert all(f">{regime}<" in svg for regime in REGIMES)
        assert "1e+" not in svg
    assert "λ = 0.9, assumed" in figure.subtitle


def test_the_words_say_supply_runway_assumptions_and_what_made_each_result(linked: Path) -> None:
    words = loop_words(looped(linked / "labelled"))
    assert words is not None
    said = " ".join((*words.lead, *words.runways, *words.caveats))
    for part in (
        "generation 0 is the 12 months from 2020-07 on", "Human uploads are", "taken at its word", "under synthetic",
        "direction and not a date", "λ = 0.9 is assumed", "% of paths are censored", "rarest tenth of seniors' tags",
    ):  # fmt: skip
        assert part in said
    made = {row[0]: row[1] for row in words.made_by.rows}
    assert made["dashed lines"] == made["runways"] == "closed form"
    assert made["Gaussian"] == made["tags as styles"] == "simulation"
    assert made["response surface"] == "none"
    assert words.cards == ()


def test_where_nothing_tells_uploads_apart_the_page_says_what_is_run_and_what_would_help(linked: Path) -> None:
    words = loop_words(looped(linked / "silent"))
    assert words is not None
    assert "only the two ends are run" in " ".join(words.lead)
    assert "[supply]" in " ".join(words.lead)
    assert words.runways == ()
    assert "runways" not in {row[0] for row in words.made_by.rows}


def test_pictures_are_light_real_ones_first_and_one_row_a_generation(linked: Path) -> None:
    pytest.importorskip("sklearn")
    findings = looped(linked / "labelled", "digits")
    words = loop_words(findings)
    assert words is not None
    assert findings.loop is not None
    assert [card.name for card in words.cards] == ["real pictures", *list(REGIMES)[:-1], "real works only"]
    addresses = [strip.address for card in words.cards for strip in card.strips]
    assert sum(map(len, addresses)) <= MOST_BYTES
    from base64 import b64decode

    opened = Image.open(BytesIO(b64decode(addresses[0].partition(",")[2])))
    assert opened.size == (12 * 10, 10)
    real = np.asarray(opened.convert("L"), float)[1:9, 1:9]
    assert np.abs(real - (255 - findings.loop.real[0].astype(float))).mean() < 12  # type: ignore[index]


def test_the_page_holds_the_section_with_every_picture_described(linked: Path, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    text = render(looped(linked / "labelled", "digits"), tmp_path).read_text(encoding="utf-8")
    section = text[text.index('<section id="loops"') :]
    section = section[: section.index("</section>")]
    images = re.findall(r"<img [^>]*>", section)
    assert len(images) == 4 * 6
    assert all(re.search(r'alt="12 [^"]+"', image) for image in images)
    assert 'href="#loops"' in text
    assert (tmp_path / "tables" / "loop-regimes.csv").exists()
    assert (tmp_path / "figures" / "loop-regimes-85mm.svg").exists()


def test_without_a_loop_there_is_no_section(linked: Path) -> None:
    findings = replace(looped(linked / "labelled"), loop=None)
    assert loop_figures(findings) == ()
    assert loop_words(findings) is None
