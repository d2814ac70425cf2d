"""The methods paragraph of a study, to be read as a whole, and that it speaks of nothing that was not done."""

import re
from dataclasses import replace
from pathlib import Path
from textwrap import fill

import pytest

from precipice.archive import Source
from precipice.archive.manifest import InputFile
from precipice.report import describe_methods, read_findings
from precipice.report import paragraphs as module
from precipice.report.document import Document
from precipice.report.references import REFERENCES
from precipice.report.told import StatusTold
from tests.golden.test_words import check
from tests.unit.report.made import ordinary, told
from tests.unit.report.test_telling import written

SOFTWARE = {"python": "3.13.1", "system": "Linux", "precipice": "0.1.0", "numpy": "2.3.0"}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """Everything at once: effects with placebos and verdicts, a simulated platform read as if from a file."""
    file = InputFile("uploads.csv", 10, "ab" * 32)
    source = Source("table", (file,), {}, "2024-01-01T00:00:00Z", "0", 1234, 1200, {"no_creator": 34}, 7)
    folder = tmp_path_factory.mktemp("asked")
    written(replace(told(), sources=(source,)), folder)
    return read_findings(folder)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Document:
    folder = tmp_path_factory.mktemp("plain")
    written(ordinary(), folder)
    return read_findings(folder)


def test_the_methods_are_those_that_were_read_and_approved(asked: Document) -> None:
    lines = describe_methods(asked, SOFTWARE).summary().split("\n")
    check(
        "methods.md",
        "\n".join(fill(line, 110, break_on_hyphens=False, break_long_words=False) for line in lines) + "\n",
    )


def test_without_effects_no_estimator_and_no_placebo_is_told_of(plain: Document) -> None:
    text = describe_methods(plain, {}).summary()
    assert "No effect of an event was estimated." in text
    for word in ("placebo", "Holm", "S1", "Berger", "incumbent", "seed 1 ", "Kaplan", "verdict"):
        assert word not in text
    assert text.count("Computed by precipice; seed 1.") == 1


def test_what_was_not_drawn_is_not_told_of(asked: Document) -> None:
    kept = [figure for figure in asked.figures if not figure.stem.startswith(("survival-", "specifications-"))]
    whole, less = (describe_methods(one, {}).summary() for one in (asked, asked.model_copy(update={"figures": kept})))
    for name in ("Kaplan & Meier", "Simonsohn"):
        assert name in whole
        assert name not in less


def test_a_sample_a_frame_and_another_clock_are_told_of(plain: Document) -> None:
    changed = plain.asked.model_copy(
        update={"drawn": 250, "where": "followers > 2000", "frame": "followers", "clock": "source"}
    )
    text = describe_methods(plain.model_copy(update={"asked": changed}), {}).summary()
    assert "250 artists were drawn at random among those with followers > 2000 (seed 1)." in text
    assert "chosen by the followers they have today" in text
    assert "the time that its original carries" in text
    assert "drawn at random" not in describe_methods(plain, {}).summary()


def test_references_are_those_cited_and_every_one_is_cited_somewhere(asked: Document) -> None:
    methods = describe_methods(asked, SOFTWARE)
    text = " ".join(methods.paragraphs)
    for short, whole in REFERENCES.values():
        authors, _, year = short.rpartition(" ")
        assert (whole in methods.references) == (short in text or f"{authors} ({year})" in text)
        assert year in whole
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r"@(\w+)", source)) - {"dataclass", "key"} == set(REFERENCES)
    assert list(methods.references) == sorted(methods.references)
    assert "@" not in text


def test_estimates_that_were_refused_are_told_of_with_plain_reasons(asked: Document) -> None:
    refusal = StatusTold(status="no_placebo", weight="refuses", reason="the history holds 2", needed="25")
    none = [one.model_copy(update={"refused": True, "statuses": [refusal], "placebos": 0}) for one in asked.effects]
    text = describe_methods(asked.model_copy(update={"effects": none, "verdicts": []}), {}).summary()
    assert f"none of these {len(none)} estimates (too short or too thin a history): all were refused" in text
    assert "placebo cutoffs, months at which" not in text
    some = describe_methods(asked.model_copy(update={"effects": [none[0], *asked.effects[1:]]}), {}).summary()
    assert f"Of {len(none)} estimates the data do not allow 1 (too short or too thin a history)" in some
    assert "placebo cutoffs, months at which" in some
