"""Tables from anyone come in by their column map; what cannot be read is told with its place."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precipice.archive import Source
from precipice.errors import InputError
from precipice.sources import table_rows, tables
from precipice.study import Study, take_in
from tests.unit.archive.archives import HEADER, NOON, NOW, contents, rows, take_table, who

LINE = f"site,1,sam,{NOON}\n"


@pytest.fixture(autouse=True)
def _own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRECIPICE_KEY", raising=False)


def take_text(place: Path, name: str, content: str | bytes, **options: Any) -> tuple[Source, list[dict[str, Any]]]:
    """Write one file, ingest it into an archive of its own, and give what was taken in."""
    path = place / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = take_table(place / f"archive of {name}", path, **options)
    return source, rows(place / f"archive of {name}")


def refusal(place: Path, name: str, content: str | bytes, **options: Any) -> InputError:
    with pytest.raises(InputError) as refused:
        take_text(place, name, content, **options)
    return refused.value


def published(place: Path, *texts: str, **options: Any) -> list[str]:
    """Ingest a table of such dates and give what they were read as."""
    lines = "".join(f'site,{n:03d},sam,"{text}"\n' for n, text in enumerate(texts))
    _, found = take_text(place, "dates.csv", HEADER + lines, **options)
    return [row["published"].isoformat() for row in found]


MANY = "".join(f"site,{n},sam {hash((n, 1)) % 10**9},{NOON}\n" for n in range(9999))  # more than a block of 128 KiB


# Forms of file


def forms(text: str) -> Iterator[tuple[str, bytes]]:
    packed: dict[str, Callable[[bytes], bytes]] = {
        "": bytes,
        ".gz": gzip.compress,
        ".zst": lambda b: pa.Codec("zstd").compress(b, asbytes=True),
    }
    for ending, pack in packed.items():
        for mark, name in (("", "plain"), ("\ufeff", "marked")):
            for end in ("\n", "\r\n"):
                kind = {"\n": "unix", "\r\n": "windows"}[end]
                yield f"{name}-{kind}.csv{ending}", pack((mark + text.replace("\n", end)).encode())
                yield f"{name}-{kind}.tsv{ending}", pack((mark + text.replace("\n", end).replace(",", "\t")).encode())


@pytest.mark.parametrize(
    ("name", "content"),
    [pytest.param(*form, id=form[0]) for form in forms(HEADER + LINE + f"site,2,ann,{NOON}")],
)
def test_tables_of_text_come_in_packed_or_not_marked_or_not(tmp_path: Path, name: str, content: bytes) -> None:
    source, found = take_text(tmp_path, name, content)
    assert (source.read, source.kept) == (2, 2)
    assert [row["creators"] for row in found] == [who("site", "sam"), who("site", "ann")]
    assert {row["published"] for row in found} == {datetime(2023, 1, 31, 12)}  # noqa: DTZ001  the archive's are naive UTC


def test_json_lines_come_in_whatever_their_values_are(tmp_path: Path) -> None:
    records = [
        {"platform": "site", "id": 1619999999999999999, "creator": "sam", "published": NOON},
        {"platform": "site", "id": "2", "creator": 7, "published": 1675166400, "tags": ["a", "b, c", "d"], "x": {}},
        {"platform": "site", "id": 3, "creator": ["sam", "ann", "sam"], "published": 1675166400123, "tags": "a|b"},
        {"platform": "site", "id": 4, "creator": "[sam]", "published": NOON, "declared_ai": True, "followers": 12.0},
        {"platform": "site", "id": 5, "creator": "é😀", "published": NOON, "declared_ai": False, "tags": "[x|y"},
    ]  # fmt: skip
    source, found = take_text(tmp_path, "a.jsonl", "".join(json.dumps(record) + "\n" for record in records))
    assert (source.read, source.kept) == (5, 5)
    assert [row["id"] for row in found] == ["1619999999999999999", "2", "3", "4", "5"]
    assert [row["creators"] for row in found] == [
        who("site", *names) for names in (("sam",), ("7",), ("sam", "ann"), ("[sam]",), ("é😀",))
    ]
    assert [row["tags"] for row in found] == [[], ["a", "b, c", "d"], ["a", "b"], [], ["[x", "y"]]
    assert [row["declared_ai"] for row in found] == [None, None, None, True, False]
    assert [row["followers"] for row in found] == [None, None, None, 12, None]


def test_a_key_that_the_first_record_of_json_lacks_is_found_all_the_same(tmp_path: Path) -> None:
    records = [
        {"platform": "site", "id": 1, "creator": "sam", "published": NOON},
        {"platform": "site", "id": 2, "who": "ann", "published": NOON, "followers": 5},
    ]
    text = "".join(json.dumps(record) + "\n" for record in records)
    _, found = take_text(tmp_path, "a.jsonl", text)
    assert [row["id"] for row in found] == ["1"]
    assert [row["followers"] for row in take_text(tmp_path, "b.jsonl", text, columns={"creator": "who"})[1]] == [5]


def parquet(place: Path, **columns: Any) -> Path:
    number = len(next(iter(columns.values())))
    given = {"platform": ["site"] * number, "id": [str(n) for n in range(number)], "creator": ["sam"] * number}
    path = place / "a.parquet"
    pq.write_table(pa.table({**given, **columns}), path)
    return path


MOMENT = datetime(2023, 1, 31, 23, 30, 0, 999_999)  # noqa: DTZ001  a time that says no zone


@pytest.mark.parametrize(
    ("column", "timezone", "wanted"),
    [
        (pa.array([MOMENT], pa.timestamp("us")), "UTC", "2023-01-31T23:30:00"),
        (pa.array([MOMENT], pa.timestamp("ns")), "America/New_York", "2023-02-01T04:30:00"),
        (pa.array([MOMENT], pa.timestamp("s")), "Asia/Tokyo", "2023-01-31T14:30:00"),
        (pa.array([MOMENT.replace(tzinfo=UTC)], pa.timestamp("ms", "UTC")), None, "2023-01-31T23:30:00"),
        (pa.array([MOMENT.replace(tzinfo=UTC)], pa.timestamp("us", "Asia/Tokyo")), None, "2023-01-31T23:30:00"),
        (pa.array([MOMENT.replace(tzinfo=UTC)], pa.timestamp("us", "Asia/Tokyo")), "Asia/Tokyo", "2023-01-31T23:30:00"),
        (pa.array([date(2023, 1, 31)], pa.date32()), None, "2023-01-31T00:00:00"),
        (pa.array([date(2023, 1, 31)], pa.date64()), "Asia/Tokyo", "2023-01-31T00:00:00"),
        (pa.array([1675207800]), None, "2023-01-31T23:30:00"),
        (pa.array([1675207800.75]), None, "2023-01-31T23:30:00"),
        (pa.array([1675207800123.0]), None, "2023-01-31T23:30:00"),
        (pa.array(["2023-01-31T23:30:00Z"]).dictionary_encode(), None, "2023-01-31T23:30:00"),
        (pa.array(["2023-01-31T23:30:00Z"], pa.large_string()), None, "2023-01-31T23:30:00"),
    ],
)  # fmt: skip
def test_parquet_dates_of_every_type_are_read(
    tmp_path: Path, column: pa.Array, timezone: str | None, wanted: str
) -> None:
    take_table(tmp_path / "archive", parquet(tmp_path, published=column), timezone=timezone)
    assert [row["published"].isoformat() for row in rows(tmp_path / "archive")] == [wanted]


def test_a_naive_parquet_column_needs_its_zone_said(tmp_path: Path) -> None:
    path = parquet(tmp_path, published=pa.array([MOMENT], pa.timestamp("us")))
    with pytest.raises(InputError, match="the dates have no time zone"):
        take_table(tmp_path / "archive", path)


def test_gaps_in_numbers_are_no_creator_called_nan(tmp_path: Path) -> None:
    path = parquet(
        tmp_path, published=[NOON] * 3, id=[1.0, 2.0, 3.0], creator=[7.0, float("nan"), None],
        followers=[float("nan"), None, 12.0],
    )  # fmt: skip
    source = take_table(tmp_path / "archive", path)
    assert (source.kept, source.dropped) == (1, {"no_creator": 2})
    (row,) = rows(tmp_path / "archive")
    assert (row["id"], row["creators"], row["followers"]) == ("1", who("site", "7"), None)


def test_several_creators_in_one_parquet_row_are_one_upload(tmp_path: Path) -> None:
    path = parquet(tmp_path, published=[NOON] * 2, creator=[["sam", "ann"], ["", None]], tags=[["b", "a", ""], None])
    source = take_table(tmp_path / "archive", path)
    assert (source.kept, source.dropped) == (1, {"no_creator": 1})
    (row,) = rows(tmp_path / "archive")
    assert (row["creators"], row["tags"]) == (who("site", "sam", "ann"), ["b", "a"])


def test_files_of_different_layouts_are_matched_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + LINE)
    (tmp_path / "b.csv").write_text(f"creator,published,id,more,platform\nann,{NOON},2,x,site\n")
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(f"published,creator,id,platform\n{NOON},eve,3,site\n".encode()))
    source = take_table(tmp_path / "archive", *(tmp_path / name for name in ("a.csv", "b.csv", "c.csv.gz")))
    assert source.kept == 3
    assert [row["creators"] for row in rows(tmp_path / "archive")] == [
        who("site", name) for name in ("sam", "ann", "eve")
    ]


def test_a_files_name_stands_for_itself_alone(tmp_path: Path) -> None:
    for name in ("up[1].csv", "up1.csv", "up*.csv", "up?.csv", "it's.csv"):
        (tmp_path / name).write_text(HEADER + f"site,{name},sam,{NOON}\n")
    for name in ("up[1].csv", "up*.csv", "up?.csv", "it's.csv"):
        take_table(tmp_path / f"of {name}", tmp_path / name)
        assert [row["id"] for row in rows(tmp_path / f"of {name}")] == [name]


# Columns


def test_columns_are_mapped_and_the_platform_may_be_a_column_or_a_word(tmp_path: Path) -> None:
    text = f"site,item,artist,when,reach\nOne,1,sam,{NOON},141.0\n,2,sam,{NOON},nan\n"
    columns = tables.parse_columns(" creator = artist, published=when,id=item ,followers=reach,")
    _, found = take_text(tmp_path, "a.csv", text, columns=columns, platform="ArtStation")
    assert [(row["platform"], row["followers"]) for row in found] == [("artstation", 141), ("artstation", None)]
    _, found = take_text(tmp_path, "b.csv", text, columns={**columns, "platform": "site"}, platform="Two")
    assert [(row["platform"], row["id"]) for row in found] == [("one", "1"), ("two", "2")]
    assert found[0]["creators"] == who("one", "sam")


def test_every_column_of_ours_is_read(tmp_path: Path) -> None:
    header = (
        "platform,id,creator,published,kind,tags,declared_ai,opt_out,reactions,followers,followers_read,state,updated\n"
    )
    line = (
        "site,1,sam,2023-01-31,image,|b| a | ||c,true,0,-3,12,2023-05-01 10:00:00,Deleted,2023-06-01T00:00:00+09:00\n"
    )
    _, (row,) = take_text(tmp_path, "a.csv", header + line)
    assert {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()} == {
        "platform": "site", "id": "1", "creators": who("site", "sam"), "published": "2023-01-31T00:00:00",
        "clock": "published", "source_published": None, "kind": "image", "tags": ["b", "a", "c"], "declared_ai": True,
        "opt_out": False, "reactions": -3, "followers": 12, "followers_read": "2023-05-01T10:00:00",
        "state": "deleted", "updated": "2023-05-31T15:00:00",
    }  # fmt: skip


@pytest.mark.parametrize("number", ["1e300", "-1e300", "nan", "inf", "many", "9223372036854775808"])
def test_a_number_beyond_all_bounds_is_unknown_and_stops_nothing(tmp_path: Path, number: str) -> None:
    _, (row,) = take_text(tmp_path, "a.csv", f"platform,id,creator,published,followers\nsite,1,sam,{NOON},{number}\n")
    assert row["followers"] is None


@pytest.mark.parametrize(
    ("header", "named", "suggested"),
    [
        ("platform,item_id,creator,published", "id", "item_id"),
        ("platform,id,artist,published", "creator", "artist"),
        ("platform,id,creator,Timestamp", "published", "Timestamp"),
        ("platform,id,creator,pubished", "published", "pubished"),
    ],
)
def test_a_missing_column_is_named_with_the_likely_one(tmp_path: Path, header: str, named: str, suggested: str) -> None:
    error = refusal(tmp_path, "a.csv", header + "\nsite,1,sam,x\n")
    assert error.what == f"column '{named}' is missing"
    assert error.where == "a.csv:1"
    assert header.replace(",", ", ") in error.why
    assert f"--columns {named}={suggested}" in error.fix
    assert f'[columns] {named} = "{suggested}"' in error.fix


def test_a_mapped_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a.csv", HEADER + LINE, columns={"tags": "labels"})
    assert error.what == "column 'labels' is missing"
    (tmp_path / "b.csv").write_text("platform,id,who,published\n" + LINE)
    with pytest.raises(InputError, match="column 'creator' is missing") as refused:
        take_table(tmp_path / "archive", tmp_path / "a.csv", tmp_path / "b.csv")
    assert refused.value.where == "b.csv:1"


def test_a_platform_that_nobody_names_is_asked_for(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a.csv", f"id,creator,published\n1,sam,{NOON}\n")
    assert error.what == "the platform is not known"
    assert "--platform artstation" in error.fix


@pytest.mark.parametrize("text", ["artist=who", "creator", "creator=", "=who", "cretor=who"])
def test_a_column_map_that_cannot_be_read_is_said_so(text: str) -> None:
    with pytest.raises(InputError, match="in the column map") as refused:
        tables.parse_columns(text)
    assert refused.value.where == "--columns"
    assert "creator=artist" in refused.value.fix
    assert ("did you mean 'creator'" in refused.value.fix) == text.startswith("cre")


# Dates


READ = {
    "2023-01-31T23:30:00-05:00": "2023-02-01T04:30:00",
    "2023-02-01 08:30:00+09": "2023-01-31T23:30:00",
    "2023-02-01T08:30:00+0900": "2023-01-31T23:30:00",
    "2023-01-31T23:30:00Z": "2023-01-31T23:30:00",
    "2023-01-31 23:30:00.5 UTC": "2023-01-31T23:30:00",
    "2023-01-31 23:30:00 GMT": "2023-01-31T23:30:00",
    "1675207800": "2023-01-31T23:30:00",
    "1675207800.9": "2023-01-31T23:30:00",
    "1675207800123": "2023-01-31T23:30:00",
    "999999999": "2001-09-09T01:46:39",
    "2023-02-01": "2023-02-01T00:00:00",
}


def test_dates_with_a_zone_epochs_and_bare_days_are_read_in_utc(tmp_path: Path) -> None:
    assert published(tmp_path, *READ) == [*READ.values()]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "UTC"])
def test_naive_dates_are_read_in_the_zone_that_was_named_summer_time_and_all(tmp_path: Path, zone: str) -> None:
    days = [f"{year}-{month:02d}-{day:02d}" for year in (2011, 2021) for month in (1, 3, 10, 12) for day in (1, 28)]
    texts = [f"{day} {hour:02d}:15:00" for day in days for hour in (0, 5, 23)]
    zoned = "2021-03-28T23:00:00+02:00"  # says its own
    wanted = [
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None).isoformat()
        for text in texts
    ]
    assert published(tmp_path, *texts, zoned, timezone=zone) == [*wanted, "2021-03-28T21:00:00"]


def test_hours_that_come_twice_or_never_stay_within_an_hour(tmp_path: Path) -> None:
    twice, never = published(tmp_path, "2021-11-07 01:30:00", "2021-03-14 02:30:00", timezone="America/New_York")
    assert twice in ("2021-11-07T05:30:00", "2021-11-07T06:30:00")
    assert never in ("2021-03-14T06:30:00", "2021-03-14T07:30:00")


def test_dates_without_a_zone_stop_and_ask_for_it(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a.csv", HEADER + "site,1,sam,2023-01-31 23:30:00\nsite,2,sam,2023-01-31T23:30:00\n")
    assert error.what == "the dates have no time zone"
    assert error.where == "a.csv"
    assert error.why.startswith("2 of 2 rows say no offset")
    assert "--timezone UTC" in error.fix


@pytest.mark.parametrize(("on_bad", "more"), [("stop", ""), ("drop", "site,3,sam,\n")])
def test_mixed_zones_stop_even_where_bad_rows_are_dropped(tmp_path: Path, on_bad: str, more: str) -> None:
    error = refusal(tmp_path, "a.csv", HEADER + LINE + "site,2,sam,2023-01-31 23:30:00\n" + more, on_bad=on_bad)
    assert error.what == "the dates have mixed time zones"
    assert "rows say no offset, 1 do" in error.why


def test_a_zone_that_is_none_is_said_so(tmp_path: Path) -> None:
    error = refusal(tmp_path, "a.csv", HEADER + "site,1,sam,2023-01-31 23:30:00\n", timezone="Mars/Olympus")
    assert error.what == "there is no such time zone"
    assert "Mars/Olympus" in error.why
    assert "Asia/Tokyo" in error.fix


BAD = ["soon", "31/01/2023", "2023-02-30", "2023-13-01T00:00:00Z", "", " ", "infinity", "20230131", "16752078001234",
       "2023-01", "now", "2023-01-31T25:00:00Z", "null"]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_a_date_that_is_none_stops_with_its_line_or_is_dropped_and_counted(tmp_path: Path, text: str) -> None:
    content = HEADER + LINE + f"site,2,sam,{text}\n" + LINE.replace(",1,", ",3,") + "site,4,sam,later\n"
    error = refusal(tmp_path, "a.csv", content)
    assert error.what == "2 of 4 rows have no readable date"
    assert error.where == "a.csv:3"
    assert (f"published = '{text}'" in error.why) or not text.strip()
    assert "--on-bad drop" in error.fix
    source, found = take_text(tmp_path, "b.csv", content, on_bad="drop")
    assert (source.read, source.kept, source.dropped) == (4, 2, {"bad_date": 2})
    assert [row["id"] for row in found] == ["1", "3"]


def test_the_line_of_a_bad_date_is_right_behind_quoted_line_ends_and_in_the_second_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + LINE)
    text = 'title,platform,id,creator,published\n"a\nb\n\nc",site,2,sam,' + NOON + "\n\nx,site,3,sam,soon\n"
    for name, content in (("b.csv", text.encode()), ("b.csv.gz", gzip.compress(text.encode()))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match="1 of 3 rows") as refused:
            take_table(tmp_path / "archive", tmp_path / "a.csv", tmp_path / name)
        line = next(n for n, written in enumerate(text.splitlines(), start=1) if "soon" in written)
        assert refused.value.where in (f"{name}:{line}", f"{name}:{line - 1}")  # the empty line belongs to nobody


def test_the_line_of_a_bad_date_is_right_in_a_large_file(tmp_path: Path) -> None:
    lines = [f'{{"platform": "site", "id": {n}, "creator": "sam", "published": "{NOON}"}}\n' for n in range(60_000)]
    lines[43_210] = lines[43_210].replace(NOON, "soon")
    assert refusal(tmp_path, "a.jsonl", "".join(lines)).where == "a.jsonl:43211"
    pack = pa.Codec("zstd").compress("".join(lines).encode(), asbytes=True)
    assert refusal(tmp_path, "a.jsonl.zst", pack).where == "a.jsonl.zst:43211"


def test_a_bad_row_of_parquet_is_told_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        take_table(tmp_path / "archive", parquet(tmp_path, published=[NOON, "soon"]))
    assert refused.value.where == "a.parquet, row 2"


# Files that are none

BROKEN = "a file is broken or a file is cut short"  # DuckDB 2 says so itself, for 1.5 it is found out before


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, name: str, content: bytes) -> None:
    error = refusal(tmp_path, name, content)
    assert "empty" in error.what
    assert error.where == f"{name}:1"


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_header_alone_is_a_table_without_rows(tmp_path: Path, end: str) -> None:
    source, found = take_text(tmp_path, "a.csv", HEADER.strip() + end)
    assert (source.read, source.kept, source.dropped, found) == (0, 0, {}, [])


@pytest.mark.parametrize("before", [0, 40_000])
@pytest.mark.parametrize("on_bad", ["stop", "drop"])
def test_windows_1252_is_refused_and_never_half_read(tmp_path: Path, before: int, on_bad: str) -> None:
    good = "".join(f"site,{n},sam,{NOON}\n" for n in range(before))
    error = refusal(tmp_path, "a.csv", (HEADER + good + f"site,x,Zoé,{NOON}\n").encode("cp1252"), on_bad=on_bad)
    assert "UTF-8" in error.what + error.fix
    assert "iconv -f WINDOWS-1252" in error.fix
    assert error.where in ("a.csv", f"a.csv:{before + 2}")


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", (HEADER + LINE).encode("utf-16"), "the file is not UTF-8"),
        ("a.csv", (HEADER + LINE).replace(",", ";").encode(), "the columns are parted by another sign"),
        ("a.csv", b"platform,id,creator,published,ID\n", "there are two columns 'id'"),
        ("a.csv.gz", b"not packed at all", "the file is broken at its start"),
        ("a.csv.gz", gzip.compress((HEADER + LINE * 9999).encode(), mtime=0)[:-9], BROKEN),
        ("a.csv.zst", pa.Codec("zstd").compress((HEADER + MANY).encode(), asbytes=True)[:-3], "a file is cut short"),
        ("a.csv.zst", b"not packed at all", "the file is broken at its start"),
        ("a.parquet", b"PAR1" + bytes(50), "the file is broken at its start"),
        ("a.json", json.dumps([{"id": 1}]).encode(), "the file is one JSON array"),
        ("a.json", b'[\n{"id": 1}\n]', "the file is one JSON array"),
        ("a.json", b"\xef\xbb\xbf{}\n", "the file begins with a byte-order mark"),
        ("a.json", b"{\n", "the file is broken at its start"),
        ("a.csv", (HEADER + f'site,1,"sam,{NOON}\n' + LINE).encode(), "a file is broken"),
        ("a.txt", LINE.encode(), "'a.txt' is no table precipice knows"),
        ("a.xlsx", LINE.encode(), "'a.xlsx' is no table precipice knows"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_plainly(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    for on_bad in ("stop", "drop"):
        error = refusal(tmp_path, name, content, on_bad=on_bad)
        assert error.what in what.split(" or ")
        assert error.fix
        assert error.exit_status == 2


def test_a_parquet_file_with_a_damaged_page_is_told_plainly(tmp_path: Path) -> None:
    path = parquet(tmp_path, published=[NOON] * 5000, id=[str(n) for n in range(5000)])
    content = bytearray(path.read_bytes())
    for place in range(100, len(content) // 2, 7):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InputError, match="broken"):
        take_table(tmp_path / "archive", path)


def test_kinds_of_files_are_not_mixed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + LINE)
    (tmp_path / "a.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="of different kinds") as refused:
        take_table(tmp_path / "archive", tmp_path / "a.csv", tmp_path / "a.jsonl")
    assert "csv, json" in refused.value.why
    with pytest.raises(InputError, match="there is no file"):
        tables.intake((), tables.TableOptions())


# Rows that are none


@pytest.mark.parametrize("before", [0, 30_000])
def test_ragged_rows_stop_with_their_line_or_are_dropped_and_counted(tmp_path: Path, before: int) -> None:
    good = "".join(f"site,{n},sam,{NOON}\n" for n in range(before))
    content = HEADER + good + f"site,x,sam\nsite,y,sam,{NOON},more\nsite,z,sam,{NOON}\n"
    error = refusal(tmp_path, "a.csv", content)
    assert error.what == "a file is broken"
    assert error.where == f"a.csv:{before + 2}"
    assert "Expected Number of Columns: 4 Found: 3" in error.why
    source, _ = take_text(tmp_path, "b.csv", content, on_bad="drop")
    assert (source.read, source.kept, source.dropped) == (before + 3, before + 1, {"unreadable": 2})


def test_ragged_rows_of_several_files_and_layouts_are_all_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + LINE + "site\n")
    (tmp_path / "b.csv").write_text(HEADER + "site,2\n" + LINE)
    (tmp_path / "c.csv").write_text(f"more,{HEADER}x,site,3,sam,{NOON}\nx,site,4\n")
    source = take_table(tmp_path / "archive", *(tmp_path / f"{name}.csv" for name in "abc"), on_bad="drop")
    assert (source.read, source.kept, source.dropped) == (6, 2, {"repeated": 1, "unreadable": 3})


def test_lines_of_json_that_are_none_stop_with_their_line_or_are_dropped_and_counted(tmp_path: Path) -> None:
    good = json.dumps({"platform": "site", "id": 1, "creator": "sam", "published": NOON}) + "\n"
    content = good + "\n" + '{"id" 2}\n' + '"text"\n' + good.replace("1,", "2,", 1)
    error = refusal(tmp_path, "a.jsonl", content)
    assert error.what == "2 of 4 rows have no readable date"
    assert error.where == "a.jsonl:3"
    assert "no record at all" in error.why
    source, _ = take_text(tmp_path, "b.jsonl", content, on_bad="drop")
    assert (source.read, source.kept, source.dropped) == (4, 2, {"unreadable": 2})


def test_nothing_in_a_table_is_taken_for_a_remark_a_gap_or_a_guess(tmp_path: Path) -> None:
    lines = [["#1", "sam"], ["1", "#sam"], ["007", "NULL"], ["1,5", 'a "b" c'], ["x\ny", "null"],
             ["2023-01-01", "None"], ["'q'", "\\N"], ["1e3", "sam\\"]]  # fmt: skip
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["id", "creator", "platform", "published"]]
                                                    + [[*line, "site", NOON] for line in lines])  # fmt: skip
    source, found = take_text(tmp_path, "a.csv", text.getvalue())
    assert source.kept == len(lines)
    assert {row["id"]: row["creators"] for row in found} == {number: who("site", name) for number, name in lines}


def test_quoted_text_may_first_come_late_in_a_large_file(tmp_path: Path) -> None:
    good = "".join(f"site,{n},sam,{NOON}\n" for n in range(30_000))
    source, found = take_text(tmp_path, "a.csv", HEADER + good + f'site,x,"a, ""b""\nc",{NOON}\n')
    assert source.kept == 30_001
    assert [row["creators"] for row in found if row["id"] == "x"] == [who("site", 'a, "b"\nc')]


def test_rows_without_an_id_or_a_creator_are_counted(tmp_path: Path) -> None:
    content = HEADER + LINE + f"site,,sam,{NOON}\nsite,2,,{NOON}\nsite, ,,{NOON}\n"
    source, _ = take_text(tmp_path, "a.csv", content)
    assert (source.read, source.kept, source.dropped) == (4, 1, {"no_creator": 1, "no_id": 2})


# The door of a study


def test_the_studys_columns_and_zone_are_used_and_options_come_before_them(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("item,artist,date\n1,sam,2023-02-01 08:00:00\n")
    study = Study.model_validate({"columns": {"id": "item", "creator": "nobody", "published": "date"},
                                  "study": {"timezone": "UTC"}, "archive": {"key": "key"}})  # fmt: skip
    for number, (zone, wanted) in enumerate(((None, "2023-02-01T08:00:00"), ("Asia/Tokyo", "2023-01-31T23:00:00"))):
        folder = tmp_path / str(number)
        source = take_in(folder, (tmp_path / "a.csv",), "table", study, now=NOW, version="1", timezone=zone,
                         platform="site", columns={"creator": "artist"})  # fmt: skip
        assert source.options["columns"] == "creator=artist,id=item,published=date"
        assert [row["published"].isoformat() for row in rows(folder / "archive")] == [wanted]


def test_a_file_that_is_not_there_and_a_door_that_is_none_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file") as refused:
        take_in(tmp_path / "study", (tmp_path / "none.csv",), "table", Study(), now=NOW, version="1")
    assert refused.value.where.endswith("none.csv")
    (tmp_path / "a.csv").write_text(HEADER + LINE)
    with pytest.raises(InputError, match="there is no door 'tabel'") as refused:
        take_in(tmp_path / "study", (tmp_path / "a.csv",), "tabel", Study(), now=NOW, version="1")
    assert "danbooru2023, gallery-dl, table" in refused.value.why
    assert not (tmp_path / "study" / "archive").exists()


def test_the_rows_query_knows_the_columns_that_the_map_does() -> None:
    assert table_rows.COLUMNS == tables.KNOWN


def test_a_refused_table_leaves_the_archive_to_the_byte(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + LINE)
    take_table(tmp_path / "archive", tmp_path / "a.csv")
    before = contents(tmp_path / "archive")
    (tmp_path / "b.csv").write_text(HEADER + LINE + "site,2,sam,soon\n")
    with pytest.raises(InputError):
        take_table(tmp_path / "archive", tmp_path / "b.csv")
    assert contents(tmp_path / "archive") == before
