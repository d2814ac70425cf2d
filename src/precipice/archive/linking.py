"""Files of the user's own and the uploads that they are of: who made them, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from precipice.archive.engine import Limits
from precipice.archive.engines import open_engine, stored_files
from precipice.archive.manifest import read_manifest
from precipice.archive.reduction import ClockChoice, counted_moment

c = nw.col

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Links:
    """Files and the creators of the uploads that they are of, a row for each creator of each file."""

    file: Whole
    """Index of the file as it was asked for, rising, shape (links,)."""
    platform: npt.NDArray[np.str_]
    """Name of the platform, shape (links,)."""
    creator: Whole
    """Pseudonym, shape (links,)."""
    month: Whole
    """Month of the upload, as in `precipice.months`, shape (links,)."""


def links(posts: nw.LazyFrame[Any], wanted: nw.LazyFrame[Any], *, clock: ClockChoice = "first") -> nw.LazyFrame[Any]:
    """Join files to uploads by identifier, and by platform where a file says one.

    Args:
        posts: the archive's uploads (`records.FIELDS`).
        wanted: columns file (Int64), named (the platform or null), id.
        clock: which time to count by.

    Returns:
        Columns file, platform, creator, month (Int32), a row for each creator, each once.
    """
    moment = counted_moment(clock)
    month = (12 * moment.dt.year() + moment.dt.month() - 1).cast(nw.Int32)
    return (
        posts.select("platform", "id", creator=c("creators"), month=month)
        .join(wanted, on="id", how="inner")
        .filter(c("named").is_null() | (c("named") == c("platform")))
        .explode("creator")
        .filter(~c("creator").is_null())
        .select("file", "platform", "creator", "month")
        .unique()
    )


def link_files(
    folder: Path,
    wanted: Sequence[tuple[int, str | None, str]],
    *,
    clock: ClockChoice = "first",
    limits: Limits | None = None,
) -> Links:
    """Find the uploads that files are of.

    Args:
        folder: the archive's folder.
        wanted: for each file its index, its platform or None, and the upload's identifier; a file may ask for several.
        clock: which time to count by.
        limits: what the engine may use.

    Raises:
        InputError: there is no archive.
    """
    manifest = read_manifest(folder)
    index, named, ids = zip(*wanted, strict=True) if wanted else ((), (), ())
    with open_engine(limits, folder) as engine:
        asked = engine.table({"file": ("BIGINT", index), "named": ("VARCHAR", named), "id": ("VARCHAR", ids)})
        found = links(engine.uploads(stored_files(folder, manifest)), asked, clock=clock)
        rows = sorted(engine.rows(found.select("file", "platform", "creator", "month")))
    file, platform, creator, month = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Links(
        np.array(file, np.int64), np.array(platform, np.str_), np.array(creator, np.int64), np.array(month, np.int64)
    )
