"""Measure on Spark, a process for each setting, and keep every task and call: `python -m studies.cluster.measure`.

Needs Spark itself and Java 17 (`make cluster-rates`), about two gigabytes of disk, and a quarter of an hour on 2 cores.
"""

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from studies.cluster.events import tasks_of
from studies.cluster.uploads import Order, column_bytes, make_archive
from studies.cluster.watched import Call, Setting

PLACE = Path(__file__).parent
TASKS, CALLS, COLUMNS = PLACE / "tasks.csv", PLACE / "calls.csv", PLACE / "columns.csv"
MILLION = 1_000_000
Use = Literal["fitted", "held out"]
HELD_OUT = ("local, 12 M by time", "standalone, 3 M shuffled")
"""Settings that nothing is fitted on: what the simulation says of them is held against what they took."""


@dataclass(frozen=True)
class Asked:
    """One setting to measure."""

    name: str
    rows: int
    order: Order
    split_mb: int
    partitions: int
    tags: bool = False
    repeats: int = 3
    """Of a reduction; tags are counted as often."""
    standalone: bool = False


ASKED = (
    Asked("0.2 M by time", 200_000, "by time", 4, 2, tags=True),
    Asked("5 M by time, large tasks", 5 * MILLION, "by time", 128, 8, repeats=2),
    Asked("5 M shuffled, small tasks", 5 * MILLION, "shuffled", 16, 64, repeats=2),
    Asked("local, 12 M by time", 12 * MILLION, "by time", 64, 24, repeats=2),
    Asked("standalone, 3 M shuffled", 3 * MILLION, "shuffled", 32, 12, repeats=2, standalone=True),
    Asked("5 M shuffled, large tasks", 5 * MILLION, "shuffled", 128, 4, repeats=2),
    Asked("1 M shuffled", MILLION, "shuffled", 24, 8),
    Asked("1 M by time, small tasks", MILLION, "by time", 8, 16),
)


@dataclass(frozen=True)
class TaskLine:
    """One task, as it is kept: times in milliseconds, sizes in bytes."""

    setting: str
    run: str
    call: int
    step: str
    stage: int
    """Of its call, from 0."""
    took: float
    """From launch until its result was there: how long a core was held."""
    cpu: float
    gc: float
    input_rows: int
    input_bytes: int
    read_rows: int
    read_bytes: int
    written_rows: int
    written_bytes: int
    result_bytes: int
    memory_bytes: int
    spilled_bytes: int
    launched: float
    """After the first task of the setting was."""


@dataclass(frozen=True)
class CallLine:
    """One question to Spark, as it is kept."""

    setting: str
    rows: int
    order: str
    split_mb: int
    partitions: int
    archive_bytes: int
    run: str
    call: int
    step: str
    wall_s: float
    after_s: float
    """What the driver did with the answer."""
    answer: int
    """Rows that came back."""
    own_cpu_s: float
    """CPU seconds of the driver's Python meanwhile."""
    java_cpu_s: float
    """The same of the driver's Java, in which `local` runs tasks too."""
    after_cpu_s: float
    """CPU seconds of the driver's Python with the answer."""
    peak_mb: float
    """The most memory that the driver's Python has held by then."""
    load: float
    """Of the machine when the setting began: processes that ran or waited, over a minute."""
    inputs: str
    """Versions and machine."""


@dataclass(frozen=True)
class ColumnLine:
    """A column of an archive that was measured on."""

    rows: int
    order: str
    column: str
    bytes: int
    """Of all uploads, compressed."""


def measure(asked: Asked, work: Path) -> tuple[list[TaskLine], list[CallLine]]:
    """Measure one setting."""
    archive, load = make_archive(work, asked.rows, asked.order), os.getloadavg()[0]
    logs = work / "logs"
    logs.mkdir(exist_ok=True)
    setting = Setting(
        asked.name, asked.rows, asked.order, str(archive), asked.split_mb, asked.partitions, repeats=asked.repeats,
        tags=asked.tags,
    )  # fmt: skip
    with _cluster(work, standalone=asked.standalone) as (master, environment):
        given = work / "setting.json"
        given.write_text(json.dumps({"setting": vars(replace(setting, master=master)), "logs": str(logs)}))
        command = [sys.executable, "-m", "studies.cluster.watched", str(given)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603  our own module
    found = json.loads(done.stdout)
    size = sum(file.stat().st_size for file in archive.glob("uploads-*.parquet"))
    calls = [Call(**call) for call in found["calls"]]
    lines = [
        CallLine(asked.name, asked.rows, asked.order, asked.split_mb, asked.partitions, size, call.run, number,
                 call.step, round(call.wall_s, 4), round(call.after_s, 4), call.rows,
                 round(call.own_cpu_s, 3), round(call.java_cpu_s, 2), round(call.after_cpu_s, 3),
                 round(call.peak_mb), round(load, 1), inputs())
        for number, call in enumerate(calls)
    ]  # fmt: skip
    log = Path(found["log"])
    tasks = list(_task_lines(asked.name, log))
    log.unlink()
    return tasks, lines


def _task_lines(setting: str, log: Path) -> Iterator[TaskLine]:
    tasks = sorted((task for task in tasks_of(log) if task.label.count("/") == 2), key=lambda task: task.start)
    stages: dict[str, list[int]] = {}
    for task in tasks:
        known = stages.setdefault(task.label, [])
        if task.stage not in known:
            known.append(task.stage)
        run, call, step = task.label.split("/")
        yield TaskLine(
            setting, run, int(call), step, known.index(task.stage), round(1e3 * (task.end - task.start)),
            round(1e3 * task.cpu_s, 1), round(1e3 * task.gc_s), task.input_rows, task.input_bytes, task.read_rows,
            task.read_bytes, task.written_rows, task.written_bytes, task.result_bytes, task.memory_bytes,
            task.spilled_bytes, round(1e3 * (task.start - tasks[0].start)),
        )  # fmt: skip


@contextmanager
def _cluster(work: Path, *, standalone: bool) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the master's address and the environment; start a cluster of two workers of a core each where asked."""
    if not standalone:
        yield "local[2]", dict(os.environ)
        return
    from tests.engines.cluster import standalone as standalone_cluster

    with (
        tempfile.TemporaryDirectory(dir=work.resolve()) as folder,
        standalone_cluster(Path(folder), memory=1_500, java="-XX:+UseG1GC") as running,
    ):
        yield running.address, dict(running.environment)


def inputs() -> str:
    """Name versions and machine."""
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S607  asked for by name
    named = ", ".join(f"{name} {version(name)}" for name in ("pyspark", "pyarrow", "numpy"))
    return f"{named}, Java {java.split(chr(34))[1]}, Python {platform.python_version()}, {os.cpu_count()} cores"


def write(lines: Sequence[Any], path: Path) -> None:
    """Write lines of one kind, whole or not at all."""
    staged = path.with_suffix(".part")
    with staged.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow([field.name for field in fields(lines[0])])
        rows.writerows(astuple(line) for line in lines)
    staged.replace(path)


def read_tasks(path: Path = TASKS) -> list[TaskLine]:
    """Read the tasks that were kept."""
    return read(TaskLine, path)


def read_calls(path: Path = CALLS) -> list[CallLine]:
    """Read the calls that were kept."""
    return read(CallLine, path)


def read_columns(path: Path = COLUMNS) -> list[ColumnLine]:
    """Read the sizes of columns that were kept."""
    return read(ColumnLine, path)


def read(kind: Any, path: Path) -> list[Any]:  # noqa: ANN401  a kind of line
    """Read lines of a kind, as `write` wrote them."""
    kinds: Mapping[str, Any] = {field.name: field.type for field in fields(kind)}
    with path.open(newline="", encoding="utf-8") as file:
        return [kind(**{name: kinds[name](cell) for name, cell in row.items()}) for row in csv.DictReader(file)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every setting, or some again."""
    parser = argparse.ArgumentParser(prog="python -m studies.cluster.measure", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="this setting alone; others stay as they are")
    parser.add_argument("--work", type=Path, default=Path("build/cluster"), help="where archives are made")
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    chosen = [asked for asked in ASKED if not options.only or asked.name in options.only]
    again = {asked.name for asked in chosen}
    tasks = [line for line in read_tasks() if line.setting not in again] if TASKS.exists() else []
    calls = [line for line in read_calls() if line.setting not in again] if CALLS.exists() else []
    for asked in chosen:
        more_tasks, more_calls = measure(asked, options.work)
        tasks, calls = tasks + more_tasks, calls + more_calls
        print(f"{asked.name}: {len(more_tasks)} tasks, {sum(line.wall_s for line in more_calls):.0f} s", flush=True)
        write(tasks, TASKS)
        write(calls, CALLS)
    sizes = [
        ColumnLine(rows, order, column, size)
        for rows, order in dict.fromkeys((asked.rows, asked.order) for asked in ASKED)
        for column, size in column_bytes(make_archive(options.work, rows, order)).items()
    ]
    write(sizes, COLUMNS)


if __name__ == "__main__":
    main()
