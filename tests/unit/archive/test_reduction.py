"""The reduction: uploads become monthly counts, once, on any engine, and are kept until the uploads change."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from precipice.archive import Limits, Monthly, count_uploads, monthly_tables, ordering, read_manifest, reduce
from precipice.archive import reduction as steps
from precipice.errors import InputError
from precipice.months import month_text
from precipice.records import Upload
from precipice.study import Study, open_panel
from tests.unit.archive.archives import cells, rows, take_uploads, upload, who

WORLD = [
    upload(1, "sam", at="2021-12-31T23:59:59Z", followers=10, followers_read="2023-01-01T00:00:00Z"),
    upload(2, "sam", at="2022-01-01T00:00:00Z", followers=30, followers_read="2023-03-01T00:00:00Z"),
    upload(3, "sam", "ann", at="2022-01-31T23:00:00-05:00", followers=20, followers_read="2023-02-01T00:00:00Z"),
    upload(4, "ann", at="2022-02-10T00:00:00Z", tags=("NoAI", "cat")),
    upload(5, "ann", at="2022-02-11T00:00:00Z", tags=("cat",), state="deleted",
           source_published="2021-06-01T00:00:00Z"),
    upload(6, "eve", at="2022-02-12T00:00:00Z", tags=("dog",), state="banned"),
    upload(7, at="2022-02-13T00:00:00Z", tags=("cat",)),
    upload(1, "sam", at="2022-05-01T00:00:00Z", platform="other", tags=("cat",), followers=5),
]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("world") / "archive"
    take_uploads(place, WORLD[:4], "first")
    take_uploads(place, WORLD[4:], "second")
    return place


def test_an_upload_counts_once_for_each_creator_in_its_month_of_utc(world: Path) -> None:
    (sam,), (ann,), (eve,), (other,) = who("site", "sam"), who("site", "ann"), who("site", "eve"), who("other", "sam")
    reduced = reduce(world)
    assert reduced.platforms == ("other", "site")
    assert cells(reduced) == Counter(
        {("site", sam, "2021-12"): 1, ("site", sam, "2022-01"): 1, ("site", sam, "2022-02"): 1,
         ("site", ann, "2022-02"): 3, ("site", eve, "2022-02"): 1, ("other", other, "2022-05"): 1}
    )  # fmt: skip
    assert reduced.last_days == ("2022-05-01", "2022-02-12")


def test_creators_lie_by_platform_and_pseudonym_and_months_rise(world: Path) -> None:
    reduced = reduce(world)
    order = [*zip(reduced.platform.tolist(), reduced.creators.tolist(), strict=True)]
    assert order == sorted(order)
    for first, last in zip(reduced.indptr[:-1], reduced.indptr[1:], strict=True):
        months = reduced.months[first:last].tolist()
        assert months == sorted(set(months))


def test_the_second_clock_counts_where_there_is_one(world: Path) -> None:
    found = cells(reduce(world, clock="source"))
    (ann,) = who("site", "ann")
    assert found["site", ann, "2021-06"] == 1
    assert found["site", ann, "2022-02"] == 2
    assert found.total() == cells(reduce(world)).total()


def test_a_second_clock_later_than_the_upload_itself_is_not_believed() -> None:
    moments = {  # naive UTC, as in the archive
        "published": [datetime(2022, 3, 1)] * 2,  # noqa: DTZ001  naive UTC, as in the archive
        "source_published": [datetime(2079, 1, 1), datetime(2022, 2, 1)],  # noqa: DTZ001  as above
    }
    posts = nw.from_native(pl.LazyFrame({"platform": ["a", "a"], "creators": [[1], [1]], **moments}))
    found = steps.monthly(posts, clock="source").collect("polars").to_native().sort("month")
    assert found["month"].to_list() == [2022 * 12 + 1, 2022 * 12 + 2]


def test_followers_are_those_last_read_and_of_the_first_creator_only(world: Path) -> None:
    reduced = reduce(world)
    known = dict(zip(reduced.creators.tolist(), reduced.followers.tolist(), strict=True))
    assert known == {
        **dict.fromkeys(who("site", "ann", "eve"), -1),
        who("site", "sam")[0]: 30,
        who("other", "sam")[0]: 5,
    }


def test_of_several_readings_of_one_time_the_largest_counts(tmp_path: Path) -> None:
    moment = "2023-02-01T00:00:00Z"
    take_uploads(
        tmp_path / "archive",
        [upload(n, "sam", followers=reach, followers_read=moment) for n, reach in ((1, 3), (2, 9))],
    )
    assert reduce(tmp_path / "archive").followers.tolist() == [9]


def test_a_tag_says_who_ever_used_it(world: Path) -> None:
    reduced = reduce(world, tags=("cat", "NoAI", "noai", "never"))
    used = {
        tag: {creator for creator, there in zip(reduced.creators.tolist(), flags.tolist(), strict=True) if there}
        for tag, flags in reduced.tags.items()
    }
    assert used == {
        "cat": {*who("site", "ann"), *who("other", "sam")},
        "NoAI": {*who("site", "ann")},
        "noai": set(),
        "never": set(),
    }
    assert reduce(world).tags == {}


def test_uploads_are_counted_by_platform_and_state(world: Path) -> None:
    assert count_uploads(world) == {"other/shown": 1, "site/banned": 1, "site/deleted": 1, "site/shown": 4}


def test_the_monthly_table_is_kept_and_read_again(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = reduce(world)
    monkeypatch.setattr(steps, "open_engine", lambda *_: pytest.fail("the engine was asked again"))
    again = reduce(world)
    assert cells(again) == cells(first)
    assert again.followers.tolist() == first.followers.tolist()
    assert (again.platforms, again.last_days) == (first.platforms, first.last_days)


def counted_files(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Note from now on which files of uploads the engine is asked to count."""
    asked: list[list[str]] = []
    whole = monthly_tables.gather

    def noted(folder: Path, clock: str, files: Sequence[str], count: Callable[[Sequence[str]], Monthly]) -> object:
        def counting(names: Sequence[str]) -> Monthly:
            asked.append([name.split("-")[1] for name in names])
            return count(names)

        return whole(folder, clock, files, counting)

    monkeypatch.setattr("precipice.archive.reduction.gather", noted)
    return asked


def test_only_new_files_are_counted_and_one_that_is_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, asked = tmp_path / "archive", counted_files(monkeypatch)
    for number in range(3):
        take_uploads(archive, [upload(f"{number}-{n}", "sam") for n in range(4)], f"batch {number}")
        assert cells(reduce(archive)).total() == 4 * (number + 1)
    assert asked == [["0000"], ["0001"], ["0002"]]
    later = upload("1-2", "sam", at="2023-04-01T00:00:00Z", updated="2024-01-01T00:00:00Z")
    take_uploads(archive, [later], "an update of the second batch")
    (sam,) = who("site", "sam")
    assert cells(reduce(archive)) == {("site", sam, "2023-01"): 11, ("site", sam, "2023-04"): 1}
    assert asked[3:] == [["0003"], ["0003"]]  # the batch, and what is left of the one it replaces a record of
    held = {file.name for file in read_manifest(archive).files}
    assert all(table.files <= held for table in monthly_tables.tables_in(archive, "first"))
    assert sum(table.added for table in monthly_tables.tables_in(archive, "first")) == 1


def test_many_new_files_are_counted_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, asked = tmp_path / "archive", counted_files(monkeypatch)
    monkeypatch.setattr(monthly_tables, "FEW", 2)
    for number in range(3):
        take_uploads(archive, [upload(number, "sam", followers=number)], f"batch {number}")
    reduced = reduce(archive)
    assert asked == [["0000", "0001", "0002"]]
    assert reduced.followers.tolist() == [2]
    take_uploads(archive, [upload(9, "ann", "sam", followers=7)], "one more")
    assert sorted(reduce(archive).followers.tolist()) == [2, 7]


def test_how_many_cells_are_put_in_order_at_a_time_changes_nothing(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = reduce(world)
    monkeypatch.setattr(steps, "BATCH", 2)
    monkeypatch.setattr(ordering, "PIECE", 1)
    for stale in world.glob("monthly-*"):
        stale.unlink()
    found = reduce(world)
    for name in ("platforms", "last_days"):
        assert getattr(found, name) == getattr(wanted, name)
    for name in ("platform", "creators", "indptr", "months", "counts", "followers"):
        assert np.array_equal(getattr(found, name), getattr(wanted, name)), name


def test_a_table_of_an_older_form_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "archive"
    take_uploads(archive, WORLD[:3], "first")
    with monkeypatch.context() as earlier:
        earlier.setattr(monthly_tables, "FORM", 0)
        wanted = cells(reduce(archive))
    for name in ("monthly-first-0123456789ab.parquet", "monthly-creators-first-0123456789ab.parquet"):
        pq.write_table(pa.table({"month": [1], "n": [1]}), archive / name)  # as earlier versions kept them
    asked = counted_files(monkeypatch)
    assert cells(reduce(archive)) == wanted
    assert asked == [["0000"]]
    assert [path.suffix for path in archive.glob("monthly-*")] == [".arrow"]
    take_uploads(archive, WORLD[3:], "second")
    assert cells(reduce(archive)).total() == 8 > wanted.total()
    assert len([*archive.glob("monthly-*")]) == 3  # a table of each file, and their sum


def test_a_stale_table_that_may_not_be_removed_stands_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows lets nobody remove a file that is mapped."""
    for number in range(3):
        take_uploads(tmp_path / "archive", [upload(number, "sam")], f"batch {number}")
        assert reduce(tmp_path / "archive").counts.sum() == number + 1
        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", _refused)
            monthly_tables.clear(tmp_path / "archive", "first", (), Path("none"))
    assert len(monthly_tables.tables_in(tmp_path / "archive", "first")) > 0


def _refused(path: Path, *, missing_ok: bool = False) -> None:
    raise PermissionError(f"{path} is in use ({missing_ok})")


def test_a_kept_table_is_mapped_and_may_not_be_written_to(world: Path) -> None:
    reduced, panel = reduce(world), open_panel(world.parent)
    kept = (reduced.platform, reduced.creators, reduced.indptr, reduced.month, reduced.first, reduced.counts)
    for array in (*kept, panel.month, panel.count, panel.creators, panel.indptr, panel.first, panel.followers):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    maps = Path("/proc/self/maps")
    if maps.exists():
        lines = [line.split() for line in maps.read_text().splitlines() if "monthly-first-" in line]
        ranges = [[int(end, 16) for end in line[0].split("-")] for line in lines]
        for array in (*kept, panel.month, panel.count):
            assert any(low <= array.ctypes.data < high for low, high in ranges)


def test_a_panel_observed_from_before_the_first_upload_counts_its_months_from_there(world: Path) -> None:
    whole = open_panel(world.parent)
    study = Study.model_validate({"archive": {"observed_from": "2021-06"}})
    earlier = open_panel(world.parent, study)
    assert month_text(earlier.start) == "2021-06"
    assert (earlier.start + earlier.month.astype(int)).tolist() == (whole.start + whole.month.astype(int)).tolist()
    assert earlier.first.tolist() == whole.first.tolist()


def test_a_second_ingest_of_the_same_keeps_the_monthly_table(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    take_uploads(archive, WORLD, "first")
    reduce(archive)
    (place,) = archive.glob("monthly-first-*")
    os.utime(place, (0, 0))
    take_uploads(archive, WORLD, "first")
    take_uploads(archive, WORLD[2:5], "a part of it")
    reduce(archive)
    assert place.stat().st_mtime == 0


@pytest.mark.parametrize("uploads", [[], [upload(1)]])
def test_an_archive_without_uploads_is_said_to_be_empty(tmp_path: Path, uploads: list[Upload]) -> None:
    take_uploads(tmp_path / "archive", uploads)
    with pytest.raises(InputError, match="the archive is empty"):
        reduce(tmp_path / "archive")


def test_a_folder_without_an_archive_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no archive here") as refused:
        reduce(tmp_path)
    assert "precipice ingest" in refused.value.fix


def sorted_rows(frame: Any) -> list[tuple[Any, ...]]:
    """Give the rows of a result of any engine, in one order."""
    table = frame.collect().to_polars() if isinstance(frame, nw.LazyFrame) else frame
    return sorted(table.select(sorted(table.columns)).rows())


def polars_posts(folder: Path) -> nw.LazyFrame[Any]:
    held = [folder / file.name for file in read_manifest(folder).files]
    return nw.from_native(pl.scan_parquet(held))


def duckdb_posts(connection: duckdb.DuckDBPyConnection, folder: Path) -> nw.LazyFrame[Any]:
    held = [str(folder / file.name) for file in read_manifest(folder).files]
    return nw.from_native(connection.read_parquet(held))


def test_polars_and_duckdb_give_the_same_rows_by_the_same_steps(world: Path) -> None:
    all_steps: dict[str, Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]]] = {
        "monthly": steps.monthly,
        "by the second clock": lambda posts: steps.monthly(posts, clock="source"),
        "followers": steps.followers,
        "tagged": lambda posts: steps.tagged(posts, "cat"),
        "tagged by nobody": lambda posts: steps.tagged(posts, "never"),
    }
    with duckdb.connect() as connection:
        for name, step in all_steps.items():
            ours, theirs = step(duckdb_posts(connection, world)), step(polars_posts(world))
            assert sorted(ours.collect_schema().names()) == sorted(theirs.collect_schema().names())
            assert sorted_rows(ours) == sorted_rows(theirs), name
            assert sorted_rows(ours) or "nobody" in name


def test_what_polars_counts_is_what_the_archive_keeps(world: Path) -> None:
    found = polars_posts(world)
    counted = {
        (platform, creator, month_text(month)): n for creator, month, n, platform in sorted_rows(steps.monthly(found))
    }
    assert counted == cells(reduce(world))


def test_limits_change_nothing(world: Path) -> None:
    for file in world.glob("monthly-*"):
        file.unlink()
    one = cells(reduce(world, limits=Limits("100MB", threads=1)))
    for file in world.glob("monthly-*"):
        file.unlink()
    assert cells(reduce(world, limits=Limits("500MB", threads=2))) == one


def test_the_panel_has_first_uploads_over_the_whole_history_and_its_windows(world: Path) -> None:
    study = Study.model_validate({"study": {"clock": "first"}})
    panel = open_panel(world.parent, study, tags=("cat",))
    site = panel.only("site")
    firsts = {creator: month_text(first) for creator, first in zip(site.creators.tolist(), site.first, strict=True)}
    assert firsts == dict(zip(who("site", "sam", "ann", "eve"), ("2021-12", "2022-02", "2022-02"), strict=True))
    window = panel.window("site")
    assert (month_text(window.first), month_text(window.last)) == ("2021-12", "2022-02")
    assert window.truncated_first
    assert window.unfinished_last  # the last upload is of 12 February
    assert panel.tags["cat"].sum() == 2
    assert len(rows(world)) == 7
