"""Measure the main job, Danbooru-like JSON Lines → archive → panel → cohort series, beside what others would write.

    python benchmarks/main_job.py
    python benchmarks/main_job.py --rows 200000 --only series

All stages together write benchmarks/results.md and results.json; README.md says how to read them.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from measuring import ENVIRONMENT, Place, take_turns
from results_page import Outcome, Run, write
from stages import HERE, STAGES, Stage, archived, paneled

FEW = 100  # posts or creators: what a command takes for these is its start-up
GENERATOR = "benchmarks/danbooru_like.py"
BLOCK = 1 << 24


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000, help="posts to make (default: 5,000,000, 9 GB)")
    parser.add_argument("--dump", type=Path, help="a dump that is there already, instead")
    parser.add_argument("--folder", type=Path, default=Path("build/bench"), help="where all of it lies")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each way (default: 3)")
    parser.add_argument("--only", choices=STAGES, action="append", help="only this stage; may be given again")
    parser.add_argument("--sample", type=int, default=200_000, help="posts that pandas ingests")
    parser.add_argument("--creators", type=int, default=300_000, help="creators of the panel for the bands")
    parser.add_argument("--no-startup", action="store_true", help="do not measure the start-up")
    parser.add_argument("--results", type=Path, help="folder of the results (default: benchmarks/, with --only FOLDER)")
    return parser.parse_args()


def make_place(folder: Path, rows: int, dump: Path | None, sample: int, creators: int) -> Place:
    """Make the inputs in a folder: a dump unless one is given, its head, the panel for the bands."""
    folder.mkdir(parents=True, exist_ok=True)
    if dump is None:
        dump = folder / "dump.jsonl"
        if not dump.exists():
            part = dump.with_suffix(".part")
            subprocess.run([sys.executable, str(HERE / "danbooru_like.py"), str(rows), str(part)], check=True)
            part.rename(dump)
    rows = count_lines(dump)
    place = Place(folder, dump, rows, min(sample, rows), creators)
    with dump.open("rb") as whole, place.sample.open("wb") as head:
        head.writelines(itertools.islice(whole, place.sample_rows))
    paneled(place)
    return place


def count_lines(path: Path) -> int:
    """Count the lines of a file, which also brings it into the cache."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(BLOCK), b""))


def do_stage(stage: Stage, place: Place, few: Place | None, repeats: int) -> Outcome:
    """Measure a stage's ways in turn, and compare what they gave."""
    ways = take_turns(stage.name, stage.ways, place, few, repeats)
    if stage.name == "ingest":
        archived(place)
    answer = subprocess.run([sys.executable, str(HERE / "checks.py"), stage.name, str(place.folder)], check=False,
                            stdout=subprocess.PIPE, env={**os.environ, **ENVIRONMENT})  # fmt: skip
    if answer.returncode not in (0, 1) or not answer.stdout:
        raise SystemExit(f"the comparison of {stage.name} failed")
    compared = json.loads(answer.stdout)
    print(f"{stage.name}: {compared['rows']:,} rows compared; that differ: {compared['differ']}", flush=True)
    return Outcome(stage, ways, compared["rows"], compared["differ"], compared["words"])


def main() -> None:
    """Measure what was asked for; exit 1 if a row differs."""
    arguments = read_arguments()
    started, load = datetime.now(UTC), os.getloadavg()[0]
    few = make_place(arguments.folder / "few", FEW, None, FEW, FEW)
    name = arguments.dump.stem if arguments.dump else f"rows-{arguments.rows}"
    place = make_place(arguments.folder / name, arguments.rows, arguments.dump, arguments.sample, arguments.creators)
    outcomes = {
        stage.name: do_stage(stage, place, None if arguments.no_startup else few, arguments.repeats)
        for stage in STAGES.values()
        if not arguments.only or stage.name in arguments.only
    }
    origin = f"`--dump {arguments.dump.name}`" if arguments.dump else f"made by `{GENERATOR} {place.rows}`"
    run = Run(place, few, origin, arguments.repeats, load, started)
    folder = arguments.results or (arguments.folder if arguments.only else HERE)
    write(run, outcomes, folder)
    print(f"written: {folder / 'results.md'}")
    sys.exit(any(count for outcome in outcomes.values() for count in outcome.differ.values()))


if __name__ == "__main__":
    main()
