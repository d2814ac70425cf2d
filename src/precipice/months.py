"""Calendar months as whole numbers, so that a month can be an array's index.

A month is `12 * year + (month of year - 1)` in UTC: 2022-01 is 24264, the next month is one more.
"""

import re
from datetime import UTC, datetime

from precipice.errors import InputError

MONTH = re.compile(r"(\d{4})-(\d{2})(?:-01)?")


def parse_month(text: str, *, where: str = "") -> int:
    """Read `YYYY-MM` (or the first day of a month, `YYYY-MM-01`).

    Raises:
        InputError: the text is no month.
    """
    found = MONTH.fullmatch(str(text).strip())
    if not found or not 1 <= int(found[2]) <= 12:
        raise InputError(
            f"'{text}' is not a month",
            where=where,
            why="a month is written YYYY-MM, and panels count whole months",
            fix="write it like 2022-01",
        )
    return 12 * int(found[1]) + int(found[2]) - 1


def month_text(month: int) -> str:
    """Write a month as `YYYY-MM`."""
    return f"{int(month) // 12:04d}-{int(month) % 12 + 1:02d}"


def month_start(month: int) -> datetime:
    """Give the first moment of a month, in UTC."""
    return datetime(int(month) // 12, int(month) % 12 + 1, 1, tzinfo=UTC)


def month_of(moment: datetime) -> int:
    """Give the month that a moment falls in (a moment without a zone is taken as UTC)."""
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return 12 * utc.year + utc.month - 1
