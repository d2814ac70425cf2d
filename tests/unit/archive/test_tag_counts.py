"""Tags counted by creator and month, on any engine, within bounded memory."""

import re
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pytest

from precipice.archive import Limits, TagCounts, count_tags, read_manifest, sample_tags, tag_counts, word_blocks
from precipice.errors import InputError
from precipice.months import month_text
from precipice.records import Upload
from precipice.tag_rules import TagRules
from tests.unit.archive.archives import take_table, take_uploads, upload, who

c = nw.col
SQL = re.findall(r"-- name: (\w+)\n(.*?);", (Path(__file__).parents[2] / "oracle" / "tags.sql").read_text(), re.DOTALL)
RULES = TagRules(
    aliases={"kitty": "cat"}, implications={"cat": ("animal",), "dog": ("animal",)}, stop=frozenset({"sketch"})
)
WORLD = [
    upload(1, "sam", at="2022-01-31T23:00:00-05:00", tags=("cat", "kitty", "meta:highres")),
    upload(2, "sam", "ann", at="2022-02-10T00:00:00Z", tags=("dog", "cat")),
    upload(3, "ann", at="2022-02-11T00:00:00Z", tags=("animal", "dog", "sketch")),
    upload(4, "ann", at="2022-03-11T00:00:00Z", tags=("sketch",), source_published="2021-06-01T00:00:00Z"),
    upload(5, "eve", at="2022-03-12T00:00:00Z"),
    upload(6, at="2022-03-12T00:00:00Z", tags=("cat",)),
    upload(1, "sam", at="2022-05-01T00:00:00Z", platform="other", tags=("kitty",)),
]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tags") / "archive"
    take_uploads(place, WORLD)
    return place


def many(rng: np.random.Generator) -> list[Upload]:
    """Uploads of chance: up to two creators, up to six tags of twelve."""
    names = np.array([f"c{n}" for n in range(25)])
    words = np.array(["cat", "kitty", "dog", "animal", "sketch", "meta:x", *(f"t{n}" for n in range(6))])
    return [
        upload(
            n, *rng.choice(names, rng.integers(1, 3), replace=False), at=f"2022-{rng.integers(1, 13):02d}-03T00:00:00Z",
            tags=tuple(rng.choice(words, rng.integers(0, 7))), platform=str(rng.choice(["a", "b"])),
        )
        for n in range(400)
    ]  # fmt: skip


def cells(found: TagCounts) -> dict[tuple[str, int, int, str], int]:
    """Give the counts as (platform, creator, month, tag) → uploads."""
    row = np.repeat(np.arange(len(found)), np.diff(found.indptr))
    columns = (found.platform[row], found.creators[row], found.months[row], found.tag, found.count)
    return {
        (found.platforms[p], creator, month, found.tags[tag]): n
        for p, creator, month, tag, n in zip(*(column.tolist() for column in columns), strict=True)
    }


def by_sql(folder: Path, rules: TagRules) -> dict[tuple[str, int, int, str], int]:
    held = [str(folder / file.name) for file in read_manifest(folder).files]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW posts AS SELECT * FROM read_parquet({held})")
        words = [
            word for (word,) in connection.execute("SELECT DISTINCT unnest(tags) FROM posts ORDER BY 1").fetchall()
        ]
        meaning = [(raw, tag) for raw, tags in rules.resolve(words).items() for tag in tags]
        connection.execute(
            "CREATE TABLE meaning AS SELECT unnest($1) AS raw, unnest($2) AS tag",
            [*map(list, zip(*meaning, strict=True))],
        )
        return {tuple(row[:4]): row[4] for row in connection.execute(dict(SQL)["tag_cells"]).fetchall()}


def test_an_upload_counts_once_for_each_creator_and_each_tag_it_means(world: Path) -> None:
    (sam, ann), (other,) = who("site", "sam", "ann"), who("other", "sam")
    found = {(p, c, month_text(m), tag): n for (p, c, m, tag), n in cells(count_tags(world, RULES)).items()}
    assert found == {
        ("site", sam, "2022-02", "cat"): 2, ("site", sam, "2022-02", "animal"): 2, ("site", sam, "2022-02", "dog"): 1,
        ("site", ann, "2022-02", "cat"): 1, ("site", ann, "2022-02", "animal"): 2, ("site", ann, "2022-02", "dog"): 2,
        ("other", other, "2022-05", "cat"): 1, ("other", other, "2022-05", "animal"): 1,
    }  # fmt: skip


def test_it_says_how_many_uploads_have_tags_at_all(world: Path) -> None:
    found = count_tags(world, RULES)
    assert (found.uploads, found.tagged, found.tags_left_out) == (6, 5, 0)


def test_a_tag_that_stands_twice_in_a_table_counts_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("platform,id,creator,published,tags\nsite,1,sam,2022-01-03T00:00:00Z,cat|dog|cat\n")
    take_table(tmp_path / "archive", tmp_path / "a.csv")
    assert sorted(cells(count_tags(tmp_path / "archive")).values()) == [1, 1]


def test_without_rules_only_meta_tags_are_left_out(world: Path) -> None:
    assert set(count_tags(world).tags) == {"cat", "kitty", "dog", "animal", "sketch"}


def test_the_least_used_tags_go_first(world: Path) -> None:
    found = count_tags(world, RULES, most=2)
    assert (found.tags, found.tags_left_out) == (("animal", "cat"), 1)


def test_the_second_clock_counts_where_there_is_one(world: Path) -> None:
    assert {month_text(m) for _, _, m, tag in cells(count_tags(world, clock="source")) if tag == "sketch"} == {
        "2022-02", "2021-06",
    }  # fmt: skip


@pytest.mark.parametrize("rules", [RULES, TagRules()], ids=["merging", "plain"])
def test_plain_sql_gives_the_same_counts(tmp_path: Path, rules: TagRules) -> None:
    take_uploads(tmp_path / "archive", many(np.random.default_rng(5)))
    found = cells(count_tags(tmp_path / "archive", rules))
    assert found == by_sql(tmp_path / "archive", rules)
    assert len(found) > 500


@pytest.mark.parametrize("rules", [RULES, TagRules()], ids=["merging", "plain"])
def test_blocks_of_creators_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rules: TagRules) -> None:
    take_uploads(tmp_path / "archive", many(np.random.default_rng(6)))
    whole = count_tags(tmp_path / "archive", rules)
    monkeypatch.setattr(word_blocks, "BLOCK", 200)
    shares: list[float] = []
    parts = count_tags(
        tmp_path / "archive", rules, limits=Limits("100MB", threads=1),
        progress=lambda step, share: shares.append(share) if share is not None else None,
    )  # fmt: skip
    assert len(shares) > 3 if rules.merges else len(shares) == 1
    for name in ("platform", "creators", "months", "indptr", "tag", "count"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name
    assert not [*(tmp_path / "archive" / "spill").glob("words-*")]


def test_rows_lie_by_creator_platform_and_month(tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", many(np.random.default_rng(7)))
    found = count_tags(tmp_path / "archive")
    keys = [*zip(found.creators.tolist(), found.platform.tolist(), found.months.tolist(), strict=True)]
    assert keys == sorted(set(keys))


def test_polars_and_duckdb_give_the_same_rows_by_the_same_steps(world: Path) -> None:
    held = [str(world / file.name) for file in read_manifest(world).files]
    pairs = [(raw, n) for n, raw in enumerate(["cat", "dog", "sketch", "kitty"])] + [("kitty", 0)]
    codes = pl.LazyFrame(pairs, schema={"raw": pl.String, "code": pl.Int32}, orient="row")
    names = pl.LazyFrame({"platform": ["site", "other"], "i": [0, 1]})
    with duckdb.connect() as connection:
        found = []
        for posts in (connection.read_parquet(held), pl.scan_parquet(held)):
            made: list[Any] = [codes, names]
            if not isinstance(posts, pl.LazyFrame):
                made = [connection.from_arrow(frame.collect().to_arrow()) for frame in made]
            found.append(asked_of(*(nw.from_native(frame) for frame in (posts, *made))))
    assert found[0] == found[1]
    totals, months, merged, plain = found[0]
    assert dict(totals)["cat"] == 2  # not of the upload without a creator
    assert len(months) == 4
    assert len(merged) < len(plain)


def asked_of(
    posts: nw.LazyFrame[Any], codes: nw.LazyFrame[Any], names: nw.LazyFrame[Any]
) -> tuple[list[tuple[Any, ...]], ...]:
    """Ask one engine for totals, months, and words by row, once an upload and as they stand."""
    months = tag_counts.tag_months(posts, names, clock="source")
    numbered = months.with_columns(row=c("month") + 100_000 * c("i"))
    words = [tag_counts.tag_words(posts, names, numbered, codes, clock="source", once=once) for once in (True, False)]
    return tuple(rows(frame) for frame in (tag_counts.tag_totals(posts), months, *words))


def rows(frame: nw.LazyFrame[Any]) -> list[tuple[Any, ...]]:
    table = frame.collect().to_polars()
    return sorted(table.select(sorted(table.columns)).rows())


def test_no_tags_at_all_is_said_with_what_to_do(tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", [upload(1, "sam")])
    with pytest.raises(InputError, match="no upload has a tag that is counted") as refused:
        count_tags(tmp_path / "archive")
    assert "none of 1 uploads has a tag" in refused.value.why


def test_only_stopped_tags_is_said_otherwise(tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", [upload(1, "sam", tags=("meta:highres",))])
    with pytest.raises(InputError) as refused:
        count_tags(tmp_path / "archive")
    assert "all of these are stopped" in refused.value.why


def test_a_sample_draws_as_many_of_each_month_with_all_their_tags(tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", many(np.random.default_rng(8)))
    drawn = sample_tags(tmp_path / "archive", RULES, each=7, seed=1)
    key = drawn.platform.astype(int) * 100_000 + drawn.months
    _, sizes = np.unique(key, return_counts=True)
    assert sizes.max() == 7
    whole = sample_tags(tmp_path / "archive", RULES, each=1_000, seed=1)
    rows = {
        (c, m, *tags)
        for c, m, tags in zip(
            whole.creators.tolist(), whole.months.tolist(),
            (whole.tag[a:b].tolist() for a, b in zip(whole.indptr[:-1], whole.indptr[1:], strict=True)), strict=True,
        )
    }  # fmt: skip
    for n, (c, m) in enumerate(zip(drawn.creators.tolist(), drawn.months.tolist(), strict=True)):
        assert (c, m, *drawn.tag[drawn.indptr[n] : drawn.indptr[n + 1]].tolist()) in rows
    again = sample_tags(tmp_path / "archive", RULES, each=7, seed=1, limits=Limits("100MB", threads=1))
    assert np.array_equal(again.tag, drawn.tag)
    assert not np.array_equal(sample_tags(tmp_path / "archive", RULES, each=7, seed=2).tag, drawn.tag)


def test_a_tag_may_say_more_tags_than_uploads_have_words(tmp_path: Path) -> None:
    take_uploads(tmp_path / "archive", [upload(1, "sam", tags=("cat",))])
    rules = TagRules(implications={"cat": ("animal", "pet", "fur")})
    assert sorted(count_tags(tmp_path / "archive", rules).tags) == ["animal", "cat", "fur", "pet"]
    assert list(cells(count_tags(tmp_path / "archive", rules)).values()) == [1, 1, 1, 1]
