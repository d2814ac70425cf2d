"""A supply read from a CSV file: human and synthetic works by generation or month."""

import csv
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from precipice.errors import InputError
from precipice.loops.feed import Feed, series
from precipice.months import parse_month


def read_feed(path: Path, *, months: int = 1) -> Feed:
    """Read a supply with the columns generation (or month), human, synthetic; the first generation is number 0.

    Args:
        path: a CSV file.
        months: lines that make a generation.

    Raises:
        InputError: it cannot be read as one; says the line.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            "the supply cannot be read", where=str(path), why=str(error), fix="give a CSV file with a header",
        ) from error  # fmt: skip
    return from_rows(rows, str(path), months=months)


def from_rows(rows: Sequence[Mapping[str, Any]], where: str, *, months: int = 1) -> Feed:
    """Feed generations from rows with the columns `human` and `synthetic`, in order of `generation` or `month`.

    Args:
        rows: one for each generation or month.
        where: the file, for errors.
        months: rows that make a generation.

    Raises:
        InputError: a column is missing, a cell is no number, or the order has gaps.
    """
    names = list(rows[0]) if rows else []
    order = next((name for name in ("generation", "month") if name in names), None)
    missing = [name for name in ("human", "synthetic") if name not in names]
    if missing or order is None:
        raise InputError(
            f"column '{missing[0] if missing else 'generation'}' is missing",
            where=f"{where}:1",
            why=f"the header has: {', '.join(names) or 'nothing'}",
            fix="give the columns generation (or month), human, synthetic",
        )
    amounts: dict[str, list[float]] = {"human": [], "synthetic": []}
    places: list[int] = []
    for line, row in enumerate(rows, 2):
        for name, cells in amounts.items():
            cells.append(_number(row[name], name, f"{where}:{line}"))
        place = row[order]
        places.append(parse_month(place, where=f"{where}:{line}") if order == "month"
                      else int(_number(place, order, f"{where}:{line}")))  # fmt: skip
    gaps = [i for i, (one, other) in enumerate(pairwise(places)) if other != one + 1]
    if gaps:
        raise InputError(
            f"the {order}s do not follow each other",
            where=f"{where}:{gaps[0] + 3}",
            why=f"after {rows[gaps[0]][order]} comes {rows[gaps[0] + 1][order]}",
            fix=f"sort the rows and give every {order}, with 0 where there was nothing",
        )
    return series(amounts["human"], amounts["synthetic"], months=months, words=where)


def _number(cell: object, name: str, where: str) -> float:
    try:
        return float(str(cell).replace("_", ""))
    except ValueError as error:
        raise InputError(
            f"cannot read '{cell}' as a number of works", where=where, why=f"it stands in column '{name}'",
            fix="write plain digits, such as 1200",
        ) from error  # fmt: skip
