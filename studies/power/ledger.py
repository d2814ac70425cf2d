"""The file of results: one line for each world, block of replications and method, written when the block is done.

A killed study loses the block it was in; a line cut short by the kill is dropped with its block on the next reading.
"""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from studies.power.battery import Answer


@dataclass(frozen=True)
class Line:
    """What one method answered on one block of panels."""

    world: str
    battery: str
    """What was asked together."""
    first: int
    """First replication of the block: panels are drawn with the seeds (CRC-32 of the world's name, replication)."""
    replications: int
    """Panels in the block."""
    method: str
    refused: int
    """Panels on which no number was given."""
    rejected: int
    """Panels on which the method said that something happened, p below 5 %."""
    fell: int
    """Those on which it said that uploads fell (or, of a hazard, that it did)."""
    ranked: int
    """Panels rejected by the rank of the event among the placebos."""
    believed: int
    """Panels on which the verdict would rest on it."""
    covered: int
    """Panels whose 95 % interval held the true value."""
    truth: float
    """That value, in log points; NaN where it is not known."""
    truth_error: float
    """Monte Carlo error of that value."""
    estimate_sum: float
    """Sum of the estimates."""
    estimate_squares: float
    """Sum of their squares."""
    se_sum: float
    """Sum of the standard errors."""
    lines: int
    """Lines of the block in this file, by which a block cut short is known."""
    seconds: float
    """CPU seconds of the block, drawing and asking."""
    parameters: str
    """Numbers of the world that differ from `Population()`."""
    versions: str
    code: str
    """First digits of the SHA-256 of the modules that were measured."""


COLUMNS = tuple(field.name for field in fields(Line))
Block = tuple[str, str, int, int]


def counted(answers: Sequence[Answer], truth: float, error: float) -> dict[str, Any]:
    """Count what one method answered: the columns from `refused` to `se_sum`."""
    given = [answer for answer in answers if not answer.refused]
    return {
        "refused": len(answers) - len(given),
        "rejected": sum(answer.rejects for answer in given),
        "fell": sum(answer.rejects and answer.estimate < 0 for answer in given),
        "ranked": sum(answer.rejects_by_rank for answer in given),
        "believed": sum(answer.believed for answer in given),
        "covered": sum(answer.covers(truth) for answer in given),
        "truth": truth,
        "truth_error": error,
        "estimate_sum": float(sum(answer.estimate for answer in given)),
        "estimate_squares": float(sum(answer.estimate**2 for answer in given)),
        "se_sum": float(sum(answer.se for answer in given)),
    }


def read(path: Path) -> list[Line]:
    """Read the lines of all whole blocks; none where there is no file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[name] not in (None, "") for name in COLUMNS)]
    lines = [_line(row) for row in rows]
    there: dict[Block, int] = {}
    for line in lines:
        there[block_of(line)] = there.get(block_of(line), 0) + 1
    return [line for line in lines if there[block_of(line)] == line.lines]


def append(path: Path, lines: Iterable[Line]) -> None:
    """Write the lines of one block at once and see them onto the disk."""
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows({name: _text(value) for name, value in asdict(line).items()} for line in lines)
        file.flush()
        os.fsync(file.fileno())


def rewrite(path: Path, lines: Iterable[Line]) -> None:
    """Put a file with these lines in the place of the old one."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    append(fresh, lines)
    fresh.replace(path)


def block_of(line: Line) -> Block:
    """Name the block that a line belongs to."""
    return line.world, line.battery, line.first, line.replications


def _text(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value


def _line(row: Mapping[str, str]) -> Line:
    kinds = {field.name: field.type for field in fields(Line)}
    return Line(**{name: kinds[name](row[name]) for name in COLUMNS})  # type: ignore[operator]
