"""Whatever the order, the offset, the cut or the damage, no row is lost and no month is wrong."""

import gzip
import json
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from precipice.errors import InputError
from precipice.months import month_of
from precipice.records import Upload
from precipice.sources.gallery_dl import PLATFORMS, read
from precipice.sources.gallery_dl.source_clock import SNOWFLAKE_EPOCH, source_moment, tweet_moment

SOON = settings(deadline=None, max_examples=100)
MOMENTS = st.datetimes(datetime(2010, 12, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@SOON
@given(MOMENTS, st.integers(0, 2**22 - 1))
def test_a_tweets_id_and_its_time_are_one_thing(moment: datetime, rest: int) -> None:
    milliseconds = int(moment.timestamp()) * 1000 + moment.microsecond // 1000
    tweet = ((milliseconds - SNOWFLAKE_EPOCH) << 22) + rest
    assert tweet_moment(tweet) == moment.replace(microsecond=0)
    assert source_moment([f"https://x.com/a/status/{tweet}"]) == moment.replace(microsecond=0)


@SOON
@given(
    st.integers(2012, 2029),
    st.integers(1, 12),
    st.integers(-14 * 3600, 14 * 3600),
    OFFSETS,
    st.sampled_from(sorted(PLATFORMS)),
)
def test_whatever_the_offset_an_upload_falls_in_its_month_of_utc(
    year: int, month: int, seconds: int, offset: timezone, platform: str
) -> None:
    moment = datetime(year, month, 1, tzinfo=UTC) + timedelta(seconds=seconds)  # near the end of a month
    field = {"artstation": "published_at", "pixiv": "create_date"}.get(platform, "created_at")
    written: object = moment.astimezone(offset).isoformat()
    if platform == "deviantart":
        field, written = "published_time", str(int(moment.timestamp()))
    record = {
        "id": 1,
        "user_id": 1,
        "user": {"id": 1},
        "author": {"userid": "U"},
        "tag_string_artist": "a",
        "tags": {"artist": ["a"]} if platform == "e621" else [],
        field: written,
    }
    parsed = PLATFORMS[platform].parse(record, "here:1")
    assert isinstance(parsed, Upload)
    assert parsed.published == moment
    assert month_of(parsed.published) == 12 * moment.year + moment.month - 1


@st.composite
def messages(draw: st.DrawFn) -> list[list[object]]:
    """Messages of a few ArtStation projects, each with a few assets, in any order, with others strewn in."""
    found: list[list[object]] = []
    for project in range(draw(st.integers(1, 5))):
        record = {
            "category": "artstation",
            "id": project,
            "user_id": 1,
            "published_at": f"2023-0{project + 1}-01T00:00:00Z",
            "updated_at": "2023-10-01T00:00:00Z",
        }
        for asset in range(draw(st.integers(1, 4))):
            whole = {**record, "asset": {"id": asset}}
            found += [[2, whole], [3, "https://a.invalid", whole]]
    found += draw(st.lists(st.sampled_from([[6, "https://a.invalid", {}], [-1, {"error": "E", "message": "m"}]])))
    return draw(st.permutations(found))


@SOON
@given(messages(), st.booleans())
def test_any_order_of_messages_gives_one_upload_a_project_and_loses_none(rows: list[list[object]], lines: bool) -> None:
    projects = {row[-1]["id"] for row in rows if row[0] in {2, 3}}  # type: ignore[index]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dump.json"
        file.write_text("\n".join(map(json.dumps, rows)) if lines else json.dumps(rows, indent=1))
        out = list(read(file))
    assert len(out) == len(rows)
    assert Counter(row.id for row in out if isinstance(row, Upload)) == {str(project): 1 for project in projects}
    others = Counter(row.rule for row in out if not isinstance(row, Upload))
    assert others["message"] == sum(row[0] not in {2, 3} for row in rows)
    assert others["asset_of_project"] == len(rows) - others["message"] - len(projects)


LAYOUTS = {
    "array": (b"[", b", ", b"]"),
    "lines": (b"", b"\n", b"\n"),
    "listing": (b'{"more": 1, "posts": [', b",\n", b"]}"),
}


@SOON
@given(st.data(), st.sampled_from(sorted(LAYOUTS)), st.sampled_from([None, 2]))
def test_wherever_a_file_is_cut_the_rows_before_it_come_out_and_one_says_so(
    data: st.DataObject, layout: str, indent: int | None
) -> None:
    start, between, end = LAYOUTS[layout]
    records = [
        {"id": n, "created_at": "2023-01-01T00:00:00Z", "tags_artist": ["a"], "note": 'é [{"' * n} for n in range(5)
    ]
    texts = [json.dumps(record, ensure_ascii=False, indent=indent).encode() for record in records]
    ends = [len(start + between.join(texts[: n + 1])) for n in range(5)]
    cut = data.draw(st.integers(1, ends[-1]))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dump.json"
        file.write_bytes((start + between.join(texts) + end)[:cut])
        out = [row.id if isinstance(row, Upload) else row.rule for row in read(file, on_bad="drop")]
    whole = [str(n) for n in range(5) if ends[n] <= cut]
    # Records that stand alone may end anywhere between two of them; an array has to be closed.
    is_complete = layout == "lines" and any(cut in {at, at + 1} for at in ends)
    assert out == whole + ([] if is_complete else ["unreadable"])


@SOON
@given(st.data(), st.sampled_from(["json", "gzip", "xml", "xml in gzip"]))
def test_damage_anywhere_is_an_input_error_or_a_drop_and_nothing_else(data: st.DataObject, form: str) -> None:
    record = {"id": 1, "created_at": "2023-01-01T00:00:00Z", "tag_string_artist": "a"}
    fields = "".join(f"<{name.replace('_', '-')}>{value}</{name.replace('_', '-')}>" for name, value in record.items())
    text = f"<posts><post>{fields}</post></posts>" if "xml" in form else json.dumps([[6, "https://a", {}], record])
    packed = bytearray(gzip.compress(text.encode()) if "gzip" in form else text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dump"
        file.write_bytes(packed)
        dropped = [row for row in read(file, on_bad="drop") if not isinstance(row, Upload)]
        stopped: InputError | None = None
        try:
            list(read(file))
        except InputError as error:
            stopped = error
    bad = {row.rule for row in dropped} & {"unreadable", "bad_date"}
    assert (stopped is not None) == bool(bad)
    assert stopped is None or str(file) in stopped.where
