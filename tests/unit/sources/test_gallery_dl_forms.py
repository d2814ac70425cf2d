"""Forms are recognised by what they hold, and what is broken says where and what came before."""

import gzip
import json
from pathlib import Path
from typing import Literal

import pytest

from precipice.errors import InputError
from precipice.records import Dropped, Upload
from precipice.sources.gallery_dl import read
from precipice.sources.gallery_dl.forms import FORMS


def record(post: int, **fields: object) -> dict[str, object]:
    return {
        "category": "danbooru",
        "id": post,
        "created_at": "2023-02-01T10:00:00-05:00",
        "tags_artist": ["someone"],
        **fields,
    }


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def outcome(path: Path, on_bad: Literal["stop", "drop"] = "stop") -> list[str]:
    """Ids of uploads and rules of drops, in order."""
    return [row.id if isinstance(row, Upload) else row.rule for row in read(path, on_bad=on_bad)]


def failure(path: Path) -> tuple[list[str], InputError]:
    """What came out before the error, and the error."""
    came: list[str] = []
    try:
        for row in read(path):
            came.append(row.id if isinstance(row, Upload) else row.rule)
    except InputError as error:
        return came, error
    pytest.fail(f"{path} was read without an error: {came}")


TWO = [[2, record(1)], [3, "https://a.invalid/1.png", record(1)], [2, record(2)]]
TWO_OUT = ["1", "asset_of_project", "2"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(TWO),
        json.dumps(TWO, indent=2),
        json.dumps(TWO, indent=0),
        "\n".join(map(json.dumps, TWO)),
        "\n".join(json.dumps(message) + "\r" for message in TWO) + "\n\n",
        "\n\n" + "\n".join(map(json.dumps, TWO)),
        json.dumps(TWO[:2], indent=2) + "\n" + json.dumps(TWO[2:], indent=2),  # two runs, the second appended
        "\n".join(json.dumps(message, indent=2) for message in TWO),
    ],
    ids=["array", "indented", "unindented", "lines", "crlf", "blank-lines", "appended", "loose"],
)
@pytest.mark.parametrize("packing", ["plain", "gzip", "bom", "utf-16"])
def test_messages_are_read_however_they_are_laid_out(tmp_path: Path, content: str, packing: str) -> None:
    packed = {
        "plain": content.encode(),
        "gzip": gzip.compress(content.encode()),
        "bom": content.encode("utf-8-sig"),
        "utf-16": content.encode("utf-16"),
    }[packing]
    assert outcome(written(tmp_path / "dump.json", packed)) == TWO_OUT


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([[-1, {"error": "HttpError", "message": "'404 Not Found'"}]], ["message"]),
        ([[6, "https://a.invalid/user", {"_x": 1}], [2, record(1)]], ["message", "1"]),
        ([[1, 1], [2, record(1)]], ["message", "1"]),
        ([record(1), record(2)], ["1", "2"]),
        ({"posts": [record(1)], "more": {"posts": 3}}, ["1"]),
        ({"post": record(1)}, ["1"]),
        ({"data": [], "total_count": 0}, []),
        ([], []),
        ([[2, {"category": "danbooru", "subcategory": "tag", "search_tags": "x"}]], ["message"]),  # info.json
        ([[2, {**record(1), "id": None}]], ["no_id"]),
    ],
)
def test_each_row_is_an_upload_or_dropped_under_a_rule(tmp_path: Path, content: object, expected: list[str]) -> None:
    for name, layout in (("flat.json", None), ("tall.json", 1)):
        assert outcome(written(tmp_path / name, json.dumps(content, indent=layout))) == expected


def test_the_words_of_an_error_message_stand_beside_the_place(shared: Path) -> None:
    file = shared / "gallery_dl_samples" / "danbooru" / "error_404_dump-json.json"
    (dropped,) = read(file)
    said = "HttpError: '404 Not Found' for 'http://127.0.0.1:18765/posts/1.json'"
    assert dropped == Dropped("message", f"{file}:2 (row 1): {said}")


def test_a_post_of_many_pages_is_one_upload_and_its_file_says_where_each_row_stood(tmp_path: Path) -> None:
    pages = [{**record(1), "num": page} for page in range(3)]
    file = written(tmp_path / "pages.jsonl", "\n".join(map(json.dumps, pages)))
    assert outcome(file) == ["1", "asset_of_project", "asset_of_project"]
    assert [row.where for row in read(file) if isinstance(row, Dropped)] == [f"{file}:2", f"{file}:3"]


def test_of_two_records_that_know_their_change_the_later_comes_out_again(tmp_path: Path) -> None:
    old = record(1, updated_at="2023-03-01T00:00:00Z")
    new = record(1, updated_at="2023-04-01T00:00:00Z", is_deleted=True)
    written(tmp_path / "a.json", json.dumps([[2, old]]))
    written(tmp_path / "b.json", json.dumps([[2, new]]))
    written(tmp_path / "c.json", json.dumps([[2, old]]))
    rows = list(read(tmp_path))
    assert [row.state if isinstance(row, Upload) else row.rule for row in rows] == ["shown", "deleted", "repeated"]


def test_a_folder_is_read_recursively_in_order_and_other_files_are_left(tmp_path: Path) -> None:
    (tmp_path / "b" / "deep").mkdir(parents=True)
    written(tmp_path / "b" / "deep" / "2.png.json", json.dumps(record(2)))
    written(tmp_path / "b" / "deep" / "2.png", b"\x89PNG")
    written(tmp_path / "a.jsonl.gz", gzip.compress(json.dumps(record(1)).encode()))
    written(tmp_path / "c.JSON", json.dumps(record(3)))
    assert outcome(tmp_path) == ["1", "2", "3"]


def test_a_truncated_array_says_line_and_offset_and_what_was_read_before(tmp_path: Path) -> None:
    whole = json.dumps([[2, record(1)], [2, record(2)], [2, record(3)]], indent=1)
    cut = whole[: whole.rindex('"created_at"')]
    file = written(tmp_path / "cut.json", cut)
    came, error = failure(file)
    assert came == ["1", "2"]
    assert error.what == f"{file} is not whole"
    assert error.where.startswith(f"{file}:")
    assert int(error.where.rpartition(":")[2]) == cut.count("\n") + 1
    assert "offset" in error.why
    assert error.why.endswith("2 rows of the file were read before it")
    assert "on_bad='drop'" in error.fix
    assert outcome(file, "drop") == ["1", "2", "unreadable"]


def test_a_truncated_listing_keeps_the_posts_before_the_cut(shared: Path, tmp_path: Path) -> None:
    whole = (shared / "recorded" / "pixiv" / "illust_ranking.json").read_bytes()
    position = whole.index(b'"id": 126839710')
    read_before = json.loads(whole)["illusts"]
    expected = [str(one["id"]) for one in read_before][: [one["id"] for one in read_before].index(126839710)]
    assert outcome(written(tmp_path / "cut.json", whole[:position]), "drop") == [*expected, "unreadable"]


def test_a_corrupt_line_stops_or_is_dropped_alone(tmp_path: Path) -> None:
    lines = [json.dumps(record(1)), '{"id": 2, "created', json.dumps(record(3))]
    file = written(tmp_path / "dump.jsonl", "\n".join(lines))
    came, error = failure(file)
    assert (came, error.where) == (["1"], f"{file}:2")
    assert error.what == f"{file} has a line that is not JSON"
    assert error.why.endswith("1 rows of the file were read before it")
    assert outcome(file, "drop") == ["1", "unreadable", "3"]


def test_a_corrupt_first_line_of_a_file_named_as_lines_does_not_take_the_rest_along(tmp_path: Path) -> None:
    lines = '{"id": 2, "created\n' + json.dumps(record(3))
    assert outcome(written(tmp_path / "dump.jsonl", lines), "drop") == ["unreadable", "3"]


def test_a_byte_that_is_no_utf_8_costs_its_line_and_no_other(tmp_path: Path) -> None:
    lines = [json.dumps(record(post)).encode() for post in (1, 2, 3)]
    lines[1] = lines[1].replace(b"someone", b"some\xe9")
    file = written(tmp_path / "dump.jsonl", b"\n".join(lines))
    assert "no UTF-8" in failure(file)[1].why
    assert outcome(file, "drop") == ["1", "unreadable", "3"]
    array = written(tmp_path / "dump.json", b"[\n" + b",\n".join(lines) + b"]")
    assert "no UTF-8" in failure(array)[1].why
    assert outcome(array, "drop") == ["1", "unreadable"]


def test_half_a_surrogate_pair_never_reaches_an_upload(tmp_path: Path) -> None:
    file = written(tmp_path / "one.json", json.dumps(record(1, tags_artist=["some\ud83d"])))
    (upload,) = read(file)
    assert isinstance(upload, Upload)
    assert upload.creators == ("some\ufffd",)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_a_truncated_gzip_of_lines_keeps_what_was_readable(tmp_path: Path, keep: float) -> None:
    lines = "\n".join(json.dumps(record(post, md5=f"{post * 7919**5 % 2**120:030x}")) for post in range(400))
    packed = gzip.compress(lines.encode())
    file = written(tmp_path / "dump.jsonl.gz", packed[: int(keep * len(packed))])
    came, error = failure(file)
    assert came == [str(post) for post in range(len(came))]
    assert 0 < len(came) < 400
    assert "gzip: " in error.why
    assert f"{len(came)} rows of the file were read before it" in error.why
    assert outcome(file, "drop") == [*came, "unreadable"]


def test_a_gzip_cut_in_its_last_bytes_gives_every_row_and_then_the_error(tmp_path: Path) -> None:
    file = written(tmp_path / "dump.json.gz", gzip.compress(json.dumps(TWO).encode())[:-4])
    came, error = failure(file)
    assert came == TWO_OUT
    assert "bytes, unpacked" in error.where


def test_a_corrupt_gzip_is_an_input_error(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(json.dumps(TWO * 50).encode()))
    packed[40] ^= 0xFF
    assert "gzip: " in failure(written(tmp_path / "dump.json.gz", bytes(packed)))[1].why


@pytest.mark.parametrize(
    ("content", "begins"), [("artist,date\na,2023", "artist,date"), ("<html><body>403", "<html>"), (b"\x89PNG", "PNG")]
)
def test_a_file_in_no_known_form_gets_the_list_of_forms(tmp_path: Path, content: str | bytes, begins: str) -> None:
    file = written(tmp_path / "what.json", content)
    error = failure(file)[1]
    assert error.what == f"{file} is in no form that is understood"
    assert begins in error.why
    assert all(form in error.why for form in FORMS)
    assert outcome(file, "drop") == ["unreadable"]


def test_an_empty_file_may_be_a_run_that_failed(tmp_path: Path) -> None:
    file = written(tmp_path / "dump.jsonl", "")
    assert failure(file)[1].what == f"{file} is empty"
    assert outcome(file, "drop") == ["unreadable"]


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, '{"id": ' + "9" * 5_000 + "}", '[3, "https://a.invalid"]', '["a", "b"]', "[true, {}]", "[99, {}]"],
    ids=["brackets", "digits", "message-without-record", "words", "truth", "unknown-message"],
)
def test_json_that_holds_no_rows_is_unreadable(tmp_path: Path, content: str) -> None:
    file = written(tmp_path / "odd.json", content)
    assert isinstance(failure(file)[1], InputError)
    assert set(outcome(file, "drop")) == {"unreadable"}


def test_a_record_of_another_platform_is_named_with_those_understood(tmp_path: Path) -> None:
    other = {"category": "twitter", "tweet_id": 1, "date": "2023-01-01 00:00:00"}
    file = written(tmp_path / "t.jsonl", "\n".join([json.dumps(record(1)), json.dumps([2, other])]))
    came, error = failure(file)
    assert (came, error.where) == (["1"], f"{file}:2")
    assert "'twitter'" in error.why
    assert "artstation, deviantart, danbooru, e621, pixiv" in error.fix
    assert outcome(file, "drop") == ["1", "unreadable"]


def test_a_bad_date_stops_with_its_place_or_is_dropped_once_a_post(tmp_path: Path) -> None:
    withheld = {"category": "pixiv", "id": 9, "user": {"id": 1}, "create_date": None}
    rows = [[2, record(1)], [2, withheld], [3, "https://a.invalid", withheld], [2, record(2)]]
    file = written(tmp_path / "dump.jsonl", "\n".join(map(json.dumps, rows)))
    came, error = failure(file)
    assert (came, error.what) == (["1"], "pixiv: cannot read create_date from None")
    assert error.where == f"{file}:2"
    assert outcome(file, "drop") == ["1", "bad_date", "asset_of_project", "2"]


def test_a_post_with_a_bad_record_and_a_good_one_is_kept(tmp_path: Path) -> None:
    rows = [record(1, created_at="soon"), record(1)]
    file = written(tmp_path / "dump.jsonl", "\n".join(map(json.dumps, rows)))
    assert outcome(file, "drop") == ["bad_date", "1"]


@pytest.mark.parametrize("name", ["nowhere.json", "nothing"])
def test_a_path_with_nothing_to_read_is_an_input_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    assert str(tmp_path / name) in caught.value.what


BOMB = """<?xml version="1.0"?>
<!DOCTYPE posts [
  <!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<posts><post><id>1</id><source>&c;</source></post></posts>"""


@pytest.mark.parametrize("content", [BOMB, '<!DOCTYPE posts SYSTEM "file:///etc/passwd"><posts></posts>'])
def test_xml_that_declares_a_document_type_is_refused(tmp_path: Path, content: str) -> None:
    file = written(tmp_path / "bomb.xml", content)
    came, error = failure(file)
    assert came == []
    assert error.what == f"{file} declares a document type"
    assert outcome(file, "drop") == ["unreadable"]


def test_an_undeclared_entity_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "entity.xml", "<posts><post><id>&boom;</id></post></posts>")
    assert "undefined entity" in failure(file)[1].why


def test_truncated_xml_keeps_the_posts_before_the_cut(shared: Path, tmp_path: Path) -> None:
    whole = (shared / "recorded" / "booru" / "danbooru_posts.xml").read_bytes()
    cut = whole[: whole.index(b"2434963")]
    file = written(tmp_path / "cut.xml", cut)
    came, error = failure(file)
    assert came == ["2434967", "2434966", "2434964"]
    assert error.what == f"{file} is not whole"
    assert error.where == f"{file}:{cut.count(chr(10).encode()) + 1}"
    assert outcome(file, "drop") == [*came, "unreadable"]


def test_xml_characters_and_absent_values_are_read_as_written(tmp_path: Path) -> None:
    post = """<?xml version="1.0" encoding="UTF-8"?>
<post><id type="integer">1</id><created-at type="dateTime">2016-07-26T17:57:29-04:00</created-at>
<tag-string-artist>a&amp;b &#x5408;</tag-string-artist><is-deleted type="boolean">true</is-deleted>
<fav-count type="integer" nil="true"/><updated-at nil="true"/></post>"""
    (upload,) = read(written(tmp_path / "one.xml", post))
    assert isinstance(upload, Upload)
    assert (upload.creators, upload.state, upload.reactions, upload.updated) == (("a&b", "合"), "deleted", None, None)
