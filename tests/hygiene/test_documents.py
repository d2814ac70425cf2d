"""Documents and code say the same, and what documents show runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import precipice
from precipice.records import DROP_RULES, FIELDS
from precipice.study.settings import Study
from tests.conftest import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SET_UP = ("make ",)  # run in a fresh clone, not from inside the suite that `make test` runs


def blocks() -> list[tuple[str, str, str]]:
    found = []
    for document in DOCUMENTS:
        for number, (language, text) in enumerate(BLOCK.findall(document.read_text(encoding="utf-8"))):
            if language in ("bash", "python") and not text.startswith(SET_UP):
                found.append((f"{document.name}-{number}", language, text))
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.mark.parametrize(("language", "text"), [part[1:] for part in blocks()], ids=[part[0] for part in blocks()])
def test_what_a_document_shows_runs(place: Path, language: str, text: str) -> None:
    folder = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "XDG_DATA_HOME": str(place)}
    command = ["bash", "-euc", text] if language == "bash" else [sys.executable, "-c", text]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_documents_show_something() -> None:
    assert len(blocks()) >= 5


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
            assert (document.parent / target).exists(), f"{document.name}: {target}"


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
