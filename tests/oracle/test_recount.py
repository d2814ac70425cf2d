"""Real panels through the whole road, against a recount with the standard library and against plain SQL."""

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from precipice.archive import Source, read_manifest, reduce
from precipice.cohorts import draw_by_cutoff, everyone
from precipice.months import month_text, parse_month
from precipice.panel import Panel
from precipice.series import count, retain
from precipice.study import Study, open_panel
from tests.unit.archive.archives import cells, take_table, who

QUERIES = dict(
    re.findall(r"-- name: (\w+)\n(.*?);", (Path(__file__).parent / "reduction.sql").read_text(), flags=re.DOTALL)
)

MAP = {"creator": "creator_id", "published": "timestamp", "id": "item_id"}
ROWS = {"foundation": 48_059, "shadertoy": 15_061, "open_icons": 16_358, "git_contributions": 59_877}
CREATORS = {"foundation": 15_153, "shadertoy": 3_931, "open_icons": 2_576, "git_contributions": 14_536}
PLATFORMS = {"foundation": 1, "shadertoy": 1, "open_icons": 11, "git_contributions": 6}
CUTOFFS = {"foundation": "2021-03", "shadertoy": "2017-01", "open_icons": "2018-06", "git_contributions": "2022-01"}
WINDOWS = {"foundation": ("2021-02", "2021-05"), "shadertoy": ("2016-03", "2018-01"),
           "open_icons": ("2018-01", "2019-12"), "git_contributions": ("2021-01", "2023-10")}  # fmt: skip

Cell = tuple[str, str, int]
Row = tuple[str, str, str, int, int, int, int]


@dataclass(frozen=True)
class Counted:
    """One panel: through the archive, and recounted."""

    name: str
    archive: Path
    source: Source
    panel: Panel
    cells: Counter[Cell]
    """(platform, creator's id in the file, month) → uploads, by the standard library."""


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.fixture(autouse=True, scope="module")
def _own_key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PRECIPICE_KEY", raising=False)
        yield


@pytest.fixture(scope="module", params=ROWS)
def counted(request: pytest.FixtureRequest, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Counted:
    path = shared / "panels" / f"{request.param}.csv.gz"
    archive = tmp_path_factory.mktemp(request.param) / "archive"
    source = take_table(archive, path, columns=MAP)
    found: Counter[Cell] = Counter()
    for row in read_rows(path):
        moment = datetime.fromisoformat(row["timestamp"]).astimezone(UTC)
        found[row["platform"], row["creator_id"], 12 * moment.year + moment.month - 1] += 1
    return Counted(request.param, archive, source, open_panel(archive.parent, Study()), found)


def recount(found: Counter[Cell], cutoff: int, cap: int, start: int, end: int) -> list[Row]:
    """Count cohort series with dictionaries."""
    first: dict[tuple[str, str], int] = {}
    for platform, creator, month in found:
        first[platform, creator] = min(month, first.get((platform, creator), month))
    sums: dict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for platform in {platform for platform, _, _ in found}:
        for cohort in ("senior", "junior"):
            for month in range(start, end + 1):
                sums[platform, cohort, month] = [0, 0, 0, 0]
    for (platform, creator, month), n in found.items():
        entry = first[platform, creator]
        key = (platform, "senior" if entry < cutoff else "junior", month)
        if key in sums:
            for index, value in enumerate((n, min(n, cap), 1, int(entry == month))):
                sums[key][index] += value
    return sorted((*key[:2], month_text(key[2]), *values) for key, values in sums.items())  # type: ignore[misc]


def ours(panel: Panel, cutoff: int, cap: int, start: int, end: int) -> list[Row]:
    series = count(panel, draw_by_cutoff(panel, cutoff), cap=cap, start=start, end=end)
    return sorted(tuple(row.values()) for one in series for row in one.rows())  # type: ignore[misc]


def by_sql(counted: Counted, cutoff: int, cap: int, start: int, end: int, query: str = "series") -> list[Any]:
    """Ask the plain SQL, of the file itself: neither door nor archive has touched it."""
    path = counted.source.files[0].name
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
        connection.execute(
            "CREATE TEMP TABLE post AS SELECT platform, creator_id AS creator,"
            " timestamp::TIMESTAMPTZ AT TIME ZONE 'UTC' AS published FROM read_csv($1, all_varchar = true)",
            [str(counted.archive.parent / path)],
        )
        connection.execute(f"CREATE TEMP TABLE monthly AS {QUERIES['monthly']}")
        values = {"cutoff": cutoff, "cap": cap, "start": start, "end": end}
        given = {name: value for name, value in values.items() if f"${name}" in QUERIES[query]}
        return connection.execute(QUERIES[query], given).fetchall()


@pytest.fixture(scope="module")
def beside(counted: Counted, shared: Path) -> Counted:
    """Lay the file beside the archive, where the plain SQL reads it."""
    link = counted.archive.parent / f"{counted.name}.csv.gz"
    if not link.exists():
        link.symlink_to(shared / "panels" / f"{counted.name}.csv.gz")
    return counted


def test_every_row_is_kept_and_the_published_totals_come_out(counted: Counted) -> None:
    assert (counted.source.read, counted.source.kept, counted.source.dropped) == (
        ROWS[counted.name],
        ROWS[counted.name],
        {},
    )
    assert len(counted.panel) == CREATORS[counted.name]
    assert len(counted.panel.platforms) == PLATFORMS[counted.name]
    assert int(counted.panel.count.sum()) == ROWS[counted.name]


def test_the_monthly_table_is_the_recount_cell_by_cell(counted: Counted) -> None:
    names = {name for name, _, _ in counted.cells}
    numbers = {(platform, creator): who(platform, creator)[0] for platform, creator, _ in counted.cells}
    assert set(counted.panel.platforms) == names
    wanted = {
        (platform, numbers[platform, creator], month_text(month)): n
        for (platform, creator, month), n in counted.cells.items()
    }
    assert cells(reduce(counted.archive)) == wanted


@pytest.mark.parametrize("cap", [1, 3, 1000])
@pytest.mark.parametrize("cut", [False, True])
def test_cohort_series_are_the_recount_and_the_plain_sql(beside: Counted, cap: int, cut: bool) -> None:
    panel, cutoff = beside.panel, parse_month(CUTOFFS[beside.name])
    start, end = map(parse_month, WINDOWS[beside.name]) if cut else (panel.start, panel.end)
    found = ours(panel, cutoff, cap, start, end)
    assert found == recount(beside.cells, cutoff, cap, start, end)
    sql = by_sql(beside, cutoff, cap, start, end)
    assert found == sorted((*row[:2], month_text(row[2]), *row[3:]) for row in sql)
    assert len(found) == 2 * len(panel.platforms) * (end - start + 1)
    assert sum(row[3] for row in found) > 0


def test_an_entrant_of_a_cut_window_is_new_over_the_whole_history(counted: Counted) -> None:
    start, end = map(parse_month, WINDOWS[counted.name])
    before = {(platform, creator) for platform, creator, month in counted.cells if month < start}
    inside = {(platform, creator) for platform, creator, month in counted.cells if start <= month <= end}
    series = count(counted.panel, everyone(counted.panel), start=start, end=end)
    assert sum(int(one.entrants.sum()) for one in series) == len(inside - before)
    assert inside & before  # else the window would prove nothing


def test_retention_is_the_plain_sql(beside: Counted) -> None:
    found = [
        (row["platform"], row["vintage"], row["tenure"], row["creators"], row["active"])
        for one in retain(beside.panel, "year")
        for row in one.rows()
    ]
    wanted = by_sql(beside, 0, 1, 0, 0, "retention")
    assert sorted(found) == sorted(wanted)
    assert found


def test_the_plain_sql_over_the_archive_is_the_plain_sql_over_the_file(beside: Counted) -> None:
    held = [str(beside.archive / file.name) for file in read_manifest(beside.archive).files]
    cutoff = parse_month(CUTOFFS[beside.name])
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TEMP TABLE post AS SELECT platform, unnest(creators) AS creator, published FROM read_parquet($1)",
            [held],
        )
        connection.execute(f"CREATE TEMP TABLE monthly AS {QUERIES['monthly']}")
        values = {"cutoff": cutoff, "cap": 1, "start": beside.panel.start, "end": beside.panel.end}
        found = connection.execute(QUERIES["series"], values).fetchall()
    assert found == by_sql(beside, cutoff, 1, beside.panel.start, beside.panel.end)


@pytest.mark.parametrize("counted", ["foundation"], indirect=True)
def test_foundation_has_its_published_months(counted: Counted) -> None:
    (series,) = count(counted.panel, everyone(counted.panel))
    assert series.uploads.tolist() == [50, 1_719, 14_648, 14_224, 10_583, 6_835]
    assert [month_text(month) for month in series.months.tolist()] == [f"2021-{month:02d}" for month in range(1, 7)]
    assert int(series.entrants.sum()) == 15_153
    assert (series.complete.tolist()) == [False, True, True, True, True, False]


@pytest.mark.parametrize("counted", ["open_icons", "git_contributions"], indirect=True)
def test_one_id_on_two_platforms_counts_as_two_creators(counted: Counted) -> None:
    pairs = {(platform, creator) for platform, creator, _ in counted.cells}
    ids = {creator for _, creator in pairs}
    assert len(counted.panel) == len(pairs)
    assert len(pairs) - len(ids) == {"open_icons": 26, "git_contributions": 149}[counted.name]


@pytest.mark.parametrize("counted", ["foundation", "open_icons"], indirect=True)
def test_followers_and_tags_are_those_of_the_file(counted: Counted, shared: Path, tmp_path: Path) -> None:
    path = shared / "panels" / f"{counted.name}.csv.gz"
    take_table(tmp_path / "archive", path, columns=MAP)
    last: dict[int, tuple[str, int]] = {}
    tagged = set()
    for row in read_rows(path):
        (number,) = who(row["platform"], row["creator_id"])
        if row.get("followers"):
            last[number] = max(last.get(number, ("", -1)), (row["timestamp"], int(float(row["followers"]))))
        if "sprites" in row.get("tags", "").split("|"):
            tagged.add(number)
    reduced = reduce(tmp_path / "archive", tags=("sprites",))
    numbers = reduced.creators.tolist()
    assert dict(zip(numbers, reduced.followers.tolist(), strict=True)) == {
        number: last.get(number, ("", -1))[1] for number in numbers
    }
    used = zip(numbers, reduced.tags["sprites"].tolist(), strict=True)
    assert {number for number, there in used if there} == tagged
