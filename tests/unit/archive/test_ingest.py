"""Ingest: every row is kept or counted, twice is once, and what fails leaves the archive as it was."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precipice.archive import fingerprints, ingest, read_manifest
from precipice.archive.takers import embedded
from precipice.errors import InputError, PrecipiceError, SourceError
from precipice.records import FIELDS, Dropped, Upload
from precipice.sources import tables
from precipice.sources.tables import TableOptions
from precipice.study import Study, take_in
from tests.unit.archive.archives import (
    HEADER,
    NOON,
    NOW,
    SMALL,
    contents,
    key_file,
    rows,
    take_dump,
    take_table,
    take_uploads,
    upload,
    who,
)  # fmt: skip

FULL_HEADER = "platform,id,creator,published,tags,followers,updated\n"


def write(path: Path, *lines: str, header: str = HEADER) -> Path:
    text = header + "".join(line + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_an_archive_holds_the_one_schema_and_nothing_else(tmp_path: Path) -> None:
    take_table(tmp_path / "archive", write(tmp_path / "a.csv", f"site,1,sam,{NOON}"))
    (file,) = read_manifest(tmp_path / "archive").files
    schema = pq.read_schema(tmp_path / "archive" / file.name)
    kinds = {
        "VARCHAR": pa.string(),
        "BIGINT": pa.int64(),
        "BOOLEAN": pa.bool_(),
        "TIMESTAMP": pa.timestamp("us"),
        "VARCHAR[]": pa.list_(pa.field("element", pa.string())),
        "BIGINT[]": pa.list_(pa.field("element", pa.int64())),
    }
    assert {field.name: field.type for field in schema} == {name: kinds[kind] for name, kind in FIELDS.items()}


def test_the_manifest_says_what_was_read_from_where(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"site,1,sam,{NOON}", f"site,2,,{NOON}", "site,3,sam,2023-03-01T00:00:00Z")
    source = take_table(tmp_path / "archive", path)
    assert (source.read, source.kept, source.dropped) == (3, 2, {"no_creator": 1})
    manifest = read_manifest(tmp_path / "archive")
    assert manifest.sources == (source,)
    assert manifest.rows == 2
    (file,) = manifest.files
    assert (file.rows, file.set_aside) == (2, 1)
    assert (file.first, file.last) == ("2023-01-31T12:00:00Z", "2023-03-01T00:00:00Z")
    assert source.ingested == "2024-01-02T03:04:05Z"
    assert source.files[0].name == "a.csv"
    assert source.files[0].bytes == path.stat().st_size


def test_the_same_file_twice_changes_no_byte(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", f"site,1,sam,{NOON}", f"site,2,ann,{NOON}", f"site,2,sam,{NOON}", f"site,,x,{NOON}"
    )
    first = take_table(tmp_path / "archive", path)
    before = contents(tmp_path / "archive")
    again = take_table(tmp_path / "archive", path)
    assert contents(tmp_path / "archive") == before
    assert (first.read, first.kept, first.dropped) == (4, 2, {"no_id": 1, "repeated": 1})
    assert (again.read, again.kept, again.dropped) == (4, 0, {"already_held": 2, "no_id": 1, "repeated": 1})


def test_a_file_that_was_half_held_is_accounted_for_when_it_comes_again(tmp_path: Path) -> None:
    take_table(tmp_path / "archive", write(tmp_path / "a.csv", f"site,1,sam,{NOON}"))
    path = write(tmp_path / "b.csv", f"site,1,sam,{NOON}", f"site,2,sam,{NOON}")
    assert take_table(tmp_path / "archive", path).dropped == {"already_held": 1}
    before = contents(tmp_path / "archive")
    assert take_table(tmp_path / "archive", path).dropped == {"already_held": 2}
    assert contents(tmp_path / "archive") == before


def test_the_same_rows_in_another_form_are_held_already(tmp_path: Path) -> None:
    header = FULL_HEADER
    lines = (f"site,1,sam,{NOON},a|b,141.0,2023-05-01T00:00:00Z", f"site,2,ann,{NOON},,,")
    take_table(tmp_path / "archive", write(tmp_path / "a.csv", *lines, header=header))
    before = contents(tmp_path / "archive")
    other = [
        {"platform": "site", "id": 1, "creator": "sam", "published": "2023-01-31T21:00:00+09:00", "tags": ["a", "b"],
         "followers": 141, "updated": "2023-05-01T00:00:00.250Z"},
        {"platform": "SITE", "id": 2, "creator": "ann", "published": 1675166400, "tags": [], "followers": None},
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in other))
    table = pa.table(
        {"platform": ["site", "site"], "id": pa.array([1, 2], pa.int32()), "creator": ["sam", "ann"],
         "published": pa.array([datetime.fromisoformat(NOON)] * 2, pa.timestamp("ms", "Asia/Tokyo")),
         "tags": pa.array([["a", "b"], None], pa.large_list(pa.string())), "followers": [141.0, float("nan")],
         "updated": pa.array([datetime.fromisoformat("2023-05-01T00:00:00Z"), None], pa.timestamp("us", "UTC"))}
    )  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    write(tmp_path / "b.csv.gz", *lines, header=header)
    for name in ("a.jsonl", "a.parquet", "b.csv.gz"):
        source = take_table(tmp_path / "archive", tmp_path / name)
        assert (source.kept, source.dropped) == (0, {"already_held": 2}), name
    assert contents(tmp_path / "archive") == before


def test_newer_records_replace_older_ones_and_never_the_reverse(tmp_path: Path) -> None:
    def record(day: int) -> Upload:
        return upload(1, "sam", updated=f"2023-05-{day:02d}T00:00:00Z", reactions=day)

    archive = tmp_path / "archive"
    take_uploads(archive, [record(5), upload(2, "ann")], "first")
    older = take_uploads(archive, [record(4)], "older")
    assert (older.kept, older.replaced, older.dropped) == (0, 0, {"already_held": 1})
    newer = take_uploads(archive, [record(6), upload(3, "ann")], "newer")
    assert (newer.kept, newer.replaced, newer.dropped) == (2, 1, {})
    assert [(row["id"], row["reactions"]) for row in rows(archive)] == [("1", 6), ("2", None), ("3", None)]
    assert sum(file.rows for file in read_manifest(archive).files) == 3


def test_a_known_time_of_change_wins_over_an_unknown_one_in_any_order(tmp_path: Path) -> None:
    known, unknown = upload(1, "sam", updated="2023-05-01T00:00:00Z", reactions=1), upload(1, "sam", reactions=2)
    for name, order in {"a": [known, unknown], "b": [unknown, known]}.items():
        take_uploads(tmp_path / name, order[:1], "first")
        take_uploads(tmp_path / name, order[1:], "second")
        take_uploads(tmp_path / f"{name}-at-once", order)
        assert [row["reactions"] for row in rows(tmp_path / name)] == [1]
        assert [row["reactions"] for row in rows(tmp_path / f"{name}-at-once")] == [1]


def test_a_table_exported_anew_corrects_itself(tmp_path: Path) -> None:
    take_table(tmp_path / "archive", write(tmp_path / "a.csv", f"site,1,old_name,{NOON}", f"site,2,sam,{NOON}"))
    again = take_table(tmp_path / "archive", write(tmp_path / "b.csv", f"site,1,new_name,{NOON}", f"site,2,sam,{NOON}"))
    assert (again.kept, again.replaced, again.dropped) == (1, 1, {"already_held": 1})
    assert rows(tmp_path / "archive")[0]["creators"] == who("site", "new_name")


def test_of_two_records_of_one_time_of_change_the_later_ingest_stands(tmp_path: Path) -> None:
    moment = "2023-05-01T00:00:00Z"
    for day in (1, 2, 1):
        source = take_uploads(tmp_path / "archive", [upload(1, "sam", updated=moment, reactions=day)], f"day {day}")
        assert rows(tmp_path / "archive")[0]["reactions"] in (day, 2)
    assert (source.kept, source.dropped) == (0, {"already_held": 1})  # the third is the first once more, byte by byte
    assert rows(tmp_path / "archive")[0]["reactions"] == 2


def test_of_repeated_records_of_one_time_of_change_the_later_published_is_kept(tmp_path: Path) -> None:
    days = [upload(1, f"artist {day}", at=f"2023-01-{day:02d}T00:00:00Z") for day in range(1, 9)]
    take_uploads(tmp_path / "archive", [*days[4:], *days[:4]])
    (row,) = rows(tmp_path / "archive")
    assert row["published"].day == 8
    assert row["creators"] == who("site", "artist 8")


def test_of_repeated_records_the_newest_is_kept_whatever_the_order(tmp_path: Path) -> None:
    records = [
        upload(1, "sam", reactions=1, updated="2023-05-01T00:00:00Z"),
        upload(1, "sam", reactions=2, updated="2023-05-03T00:00:00Z"),
        upload(1, "sam", reactions=3, updated="2023-05-02T00:00:00Z"),
        upload(1, "sam", reactions=4),
        upload(1, "sam", reactions=5, platform="other"),
    ]
    for turn in range(5):
        source = take_uploads(tmp_path / str(turn), records[turn:] + records[:turn])
        assert (source.read, source.kept, source.dropped) == (5, 2, {"repeated": 3})
        assert [row["reactions"] for row in rows(tmp_path / str(turn))] == [5, 2]


def test_rows_that_differ_in_the_creator_are_one_upload_of_all_of_them(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", *(f"site,1,{name},{NOON}" for name in ("sam", "ann", "sam", "eve")))
    source = take_table(tmp_path / "archive", path)
    assert (source.kept, source.dropped) == (1, {"repeated": 3})
    (row,) = rows(tmp_path / "archive")
    assert sorted(row["creators"]) == sorted(who("site", "sam", "ann", "eve"))


def test_an_older_record_adds_no_creator(tmp_path: Path) -> None:
    take_uploads(
        tmp_path / "archive",
        [upload(1, "sam", updated="2023-05-02T00:00:00Z"), upload(1, "ann", updated="2023-05-01T00:00:00Z")],
    )
    assert rows(tmp_path / "archive")[0]["creators"] == who("site", "sam")


def test_what_the_door_dropped_is_counted_among_the_rows_read(tmp_path: Path) -> None:
    dropped = [Dropped(rule) for rule in ("no_creator", "no_creator", "bad_date", "unreadable", "repeated", "message")]
    source = take_uploads(tmp_path / "archive", [*dropped, upload(1, "sam"), upload(1, "sam"), upload(2)])
    assert (source.read, source.kept) == (9, 1)
    assert source.dropped == {"bad_date": 1, "message": 1, "no_creator": 3, "repeated": 2, "unreadable": 1}


@pytest.mark.parametrize("number", [0, 1, 5, 6, 20])
def test_uploads_are_handed_over_in_batches_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(embedded, "BATCH", 5)
    source = take_uploads(tmp_path / "archive", [upload(n, "sam") for n in range(number)])
    assert source.kept == number
    assert len(rows(tmp_path / "archive")) == number


def test_an_error_at_the_door_keeps_its_own_words_and_class(tmp_path: Path) -> None:
    def broken() -> object:
        yield upload(1, "sam")
        raise SourceError("the platform refused", where="posts.jsonl:2", why="403", fix="wait")

    with pytest.raises(SourceError, match="the platform refused") as refused:
        take_uploads(tmp_path / "archive", broken())  # type: ignore[arg-type]
    assert (refused.value.where, refused.value.exit_status) == ("posts.jsonl:2", 3)
    assert rows(tmp_path / "archive") == []


def test_gallery_dl_output_comes_in_with_every_row_accounted_for(tmp_path: Path, shared: Path) -> None:
    study = Study.model_validate({"archive": {"key": "../key"}})
    samples = shared / "gallery_dl_samples"
    expected = {
        "danbooru-dump/posts_SYNTHETIC.jsonl": (7, 5, {"no_creator": 2}),
        "artstation/dump-json_user_first-2-projects.json": (6, 2, {"asset_of_project": 4}),
        "danbooru/error_404_dump-json.json": (1, 0, {"message": 1}),
    }
    for number, (name, result) in enumerate(expected.items()):
        source = take_in(tmp_path / str(number), (samples / name,), "gallery-dl", study, now=NOW, version="1")
        assert (source.read, source.kept, source.dropped) == result, name


def test_a_date_at_the_door_that_cannot_be_read_stops_with_its_line(tmp_path: Path) -> None:
    good = {"id": 1, "created_at": NOON, "tag_string_artist": "a"}
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps({**good, "id": n, "created_at": t}) + "\n" for n, t in ((1, NOON), (2, "soon"))))
    study = Study.model_validate({"archive": {"key": "../key"}})
    with pytest.raises(InputError, match="cannot read created_at from 'soon'") as refused:
        take_in(tmp_path / "study", (path,), "gallery-dl", study, now=NOW, version="1")
    assert refused.value.where.endswith("posts.jsonl:2")
    source = take_in(tmp_path / "study", (path,), "gallery-dl", study, now=NOW, version="1", on_bad="drop")
    assert (source.kept, source.dropped) == (1, {"bad_date": 1})


def test_what_fails_leaves_the_archive_to_the_byte(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    take_table(archive, write(tmp_path / "a.csv", f"site,1,sam,{NOON}"))
    before = contents(archive)
    (tmp_path / "post.jsonl").write_text('{"id": 1, "created_at": "soon", "tag_string_artist": "a"}\n')
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress((HEADER + f"site,2,sam,{NOON}\n" * 9999).encode())[:-9])
    attempts: tuple[Callable[[], object], ...] = (
        lambda: take_table(archive, write(tmp_path / "b.csv", "site,2,sam,soon")),
        lambda: take_table(archive, write(tmp_path / "c.csv", f"site,2,sam,{NOON},more")),
        lambda: take_table(archive, tmp_path / "cut.csv.gz"),
        lambda: take_dump(archive, tmp_path / "post.jsonl"),
        lambda: take_uploads(archive, (Dropped(str(1 / (n - 3))) for n in range(9))),
    )
    for attempt in attempts:
        with pytest.raises((InputError, ZeroDivisionError)):
            attempt()
        assert contents(archive) == before


def test_a_manifest_that_is_gone_stops_and_touches_no_upload(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    take_uploads(archive, [upload(1, "sam")])
    (archive / "manifest.json").rename(tmp_path / "manifest.json")
    before = contents(archive)
    with pytest.raises(InputError, match="manifest is gone") as refused:
        take_uploads(archive, [upload(2, "sam")], "more")
    assert "restore manifest.json" in refused.value.fix
    assert contents(archive) == before
    (tmp_path / "manifest.json").rename(archive / "manifest.json")
    take_uploads(archive, [upload(2, "sam")], "more")
    assert len(rows(archive)) == 2


@pytest.mark.parametrize("text", ["", "{", "{}", '{"archive": "a", "schema": 1, "files": [{"x": 1}], "sources": []}'])
def test_a_manifest_that_cannot_be_read_stops_and_touches_no_upload(tmp_path: Path, text: str) -> None:
    archive = tmp_path / "archive"
    take_uploads(archive, [upload(1, "sam")])
    (archive / "manifest.json").write_text(text)
    before = contents(archive)
    with pytest.raises(InputError, match="manifest cannot be read"):
        take_uploads(archive, [upload(2, "sam")], "more")
    assert contents(archive) == before


def test_what_a_killed_ingest_left_goes_at_the_next(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    take_uploads(archive, [upload(1, "sam")])
    for name in ("incoming.parquet.part", "manifest.json.part", "uploads-0001-0123456789ab.parquet"):
        (archive / name).write_bytes(b"left over")
    take_uploads(archive, [upload(2, "sam")], "more")
    held = {file.name for file in read_manifest(archive).files}
    assert {path.name for path in archive.iterdir()} - {".lock"} == held | {"manifest.json"}
    assert len(rows(archive)) == 2


def test_large_files_are_known_by_a_sample_and_settled_row_by_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "WHOLE", 1000)
    monkeypatch.setattr(fingerprints, "SAMPLE", 16)
    monkeypatch.setattr(fingerprints, "SAMPLES", 8)
    lines = [f"site,{n},sam,{NOON}" for n in range(100)]
    path = write(tmp_path / "a.csv", *lines)
    assert take_table(tmp_path / "archive", path).files[0].sampled
    before = contents(tmp_path / "archive")
    assert take_table(tmp_path / "archive", path).dropped == {"already_held": 100}
    assert contents(tmp_path / "archive") == before
    write(path, *(line.replace("sam", "ann") if line.startswith("site,52,") else line for line in lines))
    source = take_table(tmp_path / "archive", path)  # an edit that the sample misses
    assert (source.kept, source.replaced, source.dropped) == (1, 1, {"already_held": 99})


def test_a_folder_of_sidecar_files_is_known_by_all_that_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "sidecars"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "1.json").write_text("{}")
    first = fingerprints.fingerprint(folder)
    assert first == fingerprints.fingerprint(folder)
    assert (first.name, first.bytes) == ("sidecars", 2)
    (folder / "deep" / "1.json").rename(folder / "deep" / "2.json")
    assert fingerprints.fingerprint(folder).sha256 != first.sha256


@pytest.mark.parametrize("name", ["study[1]", "it's a study", "Studie ä ☂", "a*b"])
def test_a_folder_may_be_called_anything(tmp_path: Path, name: str) -> None:
    (tmp_path / "study1").mkdir()
    path = write(tmp_path / f"{name}.csv", f"site,1,sam,{NOON}")
    archive = tmp_path / name / "archive"
    take_table(archive, path)
    take_table(archive, write(tmp_path / "b.csv", f"site,2,sam,{NOON}", f"site,1,ann,{NOON}"))
    assert [row["creators"] for row in rows(archive)] == [who("site", "ann"), who("site", "sam")]


def test_progress_is_told_in_words_and_shares(tmp_path: Path) -> None:
    told: list[tuple[str, float | None]] = []
    intake = tables.intake((write(tmp_path / "a.csv", f"site,1,sam,{NOON}"),), TableOptions())
    ingest(
        tmp_path / "archive", intake, now=NOW, version="1", limits=SMALL, key_place=key_file(tmp_path / "archive"),
        progress=lambda step, share: told.append((step, share)),
    )  # fmt: skip
    assert [*dict.fromkeys(step for step, _ in told)] == [
        "hash the files", "read the rows", "look for repeated uploads", "put the archive in place",
    ]  # fmt: skip
    assert all(share is None or 0 <= share <= 1 for _, share in told)


def test_errors_of_an_ingest_carry_their_exit_status(tmp_path: Path) -> None:
    with pytest.raises(PrecipiceError) as refused:
        take_table(tmp_path / "archive", write(tmp_path / "a.csv", "site,1,sam,soon"))
    assert refused.value.exit_status == 2
