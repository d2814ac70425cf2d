"""What is compared: the stages of the main job, and the ways to do each."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from measuring import Place, Way, measure

HERE = Path(__file__).parent
PRECIPICE = (sys.executable, "-m", "precipice")
COHORTS = ("--cutoff", "2022-01", "--cap", "1", "--from", "2021-01", "--to", "2023-10", "--json")


@dataclass(frozen=True)
class Stage:
    """One stage of the main job, done in several ways."""

    name: str
    title: str
    words: str
    """What is measured, for the results."""
    ways: Sequence[Way]
    yardstick: str
    """The way whose CPU time the others' are multiples of."""


def ingest_command(place: Place, *, sample: bool = False) -> list[str]:
    """Give the words that ingest the dump, or its head."""
    dump, study = (place.sample, _sample_study(place)) if sample else (place.dump, place.study)
    return [*PRECIPICE, "ingest", str(dump), "--as", "danbooru2023", "--quiet", str(study)]


def _sample_study(place: Place) -> Path:
    return place.folder / "study-sample"


def _written_by_hand(way: str, place: Place, *, stage: str) -> list[str]:
    dump = place.sample if stage == "sample" else place.dump
    return [sys.executable, str(HERE / "ingest_ways.py"), way, str(dump), str(place.output(stage, way, "parquet"))]


def _cohorts(place: Place) -> list[str]:
    return [*PRECIPICE, "cohorts", str(place.study), *COHORTS, "--quiet"]


def _cohorts_on_one_thread(place: Place) -> list[str]:
    return [*_cohorts(place), "--config", str(_one_thread(place))]


def _one_thread(place: Place) -> Path:
    return place.folder / "one_thread.toml"


def _series(way: str, place: Place) -> list[str]:
    return [sys.executable, str(HERE / "series_ways.py"), way, str(place.study)]


def _panel(way: str, place: Place) -> list[str]:
    return [sys.executable, str(HERE / "panel_ways.py"), way, str(place.study),
            str(place.output("panel", way, "parquet"))]  # fmt: skip


def _bands(way: str, place: Place) -> list[str]:
    return [sys.executable, str(HERE / "band_ways.py"), way, str(place.panel)]


def _without_study(place: Place) -> None:
    shutil.rmtree(place.study, ignore_errors=True)


def _without_sample_study(place: Place) -> None:
    shutil.rmtree(_sample_study(place), ignore_errors=True)


def archived(place: Place) -> None:
    """See to it that the study holds the dump."""
    manifest = place.study / "archive" / "manifest.json"
    if manifest.exists():
        held = json.loads(manifest.read_text())["sources"][0]["files"][0]
        if (held["name"], held["bytes"]) == (place.dump.name, place.dump.stat().st_size):
            return
    _without_study(place)
    measure(ingest_command(place), place.output("ingest", "again", "txt"))


def unstaged(place: Place) -> None:
    """See to it that the study holds the dump and no monthly table."""
    archived(place)
    _one_thread(place).write_text("[engine]\nthreads = 1\n")
    for table in (place.study / "archive").glob("monthly-*"):
        table.unlink()


def staged(place: Place) -> None:
    """See to it that the study holds the dump and its monthly table."""
    archived(place)
    if not list((place.study / "archive").glob("monthly-*")):
        measure(_cohorts(place), place.output("series", "again", "txt"))


def paneled(place: Place) -> None:
    """See to it that the panel for the bands is there."""
    measure([sys.executable, str(HERE / "band_ways.py"), "make", str(place.panel), str(place.creators)],
            place.output("bands", "make", "txt"))  # fmt: skip


def _ways(
    command: Callable[[str, Place], Sequence[str]], prepare: Callable[[Place], None], words: Mapping[str, str]
) -> list[Way]:
    return [Way(name, text, partial(command, name), prepare) for name, text in words.items()]


INGEST = Stage(
    "ingest",
    "JSON Lines → Parquet",
    "The whole dump.  precipice writes 15 columns, reads a second clock off `source`, makes pseudonyms, looks for"
    " repeated posts and writes a manifest; the hand-written statement reads 14 columns, dates to UTC, tags split.",
    [
        Way("precipice", "`precipice ingest`", ingest_command, _without_study),
        *_ways(partial(_written_by_hand, stage="ingest"), lambda place: None, {
            "sql": "DuckDB, hand-written `read_json`, 14 columns",
            "everything": "DuckDB, `read_json_auto`, all columns as they are",
        }),
    ],
    "sql",
)  # fmt: skip
SAMPLE = Stage(
    "sample",
    "JSON Lines → Parquet, against pandas",
    "The first posts of the dump only, since pandas is slow.",
    [
        Way("precipice", "`precipice ingest`", partial(ingest_command, sample=True), _without_sample_study),
        *_ways(partial(_written_by_hand, stage="sample"), lambda place: None, {
            "pandas": "pandas, `read_json(lines=True, chunksize=20_000)`",
        }),
    ],
    "precipice",
)  # fmt: skip
SERIES = Stage(
    "series",
    "Parquet → cohort series",
    "From the archive's Parquet: seniors and juniors at 2022-01 by first upload over the whole history, 2021-01 to"
    " 2023-10, uploads, capped at 1, active creators, entrants, as JSON.",
    [
        Way("first", "`precipice cohorts`, first look (counts, keeps the monthly table)", _cohorts, unstaged),
        Way("one_thread", "the same with `[engine] threads = 1`", _cohorts_on_one_thread, unstaged),
        Way("later", "`precipice cohorts`, later look (from the monthly table)", _cohorts, staged),
        *_ways(_series, archived, {
            "sql": "DuckDB, hand-written SQL",
            "polars": "Polars, lazy, streaming",
            "pandas": "pandas, as most would write it",
            "pandas_tuned": "pandas, by whole numbers",
        }),
    ],
    "sql",
)  # fmt: skip
PANEL = Stage(
    "panel",
    "Parquet → panel",
    "From the archive's Parquet: uploads by creator and month, in order, and on disk.  precipice adds each creator's"
    " first month and followers, and the observation window.",
    [
        Way("precipice", "`precipice.panel`, nothing staged", partial(_panel, "precipice"), unstaged),
        *_ways(_panel, archived, {"sql": "DuckDB, hand-written SQL, sorted Parquet"}),
    ],
    "sql",
)  # fmt: skip
BANDS = Stage(
    "bands",
    "Panel → bands over creators",
    "A made panel of 34 months, two cohorts.  In closed form: limits of four measures a month and cohort, and the"
    " covariances over months.  By replicates: 1,000 draws; pandas draws 20, and its time above the start-up is"
    " multiplied by 50.",
    [
        *_ways(_bands, lambda place: None, {
            "closed": "precipice, closed form: no replicates needed for sums",
        }),
        Way("pandas", "pandas: draw, merge, group; 20 replicates × 50", partial(_bands, "pandas"), times=50),
        *_ways(_bands, lambda place: None, {
            "gini": "precipice, 1,000 replicates of the Gini coefficient, 2,048 creators at a time",
            "gini_small": "the same, 500 creators at a time",
            "gini_large": "the same, 20,000 creators at a time",
        }),
    ],
    "closed",
)  # fmt: skip

STAGES: Mapping[str, Stage] = {stage.name: stage for stage in (INGEST, SAMPLE, SERIES, PANEL, BANDS)}
