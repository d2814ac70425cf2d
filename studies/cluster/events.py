"""Tasks out of the log of events that Spark writes of a session."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Task:
    """One task that ended well."""

    label: str
    """What the program said it was doing (`setJobDescription`)."""
    stage: int
    """Its stage's number in the session."""
    start: float
    """Seconds since 1970."""
    end: float
    run_s: float
    """Wall seconds that it ran, reading and waiting included, without its start."""
    cpu_s: float
    """CPU seconds of its thread."""
    start_s: float
    """Seconds from launch to running: reading the task's code."""
    gc_s: float
    """Seconds in which the whole executor collected garbage meanwhile."""
    input_bytes: int
    input_rows: int
    read_bytes: int
    """Out of the shuffle."""
    read_rows: int
    written_bytes: int
    """Into the shuffle."""
    written_rows: int
    result_bytes: int
    """To the driver."""
    memory_bytes: int
    """The most that its aggregations and sorts held."""
    spilled_bytes: int
    """To disk."""


def tasks_of(log: Path) -> Iterator[Task]:
    """Read the tasks of a log of events, in the order in which they ended."""
    labels: dict[int, str] = {}
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            if event["Event"] == "SparkListenerJobStart":
                said = event["Properties"].get("spark.job.description", "")
                labels |= dict.fromkeys(event["Stage IDs"], said)
            elif event["Event"] == "SparkListenerTaskEnd" and event["Task End Reason"]["Reason"] == "Success":
                yield _task(event, labels[event["Stage ID"]])


def _task(event: dict[str, Any], label: str) -> Task:
    info, found = event["Task Info"], event["Task Metrics"]
    read, written = found["Shuffle Read Metrics"], found["Shuffle Write Metrics"]
    return Task(
        label=label,
        stage=event["Stage ID"],
        start=info["Launch Time"] / 1e3,
        end=info["Finish Time"] / 1e3,
        run_s=found["Executor Run Time"] / 1e3,
        cpu_s=found["Executor CPU Time"] / 1e9,
        start_s=found["Executor Deserialize Time"] / 1e3,
        gc_s=found["JVM GC Time"] / 1e3,
        input_bytes=found["Input Metrics"]["Bytes Read"],
        input_rows=found["Input Metrics"]["Records Read"],
        read_bytes=read["Remote Bytes Read"] + read["Local Bytes Read"],
        read_rows=read["Total Records Read"],
        written_bytes=written["Shuffle Bytes Written"],
        written_rows=written["Shuffle Records Written"],
        result_bytes=found["Result Size"],
        memory_bytes=found["Peak Execution Memory"],
        spilled_bytes=found["Disk Bytes Spilled"],
    )
