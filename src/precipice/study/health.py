"""What this machine has and a study needs: versions, engines, memory, disk; and what a study of some size will take."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from precipice.archive.engine import bytes_of
from precipice.archive.engines.probing import PARTS, asked, installed
from precipice.errors import InputError
from precipice.study.ledger import software
from precipice.study.opening import ARCHIVE, limits_of
from precipice.study.rates import RATES, Rates
from precipice.study.settings import Study

Verdict = Literal["fine", "not used", "short", "missing"]
LEAST_FREE = 1e9  # bytes of a disk, below which it is called short
SPARE = 1.2  # of what is measured: room for what other studies hold more of


@dataclass(frozen=True)
class Line:
    """One thing that was looked at."""

    what: str
    found: str
    verdict: Verdict
    """`short` and `missing` stand in the way of the study; `not used` does not."""
    fix: str = ""


@dataclass(frozen=True)
class Need:
    """What a study of some size takes, from measured rates."""

    uploads: int
    engine: str
    cores: int
    cells: int
    """Creators' months with an upload."""
    ingest_s: float
    """Wall seconds to take the uploads in from JSON Lines, by the embedded engine."""
    reduce_s: float
    """Wall seconds to reduce them once, on all cores."""
    archive_bytes: int
    spill_bytes: int
    """Free disk for the engine's spill folder."""
    memory_bytes: int
    """Memory of this process: the panel while it is put in order, and the engine's own limit where it is embedded."""
    source: str
    """Where the rates were measured."""


def examine(folder: Path, study: Study) -> list[Line]:
    """Look at all that a study needs; the engine it names is asked for a row, the others are not started."""
    lines = [Line(name, number, "fine") for name, number in software().items() if name in ("python", "precipice")]
    limits = limits_of(study, folder)
    mine = "sail" if study.engine.master == "sail" else study.engine.name
    for name in PARTS:
        reach = installed(name)
        if name == mine and reach.reachable:
            answer = asked(limits, folder / ARCHIVE)
            found = f"{reach.words}; {answer.words}"
            lines.append(Line(f"engine {name}", found, "fine" if answer.reachable else "missing", answer.fix))
        elif name == mine:
            lines.append(Line(f"engine {name}", reach.words, "missing", reach.fix))
        else:
            lines.append(Line(f"engine {name}", reach.words, "not used", "" if reach.reachable else reach.fix))
    return [*lines, _memory(study), *_disks(folder, study), _font()]


def _memory(study: Study) -> Line:
    free, asked_for = free_memory(), bytes_of(study.engine.memory)
    embedded = study.engine.name == "duckdb"
    short = embedded and asked_for > free
    return Line(
        "memory",
        f"{size(free)} free; [engine] memory is {study.engine.memory}",
        "short" if short else "fine",
        "lower [engine] memory, or close something" if short else "",
    )


def _disks(folder: Path, study: Study) -> list[Line]:
    places = {"disk of the study": folder, "disk of the spill folder": _spill(folder, study)}
    return [
        Line(what, f"{size(free)} free", "fine" if free > LEAST_FREE else "short",
             "" if free > LEAST_FREE else "make room, or set [engine] spill to another disk")
        for what, free in ((what, free_disk(place)) for what, place in places.items())
    ]  # fmt: skip


def _spill(folder: Path, study: Study) -> Path:
    return limits_of(study, folder).spill or folder / ARCHIVE / "spill"


def _font() -> Line:
    place = shutil.which("fc-match")
    if place is None:
        return Line("font of figures", "not known: there is no fontconfig", "not used")
    said = subprocess.run([place, "Arial", "family"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  from the path
    right = said.startswith(("Arial", "Liberation Sans", "Arimo", "Helvetica"))
    fix = "" if right else "install Liberation Sans (fonts-liberation): labels may overlap in wider letters"
    return Line("font of figures", f"{said or 'none'} in the place of Arial", "fine" if right else "not used", fix)


def weigh(need: Need, folder: Path, study: Study) -> list[Line]:
    """Hold what a study takes against what this machine has."""
    found = []
    for what, wanted, free, fix in (
        ("memory for the panel", need.memory_bytes, free_memory(), "reduce on a machine with more memory"),
        ("disk for the archive", need.archive_bytes, free_disk(folder), "put the study on a larger disk"),
        (
            "disk for spilling",
            need.spill_bytes,
            free_disk(_spill(folder, study)),
            "set [engine] spill to a larger disk",
        ),
    ):
        fits = wanted <= free
        words = f"{size(wanted)} needed, {size(free)} free"
        found.append(Line(what, words, "fine" if fits else "short", "" if fits else fix))
    return found


def estimate(uploads: int, study: Study, cores: int | None = None) -> Need:
    """Say what so many uploads take, in proportion to what was measured.

    Args:
        uploads: how many.
        study: its engine and limits.
        cores: those the engine has; None for this machine's.

    Raises:
        InputError: nothing was measured of this engine.
    """
    name = "sail" if study.engine.master == "sail" else study.engine.name
    if name not in RATES:
        raise InputError(
            f"nothing was measured of '{name}'",
            why=f"there are rates of {', '.join(RATES)}",
            fix=f"ask for one of those:  --engine {next(iter(RATES))}",
        )
    rates: Rates = RATES[name]
    cores = cores or os.cpu_count() or 1
    own = min(cores, os.cpu_count() or 1)  # the rate is the embedded engine's, on this machine
    cells = round(uploads * rates.cells)
    limit = bytes_of(study.engine.memory) if name == "duckdb" else 0
    return Need(
        uploads=uploads,
        engine=name,
        cores=cores,
        cells=cells,
        ingest_s=uploads * rates.ingest_us / 1e6 / own,
        reduce_s=rates.start_s + uploads * (rates.reduce_us / cores + rates.driver_us) / 1e6,
        archive_bytes=round(uploads * rates.archive_bytes * SPARE),
        spill_bytes=round(uploads * rates.spill_bytes * SPARE),
        memory_bytes=round(rates.process_bytes + cells * rates.cell_bytes * SPARE + limit),
        source=rates.source,
    )


def free_memory() -> float:
    """Give the bytes that this machine could still give."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable"):
                return float(line.split()[1]) * 1024
    except OSError:
        pass
    if platform.system() == "Windows":
        return float("inf")  # not known, and no reason to stop
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def free_disk(place: Path) -> float:
    """Give the free bytes of the disk on which a folder lies or would."""
    place = place.resolve()
    while not place.exists():
        place = place.parent
    return float(shutil.disk_usage(place).free)


def size(number: float) -> str:
    """Write a number of bytes for reading."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if number >= factor:
            return f"{number / factor:,.1f} {unit}"
    return f"{number / 1e3:,.0f} kB"


def duration(seconds: float) -> str:
    """Write a duration for reading."""
    for unit, factor in (("days", 86_400.0), ("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 2 * factor:
            return f"{seconds / factor:,.1f} {unit}"
    return f"{seconds:,.1f} seconds"
