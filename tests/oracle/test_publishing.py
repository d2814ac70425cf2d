"""What leaves a study: the same bytes on another machine, and formats that their own libraries read."""

import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import precipice as pc
import precipice.verbs
from precipice.errors import CheckError, InputError
from precipice.report import findings_schema
from precipice.report.document import Document
from precipice.report.exporting import export_set
from precipice.report.telling import laid_out
from precipice.study.ledger import VARYING
from tests.conftest import ROOT, wanted

HERE = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
THERE = {"TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "4711", "OMP_NUM_THREADS": "2"}
CHANGES = {
    'events = ["nft-boom", "dall-e-2", "stable-diffusion"]': 'events = ["stable-diffusion"]\nlicence = "CC-BY-4.0"',
    "[columns]": '[effects]\nmethods = ["S1", "S2"]\n\n[columns]',
}


def made(folder: Path, environment: Mapping[str, str], cores: int) -> Path:
    """Run the same study file in a process of its own: the example, one event, two methods."""
    folder.mkdir(parents=True)
    pc.init(folder / "study", example="openmoji")
    place = folder / "study" / "precipice.toml"
    text = place.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    place.write_text(text, encoding="utf-8")
    code = (
        "import os, sys; limit = getattr(os, 'sched_setaffinity', None);"
        f"limit and limit(0, sorted(os.sched_getaffinity(0))[:{cores}]);"
        "sys.argv = ['precipice', 'report', 'study', '--quiet']; from precipice.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "study"


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same study on two machines: other folder, time zone, locale, hash seed and number of threads."""
    place = tmp_path_factory.mktemp("machines")
    return made(place / "here", HERE, 1), made(place / "far away" / "thère", THERE, 2)


@pytest.fixture(scope="module")
def study(twice: tuple[Path, Path]) -> Path:
    return twice[0]


@pytest.fixture(scope="module")
def data(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data") / "set"
    pc.export(study, out)
    return out


def record_of(study: Path) -> dict[str, Any]:
    (place,) = (study / "runs").glob("*/run.json")
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return found


def test_another_machine_gives_the_same_bytes_of_tables_and_findings(twice: tuple[Path, Path]) -> None:
    here, there = twice
    names = sorted(path.relative_to(here).as_posix() for path in (here / "tables").iterdir())
    assert names == sorted(path.relative_to(there).as_posix() for path in (there / "tables").iterdir())
    assert len(names) > 10
    for name in [*names, "findings.json"]:
        assert (here / name).read_bytes() == (there / name).read_bytes(), name


def test_another_machine_gives_the_same_drawings(twice: tuple[Path, Path]) -> None:
    here, there = twice
    drawings = sorted((here / "figures").glob("*.svg"))
    assert drawings
    for drawing in drawings:
        assert drawing.read_bytes() == (there / "figures" / drawing.name).read_bytes(), drawing.name


def test_records_of_both_differ_in_the_named_fields_only(twice: tuple[Path, Path]) -> None:
    first, second = (flat(record_of(place)) for place in twice)
    assert set(first) == set(second)
    differing = {name for name in first if first[name] != second[name]}
    assert {name for name in differing if not any(re.fullmatch(pattern, name) for pattern in VARYING)} == set()
    assert differing


def flat(value: object, at: str = "") -> dict[str, object]:
    """Give each plain value of a record by its path."""
    if isinstance(value, dict):
        return {key: one for name, part in value.items() for key, one in flat(part, f"{at}/{name}").items()}
    if isinstance(value, list):
        return {key: one for index, part in enumerate(value) for key, one in flat(part, f"{at}/{index}").items()}
    return {at: value}


def test_the_crate_of_a_run_is_read_by_its_own_library_and_names_what_is_there(study: Path) -> None:
    crates = wanted("rocrate.rocrate", "rocrate is not installed")
    crate = crates.ROCrate(study)
    run = record_of(study)
    files = {entity.id: entity for entity in crate.get_entities() if entity.type == "File"}
    assert {"report.html", "findings.json", "precipice.toml", "tables/cohorts.csv"} <= set(files)
    for name, entity in files.items():
        content = (study / name).read_bytes()
        assert entity["contentSize"] == str(len(content))
        if not name.endswith("run.json"):
            assert entity["sha256"] == sha256(content).hexdigest()
    assert not any("archive" in name or "artists" in name for name in files)
    root = crate.root_dataset
    assert {part.id for part in root["hasPart"]} == set(files)
    assert root["datePublished"] == run["finished"]
    assert root["license"].id == "https://spdx.org/licenses/CC-BY-4.0"
    action = crate.dereference("#run")
    assert action["startTime"] == run["started"]
    assert action["instrument"]["softwareVersion"] == run["software"]["precipice"]
    assert {one.id for one in action["result"]} == {*run["outputs"], next(n for n in files if n.endswith("run.json"))}
    assert {one.id for one in action["object"]} >= {"precipice.toml", "#archive/manifest.json"}
    assert not re.search(r"/(home|root|tmp)/", (study / "ro-crate-metadata.json").read_text(encoding="utf-8"))


def test_the_data_set_is_read_by_croissant_and_gives_the_rows_of_its_tables(data: Path) -> None:
    croissant = wanted("mlcroissant", "mlcroissant is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own dependencies' deprecations
        found = croissant.Dataset(jsonld=data / "croissant.json")
        assert not found.metadata.ctx.issues.errors
        assert {one.id for one in found.metadata.record_sets} >= {
            "monthly",
            "retention",
            "cohorts",
            "effects",
            "verdicts",
        }
        for records in found.metadata.record_sets:
            rows = list(found.records(records.id))
            lines = (data / f"{records.id}.csv").read_text(encoding="utf-8").count("\n") - 1
            assert len(rows) == lines > 0
        sizes = {row["cohorts/cohort"]: row["cohorts/creators"] for row in found.records("cohorts")}
    assert sizes == {b"senior": 74.0, b"junior": 47.0}


def test_the_data_set_says_what_it_is_how_it_was_made_and_under_which_licence(data: Path, study: Path) -> None:
    described = json.loads((data / "croissant.json").read_text(encoding="utf-8"))
    files = {one["name"]: one for one in described["distribution"]}
    assert set(files) | {"croissant.json"} == {path.name for path in data.iterdir()}
    for name, one in files.items():
        assert one["sha256"] == sha256((data / name).read_bytes()).hexdigest()
    text = (data / "README.md").read_text(encoding="utf-8")
    told = json.loads((study / "findings.json").read_text(encoding="utf-8"))
    for sentence in [*told["answer"]["lead"], *told["answer"]["facts"]]:
        assert sentence in text
    assert "CC-BY-4.0" in (data / "LICENCE.md").read_text(encoding="utf-8")
    assert (data / "methods.md").read_text(encoding="utf-8") == precipice.verbs.read_methods(study).summary() + "\n"
    assert (data / "findings.json").read_bytes() == (study / "findings.json").read_bytes()
    assert json.loads((data / "findings.schema.json").read_text(encoding="utf-8")) == findings_schema()


def test_no_table_of_the_data_set_holds_a_number_of_one_to_four_creators(data: Path) -> None:
    for name in ("monthly", "retention"):
        header, *lines = (data / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        assert any("<5" in line for line in lines)
        columns = header.split(",")
        for line in lines:
            row = dict(zip(columns, line.split(","), strict=True))
            for status in [column for column in columns if column.endswith("status")]:
                if row[status] == "<5":
                    start = status.removesuffix("status")
                    own = [c for c in columns if c.startswith(start) and re.search(r"_a_month|_low|_high|share", c)]
                    assert own
                    assert not any(row[column] for column in own)


def test_an_export_goes_over_an_earlier_one_and_over_nothing_else(data: Path, study: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in data.iterdir()}
    pc.export(study, data)
    assert {path.name: path.read_bytes() for path in data.iterdir()} == before
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="something else"):
        pc.export(study, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_stale_study_is_not_exported(study: Path, tmp_path: Path) -> None:
    place = study / "tables" / "cohorts.csv"
    whole = place.read_bytes()
    place.write_bytes(whole + b"more\n")
    try:
        with pytest.raises(CheckError, match="stale"):
            pc.export(study, tmp_path / "set")
    finally:
        place.write_bytes(whole)
    assert not (tmp_path / "set").exists()


def test_without_a_licence_the_set_says_that_there_is_none(study: Path, tmp_path: Path) -> None:
    told = Document.model_validate_json((study / "findings.json").read_bytes())
    assert laid_out(told.plain()) + "\n" == (study / "findings.json").read_text(encoding="utf-8")
    export_set(told, record_of(study), None, tmp_path / "set")
    assert (tmp_path / "set" / "LICENCE.md").read_text(encoding="utf-8").startswith("No licence is stated.")
    assert "license" not in json.loads((tmp_path / "set" / "croissant.json").read_text(encoding="utf-8"))


def test_the_citation_of_the_software_is_valid_by_the_schema_of_its_format() -> None:
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    schema = json.loads((Path(__file__).parent / "citation-1.2.0.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(found)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate(found | {"authors": []})
    assert found["version"] == pc.__version__
    assert "2406.08739" in found["references"][0]["url"]
