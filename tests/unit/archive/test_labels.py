"""What uploads declare: the same counts from DuckDB, Polars and plain SQL, and words found whatever their dress."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from precipice.archive import labels as steps
from precipice.archive import read_labels, read_manifest
from precipice.errors import InputError
from precipice.months import parse_month
from tests.conftest import ROOT
from tests.unit.archive.archives import SMALL, take_uploads, upload, who

QUERIES = dict(
    re.findall(
        r"-- name: (\w+)\n(.*?);", (ROOT / "tests" / "oracle" / "labels.sql").read_text(encoding="utf-8"), re.DOTALL
    )
)
WORDS = {"glaze": ("glaze", "glazed"), "watermark": ("透かし", "filigrane"), "no_ai": ("noai", "ai学習禁止")}
WORLD = [
    upload(1, "sam", tags=("Glaze!", "GLAZED", "cat"), declared_ai=False, opt_out=False),
    upload(2, "sam", "ann", tags=("meta:透かし",), declared_ai=True),
    upload(3, "ann", tags=("No-AI", "glazed donut"), opt_out=True),
    upload(4, "ann", tags=("AI学習禁止", "character:glaze"), at="2023-02-01T00:00:00Z"),
    upload(5, "eve", opt_out=False, at="2023-02-01T00:00:00Z", source_published="2022-12-31T00:00:00Z"),
    upload(6, tags=("glaze",), declared_ai=True),
    upload(1, "sam", platform="other", tags=("nothing",)),
]


def drawn(seed: int, n: int = 400) -> list[Any]:
    """Draw uploads at random, of every mixture of what can be said."""
    rng = np.random.default_rng(seed)
    tags = ("glaze", "Glaze", "no ai", "NoAI", "filigrane", "meta:glazed", "cat", "x", "透かし")
    return [
        upload(
            i, *(f"c{k}" for k in rng.choice(9, rng.integers(0, 3), replace=False)),
            at=f"2022-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}T00:00:00Z",
            tags=tuple(rng.choice(tags, rng.integers(0, 4), replace=False).tolist()),
            declared_ai=[None, True, False][rng.integers(3)], opt_out=[None, True, False][rng.integers(3)],
            platform=("a", "b")[rng.integers(2)],
        )
        for i in range(n)
    ]  # fmt: skip


@pytest.fixture(scope="module", params=["by hand", "drawn"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("labels") / "archive"
    take_uploads(place, WORLD if request.param == "by hand" else drawn(1))
    return place


@pytest.fixture
def connection(world: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        files = [str(world / file.name) for file in read_manifest(world).files]
        found.execute(f"CREATE VIEW posts AS SELECT * FROM read_parquet({files})")
        yield found


def in_order(frame: nw.LazyFrame[Any]) -> list[tuple[Any, ...]]:
    table = frame.collect().to_polars()
    return sorted(table.select(sorted(table.columns)).rows())


def test_duckdb_and_polars_give_the_same_rows(world: Path, connection: duckdb.DuckDBPyConnection) -> None:
    files = [world / file.name for file in read_manifest(world).files]
    ours = nw.from_native(connection.table("posts"))
    theirs = nw.from_native(pl.scan_parquet(files))
    assert in_order(steps.labels(ours)) == in_order(steps.labels(theirs))
    assert in_order(steps.labels(ours, clock="source")) == in_order(steps.labels(theirs, clock="source"))
    spelled = [steps.spellings(posts, WORDS) for posts in (ours, theirs)]
    assert in_order(spelled[0]) == in_order(spelled[1])
    found = [steps.mentions(posts, words, tuple(WORDS)) for posts, words in ((ours, spelled[0]), (theirs, spelled[1]))]
    assert in_order(found[0]) == in_order(found[1])


def test_the_counts_are_those_of_plain_sql(world: Path, connection: duckdb.DuckDBPyConnection) -> None:
    found = read_labels(world, WORDS, limits=SMALL)
    key = [np.array(found.platforms)[found.platform], found.creator, found.month]
    rows = zip(*(column.tolist() for column in [*key, *(found.counts[name] for name in steps.COUNTS)]), strict=True)
    assert [*rows] == connection.execute(QUERIES["labels"]).fetchall()
    for mark, words in WORDS.items():
        some = found.mentions[mark] > 0
        said = zip(*(column[some].tolist() for column in [*key, found.mentions[mark]]), strict=True)
        assert [*said] == connection.execute(QUERIES["mentions"], {"words": list(words)}).fetchall()


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("labels") / "archive"
    take_uploads(place, WORLD)
    return place


def test_words_are_found_whatever_their_case_kind_and_punctuation_and_only_as_the_whole_tag(by_hand: Path) -> None:
    found = read_labels(by_hand, WORDS)
    assert found.spellings == {
        "glaze": ("GLAZED", "Glaze!", "character:glaze"),
        "watermark": ("meta:透かし",),
        "no_ai": ("AI学習禁止", "No-AI"),
    }


def test_several_tags_of_one_mark_count_an_upload_once_for_each_creator(by_hand: Path) -> None:
    found = read_labels(by_hand, WORDS)
    (sam,), (ann,) = who("site", "sam"), who("site", "ann")
    january = found.month == parse_month("2023-01")
    assert found.mentions["glaze"][january & (found.creator == sam)].tolist() == [1]
    assert found.mentions["watermark"][january & np.isin(found.creator, [sam, ann])].tolist() == [1, 1]


def test_what_says_nothing_is_counted_apart_from_no(by_hand: Path) -> None:
    found = read_labels(by_hand, WORDS)
    (ann,) = who("site", "ann")
    january = (found.month == parse_month("2023-01")) & (found.creator == ann)
    told = {name: int(values[january][0]) for name, values in found.counts.items()}
    assert told == {
        "uploads": 2, "declared": 1, "denied": 0, "unsaid_readable": 1, "opted_out": 1, "not_opted_out": 0, "tagged": 2,
    }  # fmt: skip


def test_an_archive_without_uploads_is_an_error(tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", [])
    with pytest.raises(InputError, match="the archive is empty"):
        read_labels(tmp_path / "archive", WORDS)


def test_counts_are_kept_until_the_uploads_or_the_words_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take_uploads(tmp_path / "archive", WORLD, "first")
    first = read_labels(tmp_path / "archive", WORDS)
    with monkeypatch.context() as patch:
        patch.setattr(steps, "open_engine", lambda *_: pytest.fail("the engine was started again"))
        again = read_labels(tmp_path / "archive", WORDS)
    assert again.platforms == first.platforms
    assert again.spellings == first.spellings
    for name in steps.COUNTS:
        assert again.counts[name].tolist() == first.counts[name].tolist()
    assert read_labels(tmp_path / "archive", {**WORDS, "glaze": ("cat",)}).spellings["glaze"] == ("cat",)
    take_uploads(tmp_path / "archive", [upload(9, "sam", declared_ai=True)], "second")
    more = read_labels(tmp_path / "archive", WORDS)
    assert more.counts["declared"].sum() == first.counts["declared"].sum() + 1
    assert len([*(tmp_path / "archive").glob("labels-*")]) == 1


def test_the_two_clocks_are_kept_apart(by_hand: Path) -> None:
    first, second = (read_labels(by_hand, WORDS, clock=clock) for clock in ("first", "source"))
    assert first.month.tolist() != second.month.tolist()
    assert read_labels(by_hand, WORDS).month.tolist() == first.month.tolist()
