"""The adapter's contract with gallery-dl: whatever is used of it is there, and is what it was."""

import logging
from collections.abc import Iterator

import pytest

from precipice.sources.collection.protocol import Manner, Task
from precipice.sources.collection.sites import PINNED
from precipice.sources.collection.worker import adapter, artstation, danbooru, deviantart
from precipice.sources.collection.worker.collecting import Site, pages
from precipice.sources.collection.worker.listing import Listing
from precipice.sources.collection.worker.transport import Transport


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    """gallery-dl's settings and log are the whole process's; they are put back as they were."""
    root, last = logging.getLogger(), logging.lastResort
    before = (list(root.handlers), root.level)
    yield
    from gallery_dl import config

    config.clear()
    root.handlers[:], logging.lastResort = before[0], last
    root.setLevel(before[1])


def test_gallery_dl_has_all_that_is_used_of_it() -> None:
    assert adapter.missing() == ()
    assert adapter.gallery_dl_version() == PINNED


def test_what_it_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from gallery_dl.extractor.danbooru import DanbooruExtractor

    monkeypatch.delattr(DanbooruExtractor, "_pagination")
    assert adapter.missing() == ("DanbooruTagExtractor._pagination",)


@pytest.mark.parametrize(
    ("kind", "listing", "root", "name"),
    [
        ("artstation", artstation.LISTING, "https://www.artstation.com", "ArtstationUserExtractor"),
        ("deviantart", deviantart.LISTING, "https://www.deviantart.com", "DeviantartGalleryExtractor"),
        ("danbooru", danbooru.LISTING, "https://danbooru.donmai.us", "DanbooruTagExtractor"),
        ("danbooru", danbooru.LISTING, "https://board.example.org", "DanbooruTagExtractor"),
    ],
)
def test_an_artists_address_finds_the_extractor_that_lists_and_all_its_requests_pass_the_transport(
    kind: str, listing: object, root: str, name: str
) -> None:
    assert isinstance(listing, Listing)
    manner = Manner(agent="x", pace=0.0)
    adapter.settle(manner, {}, kind, root.partition("://")[2], loopback=True)
    transport = Transport(root.partition("://")[2], listing.rules, manner, lambda say, **fields: None)
    extr = adapter.open_extractor(kind, "artist", listing.url(root, "ann"), transport)
    assert type(extr).__name__ == name
    assert extr.root == root
    assert set(extr.session.adapters.values()) == {transport}


def test_nobody_on_deviantart_is_taken_for_a_group_and_pages_on_danbooru_are_read_until_one_is_empty() -> None:
    for kind, listing, root, option, value in (
        ("deviantart", deviantart.LISTING, "https://www.deviantart.com", "group", False),
        ("danbooru", danbooru.LISTING, "https://danbooru.donmai.us", "threshold", 1),
    ):
        host = root.partition("://")[2]
        adapter.settle(Manner(agent="x"), {}, kind, host, loopback=True)
        transport = Transport(host, listing.rules, Manner(agent="x"), lambda say, **fields: None)
        extr = adapter.open_extractor(kind, "artist", listing.url(root, "ann"), transport)
        assert extr.config(option) is value
        assert extr._interval_request is None  # the transport keeps the pace


def test_a_key_for_one_instance_is_not_given_to_another() -> None:
    adapter.settle(Manner(agent="x"), {"username": "me", "password": "pw"}, "danbooru", "one.example", loopback=True)
    for host, sent in (("one.example", True), ("other.example", False)):
        transport = Transport(host, danbooru.RULES, Manner(agent="x"), lambda say, **fields: None)
        url = danbooru.url(f"https://{host}", "ann")
        assert bool(adapter.open_extractor("danbooru", "artist", url, transport).session.auth) is sent


def test_what_gallery_dl_logs_is_remembered_without_addresses_names_and_secrets() -> None:
    log = adapter.settle(Manner(agent="x"), {"client-secret": "hush"}, "deviantart", "x", loopback=True)
    log.names = ("Some_Name",)
    logging.getLogger("deviantart").error("'500' for 'https://site/users/some_name' of SOME_NAME with hush")
    logging.getLogger("deviantart").warning("mature")
    assert log.errors == ["'500' for '… of … with …"]
    assert log.warnings == ["mature"]


def test_a_stream_of_records_is_cut_into_the_pages_it_came_in_and_none_is_lost_to_a_failure() -> None:
    heard = [0, 0]

    def served() -> Iterator[dict[str, object]]:
        for page in ([1, 2, 3], [4], [5, 6]):
            heard[:] = [heard[0] + 1, len(page)]
            for n in page:
                yield {"id": n}
        heard[:] = [heard[0] + 1, 2]
        yield {"id": 7}
        raise OSError("gone")

    found: list[list[object]] = []
    stream = pages(served(), lambda: (heard[0], heard[1]))
    with pytest.raises(OSError, match="gone"):
        found.extend([record["id"] for record in page] for page in stream)
    assert found == [[1, 2, 3], [4], [5, 6], [7]]


def test_days_are_narrowed_down_by_the_server_with_a_day_to_spare() -> None:
    assert danbooru._search(Task("collect", "ann")) == "ann"
    assert danbooru._search(Task("collect", "ann", since="2021-01-01")) == "ann date:2020-12-31.."
    both = Task("collect", "ann", since="2021-01-01", until="2021-01-31")
    assert danbooru._search(both) == "ann date:2020-12-31..2021-02-01"


def test_no_name_leaves_but_an_artists_tag_and_no_title_or_address_at_all() -> None:
    record = {"id": 1, "user_id": 7, "hash_id": "h", "title": "My face", "permalink": "https://x/ann",
              "published_at": "d", "user": {"username": "ann"}, "tags": ["ann", "tree"]}  # fmt: skip
    assert artstation.slim(record, {}) == {"category": "artstation", "id": 1, "user_id": 7, "published_at": "d",
                                           "icons": {}, "tags": ["tree"], "software_items": []}  # fmt: skip
    deviation = {
        "deviationid": "d",
        "title": "My face",
        "url": "https://x/ann",
        "author": {"userid": "u", "username": "ann"},
    }
    assert "ann" not in str(deviantart.slim(deviation, {}))


def test_a_site_is_made_of_its_parts() -> None:
    assert {"name", "kind", "root", "listing", "transport", "log"} <= set(Site.__dataclass_fields__)
