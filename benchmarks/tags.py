"""Measure tags by creator and month: precipice's steps beside hand-written SQL, on a Danbooru-like dump.

    python benchmarks/tags.py --rows 1000000
    python benchmarks/tags.py --rows 5000000 --folder /tmp/tags

What the ways give (cells, uploads, their squares, tags) must be the same; where there are more than 65,536 tags,
precipice leaves the rarest out and says so in a fifth number.  results_tags.md holds what came out.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from measuring import ENVIRONMENT, measure
from stages import HERE, PRECIPICE

WAYS = ("sql", "precipice", "cohorts-sql", "cohorts")
SAME = (("sql", "precipice"), ("cohorts-sql", "cohorts"))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("build/bench-tags"))
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only", choices=(*WAYS, "themes"), action="append")
    arguments = parser.parse_args()
    study = make_study(arguments.folder, arguments.rows)
    found = {}
    for _ in range(arguments.repeats):
        for way in arguments.only or WAYS:
            output = arguments.folder / f"{way}.json"
            command = [sys.executable, str(HERE / "tag_ways.py"), way, str(study), str(output.with_suffix(".parquet"))]
            reading = measure(command, output)
            found[way] = json.loads(output.read_text())
            print(
                f"{way}: {reading.cpu:.1f} CPU-s, {reading.wall:.1f} s, {reading.peak:.0f} MB, {found[way]}", flush=True
            )
    for sql, ours in SAME:
        if sql in found and ours in found and len(found[ours]) == len(found[sql]):
            assert found[sql] == found[ours], found


def make_study(folder: Path, rows: int) -> Path:
    """Make the dump and its archive, where they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    dump, study = folder / f"dump_{rows}.jsonl", folder / f"study_{rows}"
    if not study.exists():
        subprocess.run([sys.executable, str(HERE / "danbooru_like.py"), str(rows), str(dump)], check=True)
        ingest = [*PRECIPICE, "ingest", str(dump), "--as", "danbooru2023", "--quiet", str(study)]
        subprocess.run(ingest, check=True, env={**os.environ, **ENVIRONMENT})
        dump.unlink()
    return study


if __name__ == "__main__":
    main()
