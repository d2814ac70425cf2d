"""Documents and code say the same, and what documents show runs."""

import ast
import json
import re
from pathlib import Path

import pytest

import precipice
from precipice.records import DROP_RULES, FIELDS
from precipice.study.settings import Study, read_study
from tests.conftest import ROOT
from tests.hygiene.examples import PATHS, READ, RUN, SHOWN, blocks, commands, continued, missing, run

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ERRORS = ("InputError", "CheckError", "SourceError")
OURS = ("'a query that must answer gave no row'",)
"""Mistakes of ours, about which a user can do nothing."""
GENERATED = ("commands.md", "errors.md")
"""Pages that are written when the site is built, and that its home leads to."""
SHOWING = [page for page in DOCUMENTS if any(block.runs for block in blocks(page))]
Ran = dict[Path, tuple[Path, list[str]]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def ran() -> Ran:
    """Give the pages that were run: the folder of each, and what went wrong."""
    return {}


def run_page(page: Path, ran: Ran, home: Path, places: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    if page not in ran:
        before = continued(page)
        folder = run_page(before, ran, home, places)[0] if before else places.mktemp(page.stem)
        wrong = [run(block, folder, home) for block in blocks(page) if block.runs]
        ran[page] = folder, [one for one in wrong if one]
    return ran[page]


@pytest.mark.parametrize("page", SHOWING, ids=[page.stem for page in SHOWING])
def test_what_a_page_shows_runs_and_prints_what_it_says(
    page: Path, ran: Ran, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wrong = run_page(page, ran, home, tmp_path_factory)[1]
    assert not wrong, "\n\n".join(wrong)


def test_the_documents_show_something() -> None:
    assert sum(block.runs for page in DOCUMENTS for block in blocks(page)) >= 40


@pytest.mark.parametrize("page", DOCUMENTS, ids=[page.stem for page in DOCUMENTS])
def test_what_a_page_shows_and_does_not_run_has_a_reason_that_holds(page: Path) -> None:
    for block in blocks(page):
        where = f"{page.name}:{block.line}"
        assert block.language in (*RUN, *READ, *SHOWN), f"{where}: nobody knows how to check '{block.language}'"
        kind, _, said = block.mark.partition(": ")
        assert kind in ("", "not run", "as in", "fails", "continues"), f"{where}: '{block.mark}'"
        if block.language == "console":
            assert kind == "not run", f"{where}: shows commands, and no comment says why they are not run"
        if kind == "not run":
            assert len(said.split()) >= 3, f"{where}: '{said}' is no reason"
            for path in PATHS.findall(said):
                assert (ROOT / path).exists() or (ROOT / "docs" / path).exists(), f"{where}: there is no {path}"
        if kind == "as in":
            elsewhere = {line for other in blocks(page.parent / said) if other.runs for line in commands(other.text)}
            assert set(commands(block.text)) <= elsewhere, f"{where}: {said} does not run all of it"


@pytest.mark.parametrize("page", DOCUMENTS, ids=[page.stem for page in DOCUMENTS])
def test_a_study_file_that_a_page_shows_can_be_read(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.language == "toml" and not block.mark:
            (tmp_path / "precipice.toml").write_text(block.text, encoding="utf-8")
            read_study(tmp_path)
        if block.language == "json" and not block.mark:
            json.loads(block.text)


def test_what_is_printed_is_compared_line_by_line() -> None:
    assert not missing("a  b\nc …\n", "first\na  b\nbetween\nc and more\n")
    assert missing("c\na\n", "a\nc\n") == "a"
    assert missing("a\n", "ab\n") == "a"


def test_every_public_name_is_in_the_list_of_names_and_the_other_way_round() -> None:
    written = set(re.findall(r"`pc\.(\w+)`", (ROOT / "docs" / "python.md").read_text(encoding="utf-8")))
    assert written | {"__version__"} == set(precipice.__all__)


def test_no_name_has_two_lines_in_the_list_of_names_and_no_line_is_there_twice() -> None:
    lines = re.findall(
        r"^\| (.*?) \| (.*?) \|$", (ROOT / "docs" / "python.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    heads = [name for names, _ in lines for name in re.findall(r"`pc\.(\w+)`", names)]
    assert len(heads) >= 30
    assert sorted(heads) == sorted(set(heads))
    described = [words for _, words in lines]
    assert sorted(described) == sorted(set(described))


def test_every_public_name_has_a_docstring() -> None:
    for name in precipice.__all__:
        value = getattr(precipice, name)
        assert isinstance(value, str | dict) or value.__doc__, name


def rows(document: str) -> list[list[str]]:
    lines = (ROOT / "docs" / document).read_text(encoding="utf-8").splitlines()
    return [[cell.strip(" `") for cell in line.strip("| ").split(" | ")] for line in lines if line.startswith("| `")]


def test_every_column_is_documented_with_its_type() -> None:
    written = {row[0]: row[1] for row in rows("uploads.md") if len(row) == 3}
    assert written == dict(FIELDS)


def test_every_drop_rule_is_documented() -> None:
    written = {row[0] for row in rows("uploads.md") if len(row) == 2 and not row[0].startswith("--")}
    assert written == set(DROP_RULES)


def test_every_key_of_the_study_file_is_documented() -> None:
    text = (ROOT / "docs" / "study.md").read_text(encoding="utf-8")
    for section in (field.annotation for field in Study.model_fields.values()):
        assert section is not None
        for name, field in section.model_fields.items():
            assert f"`{field.alias or name}`" in text, name


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*DOCUMENTS, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
            generated = document.name == "index.md" and target in GENERATED
            assert generated or (document.parent / target).exists(), f"{document.name}: {target}"


def test_every_fault_in_the_table_names_a_test_that_exists_and_every_test_of_faults_is_in_the_table() -> None:
    table = (ROOT / "docs" / "collect.md").read_text(encoding="utf-8").partition("| fault |")[2]
    named = set(re.findall(r"`(test_\w+)`", table))
    written = {
        place.name: set(re.findall(r"^def (test_\w+)", place.read_text(encoding="utf-8"), re.MULTILINE))
        for place in (ROOT / "tests").rglob("test_*.py")
    }
    assert named <= set().union(*written.values())
    assert written["test_faults.py"] <= named
    assert len(named) >= 30


def test_every_error_raised_on_purpose_says_what_to_do() -> None:
    for place in sorted((ROOT / "src" / "precipice").rglob("*.py")):
        for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS and node.args:
                said = ast.unparse(node.args[0])
                told = {keyword.arg for keyword in node.keywords}
                assert told & {"fix", None} or said in OURS, f"{place.name}:{node.lineno}: {said} comes without a fix"
