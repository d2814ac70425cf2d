"""The draw as a table: who was drawn, with what chance, and what came of each; pseudonyms, no names."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from precipice.archive.manifest import write_atomically
from precipice.sources.collection.flow import count_flow
from precipice.sources.collection.walk import Walk

NAME = "draw.csv"
COLUMNS = (
    "platform", "creator", "place", "probability", "exact", "followers", "read", "state", "why", "stated", "served",
    "hidden", "deleted", "replaced",
)  # fmt: skip


def write_draw(folder: Path, walks: Iterable[Walk]) -> Path:
    """Write `draw.csv` into an archive's folder: for each site the artists drawn, in the order of the draw.

    `probability` is that with which each eligible candidate was drawn, `exact` whether the number of eligible ones is
    known; `served` counts the posts that the site served, `stated` those it says there are.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for walk in walks:
        flow = count_flow(walk)
        chance = "" if flow.probability is None else f"{flow.probability:.6g}"
        for place, candidate in enumerate(walk.drawn(), 1):
            held = walk.entry(candidate)
            row = [held.followers, held.read, held.state, held.why, held.stated, held.seen, held.hidden, held.deleted,
                   walk.is_replaced(candidate)] if held else ["", "", "pending", "", "", 0, 0, 0, False]  # fmt: skip
            writer.writerow([walk.site.name, held.creator if held else "", place, chance, flow.exact, *row])
    target = folder / NAME
    write_atomically(target, out.getvalue())
    return target
