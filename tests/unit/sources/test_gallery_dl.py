"""gallery-dl's output and recorded platform answers come out as uploads, and every row is accounted for."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from precipice.errors import InputError
from precipice.records import DROP_RULES, Dropped, Upload
from precipice.sources.gallery_dl import PLATFORMS, read

SAMPLES = "gallery_dl_samples/"
LOOPBACK = "precipice-loopback"
READ: Mapping[str, dict[str, int]] = {
    SAMPLES + "artstation/dump-json_user_first-2-projects.json": {"artstation": 2, "asset_of_project": 4},
    SAMPLES + "artstation/api_users_projects_list_page.json": {"artstation": 2},
    SAMPLES + "artstation/api_users_quick.json": {"message": 1},
    SAMPLES + "deviantart/dump-json_gallery_plain_first-2.json": {"deviantart": 2, "asset_of_project": 2},
    SAMPLES + "deviantart/dump-json_gallery_metadata-stats-submission_first-2.json": {
        "deviantart": 2,
        "asset_of_project": 2,
    },
    SAMPLES + "deviantart/api_user_profile_expand-user.stats.json": {"message": 1},
    SAMPLES + "pixiv/dump-json_artworks_metadata-true_first-3.json": {"pixiv": 3, "asset_of_project": 3},
    SAMPLES + "danbooru/dump-json_2posts.json": {LOOPBACK: 2, "asset_of_project": 2},
    SAMPLES + "danbooru/dump-json.jsonl": {LOOPBACK: 2, "asset_of_project": 2},
    SAMPLES + "danbooru/resolve-json_artist-search.json": {LOOPBACK: 1, "asset_of_project": 1},
    SAMPLES + "danbooru/write-metadata_9000000.png.json": {LOOPBACK: 1},
    SAMPLES + "danbooru/metadata-postprocessor.jsonl": {LOOPBACK: 3},
    SAMPLES + "danbooru/error_404_dump-json.json": {"message": 1},
    SAMPLES + "danbooru-dump/posts_SYNTHETIC.jsonl": {"danbooru": 5, "no_creator": 2},
    SAMPLES + "danbooru-dump/bigquery_row_variant_SYNTHETIC.json": {"danbooru": 1},
    SAMPLES + "danbooru-dump/epoch-ms_variant_SYNTHETIC.json": {"danbooru": 1},
    "recorded/pixiv/illust_ranking.json": {"pixiv": 30},
    "recorded/pixiv/illust_recommended.json": {"pixiv": 90},
    "recorded/pixiv/illust_related.json": {"pixiv": 30},
    "recorded/deviantart/ArtTopicBrowseResponse.json": {"deviantart": 10},
    "recorded/deviantart/BrowseTags.json": {"deviantart": 10},
    "recorded/deviantart/Deviation.json": {"deviantart": 1},
    # 9 posts without an artist tag, 'unknown_artist' and 'anonymous_artist' once each.
    "recorded/booru/e621_posts.json": {"e621": 64, "no_creator": 11},
    "recorded/booru/danbooru_posts.xml": {"danbooru": 19, "no_creator": 1},
}
"""Every sample and recorded answer that holds rows of uploads, with what comes out."""
REFUSED: Mapping[str, str] = {
    SAMPLES + "danbooru/archive.sql": "is in no form that is understood",
    SAMPLES + "danbooru-dump/artist_urls_row_SYNTHETIC.json": "a record is of no platform that is understood",
    SAMPLES + "danbooru-dump/artists_row_SYNTHETIC.json": "a record is of no platform that is understood",
}
"""Samples that hold no uploads: an archive of names, and rows about artists."""


def uploads(path: Path, **options: str) -> dict[str, Upload]:
    """Uploads of a file by their id."""
    return {row.id: row for row in read(path, **options) if isinstance(row, Upload)}  # type: ignore[arg-type]


def tally(path: Path) -> Counter[str]:
    """Rows of a file or folder: uploads by platform, the others by rule."""
    return Counter(row.platform if isinstance(row, Upload) else row.rule for row in read(path))


def utc(*numbers: int) -> datetime:
    year, month, day, hour, minute, second = numbers
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def rows_in(path: Path) -> int:
    """How many rows a sample holds, counted without the door."""
    words = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".xml":
        return words.count("<post>")
    if path.suffix == ".jsonl":
        return len(words.splitlines())
    document = json.loads(words)
    if isinstance(document, list):
        return len(document)
    return next((len(document[name]) for name in ("illusts", "results", "posts", "data") if name in document), 1)


def test_every_sample_and_recorded_answer_is_named_here(shared: Path) -> None:
    folders = [shared / "recorded", shared / "gallery_dl_samples"]
    found = {file.relative_to(shared).as_posix() for folder in folders for file in folder.rglob("*") if file.is_file()}
    others = {name for name in found if "/loopback/" in name or name.endswith("README.md")}
    assert found - others == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", READ)
def test_each_file_gives_exactly_these_rows_and_no_row_is_lost(shared: Path, name: str) -> None:
    found = tally(shared / name)
    assert found == READ[name]
    assert found.total() == rows_in(shared / name)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_without_uploads_is_refused_with_its_reason(shared: Path, name: str) -> None:
    with pytest.raises(InputError, match=REFUSED[name]):
        list(read(shared / name))


@pytest.mark.parametrize(
    ("name", "post", "published"),
    [
        # 22:15:00.123-05:00; the draft was begun at 21:50.
        ("gallery_dl_samples/artstation/dump-json_user_first-2-projects.json", "16299998", (2023, 10, 28, 3, 15, 0)),
        ("gallery_dl_samples/artstation/api_users_projects_list_page.json", "16299985", (2023, 10, 19, 2, 15, 0)),
        # published_time 1529259714, as text
        ("recorded/deviantart/Deviation.json", "4F494EC9-B8E9-CE6B-AC56-5D4ADBEDD8E2", (2018, 6, 17, 18, 21, 54)),
        # behind a byte-order mark: 1628806458
        (
            "recorded/deviantart/ArtTopicBrowseResponse.json",
            "5A9F0393-CEC3-E58C-9225-257A60615F33",
            (2021, 8, 12, 22, 14, 18),
        ),
        # 2025-02-03T00:00:12+09:00 is still the day before in UTC
        ("recorded/pixiv/illust_ranking.json", "126839080", (2025, 2, 2, 15, 0, 12)),
        # 2023-11-01T00:30:00+09:00 is October in UTC
        (
            "gallery_dl_samples/pixiv/dump-json_artworks_metadata-true_first-3.json",
            "113000000",
            (2023, 10, 31, 15, 30, 0),
        ),
        ("recorded/booru/e621_posts.json", "2716681", (2021, 4, 28, 17, 20, 9)),
        ("recorded/booru/danbooru_posts.xml", "2434967", (2016, 7, 26, 21, 57, 29)),
        ("gallery_dl_samples/danbooru/dump-json.jsonl", "9000000", (2023, 10, 31, 23, 30, 0)),
        # one moment written three ways: -05:00, ' UTC', milliseconds; -05:00 says January, UTC February
        ("gallery_dl_samples/danbooru-dump/posts_SYNTHETIC.jsonl", "5900001", (2023, 2, 1, 3, 45, 10)),
        ("gallery_dl_samples/danbooru-dump/posts_SYNTHETIC.jsonl", "5900002", (2023, 2, 1, 3, 45, 10)),
        ("gallery_dl_samples/danbooru-dump/bigquery_row_variant_SYNTHETIC.json", "5900001", (2023, 2, 1, 3, 45, 10)),
        ("gallery_dl_samples/danbooru-dump/epoch-ms_variant_SYNTHETIC.json", "5900001", (2023, 2, 1, 3, 45, 10)),
    ],
)
def test_a_post_was_published_at_this_second_in_utc(
    shared: Path, name: str, post: str, published: tuple[int, ...]
) -> None:
    assert uploads(shared / name)[post].published == utc(*published)


def test_a_folder_is_read_file_by_file_and_each_post_is_given_once(shared: Path) -> None:
    # 9000000 stands in six files there, 8999999 in three; both only once as an upload.
    found = tally(shared / SAMPLES / "danbooru")
    files = [shared / name for name in READ if name.startswith(SAMPLES + "danbooru/")]
    assert found == {LOOPBACK: 3, "asset_of_project": 11, "message": 1}
    assert found.total() == sum(map(rows_in, files))


def test_two_listings_that_name_the_same_post_repeat_it(shared: Path) -> None:
    # ArtTopicBrowseResponse and BrowseTags hold the same ten deviations.
    assert tally(shared / "recorded" / "deviantart") == {"deviantart": 11, "repeated": 10}


def test_what_comes_out_is_an_upload_or_a_drop_under_a_known_rule(shared: Path) -> None:
    for name in READ:
        for row in read(shared / name):
            assert isinstance(row, Upload) or row.rule in DROP_RULES


def raw_records(path: Path) -> list[dict[str, object]]:
    """Records of a sample, taken out of it without the door."""
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    if isinstance(document, list):
        return [message[-1] for message in document]
    listed = next((document[name] for name in ("illusts", "results", "posts", "data") if name in document), [document])
    return list(listed)


RECORDS: Mapping[str, list[str]] = {
    "artstation": [
        SAMPLES + "artstation/dump-json_user_first-2-projects.json",
        SAMPLES + "artstation/api_users_projects_list_page.json",
    ],
    "deviantart": [
        SAMPLES + "deviantart/dump-json_gallery_plain_first-2.json",
        "recorded/deviantart/BrowseTags.json",
        "recorded/deviantart/Deviation.json",
    ],
    "danbooru": [
        SAMPLES + "danbooru/dump-json_2posts.json",
        SAMPLES + "danbooru-dump/bigquery_row_variant_SYNTHETIC.json",
    ],
    "e621": ["recorded/booru/e621_posts.json"],
    "pixiv": [
        SAMPLES + "pixiv/dump-json_artworks_metadata-true_first-3.json",
        "recorded/pixiv/illust_recommended.json",
    ],
}


@pytest.mark.parametrize("name", PLATFORMS)
def test_contract_a_platform_alone_recognises_its_records_and_parses_them(shared: Path, name: str) -> None:
    platform = PLATFORMS[name]
    records = [record for file in RECORDS[name] for record in raw_records(shared / file)]
    assert records
    for record in records:
        assert [other for other, at in PLATFORMS.items() if at.recognises(record)] == [name]
        assert not platform.is_other(record)
        parsed = platform.parse(record, "here:1")
        if isinstance(parsed, Dropped):
            assert parsed == Dropped("no_creator", "here:1")
            continue
        assert (parsed.platform, parsed.id) == platform.identity(record)
        assert parsed.platform == parsed.platform.lower()
        assert all(parsed.creators)
        assert len(set(parsed.creators)) == len(parsed.creators)
        assert parsed.published.utcoffset() == utc(2000, 1, 1, 0, 0, 0).utcoffset()
        assert parsed.published.microsecond == 0
        assert len(set(parsed.tags)) == len(parsed.tags)
        assert not set(parsed.creators) & {tag.rpartition(":")[2] for tag in parsed.tags}


@pytest.mark.parametrize("name", PLATFORMS)
def test_contract_a_record_without_its_date_says_platform_field_value_and_place(shared: Path, name: str) -> None:
    field = {"artstation": "published_at", "deviantart": "published_time", "pixiv": "create_date"}.get(
        name, "created_at"
    )
    record = dict(raw_records(shared / RECORDS[name][0])[0])
    platform = PLATFORMS[name].identity(record)[0]
    for broken, shown in [({}, "None"), ({field: "yesterday"}, "'yesterday'"), ({field: "2023-13-45"}, "'2023-13-45'")]:
        dateless = {key: value for key, value in record.items() if key not in {field, "date"}} | broken
        with pytest.raises(InputError) as caught:
            PLATFORMS[name].parse(dateless, "here:7")
        assert caught.value.what == f"{platform}: cannot read {field} from {shown}"
        assert caught.value.where == "here:7"


@pytest.mark.parametrize("name", PLATFORMS)
def test_contract_a_record_without_creator_is_dropped_by_name(shared: Path, name: str) -> None:
    record = dict(raw_records(shared / RECORDS[name][0])[0])
    for field in ("user", "user_id", "author", "username", "tags_artist", "tag_string_artist", "tags"):
        record.pop(field, None)
    assert PLATFORMS[name].parse(record, "here:1") == Dropped("no_creator", "here:1")
