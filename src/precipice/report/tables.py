"""The numbers beside each figure, as they may be published: one row a month, or a cell of retention.

A number that is withheld is empty, and the column `status` says why: `<5` for 1 to 4 creators, `withheld` where it
would give away such a number.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from precipice.months import month_text
from precipice.report.kept import Kept
from precipice.report.publication import FEWEST, Line
from precipice.report.sizes import Size
from precipice.report.wording import period_name

if TYPE_CHECKING:
    import pyarrow as pa

FEW = f"<{FEWEST}"


def statuses(line: Line) -> list[str]:
    """Say of each month whether its number is `given`, `<5`, `withheld`."""
    hidden = np.where(line.few, FEW, "withheld")
    return [str(word) for word in np.where(line.given, "given", hidden)]


def lines_table(lines: Sequence[Line], measure: str) -> "pa.Table":
    """Give a row for each number of each line: platform, cohort, period, the number with its limits, status, complete.

    Args:
        lines: what is drawn.
        measure: what it counts; names the columns.
    """
    import pyarrow as pa

    parts = []
    for line in lines:
        rows = len(line.start)
        columns = {
            "platform": pa.array([line.platform] * rows, pa.string()),
            "cohort": pa.array([line.name] * rows, pa.string()),
            "period": pa.array([period_name(line, index) for index in range(rows)], pa.string()),
            "months": pa.array(line.end - line.start + 1, pa.int64()),
            f"{measure}_a_month": _numbers(line.value),
            f"{measure}_low": _numbers(line.low),
            f"{measure}_high": _numbers(line.high),
            "status": pa.array(statuses(line), pa.string()),
            "complete": pa.array(line.complete, pa.bool_()),
        }
        parts.append(pa.table(columns))
    return pa.concat_tables(parts)


def kept_table(cells: Kept) -> "pa.Table":
    """Give a row for each entry year and bin of tenure: creators that entered, share active in a month, status."""
    import pyarrow as pa

    seen = np.argwhere(np.isfinite(cells.share) | cells.few)
    shares = cells.share[seen[:, 0], seen[:, 1]]
    few = cells.few[seen[:, 0], seen[:, 1]]
    entered = [None] * len(seen) if cells.creators is None else cells.creators[seen[:, 0]]
    return pa.table(
        {
            "platform": pa.array([cells.platform] * len(seen), pa.string()),
            "first_upload": pa.array([cells.vintages[v] for v in seen[:, 0].tolist()], pa.string()),
            "creators": pa.array(entered, pa.int64()),
            "months_since_from": pa.array([cells.tenures[b][0] for b in seen[:, 1].tolist()], pa.int64()),
            "months_since_to": pa.array([cells.tenures[b][1] for b in seen[:, 1].tolist()], pa.int64()),
            "share_active": _numbers(shares),
            "status": pa.array(np.where(few, FEW, "given").tolist(), pa.string()),
        }
    )


def sizes_table(rows: Sequence[Size]) -> "pa.Table":
    """Give a row for each platform and cohort: creators, uploads, capped uploads, first and last month."""
    import pyarrow as pa

    months = [[None if month is None else month_text(month) for month in (row.first, row.last)] for row in rows]
    return pa.table(
        {
            "platform": pa.array([row.platform for row in rows], pa.string()),
            "cohort": pa.array([row.cohort for row in rows], pa.string()),
            "creators": pa.array([row.creators for row in rows], pa.int64()),
            "uploads": pa.array([row.uploads for row in rows], pa.int64()),
            "capped": pa.array([row.capped for row in rows], pa.int64()),
            "periods_withheld": pa.array([row.withheld for row in rows], pa.int64()),
            "capped_periods_withheld": pa.array([row.capped_withheld for row in rows], pa.int64()),
            "first_month": pa.array([pair[0] for pair in months], pa.string()),
            "last_month": pa.array([pair[1] for pair in months], pa.string()),
            "status": pa.array([FEW if row.creators is None else "given" for row in rows], pa.string()),
        }
    )


def _numbers(values: "np.typing.NDArray[np.float64]") -> "pa.DoubleArray":
    import pyarrow as pa

    return pa.array(np.round(values, 3), pa.float64(), mask=~np.isfinite(values))
