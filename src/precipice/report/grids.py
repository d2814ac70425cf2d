"""Tables as the page shows them: every cell a text, numbers withheld as `<5`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from precipice.months import month_text
from precipice.report.figure import Figure
from precipice.report.look import platform_name
from precipice.report.sizes import Size
from precipice.report.tables import FEW
from precipice.report.wording import amount, plural

UNFINISHED = "†"
"""Marks a number whose months were not observed throughout."""
LONGEST = 300
"""Rows of a table of effects that the page shows."""
NONE = "–"
"""Stands where there is nothing: a cohort that cannot exist yet, a platform that was not observed."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Grid:
    """A table for reading: the first column names its rows."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def figure_grid(figure: Figure) -> Grid:
    """Give a figure's numbers for reading."""
    rows = figure.table().to_pylist()
    if rows and "share_active" in rows[0]:
        return _kept_grid(figure, rows)
    measure = next((name for name in (rows[0] if rows else ()) if name.endswith("_a_month")), None)
    if measure is None:
        notes = (f"The first {LONGEST} of {len(rows):,} rows; all are in the files.",) if len(rows) > LONGEST else ()
        shown = tuple(tuple(map(_cell, row.values())) for row in rows[:LONGEST])
        return Grid(figure.title, tuple(figure.table().column_names), shown, notes)
    by = "platform" if len({row["platform"] for row in rows}) > 1 else "cohort"
    keys = list(dict.fromkeys(row[by] for row in rows))
    names = tuple(platform_name(key) if by == "platform" else plural(key) for key in keys)
    cells = {(row["period"], row[by]): _line_cell(row, measure) for row in rows}
    periods = sorted({row["period"] for row in rows})
    body = tuple((period, *(cells.get((period, key), NONE) for key in keys)) for period in periods)
    marked = any(UNFINISHED in cell for line in body for cell in line)
    notes = (f"{UNFINISHED} not observed throughout",) if marked else ()
    return Grid(figure.title, ("months", *names), body, notes)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}".replace("-", "−")
    return NONE if value is None else str(value)


def _line_cell(row: Row, measure: str) -> str:
    if row["status"] != "given":
        return str(row["status"])
    low, high = row[measure.replace("_a_month", "_low")], row[measure.replace("_a_month", "_high")]
    limits = "" if low is None else f" ({amount(low)}–{amount(high)})"
    return amount(row[measure]) + limits + ("" if row["complete"] else f" {UNFINISHED}")


def _kept_grid(figure: Figure, rows: Sequence[Row]) -> Grid:
    bins = list(dict.fromkeys((row["months_since_from"], row["months_since_to"]) for row in rows))
    sizes = {row["first_upload"]: row["creators"] for row in rows}
    cells = {(row["first_upload"], row["months_since_from"]): _share_cell(row) for row in rows}
    body = tuple(
        (name, NONE if size is None else f"{size:,}", *(cells.get((name, start), NONE) for start, _ in bins))
        for name, size in sizes.items()
    )
    return Grid(figure.title, ("first upload", "began", *(f"{start}–{end}" for start, end in sorted(bins))), body)


def _share_cell(row: Row) -> str:
    return FEW if row["status"] != "given" else f"{100 * row['share_active']:.0f} %"


def sizes_grid(sizes: Iterable[Size], capped: str) -> Grid:
    """Give the cohorts of all platforms: creators, uploads, capped uploads, first and last month.

    Args:
        sizes: the cohorts.
        capped: heading of the capped uploads.
    """
    header = ("platform", "cohort", "creators", "uploads", capped, "first month", "last month")
    return Grid("Cohorts", header, tuple(_size_row(size) for size in sizes))


def _size_row(size: Size) -> tuple[str, ...]:
    pairs = ((size.uploads, size.withheld), (size.capped, size.capped_withheld))
    counts = [NONE if count is None else f"{'≥ ' if hidden else ''}{count:,}" for count, hidden in pairs]
    months = [NONE if month is None else month_text(month) for month in (size.first, size.last)]
    creators = FEW if size.creators is None else f"{size.creators:,}"
    return (platform_name(size.platform), size.cohort, creators, *counts, *months)
