"""One run on Spark in a process of its own, through the library's own steps, each of its queries labelled and timed.

    python -m studies.cluster.watched SETTING.json

Prints one JSON document: the calls, and where Spark wrote its log of events.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from precipice.archive import Limits
from precipice.archive.engines import ENGINES, Engine
from precipice.archive.engines.protocol import Columns, Frame, Numbers

STEPS = {
    ("creator", "i", "month", "n"): "cells",
    ("creator", "month", "n"): "cells",
    ("creator", "followers", "i"): "followers",
    ("platform", "read", "uploads"): "rows",
    ("creator", "i", "month", "words"): "tag months",
    ("code", "row"): "tag words",
    ("last", "platform"): "last",
    ("uploads",): "rows",
    ("tagged", "uploads"): "tagged",
    ("tag", "uploads"): "tags",
    ("id",): "repeats",
}
"""What a query is for, by the columns that it is asked for."""


@dataclass(frozen=True)
class Setting:
    """What is run, and on what."""

    name: str
    rows: int
    order: str
    archive: str
    split_mb: int
    """Most bytes of files that a task reads, in MiB."""
    partitions: int
    """Of the shuffle."""
    master: str = "local[2]"
    memory: str = "3g"
    repeats: int = 3
    tags: bool = False


@dataclass(frozen=True)
class Call:
    """One question to the engine."""

    run: str
    """`reduce` or `tags`, and which repeat: the first meets a cold machine."""
    step: str
    wall_s: float
    after_s: float
    """Until the next question, or the end: what this process did with the answer."""
    rows: int
    """Rows that came back."""
    own_cpu_s: float
    """CPU seconds of this process meanwhile."""
    java_cpu_s: float
    """The same of the driver's Java, in which `local` runs tasks too."""
    after_cpu_s: float
    """CPU seconds of this process until the next question."""
    peak_mb: float
    """The most memory that this process has held by then."""


class Watched:
    """An engine that says what it is asked, and how long it takes."""

    def __init__(self, engine: Engine, calls: list[Call], run: str) -> None:
        """Take the engine and the list that calls go to."""
        self.engine, self.calls, self.run = engine, calls, run
        self.last, self.last_cpu = time.perf_counter(), time.process_time()
        context = engine.session.sparkContext  # type: ignore[attr-defined]
        self.java: int = context._gateway.proc.pid  # noqa: SLF001  Python has no other door to it

    @contextmanager
    def watch(self, step: str) -> Iterator[list[int]]:
        """Time a call; its number of rows is put into what is given."""
        self.close()
        context = self.engine.session.sparkContext  # type: ignore[attr-defined]
        context.setJobDescription(f"{self.run}/{len(self.calls)}/{step}")
        began, cpu, java, rows = time.perf_counter(), time.process_time(), cpu_of(self.java), [0]
        yield rows
        self.last, self.last_cpu = time.perf_counter(), time.process_time()
        self.calls.append(
            Call(
                self.run, step, self.last - began, 0.0, rows[0], self.last_cpu - cpu, cpu_of(self.java) - java, 0.0, 0.0
            )
        )

    def close(self) -> None:
        """Add the time since the last answer to the call that gave it."""
        if self.calls and self.calls[-1].run == self.run:
            after, cpu = time.perf_counter() - self.last, time.process_time() - self.last_cpu
            self.calls[-1] = replace(self.calls[-1], after_s=after, after_cpu_s=cpu, peak_mb=peak_mb())

    def uploads(self, files: Sequence[Path]) -> Frame:
        """See `Engine`."""
        with self.watch("files"):
            return self.engine.uploads(files)

    def table(self, columns: Columns) -> Frame:
        """See `Engine`."""
        with self.watch("table"):
            return self.engine.table(columns)

    def stored(self, frame: Frame) -> Frame:
        """See `Engine`."""
        with self.watch("stored"):
            return self.engine.stored(frame)

    def numbers(self, frame: Frame) -> Numbers:
        """See `Engine`."""
        with self.watch(_step(frame)) as rows:
            found = self.engine.numbers(frame)
            rows[0] = len(next(iter(found.values())))
        return found

    def rows(self, frame: Frame) -> list[tuple[Any, ...]]:
        """See `Engine`."""
        with self.watch(_step(frame)) as rows:
            found = self.engine.rows(frame)
            rows[0] = len(found)
        return found

    def batches(self, frame: Frame, size: int) -> Iterator[Numbers]:
        """See `Engine`."""
        yield self.numbers(frame)


def peak_mb() -> float:
    """Give the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def cpu_of(process: int) -> float:
    """Give the CPU seconds that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _step(frame: Frame) -> str:
    return STEPS[tuple(sorted(frame.collect_schema().names()))]


def run(setting: Setting, logs: Path) -> dict[str, Any]:
    """Reduce an archive, count its tags where asked, and say what was called."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName(setting.name).master(setting.master)
    for key, value in settings_of(setting, logs).items():
        builder = builder.config(key, value)
    began = time.perf_counter()
    session = builder.getOrCreate()
    if not setting.master.startswith("local"):
        _wait_for_executors(session)
    started, calls, walls = time.perf_counter() - began, list[Call](), list[tuple[str, float]]()
    archive = Path(setting.archive)
    for kind, work in (("reduce", _reduce), ("tags", _count_tags)):
        for repeat in range(setting.repeats if kind == "reduce" or setting.tags else 0):
            with watching(calls, f"{kind} {repeat}") as limits:
                began = time.perf_counter()
                work(archive, limits)
                walls.append((f"{kind} {repeat}", time.perf_counter() - began))
    log = logs / session.sparkContext.applicationId
    session.stop()
    return {"setting": asdict(setting), "started_s": started, "walls": walls, "calls": [asdict(call) for call in calls],
            "log": str(log)}  # fmt: skip


def settings_of(setting: Setting, logs: Path) -> dict[str, str]:
    """Give Spark's settings: those of the measurement, and the few that the library itself sets."""
    return {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": logs.resolve().as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
        "spark.driver.memory": setting.memory,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.maxResultSize": "0",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(setting.partitions),
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.adaptive.coalescePartitions.enabled": "false",  # as many as asked for, or nothing could be fitted
        "spark.sql.files.maxPartitionBytes": f"{setting.split_mb}m",
        "spark.sql.files.openCostInBytes": "0",
        "spark.sql.files.minPartitionNum": "1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }


@contextmanager
def watching(calls: list[Call], name: str) -> Iterator[Limits]:
    """Register an engine that watches Spark's, for one run."""

    @contextmanager
    def opener(limits: Limits, folder: Path) -> Iterator[Engine]:
        with ENGINES["spark"](replace(limits, engine="spark"), folder) as engine:
            watched = Watched(engine, calls, name)
            yield watched
            watched.close()

    registry: Any = ENGINES
    registry["watched"] = opener
    yield Limits(engine="watched")
    del registry["watched"]


def _reduce(archive: Path, limits: Limits) -> None:
    from precipice.archive import reduce

    for table in archive.glob("monthly-*"):
        table.unlink()
    reduce(archive, limits=limits)


def _count_tags(archive: Path, limits: Limits) -> None:
    from precipice.archive.tag_counts import count_tags

    count_tags(archive, limits=limits)


def _wait_for_executors(session: Any) -> None:  # noqa: ANN401  a classic session
    # Python has no other door to it; the driver counts as one.
    while len(session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) < 3:  # noqa: SLF001
        time.sleep(0.1)


def main() -> None:
    """Read the setting, run it, print what was called."""
    given = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps(run(Setting(**given["setting"]), Path(given["logs"]))))


if __name__ == "__main__":
    main()
