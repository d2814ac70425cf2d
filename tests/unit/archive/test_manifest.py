"""The manifest comes back as it was written, and sums that do not come out are a failed check."""

from dataclasses import replace
from pathlib import Path

import pytest

from precipice.archive.manifest import InputFile, Manifest, Source, StoredFile, read_manifest, write_manifest
from precipice.errors import CheckError, InputError

SOURCE = Source(
    kind="table", files=(InputFile("ä.csv", 5, "ab" * 32, sampled=True),), options={"platform": "site"},
    ingested="2024-01-01T00:00:00Z", version="1", read=10, kept=6, dropped={"no_id": 3, "repeated": 1}, replaced=2,
)  # fmt: skip
MANIFEST = Manifest(
    archive="an id",
    key_check="00ff",
    files=(StoredFile("uploads-0000-a.parquet", 6, 1, 99, "a", "b"),),
    sources=(SOURCE,),
)


def test_a_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    write_manifest(tmp_path, MANIFEST)
    assert read_manifest(tmp_path) == MANIFEST
    assert MANIFEST.rows == 6
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_a_change_adds_a_source_and_sets_the_files() -> None:
    changed = MANIFEST.with_change((), replace(SOURCE, kept=7, dropped={"no_id": 3}))
    assert changed.files == ()
    assert [source.kept for source in changed.sources] == [6, 7]
    assert changed.archive == MANIFEST.archive


def test_each_new_archive_has_its_own_name() -> None:
    assert Manifest().archive != Manifest().archive


def test_rows_that_are_unaccounted_for_are_a_failed_check() -> None:
    SOURCE.check()
    with pytest.raises(CheckError, match="rows are unaccounted for") as refused:
        replace(SOURCE, read=11).check()
    assert "11 read, 6 kept" in refused.value.why
    assert refused.value.exit_status == 1


def test_a_folder_without_a_manifest_says_how_to_make_an_archive(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no archive here") as refused:
        read_manifest(tmp_path)
    assert "precipice ingest FILE --as table" in refused.value.fix
