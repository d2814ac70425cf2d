"""Damage the marked files 10,000 times and read each: `python -m studies.marks.run [--mutations 10000]`.

The files are those of `../shared/data/marks`, which are not part of the project; `results.csv` names them with their
hashes.  A crash or a hang costs its file an answer, and the damaged file is kept in `build/marks` for whoever mends it.
"""

import argparse
import csv
import hashlib
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from precipice.marks.record import FileMarks
from precipice.marks.workers import read_all
from studies.marks.mutations import mutate

PLACE = Path(__file__).parent
ROOT = PLACE.parent.parent
MARKED = ROOT.parent / "shared" / "data" / "marks"
RESULTS = PLACE / "results.csv"
SEED = 20_260
BLOCK = 500
"""Damaged files that lie on disk at a time."""
BAD = ("reader crashed", "took too long")


@dataclass(frozen=True)
class Tried:
    """One damaged file and what the reader said."""

    source: str
    damages: str
    record: FileMarks


def try_all(files: dict[str, bytes], mutations: int, jobs: int, keep: Path | None) -> Iterator[Tried]:
    """Damage files and read them, some at a time.

    Args:
        files: name → content of the sound ones.
        mutations: how many.
        jobs: processes that read.
        keep: where damaged files go that crash or hang the reader; None to keep none.
    """
    names, contents = list(files), list(files.values())
    for start in range(0, mutations, BLOCK):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            made = {
                f"{number:06}": mutate(contents, number, SEED) for number in range(start, min(start + BLOCK, mutations))
            }
            for name, (_, _, content) in made.items():
                (folder / name).write_bytes(content)
            for record in read_all(folder, list(made), jobs):
                damages, index, content = made[record.path]
                if record.answer in BAD and keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{record.path}-{Path(names[index]).name}").write_bytes(content)
                yield Tried(names[index], damages, record)


def main(arguments: Sequence[str]) -> None:
    """Run the study and write `results.csv`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    paths = sorted(path for path in MARKED.rglob("*") if path.is_file() and path.stat().st_size)
    files = {path.relative_to(MARKED).as_posix(): path.read_bytes() for path in paths}
    started = time.monotonic()
    answers: dict[str, Counter[str]] = {name: Counter() for name in files}
    for number, tried in enumerate(try_all(files, options.mutations, options.jobs, ROOT / "build" / "marks"), 1):
        answers[tried.source][tried.record.answer] += 1
        if number % 1_000 == 0:
            print(f"{number:,} read in {time.monotonic() - started:.0f} s", flush=True)
    columns = ["marks found", "no mark found", "damaged, no mark found", "empty", "no picture", *BAD]
    with RESULTS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "sha256", "mutations", *columns, "seed", "c2pa_python"])
        for name, content in files.items():
            counts = answers[name]
            assert set(counts) <= set(columns), counts  # noqa: S101  every answer has its column
            digest = hashlib.sha256(content).hexdigest()
            row = [name, digest, counts.total(), *(counts[answer] for answer in columns), SEED, version("c2pa-python")]
            writer.writerow(row)
    crashed, hung = (sum(counts[answer] for counts in answers.values()) for answer in BAD)
    print(f"{crashed} crashed the reader, {hung} took longer than it waits; {RESULTS}")


if __name__ == "__main__":
    main(sys.argv[1:])
