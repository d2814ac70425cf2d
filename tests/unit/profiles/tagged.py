"""Tags by creator and month that fit on fingers, and ones of chance."""

from collections.abc import Mapping

import numpy as np

from precipice.archive import TagCounts
from precipice.months import parse_month
from precipice.panel import Panel, Window, panel_of

Used = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Creator → month → tag → uploads that carry it."""


def tagged(
    used: Used, *, first: Mapping[str, str] | None = None, window: tuple[str, str] | None = None
) -> tuple[Panel, TagCounts]:
    """Make a panel and its tags; creators are numbered in the order given, from 1.

    Args:
        used: who carried what.
        first: an earlier first upload, without tags, of some creators.
        window: first and last month observed; both whole.
    """
    names = list(used)
    tags = sorted({tag for months in used.values() for cells in months.values() for tag in cells})
    rows = [
        (names.index(name) + 1, parse_month(month), cells)
        for name in names
        for month, cells in sorted(used[name].items())
    ]
    cells = [(creator, month, max(uses.values())) for creator, month, uses in rows]
    cells += [(names.index(name) + 1, parse_month(month), 1) for name, month in (first or {}).items()]
    creators, months, uploads = (np.array(column) for column in zip(*cells, strict=True))
    limits = [parse_month(month) for month in window] if window else [int(months.min()), int(months.max())]
    panel = panel_of(
        ("site",), np.zeros(len(cells), int), creators, months, uploads,
        windows={"site": Window(limits[0], limits[1], truncated_first=False, unfinished_last=False)},
    )  # fmt: skip
    counts = TagCounts(
        platforms=("site",),
        tags=tuple(tags),
        platform=np.zeros(len(rows), np.int16),
        creators=np.array([creator for creator, _, _ in rows]),
        months=np.array([month for _, month, _ in rows], np.int32),
        indptr=np.concatenate([[0], np.cumsum([len(uses) for _, _, uses in rows])]),
        tag=np.array([tags.index(tag) for _, _, uses in rows for tag in uses], np.uint16),
        count=np.array([n for _, _, uses in rows for n in uses.values()]),
        uploads=int(uploads.sum()),
        tagged=int(uploads.sum()),
        tags_left_out=0,
    )
    return panel, counts


def chance(rng: np.random.Generator, creators: int = 300, tags: int = 6) -> tuple[Panel, TagCounts]:
    """Make creators of uneven size and taste over 24 months of 2020 and 2021."""
    used: dict[str, dict[str, dict[str, int]]] = {}
    for number in range(creators):
        taste = rng.dirichlet(np.full(tags, 0.7))
        for month in rng.choice(24, rng.integers(1, 8), replace=False):
            drawn = rng.multinomial(1 + rng.geometric(0.2), taste)
            text = f"{2020 + month // 12}-{month % 12 + 1:02d}"
            used.setdefault(f"c{number}", {})[text] = {f"t{k}": int(n) for k, n in enumerate(drawn) if n}
    return tagged(used)
