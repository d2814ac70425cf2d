"""Panels with labels, small enough for fingers or drawn with a known truth."""

from typing import Any

import numpy as np

from precipice.panel import Panel, Window, panel_of
from precipice.profiles import Labels, label


class Cells:
    """Counts by creator and month, as the archive gives them."""

    def __init__(self, panel: Panel, mentions: Any = None, spellings: Any = None, **counts: Any) -> None:
        self.platforms = panel.platforms
        self.platform = panel.platform[panel.row].astype(np.int64)
        self.creator = panel.creators[panel.row]
        self.month = panel.month.astype(np.int64) + panel.start
        zeros = np.zeros(len(panel.month), np.int64)
        names = ("declared", "denied", "unsaid_readable", "opted_out", "not_opted_out", "tagged")
        self.counts = {name: np.asarray(counts.get(name, zeros), np.int64) for name in names}
        self.counts["uploads"] = panel.count.astype(np.int64)
        self.mentions = mentions or {}
        self.spellings = spellings or {}


def panel_from(rows: list[tuple[int, int, int]], platform: str = "site", end: int | None = None) -> Panel:
    """Make a panel of (creator, month, uploads)."""
    creators, months, counts = (np.array(column) for column in zip(*rows, strict=True))
    last = int(months.max()) if end is None else end
    window = Window(int(months.min()), last, truncated_first=False, unfinished_last=False)
    zeros = np.zeros(len(rows), np.int64)
    return panel_of((platform,), zeros, creators, months, counts, windows={platform: window})


def labelled(
    rows: list[tuple[int, int, int, int]], platform: str = "site", end: int | None = None, **more: Any
) -> Labels:
    """Make labels of (creator, month, uploads, declared of them), the others denied; rows by creator and month."""
    panel = panel_from([row[:3] for row in rows], platform, end)
    declared = np.array([row[3] for row in rows])
    return label(panel, Cells(panel, **{"declared": declared, "denied": panel.count - declared, **more}))
