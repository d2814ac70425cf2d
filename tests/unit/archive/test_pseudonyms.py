"""Names come in, keyed hashes stay, and the key lies elsewhere."""

import gzip
import hashlib
import json
import stat
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precipice.archive import ingest, read_manifest, reduce
from precipice.archive.pseudonyms import default_place, find_key, pseudonym, pseudonym_text
from precipice.errors import InputError
from precipice.sources import tables
from precipice.sources.tables import TableOptions
from precipice.study import Study, take_in
from tests.unit.archive.archives import HEADER, NOON, NOW, SMALL, rows, take_dump, take_table, take_uploads, upload, who

PLANTED = "Zyxwvuts Ärtistin"
RAW_ID = "918273645546372819"


def bare_bytes(folder: Path) -> bytes:
    """Everything that lies in an archive, with the Parquet files unpacked."""
    found = b""
    with duckdb.connect() as connection:
        for path in folder.rglob("*"):
            if path.is_file():
                found += path.name.encode() + path.read_bytes()
            if path.suffix == ".parquet":
                bare = folder.with_name("bare.parquet")
                connection.execute(
                    f"COPY (FROM read_parquet('{path}')) TO '{bare}' (FORMAT parquet, COMPRESSION uncompressed)"
                )
                found += bare.read_bytes()
                found += json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False).encode()
    return found


def test_the_pseudonym_is_63_bits_of_the_published_hmac() -> None:
    # RFC 4231, test case 2 (key 'Jefe') with our message, computed from the definition in RFC 2104.
    key, message = b"Jefe", b"site\0what do ya want for nothing?"
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key.ljust(64, b"\0")) + message).digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key.ljust(64, b"\0")) + inner).digest()
    found = pseudonym(key, "site", "what do ya want for nothing?")
    assert found == int.from_bytes(outer, "big") >> (256 - 63)
    assert pseudonym_text(found) == f"{found:016x}"


def test_one_name_on_two_platforms_is_two_creators(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + f"one,1,sam,{NOON}\ntwo,1,sam,{NOON}\ntwo,2,sam,{NOON}\n")
    take_table(tmp_path / "archive", tmp_path / "a.csv")
    assert [row["creators"] for row in rows(tmp_path / "archive")] == [who("one", "sam"), *[who("two", "sam")] * 2]
    assert len(reduce(tmp_path / "archive").creators) == 2


def test_the_platform_and_the_name_cannot_be_shifted_into_each_other() -> None:
    assert pseudonym(b"k" * 32, "ab", "c") != pseudonym(b"k" * 32, "a", "bc")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_no_name_and_no_raw_id_of_a_creator_lies_in_an_archive_of_tables(tmp_path: Path, kind: str) -> None:
    table = pa.Table.from_pylist(
        [
            {"platform": "site", "id": str(number), "creator": name, "published": NOON, "kind": "image",
             "tags": f"a|{name}|hero_({name})|artist:{name.upper()}|b"}
            for number, name in enumerate((PLANTED, RAW_ID, "bob"))
        ]
    )  # fmt: skip
    path = tmp_path / f"uploads.{kind}"
    if kind == "parquet":
        pq.write_table(table, path)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist()))
    else:
        lines = [table.column_names, *([row[name] for name in table.column_names] for row in table.to_pylist())]
        path.write_text("".join(",".join(line) + "\n" for line in lines))
    take_table(tmp_path / "archive", path)
    reduce(tmp_path / "archive", tags=("a",))
    assert [row["tags"] for row in rows(tmp_path / "archive")] == [["a", "b"]] * 3
    found = bare_bytes(tmp_path / "archive").lower()
    for word in (PLANTED.lower(), "zyxwvuts", RAW_ID, "bob"):
        assert word.encode() not in found


@pytest.mark.parametrize("unit", ["artist", "uploader"])
def test_no_name_and_no_raw_id_of_a_creator_lies_in_an_archive_of_a_dump(tmp_path: Path, unit: str) -> None:
    names = "zyxwvuts other_artist_(x) solo"
    post = {
        "id": 7,
        "created_at": NOON,
        "uploader_id": int(RAW_ID),
        "tag_string_artist": names,
        "tag_string_general": "1girl solo zyxwvuts",
        "tag_string_character": "hero_(zyxwvuts) zyxwvuts hero_(series)",
        "tag_string_copyright": "other_artist_(x) original",
        "tag_string_meta": "highres",
        "source": "https://twitter.com/zyxwvuts/status/1619999999999999999",
    }
    alone = {**post, "id": 8, "tag_string_artist": "zyxwvuts"}
    path = tmp_path / "posts.json"
    path.write_text(json.dumps(post) + "\n" + json.dumps(alone) + "\n")
    take_dump(tmp_path / "archive", path, unit=unit)
    both, one = rows(tmp_path / "archive")
    assert both["tags"] == ["1girl", "character:hero_(series)", "copyright:original", "meta:highres"]
    assert one["tags"] == ["1girl", "solo", "character:hero_(series)", "copyright:other_artist_(x)",
                           "copyright:original", "meta:highres"]  # fmt: skip
    found = bare_bytes(tmp_path / "archive")
    assert b"zyxwvuts" not in found
    assert RAW_ID.encode() not in found


def test_no_name_lies_in_an_archive_of_gallery_dl(tmp_path: Path) -> None:
    post = {"id": 7, "created_at": NOON, "uploader_id": int(RAW_ID), "tag_string_artist": "zyxwvuts",
            "tag_string_general": "1girl hero_(zyxwvuts)"}  # fmt: skip
    (tmp_path / "posts.jsonl").write_text(json.dumps(post) + "\n")
    study = Study.model_validate({"archive": {"key": "../study.key"}})
    source = take_in(tmp_path / "study", (tmp_path / "posts.jsonl",), "gallery-dl", study, now=NOW, version="1")
    assert source.kept == 1
    assert b"zyxwvuts" not in bare_bytes(tmp_path / "study")
    assert (tmp_path / "study.key").exists()


def test_the_key_lies_outside_and_only_its_owner_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PRECIPICE_KEY", raising=False)
    (tmp_path / "a.csv").write_text(HEADER + f"site,1,sam,{NOON}\n")
    intake = tables.intake((tmp_path / "a.csv",), TableOptions())
    ingest(tmp_path / "archive", intake, now=NOW, version="1", limits=SMALL)
    place = default_place(read_manifest(tmp_path / "archive").archive)
    assert place.is_relative_to(tmp_path / "home")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    key = bytes.fromhex(place.read_text())
    assert len(key) == 32
    assert rows(tmp_path / "archive")[0]["creators"] == [pseudonym(key, "site", "sam")]
    assert key.hex().encode() not in bare_bytes(tmp_path / "archive")


def test_an_archive_with_uploads_refuses_to_go_on_without_its_key(tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", [upload(1, "sam")])
    before = rows(tmp_path / "archive")
    (tmp_path / "archive.key").rename(tmp_path / "moved.key")
    (tmp_path / "a.csv").write_text(HEADER + f"site,2,sam,{NOON}\n")
    intake = tables.intake((tmp_path / "a.csv",), TableOptions())
    for place in (tmp_path / "archive.key", tmp_path / "other.key"):
        with pytest.raises(InputError, match="the archive's key is not here") as refused:
            ingest(tmp_path / "archive", intake, now=NOW, version="1", limits=SMALL, key_place=place)
        assert str(place) in refused.value.where
        assert not place.exists()
    assert rows(tmp_path / "archive") == before


def test_another_key_than_the_archives_own_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take_uploads(tmp_path / "archive", [upload(1, "sam")])
    monkeypatch.setenv("PRECIPICE_KEY", "ab" * 32)
    with pytest.raises(InputError, match="not the archive's key") as refused:
        take_uploads(tmp_path / "archive", [upload(2, "sam")], "more")
    assert refused.value.where == "PRECIPICE_KEY"
    assert "other pseudonyms" in refused.value.why


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECIPICE_KEY", "00" * 20)
    take_uploads(tmp_path / "archive", [upload(1, "sam")])
    assert rows(tmp_path / "archive")[0]["creators"] == [pseudonym(bytes(20), "site", "sam")]


@pytest.mark.parametrize("text", ["", "zz" * 32, "ab" * 15, "ab" * 31 + "a", "# only a remark"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "key").write_text(text)
    with pytest.raises(InputError, match="the key cannot be used") as refused:
        find_key("archive", tmp_path / "key", empty=True)
    assert refused.value.where == str(tmp_path / "key")
    monkeypatch.setenv("PRECIPICE_KEY", text)
    with pytest.raises(InputError, match="the key cannot be used") as refused:
        find_key("archive", tmp_path / "key", empty=True)
    assert refused.value.where == "PRECIPICE_KEY"


def test_a_remark_behind_the_key_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("ab" * 16 + "  # of the first study\n")
    assert find_key("archive", tmp_path / "key", empty=True) == bytes([0xAB]) * 16


def test_the_key_may_not_lie_in_the_archive(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + f"site,1,sam,{NOON}\n")
    intake = tables.intake((tmp_path / "a.csv",), TableOptions())
    place = tmp_path / "archive" / "deep" / "key"
    with pytest.raises(InputError, match="the key may not lie in the archive"):
        ingest(tmp_path / "archive", intake, now=NOW, version="1", limits=SMALL, key_place=place)
    assert not place.exists()


def test_a_first_ingest_that_fails_leaves_one_key_for_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PRECIPICE_KEY", raising=False)
    path = tmp_path / "posts.json.gz"
    for text in ("no record\n", "still none\n", json.dumps({"id": 1, "created_at": NOON, "tag_string_artist": "a"})):
        path.write_bytes(gzip.compress(text.encode()))
        try:
            take_in(tmp_path / "study", (path,), "danbooru2023", Study(), now=NOW, version="1")
        except InputError:
            assert "no record" in text or "still" in text
    assert len([*(tmp_path / "home").rglob("*.key")]) == 1
    assert len(rows(tmp_path / "study" / "archive")) == 1
