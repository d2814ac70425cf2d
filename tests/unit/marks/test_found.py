"""Folders: one record a file in one order, crashes cost one file, cut-short runs go on, tables are whole."""

import json
import os
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from precipice.errors import InputError
from precipice.marks import MarksFound, limits, read_marks, workers, write_marks
from tests.unit.marks.pictures import PARAMETERS, png, text

FAKE = """
import json, os, sys, time
for line in sys.stdin:
    path = json.loads(line)
    if "crash" in path:
        os.abort()
    if "sleep" in path:
        time.sleep(60)
    if "half" in path:
        print('{"path": "ha', end="", flush=True)
        os._exit(0)
    print(json.dumps({"path": path, "bytes": 1, "kind": "png", "answer": "no mark found", "marks": [], "notes": []}))
    sys.stdout.flush()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "files"
    (place / "b").mkdir(parents=True)
    for name in ("z.png", "a.png", "b/c.png"):
        (place / name).write_bytes(png(text("parameters", PARAMETERS)))
    (place / "plain.png").write_bytes(png())
    (place / ".hidden.png").write_bytes(png())
    return place


def paths(found: MarksFound) -> list[str]:
    return [record.path for record in found.files]


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_file_has_one_record_in_one_order(folder: Path, jobs: int) -> None:
    (folder / "b" / "round").symlink_to(folder)
    found = read_marks(folder, jobs=jobs)
    assert paths(found) == ["a.png", "b/c.png", "plain.png", "z.png"]
    assert found.count("answer") == {"marks found": 3, "no mark found": 1}
    assert found.count("family") == {"automatic1111": 3}


def test_a_name_that_is_no_text_is_written_as_one(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff\n.png")).write_bytes(png())
    found = read_marks(folder, jobs=1)
    assert "\\xff\n.png" in paths(found)
    assert found.table().num_rows == 5


@pytest.mark.parametrize("made", ["nothing", "a file", "an empty folder"])
def test_a_folder_without_files_is_one_clear_error(made: str, tmp_path: Path) -> None:
    place = tmp_path / "files"
    if made == "a file":
        place.write_text("x")
    if made == "an empty folder":
        place.mkdir()
        (place / ".hidden").write_text("x")
    with pytest.raises(InputError, match=r"no such folder|no file") as caught:
        read_marks(place)
    assert "--files FOLDER" in caught.value.fix


def test_a_crash_a_hang_and_half_an_answer_cost_one_file_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "worker.py"
    script.write_text(FAKE)
    monkeypatch.setattr(limits, "SECONDS", 1.0)

    class Fake(workers.Worker):
        def __init__(self, folder: Path) -> None:
            super().__init__(folder)
            self._command = [sys.executable, str(script)]

    monkeypatch.setattr(workers, "Worker", Fake)
    names = ["a", "crash", "b", "half", "c", "sleep", "d"]
    answers = {record.path: record.answer for record in workers.read_all(tmp_path, names, 2)}
    assert list(answers) == names
    assert answers.pop("crash") == answers.pop("half") == "reader crashed"
    assert answers.pop("sleep") == "took too long"
    assert set(answers.values()) == {"no mark found"}


def test_a_run_goes_on_where_it_was_cut_short(folder: Path, tmp_path: Path) -> None:
    keep = tmp_path / "kept"

    class StoppedError(Exception):
        pass

    def stop(step: str, share: float | None) -> None:
        if share is not None and share > 0.4:
            raise StoppedError

    with pytest.raises(StoppedError):
        read_marks(folder, keep=keep, jobs=1, progress=stop)
    ledger = keep / "marks.jsonl"
    ledger.write_text(ledger.read_text() + '{"path": "z.png", "sta')  # as a kill in the middle of a line leaves it
    again = read_marks(folder, keep=keep, jobs=1)
    assert again.reread == 2
    assert again.files == read_marks(folder, jobs=1).files
    assert read_marks(folder, keep=keep).reread == 0


def test_a_changed_file_and_another_reader_are_read_anew(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_marks(folder, keep=tmp_path, jobs=1)
    (folder / "a.png").write_bytes(png(text("Software", "NovelAI")))
    found = read_marks(folder, keep=tmp_path, jobs=1)
    assert (found.reread, found.files[0].generators) == (1, ("novelai",))
    monkeypatch.setattr("precipice.marks.found._c2pa_version", lambda: "another")
    assert read_marks(folder, keep=tmp_path, jobs=1).reread == 4


def test_progress_rises_to_the_whole(folder: Path) -> None:
    shares: list[float] = []
    read_marks(folder, jobs=2, progress=lambda step, share: shares.append(share) if share else None)
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_tables_hold_a_row_a_file_in_both_formats(folder: Path, tmp_path: Path) -> None:
    found = read_marks(folder, jobs=1)
    text_file, binary = write_marks(found, tmp_path / "out")
    assert pq.read_table(binary).equals(found.table())
    assert csv.read_csv(text_file).num_rows == 4
    assert found.table().column_names[:4] == ["path", "bytes", "kind", "answer"]
    assert not list((tmp_path / "out").glob("*.part"))
    assert json.loads(json.dumps(found.as_dict()))["counts"]["model_use"] == {"whole": 3, "not said": 1}


def test_the_summary_says_what_was_found_and_what_that_does_not_mean(folder: Path) -> None:
    words = read_marks(folder, jobs=1).summary()
    assert "4 files: 3 marks found, 1 no mark found." in words
    assert "a file without one may be anything" in words
    assert "human" not in words
