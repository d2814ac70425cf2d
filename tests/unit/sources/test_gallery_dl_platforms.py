"""What each platform's fields mean, and what they do not say."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from precipice.errors import InputError
from precipice.records import Dropped, Upload
from precipice.sources.gallery_dl import PLATFORMS, read
from precipice.sources.gallery_dl.source_clock import source_moment, tweet_moment

AT = "2023-02-01T10:00:00+00:00"
ARTSTATION = {"hash_id": "abc", "id": 1, "user_id": 7, "published_at": AT, "tags": ["study"]}
DEVIANTART = {"deviationid": "D", "author": {"userid": "U", "username": "name"}, "published_time": "1675245600"}
DANBOORU = {"id": 1, "created_at": AT, "tag_string_artist": "someone", "uploader_id": 5}
PIXIV = {"id": 1, "user": {"id": 7, "name": "名前", "account": "acc"}, "create_date": AT}
E621 = {
    "id": 1,
    "created_at": AT,
    "uploader_id": 5,
    "file": {"ext": "png", "url": "https://a.invalid/1.png"},
    "flags": {"deleted": False},
    "tags": {"artist": ["someone"], "general": ["solo"]},
}
BASES: Mapping[str, Mapping[str, object]] = {
    "artstation": ARTSTATION,
    "deviantart": DEVIANTART,
    "danbooru": DANBOORU,
    "pixiv": PIXIV,
    "e621": E621,
}


def upload(platform: str, **fields: object) -> Upload:
    """One post with these fields, all others as in `BASES`."""
    parsed = PLATFORMS[platform].parse({**BASES[platform], **fields}, "here:1")
    assert isinstance(parsed, Upload)
    return parsed


def kept(path: Path) -> list[Upload]:
    return [row for row in read(path) if isinstance(row, Upload)]


@pytest.mark.parametrize(
    "written",
    [
        "2023-02-01T10:00:00",  # no offset: which zone?
        "2023-02-01",
        "2023-02-30T10:00:00+00:00",
        "0001-01-01T00:00:00+09:00",
        "1970-01-01T00:00:00+00:00",
        "Wed Feb 01 10:00:00 +0000 2023",
        "1675245600",  # only DeviantArt and Danbooru write an epoch
        1675245600,
        True,
        "",
        ["2023-02-01T10:00:00Z"],
    ],
)
def test_dates_that_cannot_be_placed_in_a_month_are_refused(written: object) -> None:
    with pytest.raises(InputError, match="pixiv: cannot read create_date from"):
        upload("pixiv", create_date=written, date="2023-02-01 10:00:00")


@pytest.mark.parametrize("written", [0, -1, "0", 10**18, 1e9, True])
def test_epochs_that_are_no_date_are_refused(written: object) -> None:
    with pytest.raises(InputError, match="deviantart: cannot read published_time from"):
        upload("deviantart", published_time=written)


def test_artstation_reads_publication_and_not_the_draft() -> None:
    read_at = upload("artstation", created_at="2022-12-01T00:00:00Z", date="2022-12-01 00:00:00").published
    assert read_at == datetime(2023, 2, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "declared", "opted"),
    [
        ({"tags": ["study"]}, None, False),
        ({"tags": []}, None, False),
        ({"tags": ["NoAI"]}, None, True),
        ({"tags": ["#noai", "CreatedWithAI"]}, True, True),
        ({"tags": ["ai-generated"]}, True, False),
        ({"tags": ["rain", "said", "aide"]}, None, False),
        ({"software_items": [{"name": "Stable Diffusion"}]}, True, False),
        ({"software_items": [{"name": "Photoshop"}]}, None, False),
        ({"tags": None}, None, None),  # the listing names no tags: nothing is known of either
    ],
)
def test_artstation_marks_declare_a_model_and_opting_out(
    fields: dict[str, object], declared: bool | None, opted: bool | None
) -> None:
    read_now = upload("artstation", **fields)
    assert (read_now.declared_ai, read_now.opt_out) == (declared, opted)


def test_artstation_followers_are_read_only_where_the_page_is_the_creators_own() -> None:
    assert upload("artstation", userinfo={"id": 7, "followers_count": 2050}).followers == 2050
    assert upload("artstation", userinfo={"id": 8, "followers_count": 2050}).followers is None


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"asset": {"asset_type": "image"}}, "image"),
        ({"asset": {"asset_type": "video_clip"}}, "video"),
        ({"asset": {"asset_type": "marmoset"}}, "3d"),
        ({"icons": {"image": True, "model3d": True}}, "3d"),
        ({"icons": {"image": False}}, None),
    ],
)
def test_artstation_kinds(fields: dict[str, object], kind: str | None) -> None:
    assert upload("artstation", **fields).kind == kind


def test_deviantart_says_nothing_of_models_or_opting_out() -> None:
    read_now = upload("deviantart", tags=[{"tag_name": "aiart"}, "noai"])
    assert (read_now.tags, read_now.declared_ai, read_now.opt_out) == (("aiart", "noai"), None, None)


@pytest.mark.parametrize(
    ("fields", "kind", "state"),
    [
        ({"content": {"src": "x"}}, "image", "shown"),
        ({"content": {"src": "x"}, "videos": [{"src": "y"}]}, "video", "shown"),
        ({"text_content": {"body": {}}}, "text", "shown"),
        ({"is_deleted": True}, None, "deleted"),
        ({"is_published": False}, None, "hidden"),
    ],
)
def test_deviantart_kinds_and_states(fields: dict[str, object], kind: str | None, state: str) -> None:
    read_now = upload("deviantart", **fields)
    assert (read_now.kind, read_now.state) == (kind, state)


def test_deviantart_counts_favourites_and_watchers_where_the_record_has_them() -> None:
    author = {"userid": "U", "username": "name", "stats": {"watchers": 4321}}
    read_now = upload("deviantart", stats={"favourites": 12, "comments": 3}, author=author)
    assert (read_now.reactions, read_now.followers) == (12, 4321)


@pytest.mark.parametrize("platform", ["deviantart", "danbooru", "pixiv", "e621"])
def test_where_only_the_naive_date_exists_it_is_utc(platform: str) -> None:
    field = {"deviantart": "published_time", "pixiv": "create_date"}.get(platform, "created_at")
    read_now = upload(platform, **{field: None}, date="2023-02-01 10:00:00")
    assert read_now.published == datetime(2023, 2, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(("stated", "declared"), [(2, True), (1, False), (0, None), (None, None), ("2", True)])
def test_pixiv_labels(stated: object, declared: bool | None) -> None:
    assert upload("pixiv", illust_ai_type=stated).declared_ai is declared


def test_recorded_pixiv_zero_means_the_creator_was_never_asked(shared: Path) -> None:
    found = kept(shared / "recorded" / "pixiv")
    asked_from = datetime(2022, 10, 30, 15, tzinfo=UTC)  # 31 October in Japan
    before = Counter(one.declared_ai for one in found if one.published < asked_from)
    after = Counter(one.declared_ai for one in found if one.published >= asked_from)
    assert before == {None: 80, False: 2}
    assert after == {False: 68}


def test_pixiv_reads_kind_reactions_state_and_tags_of_either_shape() -> None:
    read_now = upload("pixiv", type="ugoira", total_bookmarks=9, visible=False, tags=[{"name": "空"}, "海", "名前"])
    assert (read_now.kind, read_now.reactions, read_now.state) == ("video", 9, "hidden")
    assert read_now.tags == ("空", "海")  # the creator's own name is not kept as a tag


def test_pixiv_pages_are_not_works(tmp_path: Path) -> None:
    pages = [{**PIXIV, "category": "pixiv", "id": name, "create_date": None} for name in ("avatar", "background")]
    file = tmp_path / "pages.json"
    file.write_text(json.dumps([[2, page] for page in pages]))
    assert [row.rule for row in read(file) if isinstance(row, Dropped)] == ["message", "message"]


@pytest.mark.parametrize(
    "record",
    [
        {"category": "deviantart", "author": {"userid": "U"}, "da_category": "avatar", "published_time": 0},
        {"category": "deviantart", "statusid": "S", "da_category": "Status", "published_time": 1675245600},
        {"category": "artstation", "id": 3, "challenge": {"id": 9}, "created_at": AT},
        {"followers_count": 2050, "id": 7, "username": "name"},
    ],
    ids=["avatar", "status", "challenge", "profile"],
)
def test_what_a_platform_shows_beside_works_is_no_upload(tmp_path: Path, record: dict[str, object]) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps([[2, record]]))
    assert list(read(file)) == [Dropped("message", f"{file}:1 (row 1)")]


def test_numbers_written_as_text_are_read_alike() -> None:
    # gallery-dl's option output.num-to-str
    numbers = upload("artstation", likes_count=10, userinfo={"id": 7, "followers_count": 2050})
    texts = upload("artstation", id="1", user_id="7", likes_count="10", userinfo={"id": "7", "followers_count": "2050"})
    assert numbers == texts


def test_pixiv_works_of_a_closed_account_have_no_creator() -> None:
    closed = PLATFORMS["pixiv"].parse({**PIXIV, "user": {"id": 0, "name": ""}}, "here:1")
    assert closed == Dropped("no_creator", "here:1")


def test_danbooru_counts_each_artist_and_leaves_out_banned_artist() -> None:
    assert upload("danbooru", tag_string_artist="a b a banned_artist").creators == ("a", "b")
    nobody = PLATFORMS["danbooru"].parse({**DANBOORU, "tag_string_artist": "banned_artist"}, "here:1")
    assert nobody == Dropped("no_creator", "here:1")


def test_danbooru_can_count_by_uploader_instead() -> None:
    parsed = PLATFORMS["danbooru"].parse({**DANBOORU, "tag_string_artist": ""}, "here:1", unit="uploader")
    assert isinstance(parsed, Upload)
    assert parsed.creators == ("5",)


def test_danbooru_uploaders_of_the_dump_are_counted_where_artists_are_missing(shared: Path) -> None:
    dump = shared / "gallery_dl_samples" / "danbooru-dump" / "posts_SYNTHETIC.jsonl"
    by_uploader = [row for row in read(dump, unit="uploader") if isinstance(row, Upload)]
    assert len(by_uploader) == 7
    assert {one.creators for one in by_uploader} == {("500001",)}
    assert Counter(one.state for one in by_uploader) == {"shown": 5, "deleted": 1, "banned": 1}


def test_danbooru_tags_carry_their_kind_and_never_the_artist() -> None:
    read_now = upload(
        "danbooru",
        tags_artist=["someone"],
        tags_general=["solo", "someone", "solo"],
        tags_character=["hero", "hero_(someone)"],
        tags_copyright=["original"],
        tags_meta=["highres"],
    )
    assert read_now.tags == ("solo", "character:hero", "copyright:original", "meta:highres")


@pytest.mark.parametrize(
    ("fields", "declared"),
    [
        ({"tag_string": "solo ai-generated"}, True),
        ({"tags_meta": ["ai-assisted"]}, True),
        ({"tag_string": "solo"}, False),
        ({}, None),  # a record cut down to the artist tags says nothing
    ],
)
def test_danbooru_tags_declare_a_model(fields: dict[str, object], declared: bool | None) -> None:
    assert upload("danbooru", **fields).declared_ai is declared


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"is_banned": True, "is_deleted": True}, "banned"),
        ({"is_deleted": True, "image_width": 9}, "deleted"),
        ({"image_width": 9}, "hidden"),
        ({"image_width": 9, "file_url": "https://a.invalid/1.png"}, "shown"),
        ({}, "shown"),  # no address among chosen fields is not a hidden post
    ],
)
def test_danbooru_states(fields: dict[str, object], state: str) -> None:
    assert upload("danbooru", **fields).state == state


def test_danbooru_instances_are_called_by_their_category() -> None:
    assert upload("danbooru").platform == "danbooru"
    assert upload("danbooru", category="AIBooru").platform == "aibooru"


def test_danbooru_notices_and_the_source_publishes() -> None:
    read_now = upload("danbooru", source="https://i.pximg.net/img-original/img/2023/01/31/23/30/00/104950000_p0.png")
    assert (read_now.clock, read_now.source_published) == ("noticed", datetime(2023, 1, 31, 14, 30, tzinfo=UTC))


def test_e621_reads_the_platforms_tags_and_gallery_dls_flat_ones_alike() -> None:
    nested = upload("e621", tags={"artist": ["someone"], "general": ["solo"], "species": ["cat"], "meta": ["2021"]})
    flat = upload(
        "e621",
        tags=["2021", "cat", "solo", "someone"],
        tags_artist=["someone"],
        tags_general=["solo"],
        tags_species=["cat"],
        tags_meta=["2021"],
        category="e926",
    )
    assert nested == flat
    assert nested.tags == ("solo", "species:cat", "meta:2021")


def test_e621_tags_that_name_nobody_are_no_artists() -> None:
    tags = {"artist": ["conditional_dnp", "sound_warning", "someone"]}
    assert upload("e621", tags=tags).creators == ("someone",)


@pytest.mark.parametrize(
    ("fields", "state"),
    [({"flags": {"deleted": True}}, "deleted"), ({"file": {"ext": "png", "url": None}}, "hidden"), ({}, "shown")],
)
def test_e621_states(fields: dict[str, object], state: str) -> None:
    assert upload("e621", **fields).state == state


def test_recorded_sources_were_published_before_they_were_noticed(shared: Path) -> None:
    found = [one for one in kept(shared / "recorded" / "booru") if one.source_published is not None]
    assert len(found) == 42 + 16  # of 64 on e621 and 19 on Danbooru
    assert all(one.source_published < one.published for one in found if one.source_published)


def test_a_tweets_id_gives_the_time_that_twitter_documents() -> None:
    # The example of Twitter's interface, version 2: created_at 2019-12-31T19:26:16.000Z.
    assert tweet_moment(1212092628029698048) == datetime(2019, 12, 31, 19, 26, 16, tzinfo=UTC)


@pytest.mark.parametrize("tweet", [0, 20, 29_700_859_247, 299_999_999_999_999, 2**63])
def test_tweets_numbered_in_sequence_hold_no_time(tweet: int) -> None:
    assert tweet_moment(tweet) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://twitter.com/a/status/1212092628029698048",
        "https://mobile.twitter.com/a/status/1212092628029698048?s=20",
        "https://x.com/i/web/status/1212092628029698048",
        "twitter.com/a/statuses/1212092628029698048",
    ],
)
def test_addresses_of_a_tweet(address: str) -> None:
    assert source_moment([address]) == datetime(2019, 12, 31, 19, 26, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "https://netflix.com/a/status/1212092628029698048",
        "https://twitter.com/a",
        "https://www.pixiv.net/artworks/87140248",
        "https://i.pximg.net/img-original/img/2023/02/30/00/00/00/1_p0.png",  # there is no 30 February
        "http://img01.pixiv.net/img/name/123.jpg",
        "file://lost.png",
        "",
    ],
)
def test_addresses_that_carry_no_time(address: str) -> None:
    assert source_moment([address]) is None


def test_of_several_sources_the_earliest_counts() -> None:
    first = "http://i4.pixiv.net/img-original/img/2016/07/25/14/51/40/58080247_p0.jpg"
    later = "https://twitter.com/a/status/1212092628029698048"
    assert source_moment([later, first]) == datetime(2016, 7, 25, 5, 51, 40, tzinfo=UTC)
