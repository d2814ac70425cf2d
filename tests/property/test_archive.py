"""Whatever the names, keys, offsets, sources and orders: one hash, one month, one archive, every row accounted for."""

import csv
import hmac
import io
import json
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from precipice.archive import pseudonym, reduce
from precipice.archive.fingerprints import is_whole_zstandard
from precipice.archive.pseudonyms import teach
from precipice.months import month_of, month_text
from precipice.records import Dropped, Upload
from precipice.sources.dumps import danbooru2023, danbooru2023_fields
from precipice.sources.gallery_dl.fields import read_moment
from precipice.sources.gallery_dl.source_clock import source_moment
from precipice.sources.tables import TableOptions
from precipice.sources.tables import intake as table_intake
from tests.unit.archive.archives import NOON, cells, rows, take_dump, take_table, take_uploads, who

SOON = settings(deadline=None, max_examples=60)
FEW = settings(deadline=None, max_examples=10)  # each takes a second: whole ingests, or hundreds of sources
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2090, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
OFFSETS = st.integers(-15 * 60, 15 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def ask(query: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(query, [*values]).fetchall()


@pytest.fixture(autouse=True, scope="module")
def _own_key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRECIPICE_KEY", raising=False)
        yield


@SOON
@given(key=st.binary(min_size=1, max_size=200), pairs=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=20))
def test_the_engines_pseudonyms_are_pythons_hmac(key: bytes, pairs: list[tuple[str, str]]) -> None:
    platforms, names = ([pair[index] for pair in pairs] for index in (0, 1))
    with duckdb.connect() as engine:
        teach(engine, key)
        query = "SELECT pseudonym(unnest($1::VARCHAR[]), unnest($2::VARCHAR[]))"
        found = engine.execute(query, [platforms, names]).fetchall()
    for (number,), (platform, name) in zip(found, pairs, strict=True):
        digest = hmac.new(key, platform.encode() + b"\0" + name.encode(), "sha256").digest()
        assert number == int.from_bytes(digest, "big") >> (256 - 63)
        assert number == pseudonym(key, platform, name)
        assert 0 <= number < 2**63


@pytest.mark.parametrize("length", [16, 63, 64, 65, 128, 1000])
def test_keys_around_the_length_of_a_block_hash_alike(length: int) -> None:
    key = bytes(number % 251 for number in range(length))
    with duckdb.connect() as engine:
        teach(engine, key)
        assert engine.execute("SELECT pseudonym('site', 'sam')").fetchone() == (pseudonym(key, "site", "sam"),)


HOSTS = [*["twitter.com", "x.com"] * 4, "mobile.twitter.com", "fxtwitter.com", "twitter.com.evil.org", "pawoo.net",
         "X.com"]  # fmt: skip
TWEETS = st.one_of(st.integers(0, 2**64 + 5), st.integers(299_999_999_999_990, 300_000_000_000_010),
                   st.sampled_from([0, 2**63 - 1, 2**63, 10**19 - 1, 10**19, 10**20]))  # fmt: skip
TWEET_ADDRESSES = st.builds(
    "{}{}/{}/{}/{}{}".format,
    st.sampled_from([*["https://"] * 4, "http://", "//", "", "https://web.archive.org/web/2020/https://", "see "]),
    st.sampled_from(HOSTS),
    st.sampled_from([*["someone"] * 4, "i/web", "i", "", "a b", "a?b"]),
    st.sampled_from([*["status"] * 4, "statuses", "statuss", "photo"]),
    st.one_of(st.integers(2**50, 2**61), TWEETS, st.sampled_from(["abc", "", "12ab"])),
    st.sampled_from(["", "/photo/1", "?s=20", "#m", " ", "x"]),
)
PIXIV_ADDRESSES = st.builds(
    "{}{}/{}img/{}/{:02d}/{:02d}/{:02d}/{:02d}/{:02d}/{}".format,
    st.sampled_from(["https://", "http://", "//", "", "xx"]),
    st.sampled_from(["i.pximg.net", "i2.pixiv.net", "img01.pixiv.net", "a.b.pximg.net", "pximg.net", "i.pximg.org"]),
    st.sampled_from(["img-original/", "", "c/600x600/img-master/", "a/img/2011/01/01/00/00/00/", "x?y/", "x#"]),
    st.sampled_from(["2023", "2012", "1999", "0002", "9999", "23", "20231"]),
    *(st.integers(low, high) for low, high in ((0, 13), (0, 32), (0, 24), (0, 60), (0, 61))),
    st.sampled_from(["104950000_p0.png", "1_p0.png?x=/img/2011/01/01/00/00/00/", "img/2011/01/01/00/00/00/2.png", ""]),
)
SOURCES = st.one_of(TWEET_ADDRESSES, PIXIV_ADDRESSES, st.text("/:.?#imgstatux0123 ", max_size=60))


# Nothing is gained from shrinking a list of sources: the one that differs is named.
@settings(FEW, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(sources=st.lists(SOURCES, min_size=100, max_size=300))
def test_the_dumps_second_clock_is_that_of_the_single_records(sources: list[str]) -> None:
    defaults = ", ".join(
        f"NULL::{kind} AS {name}" for name, kind in danbooru2023_fields.COLUMNS.items() if name != "source"
    )
    query = danbooru2023.SELECT.format(
        platform="'danbooru'",
        creators="[]::VARCHAR[]",
        relation=f"(SELECT unnest($1::VARCHAR[]) AS source, {defaults})",
    )
    found = ask(f"SELECT date_trunc('second', source_published) FROM ({query})", sources)
    for source, (moment,) in zip(sources, found, strict=True):
        wanted = source_moment([source])
        assert (moment.replace(tzinfo=UTC) if moment else None) == wanted, source


@SOON
@given(moment=MOMENTS, offset=OFFSETS, form=st.sampled_from(["iso", "millis", "bigquery", "seconds", "Z"]))
def test_the_dumps_dates_are_those_of_the_single_records(moment: datetime, offset: timezone, form: str) -> None:
    written = {
        "iso": moment.astimezone(offset).isoformat(timespec="milliseconds"),
        "Z": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "millis": str(int(moment.timestamp() * 1000)),
        "seconds": str(int(moment.timestamp())),
        "bigquery": moment.strftime("%Y-%m-%d %H:%M:%S.%f UTC"),
    }[form]
    query = danbooru2023.MOMENT.format("$1")
    ((found,),) = ask(f"SELECT date_trunc('second', {query})", written)
    assert found.replace(tzinfo=UTC) == moment.replace(microsecond=0) == read_moment(written, epoch=True)


@pytest.mark.parametrize(
    "text",
    ["2023-10-31 23:30:00", "2023-10-31T23:30:00.123", "2023-10-31", "soon", "", "infinity", "epoch", "12", "-5",
     "1999-12-31T23:59:59Z", "99999999999999999999", "9999999999999999", "2023-02-30T00:00:00Z"],
)  # fmt: skip
def test_what_is_no_date_to_the_single_records_is_none_to_the_dump(tmp_path: Path, text: str) -> None:
    assert read_moment(text, epoch=True) is None
    path = tmp_path / "posts.json"
    path.write_text("".join(json.dumps({"id": n, "created_at": at, "tag_string_artist": "a"}) + "\n"
                            for n, at in ((1, NOON), (2, text))))  # fmt: skip
    source = take_dump(tmp_path / "archive", path, on_bad="drop")
    assert (source.kept, source.dropped) == (1, {"bad_date": 1})


@FEW
@given(
    month=st.integers(12 * 2011, 12 * 2029),
    shifts=st.lists(st.tuples(st.integers(-16 * 3600, 16 * 3600), OFFSETS), min_size=1, max_size=40),
)
def test_whatever_the_offset_a_row_falls_in_its_month_of_utc(month: int, shifts: list[tuple[int, timezone]]) -> None:
    start = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
    moments = [(start + timedelta(seconds=seconds)).astimezone(offset) for seconds, offset in shifts]
    wanted = Counter(month_text(month_of(moment)) for moment in moments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = "".join(f"site,{n},sam,{moment.isoformat()}\n" for n, moment in enumerate(moments))
        (folder / "a.csv").write_text("platform,id,creator,published\n" + table)
        posts = ({"id": n, "created_at": moment.isoformat(), "tag_string_artist": "sam"}
                 for n, moment in enumerate(moments))  # fmt: skip
        (folder / "a.json").write_text("".join(json.dumps(post) + "\n" for post in posts))
        take_table(folder / "table", folder / "a.csv")
        take_dump(folder / "dump", folder / "a.json")
        for place in ("table", "dump"):
            assert Counter(f"{row['published']:%Y-%m}" for row in rows(folder / place)) == wanted


VERSIONS = st.tuples(st.integers(0, 7), st.integers(0, 3), st.sampled_from(["one", "two"]))
STREAM = st.lists(st.one_of(VERSIONS, st.sampled_from(["no_creator", "message", "bad_date", "nobody"])), max_size=30)


def record(number: int, version: int, platform: str) -> Upload:
    """Make one state of one upload: everything in it follows from its number and version."""
    names = [f"artist {(number + version + n) % 4}" for n in range(1 + number % 2)]
    return Upload(
        platform=platform,
        id=str(number),
        creators=tuple(names),
        published=datetime(2023, 1 + (number + version) % 12, 1 + version, tzinfo=UTC),
        reactions=version,
        followers=10 * number + version,
        followers_read=datetime(2024, 1, 1 + version, tzinfo=UTC),
        updated=datetime(2024, 1, 1 + version, tzinfo=UTC) if version else None,
    )


def made(item: object) -> Upload | Dropped:
    if isinstance(item, tuple):
        return record(*item)
    if item == "nobody":
        return Upload("one", "99", (), datetime(2023, 1, 1, tzinfo=UTC))
    return Dropped(str(item))


@FEW
@given(stream=STREAM, order=st.randoms(use_true_random=False), cuts=st.lists(st.integers(0, 30), max_size=2))
def test_any_order_and_any_split_into_ingests_give_one_archive_and_account_for_each_row(
    stream: list[object], order: object, cuts: list[int]
) -> None:
    newest: dict[tuple[str, int], int] = {}
    for item in stream:
        if isinstance(item, tuple):
            newest[item[2], item[0]] = max(item[1], newest.get((item[2], item[0]), 0))
    wanted: Counter[tuple[str, int, str]] = Counter()
    for (platform, number), version in newest.items():
        kept = record(number, version, platform)
        wanted.update((platform, creator, f"{kept.published:%Y-%m}") for creator in who(platform, *kept.creators))
    shuffled = [*stream]
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    limits = [0, *sorted(cuts), len(stream)]
    with tempfile.TemporaryDirectory() as name:
        archive, read, kept_new = Path(name) / "archive", 0, 0
        for number, (first, last) in enumerate(pairwise(limits)):
            source = take_uploads(archive, map(made, shuffled[first:last]), f"part {number}")
            assert source.read == source.kept + sum(source.dropped.values()) == len(shuffled[first:last])
            read, kept_new = read + source.read, kept_new + source.kept - source.replaced
        assert (read, kept_new) == (len(stream), len(newest))
        assert {(row["platform"], int(row["id"])): row["reactions"] for row in rows(archive)} == newest
        assert not wanted or cells(reduce(archive)) == wanted


@FEW
@given(stream=st.lists(VERSIONS, min_size=1, max_size=30), cuts=st.lists(st.integers(0, 30), max_size=4))
def test_reducing_batch_by_batch_gives_what_one_reduction_of_all_gives(
    stream: list[tuple[int, int, str]], cuts: list[int]
) -> None:
    limits = sorted({0, *(cut for cut in cuts if cut < len(stream)), len(stream)})
    with tempfile.TemporaryDirectory() as name:
        grown, whole = Path(name) / "grown", Path(name) / "whole"
        for number, (first, last) in enumerate(pairwise(limits)):
            take_uploads(grown, map(made, stream[first:last]), f"part {number}")
            reduce(grown)
        take_uploads(whole, map(made, stream), "all")
        step, once = reduce(grown), reduce(whole)
        for what in ("platforms", "last_days", "start", "spans"):
            assert getattr(step, what) == getattr(once, what), what
        for column in ("platform", "creators", "indptr", "month", "months", "first", "counts", "followers"):
            assert getattr(step, column).tolist() == getattr(once, column).tolist(), column


CELL = st.one_of(WORDS, st.sampled_from(["", '"', "a,b", "a\nb", "\t", "#", "'", "NULL", "nan", "007", " x "])).map(
    lambda text: text.replace("\r", "").replace("\0", "")
)


@SOON
@given(cells_of=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=12))
def test_quoted_text_of_any_kind_comes_through_a_table_as_it_is(cells_of: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "a.csv"
        with place.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow(["id", "creator", "published", "platform"])
            writer.writerows((*pair, NOON, "site") for pair in cells_of)
        select = table_intake((place,), TableOptions()).select
        found = ask(f"SELECT id, creators FROM ({select})")

    def bare(text: str) -> str | None:
        # The engine trims every space of Unicode (category Zs), the non-breaking one included.
        return text.strip("".join(sign for sign in set(text) if unicodedata.category(sign) == "Zs")) or None

    assert Counter((number, tuple(names)) for number, names in found) == Counter(
        (bare(number), (bare(name),) if bare(name) else ()) for number, name in cells_of
    )


@SOON
@given(content=st.binary(max_size=3000), frames=st.integers(1, 3), cut=st.integers(1, 40))
def test_a_zstandard_file_is_whole_or_cut(content: bytes, frames: int, cut: int) -> None:
    frame = pa.Codec("zstd").compress(content, asbytes=True)
    packed = frame * frames
    assert is_whole_zstandard(io.BytesIO(packed))
    left = packed[: max(0, len(packed) - cut)]
    assert is_whole_zstandard(io.BytesIO(left)) == (len(left) % len(frame) == 0)
