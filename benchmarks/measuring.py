"""Measure commands, each as a process of its own: CPU seconds, wall seconds and peak memory.

This module and those that call it import nothing heavy: a process starts with the peak memory of the one that
started it, so a large one here would show in every reading.
"""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

KIB = 1024
MEGABYTE = 1_000_000
LEAST_NOISE = 0.05  # CPU seconds

ENVIRONMENT = {
    "PRECIPICE_KEY": "5ee4" * 16,  # one key for every run, so that pseudonyms can be recomputed and compared
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "",  # as at a user's, whose modules are compiled once
}


@dataclass(frozen=True)
class Place:
    """A folder with one input and whatever is made of it."""

    folder: Path
    dump: Path
    """JSON Lines."""
    rows: int
    """Posts in the dump."""
    sample_rows: int
    """Posts in the head of the dump that slow ways are given."""
    creators: int
    """Creators in the panel for the bands."""

    @property
    def study(self) -> Path:
        """The study's folder."""
        return self.folder / "study"

    @property
    def sample(self) -> Path:
        """The head of the dump."""
        return self.folder / "sample.jsonl"

    @property
    def panel(self) -> Path:
        """The panel for the bands."""
        return self.folder / "panel.npz"

    def output(self, stage: str, way: str, suffix: str = "json") -> Path:
        """What one way of one stage gave."""
        return self.folder / f"{stage}-{way}.{suffix}"


@dataclass(frozen=True)
class Way:
    """One way to do a stage's work."""

    name: str
    words: str
    """What it is, for the results."""
    command: Callable[[Place], Sequence[str]]
    """Its words; what it prints becomes `Place.output(stage, name)`."""
    prepare: Callable[[Place], None] = field(default=lambda place: None)
    """Brings the place into the state that the way starts from; not measured."""
    times: float = 1.0
    """How often the work compared holds the work done: 50 where 20 replicates stand for 1,000."""


@dataclass(frozen=True)
class Reading:
    """What one process took."""

    cpu: float
    """Seconds, user and system, of the process and all that it started and waited for."""
    wall: float
    """Seconds."""
    peak: float
    """Largest resident memory, in megabytes (10^6 bytes)."""


@dataclass(frozen=True)
class Measured:
    """All readings of one way."""

    way: Way
    readings: tuple[Reading, ...]
    startup: tuple[Reading, ...]
    """The same command on an input of a few rows; empty if that was not measured."""

    @property
    def cpu(self) -> float:
        """CPU seconds, start-up included: the median, times `Way.times`."""
        return self.started + self.net

    @property
    def started(self) -> float:
        """CPU seconds of the start-up: the median; 0 where it was not measured."""
        return statistics.median(reading.cpu for reading in self.startup) if self.startup else 0.0

    @property
    def net(self) -> float:
        """CPU seconds without the start-up: the median, times `Way.times`."""
        return (statistics.median(reading.cpu for reading in self.readings) - self.started) * self.way.times

    @property
    def noise(self) -> float:
        """What `net` cannot be told from: how far apart the start-ups lay, times `Way.times`."""
        started = [reading.cpu for reading in self.startup] or [0.0]
        return max(max(started) - min(started), LEAST_NOISE) * self.way.times

    @property
    def counted(self) -> float:
        """What `net` counts as: itself, or the noise where it is lost in that."""
        return max(self.net, self.noise)

    @property
    def wall(self) -> float:
        """Wall seconds as run: the median."""
        return statistics.median(reading.wall for reading in self.readings)

    @property
    def peak(self) -> float:
        """Peak memory in megabytes: the largest of all runs."""
        return max(reading.peak for reading in self.readings)


def measure(command: Sequence[str], output: Path) -> Reading:
    """Run a command to its end, with what it prints in a file.

    Raises:
        RuntimeError: it failed; its last words are in the message.
    """
    words = output.with_suffix(".err")
    with output.open("wb") as out, words.open("wb") as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **ENVIRONMENT})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        last = words.read_text(errors="replace")[-2_000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{last}")
    words.unlink()
    return Reading(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * KIB / MEGABYTE)


def take_turns(
    stage: str, ways: Sequence[Way], place: Place, few: Place | None, repeats: int
) -> Mapping[str, Measured]:
    """Measure ways in turn, A B A B …, so that a busy minute of the machine does not fall on one of them alone.

    Args:
        stage: its name.
        ways: what to measure.
        place: the input.
        few: an input of a few rows, for the start-up, measured before and after each run; None to leave that out.
        repeats: runs of each way.
    """
    readings: dict[str, list[Reading]] = {way.name: [] for way in ways}
    startup: dict[str, list[Reading]] = {way.name: [] for way in ways}
    for turn in range(repeats):
        for way in ways:
            for at in (few, place, few):
                if at is not None:
                    (readings if at is place else startup)[way.name].append(_measure(stage, way, at))
            reading = readings[way.name][-1]
            print(
                f"{stage} {way.name} {turn + 1}/{repeats}: {reading.cpu:.2f} CPU-s, {reading.wall:.1f} s,"
                f" {reading.peak:.0f} MB",
                flush=True,
            )
    return {way.name: Measured(way, tuple(readings[way.name]), tuple(startup[way.name])) for way in ways}


def _measure(stage: str, way: Way, place: Place) -> Reading:
    way.prepare(place)
    return measure(way.command(place), place.output(stage, way.name))
