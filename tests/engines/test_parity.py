"""Every engine gives the embedded one's rows: on real panels, on planted edges, on uploads of chance."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from precipice.archive import Limits
from precipice.records import Upload
from tests.engines.answers import answers, queries, uploads
from tests.unit.archive.archives import take_table, take_uploads, upload

EMBEDDED = Limits(threads=1)
PANELS = {
    "shadertoy": {"creator": "creator_id", "id": "item_id", "published": "timestamp", "tags": "tags"},
    "foundation": {"creator": "creator_id", "id": "item_id", "published": "timestamp", "followers": "followers"},
    "open_icons": {"creator": "creator_id", "id": "item_id", "published": "timestamp", "tags": "tags"},
}
LINKS = ((0, None, "7"), (1, "site", "1"), (1, None, "1"), (2, "other", "7"), (3, None, "nowhere"))
TAGGED: tuple[tuple[str, ...], ...] = (
    ("cat", "NoAI", "グレーズ"), (), ("kitty", "cat", "cat"), ("", "meta:x"), ("sketch",)
)  # fmt: skip
OFFSETS = (-12, -8, -3.5, 0, 5.75, 9, 14)


def edges() -> list[Upload]:
    """The last and first second of every month of a leap year and the next, in seven offsets, and what else is odd."""
    turns = [datetime(year, month, 1, tzinfo=UTC) for year in (2020, 2021) for month in range(1, 13)]
    found = []
    for number, (turn, offset) in enumerate((turn, offset) for turn in turns for offset in OFFSETS):
        zone = timezone(timedelta(hours=offset))
        for side, moment in enumerate((turn, turn - timedelta(seconds=1), turn.replace(day=28) + timedelta(hours=30))):
            found.append(
                upload(
                    f"{number}-{side}", f"c{number % 5}", at=moment.astimezone(zone).isoformat(),
                    tags=TAGGED[number % len(TAGGED)],
                    declared_ai=(True, False, None)[number % 3], opt_out=(None, True, False)[side],
                    platform=("site", "other")[number % 2], reactions=None if side else number,
                )
            )  # fmt: skip
    return [
        *found,
        upload(1, "sam", "ann", "c1", at="2020-02-29T23:59:59-12:00", followers=9,
               followers_read="2023-01-01T00:00:00Z"),
        upload(7, "sam", at="2020-02-29T12:00:00Z", followers=4, source_published="2019-12-31T20:00:00-05:00"),
        upload(7, "sam", at="2020-03-01T00:00:00+14:00", platform="other", followers=2**40,
               source_published="2031-01-01T00:00:00Z"),
        upload(8, at="2020-02-29T12:00:00Z", tags=("cat",)),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Planted edges, and 100,000 uploads of one creator."""
    place = tmp_path_factory.mktemp("edges") / "archive"
    take_uploads(place, edges(), "edges")
    lines = "".join(
        f"site,w{n},one,{datetime(2021, 1, 1) + timedelta(minutes=5 * n):%Y-%m-%dT%H:%M:%SZ},cat|t{n % 40}\n"  # noqa: DTZ001  written as UTC
        for n in range(100_000)
    )
    (place.parent / "one.csv").write_text("platform,id,creator,published,tags\n" + lines)
    take_table(place, place.parent / "one.csv")
    return place


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    place = tmp_path_factory.mktemp("panels") / "archive"
    for name, columns in PANELS.items():
        take_table(place, shared / "panels" / f"{name}.csv.gz", columns=columns)
    return place


@pytest.mark.parametrize("engine", ["polars", "sail", "spark"])
def test_every_query_gives_the_same_on_planted_edges(world: Path, engine: str, request: pytest.FixtureRequest) -> None:
    limits: Limits = request.getfixturevalue(engine)
    expected = answers(world, EMBEDDED, links=LINKS)
    found = answers(world, limits, links=LINKS)
    for name, answer in expected.items():
        assert found[name] == answer, name
    assert expected["reduced by first"] != expected["reduced by source"]
    assert expected["links"]["file"] == [0, 0, 1, 1, 1, 2]


@pytest.mark.parametrize("engine", ["polars", "sail", "spark"])
def test_real_panels_reduce_to_the_same(real: Path, engine: str, request: pytest.FixtureRequest) -> None:
    limits: Limits = request.getfixturevalue(engine)
    found, expected = queries(real, limits), queries(real, EMBEDDED)
    assert found == expected
    assert sum(n for *_, n in expected["monthly"]) > 75_000


moments = st.datetimes(datetime(2019, 12, 30), datetime(2024, 3, 2)) | st.sampled_from(  # noqa: DTZ001  zoned below
    [datetime(2020, 2, 29, 23, 59, 59), datetime(2024, 2, 29), datetime(2021, 12, 31, 23, 59, 59), datetime(2022, 1, 1)]  # noqa: DTZ001
)
zoned = st.builds(
    lambda moment, hours: moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours))),
    moments, st.sampled_from(OFFSETS),
)  # fmt: skip
words = st.sampled_from(
    ["cat", "kitty", "", "meta:x", "NoAI", "no ai art", "general:NOAI", "グレーズ", "Ünï", "sketch"]
)
any_upload = st.builds(
    Upload,
    platform=st.sampled_from(["a", "b"]),
    id=st.sampled_from([str(number) for number in range(40)]),
    creators=st.lists(st.sampled_from(["x", "y", "z"]), max_size=3, unique=True).map(tuple),
    published=zoned,
    source_published=st.none() | zoned,
    tags=st.lists(words, max_size=5).map(tuple),
    declared_ai=st.none() | st.booleans(),
    opt_out=st.none() | st.booleans(),
    reactions=st.none() | st.integers(0, 2**62),
    followers=st.none() | st.integers(0, 2**62),
    followers_read=st.none() | zoned,
    updated=st.none() | zoned,
)


@settings(
    max_examples=4, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
)  # no hours of shrinking
@given(some=st.lists(any_upload, min_size=60, max_size=150))
def test_uploads_of_chance_give_the_same(
    some: list[Upload], sail: Limits, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("chance") / "archive"
    take_uploads(
        place, [*some, upload("last", "x", tags=("cat",))]
    )  # never an archive without a tag, which is an error
    assert uploads(place, sail) == uploads(place, EMBEDDED)
    assert answers(place, sail) == answers(place, EMBEDDED)
