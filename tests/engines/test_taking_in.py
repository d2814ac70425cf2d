"""Every engine that takes uploads in makes the same archive: the same rows, the same counts of what was dropped."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import precipice
from precipice.archive import Limits, Source, exclude, pseudonym, read_manifest, reduce
from precipice.archive.engines.spark import session_of
from precipice.archive.pseudonyms import pads
from precipice.archive.takers import TAKERS, spark
from precipice.archive.takers.spark_settling import PSEUDONYMOUS
from precipice.cli.ingest import command
from precipice.errors import InputError
from precipice.records import FIELDS, Intake, Upload
from precipice.sources import tables
from precipice.sources.dumps import DUMPS
from precipice.sources.tables import TableOptions
from tests.engines.test_parity import OFFSETS, PANELS, any_upload, edges, moments, words
from tests.unit.archive.archives import KEY, NOON, contents, digest, rows, take, take_uploads, upload

EMBEDDED = Limits(threads=1)
DOORS = ("csv", "jsonl", "parquet", "dump")
Take = Callable[[Path, Limits], Source]


def same(source: Source) -> tuple[object, ...]:
    """Give what of an ingest must not depend on the engine."""
    return source.kind, source.files, source.options, source.read, source.kept, source.dropped, source.replaced


def compare(place: Path, limits: Limits, *takes: Take) -> list[Source]:
    """Take the same things in by two engines, and see to it that they cannot be told apart."""
    sources = []
    for take_in in takes:
        expected, found = take_in(place / "embedded", EMBEDDED), take_in(place / "other", limits)
        assert same(found) == same(expected)
        sources.append(found)
    if digest(place / "other") != digest(place / "embedded"):
        assert rows(place / "other") == rows(place / "embedded")
    held = {file.name for file in read_manifest(place / "other").files}
    assert {path.name for path in (place / "other").iterdir() if path.suffix in (".parquet", ".part")} == held
    return sources


def table(*files: Path, **options: Any) -> Take:
    return lambda folder, limits: take(folder, tables.intake(files, TableOptions(**options)), limits)


def dump(*files: Path, **options: Any) -> Take:
    return lambda folder, limits: take(folder, DUMPS["danbooru2023"](files, **options), limits)


def stream(name: str, *uploads: Upload) -> Take:
    return lambda folder, limits: take(
        folder, Intake(kind="gallery-dl", files=(), options={"stream": name}, uploads=iter(uploads)), limits
    )


@pytest.mark.parametrize("engine", ["sail", "spark"])
def test_real_files_make_the_same_archive(
    tmp_path: Path, shared: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    sample = shared / "gallery_dl_samples" / "danbooru-dump" / "posts_SYNTHETIC.jsonl"
    names = ("shadertoy", "foundation") if engine == "sail" else ("open_icons",)
    takes = [table(shared / "panels" / f"{name}.csv.gz", columns=PANELS[name]) for name in names]
    if engine == "sail":
        takes.append(dump(sample))
    sources = compare(tmp_path, request.getfixturevalue(engine), *takes)
    assert sum(source.kept for source in sources) > (50_000 if engine == "sail" else 10_000)
    assert engine == "spark" or sources[-1].dropped == {"no_creator": 2}
    reduced = [reduce(tmp_path / name, limits=EMBEDDED) for name in ("embedded", "other")]
    assert reduced[0].counts.tolist() == reduced[1].counts.tolist()


WRITTEN = (
    "2020-02-29T23:59:59-12:00", "2020-03-01T00:00:00+14:00", "2020-02-29 12:00:00.999999Z", "2021-12-31T23:59Z",
    "2020-2-9T1:2:3Z", "2020/02/29 10:00:00+0530", "2020-02-29 10:00:00 UTC", "2020-02-29 10:00:00 GMT", "2024-02-29",
    "1582934400", "1582934400.9999", "1582934400000", "2020-02-30T00:00:00Z", "2021-02-29", "2020-13-01", "soon", "now",
    "12:30:00Z", "2020-02", "2020", "2020-02-29T10:00:00 +05:30", "20200229", "2020-02-29T", "",
    "0999999999", "1e9", "2020-02-29T10:00:00+05", "2020-02-29Z", "2020-01-01T00:00:00Z Z", "1583020799999",
)  # fmt: skip
NAIVE = ("2021-10-31 02:30:00", "2021-10-31 01:59:59", "2021-03-28 02:30:00", "2021-10-31T03:00", "2020-1-2 03:04:05.5",
         "2021-10-31")  # fmt: skip
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC")


@pytest.mark.parametrize("engine", ["sail", "spark"])
def test_every_form_of_a_date_is_the_same_moment_or_none(
    tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    limits = request.getfixturevalue(engine)
    heads = "platform,id,creator,published,updated,followers,reactions,declared_ai,followers_read\n"
    numbers = (
        "7",
        "9007199254740993",
        "7.5",
        "-0.5",
        "1e3",
        "9223372036854775807",
        "1e40",
        "nan",
        "inf",
        "7d",
        " ",
        "x",
        "0x1F",
    )
    flags = ("true", "T", "YES", "0", "no", "2", "on", "")
    lines = [
        f'site,{at},sam,"{text}",{text},{numbers[at % len(numbers)]},{numbers[at % 6]},{flags[at % len(flags)]},{text}'
        for at, text in enumerate(WRITTEN)
    ]
    (tmp_path / "a.csv").write_text(heads + "".join(line + "\n" for line in lines))
    posts = [{"id": at, "created_at": text, "updated_at": text, "tag_string_artist": "sam", "fav_count": at,
              "source": f"https://x.com/a/status/{1_500_000_000_000_000_000 + at}"}
             for at, text in enumerate(WRITTEN)]  # fmt: skip
    posts += [{"id": 90, "created_at": 1_582_934_400_000, "tag_string_artist": "a b banned_artist a"},
              {"id": "91", "created_at": 1_582_934_400, "tag_string_artist": "banned_artist", "is_deleted": True},
              {"id": "x", "created_at": NOON, "tag_string_artist": "sam", "tag_string_general": "sam hero_(sam) cat",
               "source": "https://i.pximg.net/img-original/img/2020/02/29/23/59/59/1_p0.png"}]  # fmt: skip
    (tmp_path / "a.json").write_text("".join(json.dumps(post) + "\n" for post in posts) + "no record\n\n[1]\n{]}\n")
    takes = [table(tmp_path / "a.csv", on_bad="drop"), dump(tmp_path / "a.json", on_bad="drop")]
    for zone in ZONES if engine == "sail" else ZONES[:1]:
        place = tmp_path / f"{zone.rpartition('/')[2]}.csv"
        place.write_text(heads + "".join(f"{zone},{n},ann,{text},{text},,,,\n" for n, text in enumerate(NAIVE)))
        takes.append(table(place, timezone=zone))
    first, second, *others = compare(tmp_path, limits, *takes)
    assert first.dropped["bad_date"] == 15
    assert second.dropped["unreadable"] == 3
    assert all(source.kept == len(NAIVE) for source in others)


def lines_of(form: str, place: Path, rows_: list[dict[str, Any]]) -> Take:
    """Write uploads as a file of a form, and give how it is taken in."""
    path = place.with_suffix(".json" if form == "dump" else f".{form}")
    if form == "dump":
        posts = ({"id": row["id"], "created_at": row["published"], "updated_at": row["updated"],
                  "uploader_id": 7, "fav_count": row["reactions"], "file_ext": "png",
                  "tag_string_artist": " ".join(row["creator"]), "is_deleted": row["declared_ai"],
                  "tag_string_general": " ".join(filter(None, row["tags"]))} for row in rows_)  # fmt: skip
        path.write_text("".join(json.dumps(post, ensure_ascii=False) + "\n" for post in posts))
        return dump(path, on_bad="drop")
    if form == "jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_))
    elif form == "parquet":
        texts = pa.list_(pa.string())
        kinds = {
            "creator": texts,
            "tags": texts,
            "declared_ai": pa.bool_(),
            "reactions": pa.int64(),
            "followers": pa.int64(),
        }
        columns = {name: pa.array([row[name] for row in rows_], kinds.get(name, pa.string())) for name in rows_[0]}
        pq.write_table(pa.table(columns), path)
    else:
        cells = [[("|".join(value) if name == "tags" else value[0] if value else None)
                  if isinstance(value, list) else value for name, value in row.items()] for row in rows_]  # fmt: skip
        quoted = (",".join("" if cell is None else '"' + str(cell).replace('"', '""') + '"' for cell in row)
                  for row in cells)  # fmt: skip
        path.write_text(",".join(rows_[0]) + "\n" + "".join(line + "\n" for line in quoted))
    return table(path, on_bad="drop")


zoned = st.builds(
    lambda moment, hours, digits: moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours))).isoformat()
    + digits,
    moments, st.sampled_from(OFFSETS), st.just(""),
)  # fmt: skip
any_row = st.fixed_dictionaries({
    "platform": st.sampled_from(["a", "B "]),
    "id": st.sampled_from([*map(str, range(30)), ""]),
    "creator": st.lists(st.sampled_from(["x", "y", "cat", "Ünï"]), max_size=3, unique=True),
    "published": zoned | st.sampled_from(["", "soon"]),
    "tags": st.lists(words, max_size=4),
    "declared_ai": st.none() | st.booleans(),
    "reactions": st.none() | st.integers(0, 2**62),
    "followers": st.none() | st.integers(0, 2**62),
    "followers_read": st.none() | zoned,
    "updated": st.none() | zoned,
    "kind": st.sampled_from([None, "image", 'a "b", c', "back\\slash'", "tab\tin"]),
})  # fmt: skip


@settings(max_examples=2, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
@given(some=st.lists(any_row, min_size=40, max_size=90), more=st.lists(any_upload, min_size=20, max_size=40))
def test_uploads_of_chance_come_in_the_same_by_every_door_and_in_batches(
    some: list[dict[str, Any]], more: list[Any], sail: Limits, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("chance")
    parts = [some[at::4] for at in range(4)]
    takes = [
        lines_of(form, place / f"part{at}", part) for at, (form, part) in enumerate(zip(DOORS, parts, strict=True))
    ]
    compare(place, sail, *takes, stream("more", *more, upload(99, "x")), lines_of("jsonl", place / "again", some))


@pytest.mark.parametrize("engine", ["sail", "spark"])
def test_batches_with_repeats_and_updates_and_excluded_creators_settle_the_same(
    tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    limits = request.getfixturevalue(engine)

    def without(who: str) -> Take:
        def leave_out(folder: Path, limits: Limits) -> Source:
            exclude(folder, {"site": [pseudonym(KEY, "site", who)]}, EMBEDDED)
            return read_manifest(folder).sources[-1]

        return leave_out

    many = tmp_path / "many.parquet"
    with duckdb.connect() as connection:  # 100,000 uploads of one creator, each 1,000th twice
        connection.execute(
            "COPY (SELECT 'site' AS platform, i - (i % 1000 = 1)::INT AS id, 'one' AS creator, TIMESTAMPTZ "
            "'2020-02-28 00:00:00+00' + INTERVAL (i) MINUTE AS published, ['t' || i % 40, 'one'] AS tags, "
            f"i AS followers FROM range(100000) AS numbers(i)) TO '{many}' (FORMAT parquet)"
        )
    tie = [upload(200_001, "sam", tags=(str(n),), reactions=n % 3 or None) for n in range(12)]
    joint = [upload(200_002 + n, name) for n in range(12) for name in ("zoe", "ann", "sam", "ann")]
    joint += [upload(200_002, "old", at="2019-01-01T00:00:00Z")]
    takes = {
        "many": table(many),
        "edges": stream("edges", *edges()),
        "ties": stream("ties", *tie, *joint, upload(5, "two", at="2019-01-01T00:00:00Z"), upload(200_020)),
        "newer": stream("newer", upload(200_001, "sam", updated="2024-01-01T00:00:00Z"), upload(7, "one")),
        "as new": stream("as new", upload(200_001, "ann", updated="2024-01-01T00:00:00Z"), upload(7, "one")),
        "without": without("sam"),
        "older": stream("older", upload(200_001, "ann", updated="2023-01-01T00:00:00Z"), upload(200_002, "ann", "zoe"),
                        upload(300_000, "sam"), upload(300_001, "sam", "ann"), upload(300_002)),
    }  # fmt: skip
    if engine == "spark":  # each takes it seconds
        takes = {name: takes[name] for name in ("ties", "newer", "without", "older")}
    sources = dict(zip(takes, compare(tmp_path, limits, *takes.values()), strict=True))
    assert sources["ties"].dropped == {"no_creator": 1, "repeated": 48}
    assert sources["older"].dropped["excluded"] == 1
    if engine == "sail":
        assert sources["many"].dropped == {"repeated": 100}
        assert (sources["ties"].replaced, sources["newer"].replaced) == (1, 2)
        assert (sources["as new"].replaced, sources["as new"].dropped) == (1, {"already_held": 1})


def test_an_engine_that_takes_nothing_in_says_which_do(tmp_path: Path) -> None:
    for name in ("polars", "bigquery", "trino"):
        with pytest.raises(InputError, match=f"'{name}' takes no uploads in") as refused:
            stream("one", upload(1, "sam"))(tmp_path / "archive", Limits(engine=name))
        assert "duckdb, spark" in refused.value.why
    assert not (tmp_path / "archive" / "manifest.json").exists()
    assert set(TAKERS) == {"duckdb", "spark"}


BAD: Mapping[str, tuple[str, str, str, str]] = {
    "no date": ("a.csv", f"site,1,sam,{NOON}\nsite,2,ann,soon\n", "1 of 2 rows have no readable date", "a.csv:3"),
    "no zone": ("a.csv", "site,1,sam,2020-01-01 10:00:00\n", "the dates have no time zone", "a.csv"),
    "ragged": ("a.csv", f"site,1,sam,{NOON}\nsite,2,ann\n", "a file is broken", "a.csv:3"),
    "an open quote": ("a.csv", f'site,1,"sam,{NOON}\n\nx",2,3,4\n', "a file is broken", "a.csv:2"),
    "text behind a quote": ("a.csv", f'site,1,"sam"x,{NOON}\n', "a file is broken", "a.csv:2"),
    "a header again": ("a.csv", "platform,id,creator,published\n", "1 of 1 rows have no readable date", "a.csv"),
    "no record": ("a.jsonl", '{"platform": "site", "id": 1, "creator": "sam", "published": "2020-01-01"}\n{]\n',
                  "1 of 2 rows have no readable date", "a.jsonl:2"),
    "no post": ("posts.json", '{"id": 1, "created_at": "2020-01-01T00:00:00Z"}\nno post\n',
                "1 of 2 rows have no readable date", "posts.json:2"),
    "no number": ("posts.json", '{"id": "x", "created_at": "2020-01-01T00:00:00Z"}\n', "a file is broken",
                  "posts.json"),
    "not UTF-8": ("posts.json", '{"id": 1, "source": "\udce9"}\n', "a file is not UTF-8", "posts.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_stops_with_its_place_and_changes_nothing(sail: Limits, tmp_path: Path, name: str) -> None:
    file, text, what, where = BAD[name]
    take_uploads(tmp_path / "archive", [upload(1, "sam")])
    before = contents(tmp_path / "archive")
    header = "platform,id,creator,published\n" if file.endswith(".csv") else ""
    (tmp_path / file).write_bytes((header + text).encode("utf-8", "surrogateescape"))
    take_in = dump if file == "posts.json" else table
    with pytest.raises(InputError, match=what) as refused:
        take_in(tmp_path / file)(tmp_path / "archive", sail)
    assert refused.value.where == where
    assert contents(tmp_path / "archive") == before


def test_the_key_stands_in_no_plan(sail: Limits, tmp_path: Path) -> None:
    taker = spark.Clustered(session_of(sail, tmp_path), sail, tmp_path, KEY)
    taker._lay_pads()
    names = "SELECT 'site' AS platform, '1' AS id, array('sam') AS creators, TIMESTAMP_NTZ '2020-01-01' AS published"
    others = ", ".join(f"NULL AS {name}" for name in FIELDS if name not in ("platform", "id", "creators", "published"))
    rows_ = taker.session.sql(PSEUDONYMOUS.format(select=f"{names}, {others}"))
    with contextlib.redirect_stdout(io.StringIO()) as told:
        rows_.explain("extended")
    assert rows_.select("creators").toArrow().to_pylist() == [{"creators": [pseudonym(KEY, "site", "sam")]}]
    assert "sha256" in told.getvalue()
    assert all(secret.hex() not in told.getvalue().lower() for secret in (KEY, *pads(KEY)))
    taker.forget()
    assert not taker.session.catalog.tableExists("pads")


HALFWAY = """
import sys, time
from pathlib import Path
from precipice.archive.takers import spark
from tests.engines.test_taking_in import table
from precipice.archive import Limits
settle = spark.Clustered.settle
def slow(self, manifest):
    settled = settle(self, manifest)
    print("settled", flush=True)
    time.sleep(60)
spark.Clustered.settle = slow
table(Path(sys.argv[2]))(Path(sys.argv[1]), Limits(engine="spark", master="sail"))
"""


def test_an_ingest_that_is_killed_halfway_leaves_the_archive_whole(sail: Limits, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    take_uploads(archive, [upload(1, "sam"), upload(2, "ann")])
    before = contents(archive)
    (tmp_path / "a.csv").write_text(f"platform,id,creator,published\nsite,1,sam,{NOON}\nsite,2,zoe,{NOON}\n")
    root = Path(__file__).parents[2]
    words_ = [sys.executable, "-c", HALFWAY, str(archive), str(tmp_path / "a.csv")]
    with subprocess.Popen(words_, stdout=subprocess.PIPE, cwd=root, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "settled\n"
        os.kill(running.pid, signal.SIGKILL)
    left = {path.name.partition("-")[0] for path in archive.glob("*.part")}
    assert left == {"incoming", "overlap", "news", "rewritten"}
    assert {name: digest for name, digest in contents(archive).items() if ".part" not in name} == before
    source = table(tmp_path / "a.csv")(archive, sail)
    assert (source.kept, source.replaced, source.dropped) == (1, 1, {"already_held": 1})
    assert not list(archive.glob("*.part"))
    assert [row["id"] for row in rows(archive)] == ["1", "2"]


def test_the_study_and_the_option_choose_the_engine(
    sail: Limits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[str] = []
    staged = spark.Clustered.stage

    def noted(self: spark.Clustered, *given_: Any) -> Mapping[str, int]:
        used.append("spark")
        return staged(self, *given_)

    monkeypatch.setattr(spark.Clustered, "stage", noted)
    monkeypatch.setenv("PRECIPICE_KEY", KEY.hex())
    header = "platform,id,creator,published\n"
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(f"{header}site,{number},sam,{NOON}\n")
    study = tmp_path / "a study [1]"
    words_ = ["--as", "table", "--quiet", "--engine"]
    told = CliRunner().invoke(command, [str(tmp_path / "0.csv"), *words_, "spark=sail", str(study)])
    assert told.exit_code == 0, told.output
    precipice.ingest(study, tmp_path / "1.csv", kind="table", engine="spark=sail")
    (study / "precipice.toml").write_text('[engine]\nname = "spark"\nmaster = "sail"\n')
    precipice.ingest(study, tmp_path / "2.csv", kind="table")
    assert used == ["spark"] * 3
    assert [row["id"] for row in rows(study / "archive")] == ["0", "1", "2"]
    assert reduce(study / "archive", limits=sail).counts.tolist() == [3]
    told = CliRunner().invoke(command, [str(tmp_path / "0.csv"), *words_, "polars", str(study)])
    assert isinstance(told.exception, InputError)
