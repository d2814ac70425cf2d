"""The real marked files: what their makers say they are, what is found, and what the document says."""

import csv
from pathlib import Path

import pytest
from studies.marks.run import BAD, RESULTS

from precipice.marks import FileMarks, MarksFound, read_marks
from tests.conftest import ROOT

EXPECTED = {
    "c2pa/adobe-20220124-A.jpg": "absent",
    "c2pa/adobe-20220124-C.jpg": "valid",
    "c2pa/adobe-20220124-CA.jpg": "valid",
    "c2pa/adobe-20220124-CI.jpg": "valid",
    "c2pa/adobe-20220124-E-sig-CA.jpg": "invalid",
    "c2pa/opt_out_training_mining.png": "valid, training not allowed",
    "c2pa/remote_manifest.jpg": "remote",
    "sd/automatic1111_cropped.jpg": "automatic1111, c0d1994c73",
    "sd/automatic1111_cropped.png": "automatic1111, c0d1994c73",
    "sd/automatic1111_stealth.png": "automatic1111, 15012c538f",
    "sd/empty_file.png": "empty",
    "sd/empty_image.png": "no mark found",
    "sd/fooocus1_cropped.png": "fooocus, aeb7e9e689",
    "sd/img2img_cropped.png": "comfyui",
    "sd/invokeai_dream1.png": "invokeai",
    "sd/invokeai_sdmeta1.png": "invokeai, 56d1442a0feefd64836a19ac8e3527ec71c884fc962e246ddf67b03e42921272",
    "sd/novelai1_cropped.png": "novelai, 1D44365E",
    "sd/text_after_idat.png": "automatic1111, c0d1994c73",
}
"""What the files are, after their origins: the naming of c2pa-org/public-testfiles (`E-sig`: signature did not
validate; `A`: no claim), the tests of contentauth/c2pa-python and Spawning-Inc/datadiligence, and
those of d3x-at/sd-parsers."""


@pytest.fixture(scope="module")
def found(shared: Path) -> MarksFound:
    return read_marks(shared / "marks", jobs=2)


def short(record: FileMarks) -> str:
    """Say what was found as `EXPECTED` says what there is."""
    if record.path.startswith("c2pa/"):
        return record.c2pa + ("" if record.training == "not said" else f", training {record.training}")
    if not record.marks:
        return record.answer
    hashed = record.row()["model_hash"]
    return ", ".join(filter(None, [*record.generators, hashed]))


def test_every_marked_file_is_found_to_be_what_its_maker_says(found: MarksFound) -> None:
    assert {record.path: short(record) for record in found.files} == EXPECTED


def cells(found: MarksFound) -> list[list[str]]:
    """Give the document's table: file, answer, mark and state, where, what is kept."""
    rows = []
    for record in found.files:
        row = record.row()
        names = ("software", "version", "model", "model_hash", "actions", "reason")
        kept = [row[name][:16] if name == "model_hash" else row[name] for name in names if row[name]]
        kept += [f"training {record.training}"] if record.training != "not said" else []
        states = [mark.family if mark.state == "found" else f"{mark.family} {mark.state}" for mark in record.marks]
        rows.append(
            [f"`{record.path}`", "; ".join(states) or record.answer, row["where"] or "–", "; ".join(kept) or "–"]
        )
    return rows


def test_the_document_shows_what_is_found(found: MarksFound) -> None:
    lines = (ROOT / "docs" / "marks.md").read_text(encoding="utf-8").splitlines()
    shown = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith(("| `c2pa/", "| `sd/"))
    ]
    assert [[row[0], *row[2:]] for row in shown] == cells(found)


def test_no_damaged_file_of_the_study_crashed_or_hung_the_reader() -> None:
    with RESULTS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["mutations"]) for row in rows) == 10_000
    assert sum(int(row[answer]) for row in rows for answer in BAD) == 0
    assert {row["file"] for row in rows} == {name for name, answer in EXPECTED.items() if answer != "empty"}
