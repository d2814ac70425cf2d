"""Public dumps: every variant of a date, artists and uploaders, what is marked and what stops or is dropped."""

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from precipice.archive import Source, count_uploads
from precipice.errors import InputError
from precipice.records import Upload
from precipice.sources.dumps import DUMPS, danbooru2023_fields, foundation
from precipice.sources.gallery_dl import read
from precipice.study import Study, take_in
from tests.unit.archive.archives import NOON, NOW, contents, rows, take, take_dump, who

POST: Mapping[str, Any] = {"id": 1, "created_at": NOON, "tag_string_artist": "sam"}
SAMPLES = "gallery_dl_samples/danbooru-dump"


@pytest.fixture(autouse=True)
def _own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRECIPICE_KEY", raising=False)


def lines(*posts: Mapping[str, Any]) -> bytes:
    """Write posts as JSON Lines; each is the plainest post with what is given, numbered from 1."""
    return "".join(json.dumps({**POST, "id": n, **post}) + "\n" for n, post in enumerate(posts, start=1)).encode()


def take_lines(
    place: Path, content: bytes, name: str = "posts.json", **options: Any
) -> tuple[Source, list[dict[str, Any]]]:
    (place / name).write_bytes(content)
    source = take_dump(place / f"archive of {name}", place / name, **options)
    return source, rows(place / f"archive of {name}")


def refusal(place: Path, content: bytes, name: str = "posts.json", **options: Any) -> InputError:
    with pytest.raises(InputError) as refused:
        take_lines(place, content, name, **options)
    return refused.value


def test_the_samples_of_the_dump_come_in(tmp_path: Path, shared: Path) -> None:
    source = take_dump(tmp_path / "archive", shared / SAMPLES / "posts_SYNTHETIC.jsonl")
    assert (source.read, source.kept, source.dropped) == (7, 5, {"no_creator": 2})
    found = rows(tmp_path / "archive")
    assert [row["published"].isoformat() for row in found] == [
        "2023-02-01T03:45:10", "2023-02-01T03:45:10", "2023-02-03T06:00:00", "2023-02-05T07:00:00",
        "2023-02-06T07:00:00",
    ]  # fmt: skip
    assert [row["creators"] for row in found] == [
        who("danbooru", *(f"synthetic_artist_{letter}" for letter in letters)) for letters in ("a", "a", "ab", "c", "a")
    ]
    assert {row["clock"] for row in found} == {"noticed"}
    assert [row["source_published"] and row["source_published"].isoformat() for row in found] == [
        "2023-01-30T10:04:32", "2023-01-31T14:30:00", "2023-10-27T19:30:00", None, None,
    ]  # fmt: skip
    assert [row["declared_ai"] for row in found] == [False, False, False, True, False]
    assert [row["state"] for row in found] == ["shown", "shown", "deleted", "shown", "shown"]


@pytest.mark.parametrize(
    "variant", ["posts_SYNTHETIC.jsonl", "bigquery_row_variant_SYNTHETIC.json", "epoch-ms_variant_SYNTHETIC.json"]
)
def test_every_variant_of_a_date_is_the_same_moment(tmp_path: Path, shared: Path, variant: str) -> None:
    text = (shared / SAMPLES / variant).read_text()
    post = json.loads(text.splitlines()[0] if variant.endswith("l") else text)
    _, (row,) = take_lines(tmp_path, json.dumps(post).encode())
    assert row["published"] == datetime(2023, 2, 1, 3, 45, 10)  # noqa: DTZ001  the archive's times are naive UTC
    assert row["creators"] == who("danbooru", "synthetic_artist_a")


@pytest.fixture
def posts(tmp_path: Path, shared: Path) -> Path:
    """The sample without its list of all tags, which lacks one that its kind has."""
    place = tmp_path / "sample.jsonl"
    found = map(json.loads, (shared / SAMPLES / "posts_SYNTHETIC.jsonl").read_text().splitlines())
    place.write_text("".join(json.dumps(post | {"tag_string": None}) + "\n" for post in found))
    return place


def test_the_dump_and_gallery_dl_read_one_post_alike(tmp_path: Path, posts: Path) -> None:
    take_dump(tmp_path / "archive", posts)
    alike = ("platform", "id", "clock", "kind", "tags", "declared_ai", "opt_out", "reactions", "followers", "state")
    singles = {upload.id: upload for upload in read(posts) if isinstance(upload, Upload)}
    found = rows(tmp_path / "archive")
    assert len(found) == len(singles)
    for row in found:
        single = singles[row["id"]]
        for name in alike:
            value = getattr(single, name)
            assert row[name] == ([*value] if isinstance(value, tuple) else value), (row["id"], name)
        assert row["creators"] == who("danbooru", *single.creators)
        for name in ("published", "source_published", "updated"):
            moment = getattr(single, name)
            assert row[name] == (moment.astimezone(UTC).replace(tzinfo=None) if moment else None), (row["id"], name)


def test_a_dump_and_gallery_dl_output_of_one_post_are_one_upload(tmp_path: Path, posts: Path) -> None:
    study = Study.model_validate({"archive": {"key": "key"}})
    first = take_in(tmp_path / "study", (posts,), "danbooru2023", study, now=NOW, version="1")
    before = contents(tmp_path / "study" / "archive")
    again = take_in(tmp_path / "study", (posts,), "gallery-dl", study, now=NOW, version="1")
    assert (first.kept, again.kept) == (5, 0)
    assert again.dropped == {"already_held": 5, "no_creator": 2}
    assert contents(tmp_path / "study" / "archive") == before


def zst(content: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(content, asbytes=True))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("posts.json", lines({}, {})),
        ("posts.jsonl", lines({}, {}).strip()),
        ("posts.json.gz", gzip.compress(lines({}, {}), mtime=0)),
        ("posts.json.gz", gzip.compress(lines({}), mtime=0) + gzip.compress(lines({"id": 2}), mtime=0)),
        ("posts.json.zst", zst(lines({}, {}))),
        ("posts.json.zst", zst(lines({})) + zst(lines({"id": 2}))),
    ],
)  # fmt: skip
def test_a_dump_may_be_packed_even_in_several_pieces(tmp_path: Path, name: str, content: bytes) -> None:
    source, found = take_lines(tmp_path, content, name)
    assert (source.read, source.kept) == (2, 2)
    assert [row["id"] for row in found] == ["1", "2"]


def test_the_unit_is_the_artist_or_the_uploader(tmp_path: Path) -> None:
    content = lines(
        {"tag_string_artist": "sam ann", "uploader_id": 7},
        {"tag_string_artist": "banned_artist", "uploader_id": 7},
        {"tag_string_artist": "banned_artist eve", "uploader_id": None},
        {"tag_string_artist": "sam  sam ", "uploader_id": 8},
        {"tag_string_artist": "", "uploader_id": 8},
        {"tag_string_artist": None},
    )
    source, found = take_lines(tmp_path, content)
    assert (source.kept, source.dropped) == (3, {"no_creator": 3})
    assert {row["id"]: row["creators"] for row in found} == {
        "1": who("danbooru", "sam", "ann"), "3": who("danbooru", "eve"), "4": who("danbooru", "sam"),
    }  # fmt: skip
    source, found = take_lines(tmp_path, content, "again.json", unit="uploader")
    assert (source.kept, source.dropped) == (4, {"no_creator": 2})
    assert {row["id"]: row["creators"] for row in found} == {
        "1": who("danbooru", "7"), "2": who("danbooru", "7"), "4": who("danbooru", "8"), "5": who("danbooru", "8"),
    }  # fmt: skip


def test_one_file_by_both_units_is_not_taken_for_held(tmp_path: Path) -> None:
    (tmp_path / "posts.json").write_bytes(lines({"uploader_id": 7}))
    take_dump(tmp_path / "archive", tmp_path / "posts.json")
    source = take_dump(tmp_path / "archive", tmp_path / "posts.json", unit="uploader")
    assert (source.kept, source.replaced) == (1, 1)
    assert rows(tmp_path / "archive")[0]["creators"] == who("danbooru", "7")


def test_deleted_and_banned_posts_are_kept_and_marked(tmp_path: Path) -> None:
    take_lines(tmp_path, lines({}, {"is_deleted": True}, {"is_banned": True}, {"is_banned": True, "is_deleted": True}))
    assert count_uploads(tmp_path / "archive of posts.json") == {
        "danbooru/banned": 2,
        "danbooru/deleted": 1,
        "danbooru/shown": 1,
    }


@pytest.mark.parametrize(
    ("meta", "declared"),
    [("ai-generated", True), ("highres ai-assisted", True), ("ai-generated_background", False),
     ("non-ai-generated", False), ("highres", False), ("", False), (None, None)],
)  # fmt: skip
def test_the_tags_of_the_meta_kind_declare_ai(tmp_path: Path, meta: str | None, declared: bool | None) -> None:
    _, (row,) = take_lines(tmp_path, lines({"tag_string_meta": meta}))
    assert row["declared_ai"] is declared


def test_tags_carry_their_kind_and_a_post_without_any_has_none(tmp_path: Path) -> None:
    content = lines(
        {"tag_string_general": "1girl solo", "tag_string_character": "a_(b) c", "tag_string_copyright": "d",
         "tag_string_meta": "highres"},
        {"tag_string_general": "", "tag_string_meta": ""},
        {},
    )  # fmt: skip
    _, found = take_lines(tmp_path, content)
    assert [row["tags"] for row in found] == [
        ["1girl", "solo", "character:a_(b)", "character:c", "copyright:d", "meta:highres"], [], [],
    ]  # fmt: skip


@pytest.mark.parametrize(("ending", "kind"), [("png", "image"), ("mp4", "video"), ("zip", "video"), ("swf", "video")])
def test_the_ending_says_the_kind(tmp_path: Path, ending: str, kind: str) -> None:
    _, (row,) = take_lines(tmp_path, lines({"file_ext": ending}))
    assert row["kind"] == kind


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("https://twitter.com/a/status/1717987024696246272", "2023-10-27T19:30:00"),
        ("https://x.com/a/status/1717987024696246272/photo/1", "2023-10-27T19:30:00"),
        ("https://twitter.com/a/status/300000000000000", "2010-11-04T21:35:00"),
        ("https://twitter.com/a/status/299999999999999", None),
        ("https://twitter.com/a/status/17179870246962462720000", None),
        # Mastodon's ids hold other times in other bits.
        ("https://pawoo.net/web/statuses/101234567890123456", None),
        ("https://i.pximg.net/img-original/img/2023/02/01/08/59/59/104950000_p0.png", "2023-01-31T23:59:59"),
        ("https://i.pximg.net/img-original/img/2023/02/30/00/00/00/104950000_p0.png", None),
        ("https://example.org/img/2023/02/01/08/59/59/104950000_p0.png", None),
        ("file://lost.png", None),
        ("", None),
        (None, None),
    ],
)
def test_the_second_clock_is_read_off_the_source(tmp_path: Path, source: str | None, wanted: str | None) -> None:
    _, (row,) = take_lines(tmp_path, lines({"source": source}))
    assert (row["source_published"] and row["source_published"].isoformat()) == wanted


def test_the_platform_may_be_one_of_danboorus_kin(tmp_path: Path) -> None:
    _, (row,) = take_lines(tmp_path, lines({}), platform=" AIBooru's ")
    assert row["platform"] == "aibooru's"
    assert row["creators"] == who("aibooru's", "sam")


def test_a_bad_date_stops_with_its_line_or_is_dropped_and_counted(tmp_path: Path) -> None:
    content = lines({}, {"created_at": "soon"}, {"created_at": None}, {"created_at": "2023-01-31 12:00:00"}, {})
    error = refusal(tmp_path, content)
    assert error.what == "3 of 5 rows have no readable date"
    assert error.where == "posts.json:2"
    assert error.why == "the first has created_at = 'soon'"
    source, found = take_lines(tmp_path, content, "again.json", on_bad="drop")
    assert (source.read, source.kept, source.dropped) == (5, 2, {"bad_date": 3})
    assert [row["id"] for row in found] == ["1", "5"]


@pytest.mark.parametrize(
    "bad", [b'{"id": 2, "created_at": "2023-01-31T12', b"no record", b"[1]", b'"text"', b'{"id" 2}']
)
def test_a_line_that_is_none_stops_with_its_place_or_is_dropped_and_counted(tmp_path: Path, bad: bytes) -> None:
    content = lines({}, {}) + b"\n" + bad + b"\n" + lines({"id": 9})
    error = refusal(tmp_path, content)
    assert error.where == "posts.json:4"
    assert error.what == "1 of 4 rows have no readable date"
    assert "no record at all: " in error.why
    assert "the archive is as it was" in error.fix
    source, found = take_lines(tmp_path, content, "again.json", on_bad="drop")
    assert (source.read, source.kept, source.dropped) == (4, 3, {"unreadable": 1})
    assert [row["id"] for row in found] == ["1", "2", "9"]


def test_the_place_is_right_in_the_second_of_two_files(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(lines(*[{}] * 50))
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(lines(*[{}] * 30, {"created_at": "soon"})))
    with pytest.raises(InputError) as refused:
        take_dump(tmp_path / "archive", tmp_path / "a.json", tmp_path / "b.json.gz")
    assert refused.value.where == "b.json.gz:31"


def test_a_record_without_an_id_is_counted(tmp_path: Path) -> None:
    source, _ = take_lines(tmp_path, lines({}, {"id": None}, {"id": None, "created_at": None}), on_bad="drop")
    assert (source.read, source.kept, source.dropped) == (3, 1, {"no_id": 1, "unreadable": 1})


@pytest.mark.parametrize("cut", [1, 8, 9, 300])
@pytest.mark.parametrize("on_bad", ["stop", "drop"])
@pytest.mark.parametrize("pack", [gzip.compress, zst])
def test_a_packed_dump_that_was_cut_short_is_refused_and_leaves_the_archive(
    tmp_path: Path, cut: int, on_bad: str, pack: Any
) -> None:
    ending = "gz" if pack is gzip.compress else "zst"
    many = lines(*({"source": f"https://example.org/{n * 7919 % 10007}"} for n in range(3000)))
    (tmp_path / "first.json").write_bytes(lines({"id": -1}))
    take_dump(tmp_path / "archive", tmp_path / "first.json")
    before = contents(tmp_path / "archive")
    (tmp_path / f"posts.json.{ending}").write_bytes(pack(many)[:-cut])
    with pytest.raises(InputError, match=r"broken|cut short") as refused:
        take_dump(tmp_path / "archive", tmp_path / f"posts.json.{ending}", on_bad=on_bad)
    assert f"posts.json.{ending}" in refused.value.where + refused.value.why
    assert "nothing of this file was kept" in refused.value.fix
    assert contents(tmp_path / "archive") == before


def test_text_that_is_not_utf_8_is_refused_and_says_so(tmp_path: Path) -> None:
    error = refusal(tmp_path, lines({"tag_string_general": "x"}).replace(b'"x"', b'"\xe9"'))
    assert error.where == "posts.json:1"
    assert "UTF-8" in error.why


def test_a_folder_or_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path, content in (("folder", None), ("a.csv", b"id,created_at\n1,2\n"), ("a.json", b"[" + lines({}) + b"]")):
        if content is not None:
            (tmp_path / path).write_bytes(content)
        with pytest.raises(InputError):
            take_dump(tmp_path / "archive", tmp_path / path)


def test_an_empty_dump_holds_nothing(tmp_path: Path) -> None:
    source, found = take_lines(tmp_path, b"")
    assert (source.read, source.kept, found) == (0, 0, [])


def test_newer_rows_of_a_later_dump_replace_those_of_the_first(tmp_path: Path) -> None:
    first = lines({"updated_at": "2023-01-01T00:00:00.000-05:00", "tag_string_artist": "wrong"}, {}, {"id": 3})
    later = lines({"updated_at": "2023-02-01T00:00:00.000-05:00", "tag_string_artist": "right"}, {}, {"id": 4})
    for name, content in (("first.json", first), ("later.json", later)):
        (tmp_path / name).write_bytes(content)
        source = take_dump(tmp_path / "archive", tmp_path / name)
    assert (source.kept, source.replaced, source.dropped) == (2, 1, {"already_held": 1})
    again = take_dump(tmp_path / "archive", tmp_path / "first.json")
    assert (again.read, again.kept) == (3, 0)
    assert rows(tmp_path / "archive")[0]["creators"] == who("danbooru", "right")


# Foundation

MINTS = "token_id,mint_date\n1.0,1611267658\n2,1611267659\n3,1614556799\n4,1614556800\n4,1614556800\n"
LISTINGS = (
    "token_id,creator,listing_date,listing_amt\n"
    '2,buyer,1611300000,"2,0"\n'  # a resale, standing first in the file
    "1,sam,1611267700,1.0\n"
    "2,ann,1611267700,1.0\n"
    "1,collector,1620000000,9.0\n"
    "4,sam,1614556900,1.0\n"
    "4,nobody,,1.0\n"
    "9,eve,1614556900,1.0\n"
)


def foundation_files(place: Path, mints: str = MINTS, listings: str = LISTINGS) -> tuple[Path, Path]:
    (place / "mint_data.csv").write_text(mints)
    (place / "list_data.csv").write_text(listings)
    return place / "list_data.csv", place / "mint_data.csv"


def test_a_tokens_creator_is_who_listed_it_first(tmp_path: Path) -> None:
    source = take_dump(tmp_path / "archive", *foundation_files(tmp_path), kind="foundation")
    assert (source.read, source.kept, source.dropped) == (5, 3, {"no_creator": 1, "repeated": 1})
    found = rows(tmp_path / "archive")
    assert [(row["id"], row["creators"]) for row in found] == [
        ("1", who("foundation", "sam")), ("2", who("foundation", "ann")), ("4", who("foundation", "sam")),
    ]  # fmt: skip
    assert [row["published"].isoformat() for row in found] == [
        "2021-01-21T22:20:58", "2021-01-21T22:20:59", "2021-03-01T00:00:00",
    ]  # fmt: skip
    assert {row["clock"] for row in found} == {"published"}


def test_a_mint_without_a_date_stops_with_its_line_or_is_dropped_and_counted(tmp_path: Path) -> None:
    files = foundation_files(tmp_path, MINTS + "5,soon\n6,\n99999,99999999999999\n")
    with pytest.raises(InputError, match="3 of 8 rows have no readable date") as refused:
        take_dump(tmp_path / "archive", *files, kind="foundation")
    assert refused.value.where == "mint_data.csv:7"
    assert refused.value.why == "the first has mint_date = 'soon'"
    source = take(tmp_path / "archive", foundation.intake(files, on_bad="drop"))
    assert (source.read, source.kept) == (8, 3)
    assert source.dropped == {"bad_date": 3, "no_creator": 1, "repeated": 1}


def test_both_files_are_asked_for(tmp_path: Path) -> None:
    listing, _ = foundation_files(tmp_path)
    with pytest.raises(InputError, match=r"mint_data\.csv is missing") as refused:
        foundation.intake((listing,))
    assert "list_data.csv" in refused.value.why


def test_every_dump_has_a_door_and_gives_a_query(tmp_path: Path) -> None:
    foundation_files(tmp_path)
    for name, door in DUMPS.items():
        intake = door((tmp_path / "mint_data.csv", tmp_path / "list_data.csv"))
        assert intake.kind == name
        assert intake.select is not None
        assert intake.problems is not None
    assert set(danbooru2023_fields.COLUMNS) >= {"id", "created_at", "tag_string_artist", "uploader_id"}
