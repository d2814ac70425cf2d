"""Measure the reduction of archives from 200,000 to 50 million uploads, and fit how its cost grows.

    python benchmarks/growth.py --folder /tmp/growth

Uploads are written straight as an archive's Parquet, in files of at most 5 million: artists by a Zipf-like law, one for
15 uploads, and times as of Danbooru (see danbooru_like.py), without tags, which a reduction does not read.  Each run is
a process of its own with the default limits; what it takes for 100 uploads is its start-up.  growth.csv and
docs/images/growth.svg hold what came out.
"""

import argparse
import csv
import json
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from measuring import measure

if TYPE_CHECKING:
    import altair as alt

    from precipice.report.look import Layout

HERE = Path(__file__).parent
PICTURE = HERE.parent / "docs" / "images" / "growth.svg"
FEW = 100
SIZES = (FEW, 200_000, 1_000_000, 5_000_000, 50_000_000)
EACH = 5_000_000
TICKS = {"cpu_s": [1, 3, 10, 30], "peak_mb": [200, 500, 1_000]}
UPLOADS = """
COPY (SELECT 'danbooru' AS platform, id::VARCHAR AS id,
             CASE WHEN uniform(id, 'artists') < 0.03 THEN []::BIGINT[]
                  WHEN uniform(id, 'artists') < 0.07 THEN [pseudonym(id, 'artist'), pseudonym(id, 'second')]
                  ELSE [pseudonym(id, 'artist')] END AS creators,
             TIMESTAMP '2005-05-24 12:00:00'
                 + to_seconds((586000000 * pow((id + uniform(id, 'time')) / {rows}::DOUBLE, 0.7))::BIGINT) AS published,
             'created_at' AS clock, NULL::TIMESTAMP AS source_published, 'image' AS kind, []::VARCHAR[] AS tags,
             NULL::BOOLEAN AS declared_ai, NULL::BOOLEAN AS opt_out, (id % 90)::BIGINT AS reactions,
             NULL::BIGINT AS followers, NULL::TIMESTAMP AS followers_read, 'shown' AS state, NULL::TIMESTAMP AS updated
      FROM range({low}, {high}) AS numbers(id))
TO '{place}' (FORMAT parquet, COMPRESSION zstd)
"""
MACROS = """
CREATE MACRO uniform(i, stream) AS (hash(i, stream) >> 11)::DOUBLE / 9007199254740992.0;
CREATE MACRO pseudonym(i, stream) AS (hash(floor(pow({artists}, uniform(i, stream)))::BIGINT) >> 1)::BIGINT;
"""


def main() -> None:
    """Read the command line; with --run do one step in this process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, default=Path("build/bench-growth"))
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--repeats", type=int, default=3, help="reductions of each size, of which the median counts")
    parser.add_argument("--run", choices=("make", "reduce"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        {"make": make, "reduce": reduce_anew}[arguments.run](arguments.folder, arguments.rows[0])
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for rows in arguments.rows or SIZES:
        for step, times in (("make", 1), ("reduce", arguments.repeats)):
            command = [sys.executable, __file__, "--folder", str(arguments.folder), "--rows", str(rows), "--run", step]
            output = arguments.folder / f"{step}_{rows}.json"
            readings = [measure(command, output) for _ in range(times)]
            found = json.loads(output.read_text())
            cpu, peak = median(one.cpu for one in readings), max(one.peak for one in readings)
            print(f"{step} {rows:,}: {cpu:.2f} CPU-s, {peak:.0f} MB, {found}", flush=True)
        note(rows, cpu, peak, found["cells"])
    draw()


def make(folder: Path, rows: int) -> None:
    """Write an archive, where it is not there yet."""
    import duckdb

    from precipice.archive.manifest import Manifest, StoredFile, write_manifest

    archive = folder / f"study_{rows}" / "archive"
    if not (archive / "manifest.json").exists():
        archive.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(MACROS.format(artists=max(10, rows // 15)))
            files = []
            for number, (low, high) in enumerate(pairwise([*range(0, rows, EACH), rows])):
                place = archive / f"uploads-{number:04d}-{low:012x}.parquet"
                connection.execute(UPLOADS.format(rows=rows, low=low + 1, high=high + 1, place=place))
                files.append(StoredFile(place.name, high - low, 0, place.stat().st_size, "2005-05-24", "2023-12-31"))
        write_manifest(archive, Manifest(files=tuple(files)))
    print(json.dumps({"megabytes": sum(file.stat().st_size for file in archive.glob("uploads-*")) // 1_000_000}))


def reduce_anew(folder: Path, rows: int) -> None:
    """Reduce an archive to its panel, without a table that an earlier run left."""
    from precipice.study import open_panel

    study = folder / f"study_{rows}"
    for table in (study / "archive").glob("monthly-*"):
        table.unlink()
    panel = open_panel(study)
    print(json.dumps({"creators": len(panel), "cells": len(panel.count), "uploads": int(panel.count.sum())}))


def note(rows: int, cpu: float, peak: float, cells: int) -> None:
    """Put one measurement into growth.csv, in place of an earlier one of the same size."""
    place = HERE / "growth.csv"
    lines: dict[int, dict[str, object]] = {}
    if place.exists():
        with place.open(encoding="utf-8", newline="") as file:
            lines = {int(line["uploads"]): dict(line) for line in csv.DictReader(file)}
    lines[rows] = {"uploads": rows, "cells": cells, "cpu_s": round(cpu, 2), "peak_mb": round(peak)}
    with place.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*lines[rows]], lineterminator="\n")
        table.writeheader()
        table.writerows(lines[key] for key in sorted(lines))


def exponent(uploads: list[float], cpu: list[float]) -> float:
    """Fit the exponent of growth by least squares on logarithms."""
    import numpy as np

    return float(np.polyfit(np.log(uploads), np.log(cpu), 1)[0])


def draw() -> None:
    """Draw growth.csv."""
    from precipice.report.figure import Figure
    from precipice.report.saving import paper_svg

    with (HERE / "growth.csv").open(encoding="utf-8", newline="") as file:
        lines = [{name: float(value) for name, value in line.items()} for line in csv.DictReader(file)]
    start = next(line["cpu_s"] for line in lines if line["uploads"] == FEW)
    lines = [line for line in lines if line["uploads"] > FEW]
    slope = exponent([line["uploads"] for line in lines], [line["cpu_s"] - start for line in lines])
    figure = Figure(
        stem="growth",
        title="What a reduction costs as an archive grows",
        subtitle="Archive to panel on 2 cores, 700 MB allowed to the engine; both axes by powers of ten",
        notes=(
            f"CPU seconds are of the whole process, {start:.1f} s of start-up included; without it they grow with "
            f"the power {slope:.2f} of the uploads.",
        ),
        truth=None,
        description="; ".join(f"{one['uploads']:,.0f} uploads: {one['cpu_s']} CPU-s" for one in lines),
        body=lambda layout, width: _body(layout, width, lines),
        numbers=lambda: (_ for _ in ()).throw(NotImplementedError),
        columns=lambda layout: 2,
        beside=lambda layout: 46.0,
    )
    PICTURE.write_text(paper_svg(figure, 178), encoding="utf-8")


def _body(layout: "Layout", width: float, lines: list[dict[str, float]]) -> "tuple[alt.ConcatChart, float]":
    import altair as alt

    from precipice.report.look import COHORTS, INK

    plots = []
    for name, title, stroke in (("cpu_s", "CPU seconds", "senior"), ("peak_mb", "peak memory, MB", "junior")):
        log = alt.Scale(type="log", nice=False, padding=30)
        across = alt.X(
            "uploads:Q",
            scale=log,
            axis=alt.Axis(
                title="uploads",
                values=[2e5, 1e6, 5e6, 5e7],
                labelExpr="format(datum.value / 1e6, '~g') + ' M'",
                grid=False,
            ),
        )
        up = alt.Y(
            f"{name}:Q",
            scale=log,
            axis=alt.Axis(
                title=None, values=TICKS[name], labelExpr="format(datum.value, ',')", minExtent=40, maxExtent=40
            ),
        )
        chart = alt.Chart(alt.InlineData(values=lines)).encode(x=across, y=up)
        label = chart.mark_text(dx=-8, dy=-8, align="right", color=COHORTS[stroke].text).encode(
            text=alt.Text(f"{name}:Q", format=",.0f" if name == "peak_mb" else ".1f")
        )
        layers = [
            chart.mark_line(color=COHORTS[stroke].colour),
            chart.mark_circle(color=COHORTS[stroke].colour, size=40, opacity=1),
            label,
        ]
        words = alt.TitleParams(title, fontSize=layout.letters, color=INK, frame="bounds", offset=3)
        plots.append(alt.LayerChart(layer=layers, width=width, height=0.8 * layout.height).properties(title=words))
    return alt.concat(*plots, columns=2).resolve_scale(x="independent", y="independent"), 46.0


if __name__ == "__main__":
    main()
