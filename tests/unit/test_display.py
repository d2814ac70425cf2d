"""Results show themselves: a sentence, a small table, a chart; nothing from outside becomes markup."""

from collections.abc import Iterator
from importlib import import_module
from inspect import isclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import precipice as pc
from precipice.archive.manifest import InputFile
from precipice.display import BLUE, VERMILION, Plot, Shown, Together, as_html, as_text, draw_plot
from precipice.effects import Question, case_for, follow, survive
from precipice.months import parse_month
from precipice.population import WORLDS
from precipice.report.look import COHORTS
from precipice.sources.collection.flow import Flow
from precipice.sources.collection.site_run import Outcome
from precipice.study.findings import Findings
from precipice.study.profiling import SECTIONS
from precipice.study.profiling.asked import LeftOut
from tests.conftest import ROOT, wanted

NO_RESULTS = {
    "Event", "Feed", "FileMarks", "Loop", "OwnFiles", "Population", "PrecipiceError", "Study", "Upload",
    "Wanted", "Written",
}  # fmt: skip
"""Public nouns that are asked with, raised, parts of a result, or say where files are."""
EVENT = parse_month("2022-08")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return pc.init(tmp_path_factory.mktemp("display") / "study", example="openmoji")


@pytest.fixture(scope="module")
def panel() -> pc.Panel:
    return pc.populate(WORLDS["rate_down_30"], np.random.default_rng(1))


@pytest.fixture(scope="module")
def results(study: Path, panel: pc.Panel) -> dict[str, Any]:
    """One of every kind of result, with real numbers in it."""
    cohorts = pc.draw(panel, cutoff="2022-01")
    effects = pc.estimate(panel, EVENT, event="stable-diffusion", methods=("S1", "S2"))
    file = InputFile("up.csv", 1, "ab")
    flow: dict[str, Any] = dict.fromkeys(Flow.__annotations__, 1) | {"site": "danbooru"}
    series = pc.count(panel, cohorts)
    question = Question("stable-diffusion", EVENT)
    found = (
        panel, *cohorts, *series, *pc.retain(panel), *effects, *pc.judge(effects), pc.sample(panel, 9, seed=1),
        pc.Source("table", (file,), {}, "2024-01-01T00:00:00Z", "0", 9, 7, {"no_creator": 2}),
        *pc.read_naively(panel, "simulated", parse_month("2022-01"), EVENT)[:2],
        pc.simulate(pc.Loop(generations=3), replicates=4, seed=1),
        pc.replicate(panel, cohorts[0], pc.median, replicates=20, seed=1),
        pc.MarksFound((pc.FileMarks("a.png", 1, "png", "no mark found"),), None, 1),
        pc.Collected((Outcome("danbooru"),), (Flow(**flow),), {}, 5, 4), *survive(panel, "year", event=EVENT),
        follow(case_for(panel, "simulated", question), "incumbents", "capped"),
        LeftOut("no uploads"), pc.profile(study, "ai", "diversity"), *pc.forecast(study),
        Findings(pc.Study(), panel, panel.start, panel.end, (), (), series, (), ()),
    )  # fmt: skip
    return {type(one).__name__: one for one in found}


def shown_types() -> Iterator[type[Shown]]:
    """Give every result of the package that shows itself."""
    for module, _ in SECTIONS.values():
        import_module(module)
    waiting = list(Shown.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        yield kind


def test_every_public_noun_shows_itself_or_is_known_not_to_be_a_result() -> None:
    nouns = {name for name in pc.__all__ if isclass(getattr(pc, name))}
    assert {name for name in nouns if not issubclass(getattr(pc, name), Shown)} == NO_RESULTS


def test_every_result_has_a_summary_a_table_and_a_chart_of_its_own_columns() -> None:
    kinds = list(shown_types())
    assert len(kinds) >= 25
    for kind in kinds:
        assert kind.summary is not Shown.summary, kind
        assert kind.table is not Shown.table, kind
        assert kind.chart is not Shown.chart or isinstance(kind.plot, Plot), kind


def test_every_public_result_and_more_can_be_shown(results: dict[str, Any]) -> None:
    public = {name for name in pc.__all__ if isclass(getattr(pc, name))} - NO_RESULTS
    assert public <= set(results)
    for name, one in results.items():
        assert one.summary().strip(), name
        table = one.table()
        assert isinstance(table, pa.Table), name
        html = one._repr_html_()
        assert html.startswith('<div class="precipice"><p>'), name
        assert html.count("<tr>") <= 9
        assert len(html) < 20_000, name
        if name not in ("LeftOut", "Profile"):
            plot = one.plot
            wanted = {plot.y} if plot.kind == "counts" else {plot.x, plot.y}
            assert wanted | ({plot.low, plot.high, plot.by, plot.rows} - {""}) <= set(table.column_names), name


def test_charts_draw_the_numbers_of_the_table(results: dict[str, Any]) -> None:
    for name, one in results.items():
        spec = one.chart().to_dict()
        assert spec["vconcat"], name
        assert spec["description"], name
    series = results["Series"]
    chart = series.chart()
    assert chart._repr_mimebundle_()
    (drawn,) = chart.to_dict()["datasets"].values()
    capped = [
        n for n, there in zip(*(series.table()[c].to_pylist() for c in ("capped", "can_exist")), strict=True) if there
    ]
    assert [row["capped"] for row in drawn] == capped


def test_several_results_are_a_tuple_and_show_themselves_together(panel: pc.Panel) -> None:
    cohorts = pc.draw(panel, cutoff="2022-01")
    senior, junior = cohorts
    series = pc.count(panel, cohorts)
    assert isinstance(series, tuple)
    assert isinstance(series, Together)
    assert isinstance(cohorts, Together)
    assert series == tuple(series)
    assert series.table().num_rows == sum(one.table().num_rows for one in series)
    assert series.summary() == "\n".join(one.summary() for one in series)
    assert "senior" in series._repr_html_()
    spec = series.chart().to_dict()
    text = str(spec)
    assert BLUE in text
    assert VERMILION in text
    assert (senior.name, junior.name) == ("senior", "junior")
    assert Together(())._repr_html_() == '<div class="precipice"><p>nothing</p></div>'


def test_what_comes_from_outside_is_escaped() -> None:
    nasty = '<img src=x onerror="alert(1)">'
    table = pa.table({nasty: [nasty, "b"], "n": [1.0, None]})
    html = as_html(f"{nasty}\nsecond", table)
    assert "<img" not in html
    assert html.count("&lt;img") == 3
    assert "second" in html


def test_long_tables_and_summaries_are_cut_and_say_so() -> None:
    table = pa.table({f"c{i}": list(range(1000)) for i in range(12)})
    html = as_html("\n".join(f"line {i}" for i in range(9)), table)
    assert "992 rows and 2 columns more in table()" in html
    assert "… 3 more lines in summary()" in html
    assert html.count("<tr>") == 9
    assert "line 8" not in html


def test_cells_are_written_short() -> None:
    cells = (None, float("nan"), -0.123456, 1234567, True, ["a", 2.5], "text")
    assert [as_text(cell) for cell in cells] == ["–", "–", "−0.1235", "1,234,567", "True", "a, 2.5", "text"]


def test_cohorts_have_the_colours_that_they_have_on_every_figure() -> None:
    assert (COHORTS["senior"].colour, COHORTS["junior"].colour) == (BLUE, VERMILION)


def test_a_chart_without_rows_is_empty_and_no_error() -> None:
    table = pa.table({"month": pa.array([], pa.string()), "share": pa.array([], pa.float64())})
    assert draw_plot(table, Plot("month", "share"), "nobody").to_dict()["description"] == "nobody"


def test_the_gallery_runs_and_shows_a_table_and_charts(study: Path, tmp_path: Path) -> None:
    nbformat, nbclient = (wanted(name, f"{name} is not installed") for name in ("nbformat", "nbclient"))
    text = (ROOT / "docs" / "gallery.ipynb").read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    kinds = [kind for cell in notebook.cells for output in cell.get("outputs", []) for kind in output.get("data", {})]
    assert kinds.count("text/html") >= 6
    assert kinds.count("image/svg+xml") >= 6
    assert "cdn" not in str(notebook)
