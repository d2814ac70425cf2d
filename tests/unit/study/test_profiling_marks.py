"""Files and the uploads they are of: by name, by page, by platform, by map; marks by cohort through the command."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from precipice.cli import cli
from precipice.errors import InputError
from precipice.study import read_study, take_in
from precipice.study.profiling import Profile, profile_study, sections_for
from precipice.study.starting import start_study
from precipice.version import VERSION
from tests.unit.marks.pictures import PARAMETERS, SECRET, png, text

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
ROWS = """platform,id,creator,published
pixiv,1,ann,2021-03-01T00:00:00Z
pixiv,2,ann,2022-03-01T00:00:00Z
pixiv,3,bob,2022-05-01T00:00:00Z
pixiv,4,cat,2022-06-01T00:00:00Z
artstation,1,dan,2021-03-01T00:00:00Z
artstation,a/b,dan,2022-03-01T00:00:00Z
"""
MARKED, PLAIN = png(text("parameters", PARAMETERS)), png()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = tmp_path / "study"
    start_study(place, None, now=NOON, version=VERSION)
    table = tmp_path / "uploads.csv"
    table.write_text(ROWS)
    take_in(place, (table,), "table", read_study(place), now=NOON, version=VERSION)
    return place


def profile(folder: Path, files: dict[str, bytes | str]) -> Profile:
    place = folder.parent / "files"
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return profile_study(folder, read_study(folder), ["marks"], files=place)


def shares(found: Profile) -> dict[tuple[str, str], tuple[int, int, int, int]]:
    rows = found.sections["marks"].as_dict()["shares"]
    return {
        (row["platform"], row["cohort"]): (row["files"], row["marked"], row["creators"], row["creators_marked"])
        for row in rows
        if row["measure"] == "made with a model"
    }


def test_files_named_after_uploads_and_pages_are_found_by_cohort(folder: Path) -> None:
    found = profile(folder, {"2.png": MARKED, "3_p0.png": PLAIN, "3_p1.jpg": MARKED, "4.png": PLAIN, "99.png": PLAIN})
    assert shares(found) == {
        ("pixiv", "senior"): (1, 1, 1, 1),
        ("pixiv", "junior"): (3, 1, 2, 1),
        ("pixiv", "all"): (4, 2, 3, 2),
    }
    assert "4 of 5 files are of uploads in the archive; 1 are of none that is known" in found.summary()


def test_a_folder_named_after_its_platform_tells_same_identifiers_apart(folder: Path) -> None:
    found = profile(folder, {"pixiv/1.png": PLAIN, "ArtStation/1.png": MARKED})
    assert shares(found)["artstation", "all"] == (1, 1, 1, 1)
    assert shares(found)["pixiv", "all"] == (1, 0, 1, 0)


def test_an_identifier_of_two_platforms_is_one_clear_error(folder: Path) -> None:
    with pytest.raises(InputError, match="several platforms") as caught:
        profile(folder, {"1.png": PLAIN})
    assert "artstation and pixiv" in caught.value.why
    assert "files.csv" in caught.value.fix


def test_a_map_links_any_names(folder: Path) -> None:
    lines = "file,platform,id\nsub/x.png,ArtStation,a/b\ny.png,,3\ngone.png,pixiv,4\n"
    found = profile(folder, {"files.csv": lines, "sub/x.png": MARKED, "y.png": MARKED, "4.png": MARKED})
    assert shares(found)["artstation", "all"] == (1, 1, 1, 1)
    assert shares(found)["pixiv", "all"] == (1, 1, 1, 1)


@pytest.mark.parametrize("lines", ["path,id\nx.png,1\n", "", "file\nx.png\n"])
def test_a_map_without_its_columns_is_one_clear_error(lines: str, folder: Path) -> None:
    with pytest.raises(InputError, match="lacks a column") as caught:
        profile(folder, {"files.csv": lines, "x.png": PLAIN})
    assert "file,platform,id" in caught.value.fix


def test_files_of_no_known_upload_are_counted_all_the_same(folder: Path) -> None:
    found = profile(folder, {"holiday.png": MARKED, "notes.txt": "x"})
    assert list(found.sections["marks"].rows()) == [
        {"answer": "marks found", "files": 1},
        {"answer": "no picture", "files": 1},
    ]
    assert "name files after their uploads" in found.summary()


def test_styles_that_cannot_be_measured_take_nothing_from_marks(folder: Path) -> None:
    profile(folder, {"holiday.png": MARKED})
    found = profile_study(folder, read_study(folder), files=folder.parent / "files")
    assert set(found.sections) >= {"ai", "marks", "styles"}
    styles = found.sections["styles"]
    assert "no picture is of an upload in the archive" in styles.summary()
    assert list(styles.rows()) == []
    assert styles.table().num_rows == 0
    assert found.as_dict()["marks"]["counts"]["answer"] == {"marks found": 1}


def test_without_files_the_section_is_asked_only_by_name(folder: Path) -> None:
    assert "marks" not in sections_for(None)
    assert "marks" in sections_for(folder)
    with pytest.raises(InputError, match="needs files") as caught:
        profile_study(folder, read_study(folder), ["marks"])
    assert "--files FOLDER" in caught.value.fix


def test_the_command_prints_json_and_leaves_a_row_a_file(folder: Path) -> None:
    profile(folder, {"2.png": MARKED, "3.png": PLAIN})
    done = CliRunner().invoke(
        cli, ["profile", str(folder), "--by", "marks", "--files", str(folder.parent / "files"), "--json"]
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)["marks"]
    assert told["counts"]["model_use"] == {"not said": 1, "whole": 1}
    assert [record["path"] for record in told["records"]] == ["2.png", "3.png"]
    assert SECRET not in done.stdout
    assert {path.name for path in (folder / "marks").iterdir()} == {"marks.csv", "marks.parquet", "marks.jsonl"}
