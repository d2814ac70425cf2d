"""The monthly tables beside an archive's uploads: what each file of uploads came to, and all of them added up.

Files of uploads never change: an ingest that replaces records writes the file they stood in anew, under another name.
So what a file came to stays true as long as the archive holds it, and an archive that has grown costs the counting of
its new files and an addition.  A table says which files it counts; one that counts a file no longer held is removed.

A table is one Arrow file, a row a creator with the months and counts as a list, uncompressed.  It is mapped and not
read: arrays are views of the file, which may not be written to, and what nobody looks at is never fetched.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from precipice.archive.engines.protocol import whole_array
from precipice.archive.ordering import Ordered, joined, merged

if TYPE_CHECKING:
    import pyarrow as pa

Number = TypeVar("Number", bound=np.integer)

FORM = 1
"""The form of the tables; one of another form, or of none, is made anew."""
FEW = 8
"""New files that get a table each; more of them, as in an archive that was never reduced, share one."""


@dataclass(frozen=True, eq=False)
class Monthly:
    """The reduced archive as arrays, sorted by platform, creator and month."""

    platforms: tuple[str, ...]
    platform: npt.NDArray[np.int16]
    """Index into `platforms`, a creator, shape (n,)."""
    creators: npt.NDArray[np.int64]
    """Pseudonyms, shape (n,)."""
    indptr: npt.NDArray[np.int64]
    """Row limits, shape (n + 1,)."""
    start: int
    """First month with an upload (see `precipice.months`)."""
    month: npt.NDArray[np.int16]
    """Months from `start`, shape (cells,)."""
    first: npt.NDArray[np.int32]
    """Month of each creator's first upload, as in `precipice.months`, shape (n,)."""
    counts: npt.NDArray[np.int32]
    """Uploads, shape (cells,)."""
    followers: npt.NDArray[np.int64]
    """Followers as last read, −1 where no source says, shape (n,)."""
    tags: Mapping[str, npt.NDArray[np.bool_]]
    """Whether a creator ever used each tag that was asked for, shape (n,)."""
    last_days: tuple[str, ...]
    """Latest publication of each platform, `YYYY-MM-DD`."""
    spans: tuple[tuple[int, int], ...]
    """First and last month with an upload on each platform, as in `precipice.months`."""

    @property
    def months(self) -> npt.NDArray[np.int32]:
        """Months as in `precipice.months`, shape (cells,)."""
        return self.month + np.int32(self.start)


def monthly_of(
    platforms: tuple[str, ...],
    platform: npt.NDArray[np.int16],
    creators: npt.NDArray[np.int64],
    indptr: npt.NDArray[np.int64],
    months: npt.NDArray[np.integer],
    counts: npt.NDArray[np.int32],
    last_days: tuple[str, ...],
) -> Monthly:
    """Make a reduced archive of arrays that lie in order, months as in `precipice.months`; no followers are known."""
    start = int(months.min(initial=0x7FFF))
    limits = indptr[np.searchsorted(platform, np.arange(len(platforms) + 1))]
    parts = [months[low:high] for low, high in pairwise(limits.tolist())]
    return Monthly(
        platforms=platforms,
        platform=platform,
        creators=creators,
        indptr=indptr,
        start=start,
        month=(months - start).astype(np.int16),
        first=months[indptr[:-1]].astype(np.int32),
        counts=counts,
        followers=np.full(len(creators), -1, np.int64),
        tags={},
        last_days=last_days,
        spans=tuple((int(part.min()), int(part.max())) if len(part) else (start, start) for part in parts),
    )


@dataclass(frozen=True)
class Table:
    """A table on disk."""

    place: Path
    files: frozenset[str]
    """Names of the files of uploads that it counts."""
    added: bool
    """Whether it is a sum of others."""


def place_of(folder: Path, clock: str, files: Iterable[str]) -> Path:
    """Give the place of the table of some files: their names carry the hashes of their contents."""
    name = hashlib.sha256("\n".join(sorted(files)).encode()).hexdigest()[:12]
    return folder / f"monthly-{clock}-{name}.arrow"


def gather(
    folder: Path, clock: str, files: Sequence[str], count: Callable[[Sequence[str]], Monthly]
) -> tuple[Monthly, bool]:
    """Reduce files of uploads, from the tables that there are where these still hold.

    Args:
        folder: where tables lie.
        clock: which time is counted by.
        files: names of the files of uploads, those without an upload that counts left out.
        count: counts some of them.

    Returns:
        What they come to, and whether it is a sum, in which no followers are known yet.
    """
    tables = [table for table in tables_in(folder, clock) if table.files <= set(files)]
    parts, left = [], set(files)
    for table in sorted(tables, key=lambda table: (table.added, len(table.files)), reverse=True):
        # One that is gone by now is no loss: what it counted is still left, and is counted anew.
        if table.files <= left and (part := read(table.place)) is not None:
            parts.append(part)
            left -= table.files
    new = [[name] for name in sorted(left)] if len(left) <= FEW else [sorted(left)]
    for names in new:
        part = count(names)
        if len(names) < len(files):
            write(part, place_of(folder, clock, names), names, added=False)
        parts.append(part)
    return (parts[0], False) if len(parts) == 1 else (add_up(parts), True)


def clear(folder: Path, clock: str, held: Iterable[str], place: Path) -> None:
    """Remove tables that count files no longer held, all sums but the one at `place`, and the Parquet of old forms."""
    names = set(held)
    for table in tables_in(folder, clock):
        if table.place != place and (table.added or not table.files <= names):
            with suppress(PermissionError):  # Windows keeps what somebody has mapped; it goes another time
                table.place.unlink(missing_ok=True)
    for old in (*folder.glob(f"monthly-{clock}-*.parquet"), *folder.glob(f"monthly-creators-{clock}-*.parquet")):
        old.unlink(missing_ok=True)


def tables_in(folder: Path, clock: str) -> list[Table]:
    """List the tables of a clock; one that is torn, or of an older form, counts no files that are held."""
    found = []
    for place in sorted(folder.glob(f"monthly-{clock}-*.arrow")):
        known, _ = _mapped(place) or ({}, None)
        found.append(Table(place, frozenset(known.get("files", ["?"])), bool(known.get("added"))))
    return found


def add_up(parts: Sequence[Monthly]) -> Monthly:
    """Add up what files of uploads came to; followers, which do not add up, are left unknown."""
    names = tuple(sorted({name for part in parts for name in part.platforms}))
    days = [(name, day) for part in parts for name, day in zip(part.platforms, part.last_days, strict=True)]
    return laid_out(
        {name: merged([_of_platform(part, name) for part in parts if name in part.platforms]) for name in names},
        {name: max(day for of, day in days if of == name) for name in names},
    )


def laid_out(found: Mapping[str, Ordered], last_days: Mapping[str, str]) -> Monthly:
    """Lay cells of platforms, whose names rise, end to end, followers unknown."""
    whole = joined([*found.values()])
    return monthly_of(
        tuple(found),
        np.repeat(np.arange(len(found), dtype=np.int16), [len(one.creators) for one in found.values()]),
        whole.creators,
        np.concatenate([[0], np.cumsum(whole.lengths)]),
        whole.months,
        whole.counts,
        tuple(last_days[name] for name in found),
    )


def _of_platform(part: Monthly, name: str) -> Ordered:
    index = part.platforms.index(name)
    low, high = np.searchsorted(part.platform, (index, index + 1))
    cells, rows = slice(part.indptr[low], part.indptr[high]), slice(low, high)
    return Ordered(
        part.creators[rows],
        np.diff(part.indptr[low : high + 1]),
        part.month[cells] + np.int16(part.start),
        part.counts[cells],
    )


def write(reduced: Monthly, place: Path, files: Iterable[str], *, added: bool) -> None:
    """Keep a table, in one step."""
    import pyarrow as pa

    cells = pa.StructArray.from_arrays([whole_array(reduced.month), whole_array(reduced.counts)], ["month", "n"])
    columns = {
        "platform": whole_array(reduced.platform), "creator": whole_array(reduced.creators),
        "first": whole_array(reduced.first), "followers": whole_array(reduced.followers),
        "cells": pa.LargeListArray.from_arrays(whole_array(reduced.indptr), cells),
    }  # fmt: skip
    batch = pa.RecordBatch.from_arrays([*columns.values()], names=[*columns]).replace_schema_metadata({
        name: json.dumps(value) for name, value in (
            ("form", FORM), ("files", sorted(files)), ("added", added), ("platforms", reduced.platforms),
            ("last_days", reduced.last_days), ("start", reduced.start), ("spans", reduced.spans),
        )
    })  # fmt: skip
    part = place.with_suffix(".part")
    with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    part.replace(place)


def read(place: Path) -> Monthly | None:
    """Map a table; None where it is not there, not whole, or of another form."""
    known, batch = _mapped(place) or (None, None)
    if known is None or batch is None:
        return None
    cells = batch.column("cells")
    return Monthly(
        platforms=tuple(known["platforms"]),
        platform=_view(batch.column("platform"), np.int16),
        creators=_view(batch.column("creator"), np.int64),
        indptr=_view(cells.offsets, np.int64),
        start=known["start"],
        month=_view(cells.values.field("month"), np.int16),
        first=_view(batch.column("first"), np.int32),
        counts=_view(cells.values.field("n"), np.int32),
        followers=_view(batch.column("followers"), np.int64),
        tags={},
        last_days=tuple(known["last_days"]),
        spans=tuple((first, last) for first, last in known["spans"]),
    )


def _mapped(place: Path) -> "tuple[dict[str, Any], pa.RecordBatch] | None":
    """Give what a table says of itself and its rows, mapped; None where there is no whole table of this form."""
    import pyarrow as pa

    try:
        # The file is replaced and never written over, so that a map of it stays what it was.
        reader = pa.ipc.open_file(pa.memory_map(str(place), "r"))
        known = {name.decode(): json.loads(value) for name, value in (reader.schema.metadata or {}).items()}
        if known.get("form") != FORM or reader.num_record_batches != 1:
            return None
        batch = reader.get_batch(0)
    except (OSError, pa.ArrowInvalid):
        return None
    return known, batch


def _view(array: "pa.Array", kind: type[Number]) -> npt.NDArray[Number]:
    """Give an Arrow array of whole numbers as a view that may not be written to; `to_numpy` would import pandas."""
    values: npt.NDArray[Number] = np.frombuffer(array.buffers()[-1], kind)
    return values[array.offset : array.offset + len(array)]


def whole_numbers(**columns: npt.NDArray[np.integer]) -> "pa.Table":
    """Make a table of whole numbers."""
    import pyarrow as pa

    return pa.Table.from_arrays([whole_array(column) for column in columns.values()], names=list(columns))
