"""A plain table of creators and months, turned into a panel: others' panels and simulated worlds go straight in."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from precipice.effects.sample import Index
from precipice.errors import InputError
from precipice.months import parse_month
from precipice.panel import Panel, Window, panel_of

EARLIEST, LATEST = 12 * 1900, 12 * 2200  # years within which a whole number is taken as a month


def from_panel(frame: Any, *, begins: bool = False, complete: bool = True) -> Panel:  # noqa: ANN401  any table
    """Read a table with one row a creator and month.

    Args:
        frame: columns `creator`, `month`, `uploads` and, if there are several, `platform`: a mapping of arrays, or a
            pyarrow, pandas or polars table.  Months are `YYYY-MM`, dates, or whole numbers as in `precipice.months`;
            rows without uploads may be there or not; several rows of one creator and month are added up.
        begins: True where the history is known to begin with the first month, so that first uploads are true.
        complete: True where the last month was observed to its end.

    Raises:
        InputError: a column is missing, lengths differ, a month cannot be read, or an upload count is no whole number.
    """
    creators, months, uploads = (_column(frame, name) for name in ("creator", "month", "uploads"))
    names = _names(frame)
    labels = _column(frame, "platform") if "platform" in names else np.full(len(creators), "panel", object)
    if len({len(creators), len(months), len(uploads), len(labels)}) > 1:
        raise InputError("the columns differ in length", fix="one entry a row in each of them")
    counts, month = _counts(uploads), _months(months)
    platforms, platform = np.unique(labels.astype(str), return_inverse=True)
    _, creator = np.unique(creators.astype(str), return_inverse=True)
    windows = {
        str(name): Window(int(seen.min()), int(seen.max()), not begins, not complete)
        for index, name in enumerate(platforms)
        if len(seen := month[platform == index])
    }
    kept = counts > 0
    return panel_of(
        tuple(str(name) for name in platforms), platform[kept], creator[kept], month[kept], counts[kept],
        windows=windows, origin="table",
    )  # fmt: skip


def _names(frame: Any) -> list[str]:  # noqa: ANN401  any table
    return list(
        frame.column_names if hasattr(frame, "column_names") else frame if isinstance(frame, Mapping) else frame.columns
    )


def _column(frame: Any, name: str) -> Any:  # noqa: ANN401  an array of whatever the column holds
    names = _names(frame)
    if name not in names:
        raise InputError(
            f"column '{name}' is missing",
            why=f"the table has: {', '.join(map(str, names))}",
            fix="creator, month and uploads are needed, and platform if there are several",
        )
    return np.asarray(frame[name])


def _counts(uploads: Any) -> Index:  # noqa: ANN401  an array of whatever the column holds
    try:
        numbers = uploads.astype(np.float64)
    except (TypeError, ValueError):
        numbers = np.full(len(uploads), np.nan)
    if not (np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))).all():
        raise InputError("an upload count is no whole number of 0 or more", fix="count uploads by creator and month")
    counts: Index = numbers.astype(np.int64)
    return counts


def _months(months: Any) -> Index:  # noqa: ANN401  an array of whatever the column holds
    if np.issubdtype(months.dtype, np.integer):
        found = months.astype(np.int64)
        if len(found) and not EARLIEST <= int(found.min()) <= int(found.max()) < LATEST:
            raise InputError(
                f"{int(found[0])} is no month",
                why="whole numbers count months as 12 × year + month − 1",
                fix="write months YYYY-MM",
            )
        return found  # type: ignore[no-any-return]
    if not np.issubdtype(months.dtype, np.datetime64):
        distinct, places = np.unique(months.astype(str), return_inverse=True)
        return np.array([parse_month(text[:7], where="column month") for text in distinct], np.int64)[places]
    since_1970: Index = months.astype("datetime64[M]").astype(np.int64)
    return since_1970 + 12 * 1970
