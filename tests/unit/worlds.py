"""Panels that fit on fingers."""

import numpy as np

from precipice.months import parse_month
from precipice.panel import Panel, Window, panel_of


def panel(
    uploads: dict[str, dict[str, int]],
    *,
    platform: str = "site",
    followers: dict[str, int] | None = None,
    window: Window | None = None,
) -> Panel:
    """Make a panel from creator → month → uploads; creators are numbered in the order given, from 1."""
    numbers = {name: index + 1 for index, name in enumerate(uploads)}
    cells = [(numbers[name], parse_month(month), n) for name, months in uploads.items() for month, n in months.items()]
    creators, months, counts = (np.array(column) for column in zip(*cells, strict=True))
    known = {(0, numbers[name]): count for name, count in (followers or {}).items()}
    return panel_of(
        (platform,), np.zeros(len(cells), int), creators, months, counts,
        windows={platform: window} if window else None, followers=known or None,
    )  # fmt: skip
