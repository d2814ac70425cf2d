"""The monthly tables beside an archive's uploads: what each file of uploads came to, and all of them added up.

Files of uploads never change: an ingest that replaces records writes the file they stood in anew, under another name.
So what a file came to stays true as long as the archive holds it, and an archive that has grown costs the counting of
its new files and an addition.  A table says which files it counts; one that counts a file no longer held is removed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from precipice.archive.engines.protocol import numbers_of, whole_array
from precipice.archive.ordering import Ordered, joined, merged

if TYPE_CHECKING:
    import pyarrow as pa

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
    months: npt.NDArray[np.int16]
    """As in `precipice.months`, which two bytes hold until the year 2730, shape (cells,)."""
    counts: npt.NDArray[np.int32]
    """Uploads, shape (cells,)."""
    followers: npt.NDArray[np.int64]
    """Followers as last read, −1 where no source says, shape (n,)."""
    tags: Mapping[str, npt.NDArray[np.bool_]]
    """Whether a creator ever used each tag that was asked for, shape (n,)."""
    last_days: tuple[str, ...]
    """Latest publication of each platform, `YYYY-MM-DD`."""


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
    return folder / f"monthly-{clock}-{name}.parquet"


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
    """Remove tables that count files no longer held, and all sums but the one at `place`."""
    names = set(held)
    for table in tables_in(folder, clock):
        if table.place != place and (table.added or not table.files <= names):
            table.place.unlink(missing_ok=True)
            beside(table.place).unlink(missing_ok=True)


def tables_in(folder: Path, clock: str) -> list[Table]:
    """List the tables of a clock; one without its companion, or of an older form, counts no files that are held."""
    found = []
    for place in sorted(folder.glob(f"monthly-{clock}-*.parquet")):
        known = _metadata(beside(place)) if beside(place).exists() else {}
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
    return Monthly(
        platforms=tuple(found),
        platform=np.repeat(np.arange(len(found), dtype=np.int16), [len(one.creators) for one in found.values()]),
        creators=whole.creators,
        indptr=np.concatenate([[0], np.cumsum(whole.lengths)]),
        months=whole.months,
        counts=whole.counts,
        followers=np.full(len(whole.creators), -1, np.int64),
        tags={},
        last_days=tuple(last_days[name] for name in found),
    )


def _of_platform(part: Monthly, name: str) -> Ordered:
    index = part.platforms.index(name)
    low, high = np.searchsorted(part.platform, (index, index + 1))
    cells, rows = slice(part.indptr[low], part.indptr[high]), slice(low, high)
    return Ordered(part.creators[rows], np.diff(part.indptr[low : high + 1]), part.months[cells], part.counts[cells])


def write(reduced: Monthly, place: Path, files: Iterable[str], *, added: bool) -> None:
    """Keep a table: cells in one Parquet file, creators and names in another beside it."""
    import pyarrow.parquet as pq

    creators = whole_numbers(
        platform=reduced.platform, creator=reduced.creators, followers=reduced.followers, cells=np.diff(reduced.indptr)
    ).replace_schema_metadata({
        "platforms": json.dumps(reduced.platforms), "last_days": json.dumps(reduced.last_days),
        "files": json.dumps(sorted(files)), "added": json.dumps(added),
    })  # fmt: skip
    cells = whole_numbers(month=reduced.months, n=reduced.counts)
    for table, target in ((creators, beside(place)), (cells, place)):  # cells last: they are what is looked for
        part = target.with_suffix(".part")
        pq.write_table(table, part, compression="zstd")
        part.replace(target)


def read(place: Path) -> Monthly | None:
    """Read a table; None where it is not there, or not whole."""
    import pyarrow.parquet as pq

    if not place.exists() or not beside(place).exists():
        return None
    known = _metadata(beside(place))
    # ParquetFile, since read_table imports pandas wherever that is installed, over a second.
    column: dict[str, Any] = {}
    for file in (place, beside(place)):
        column |= numbers_of(pq.ParquetFile(file).read())
    return Monthly(
        platforms=tuple(known["platforms"]),
        platform=column["platform"],
        creators=column["creator"],
        indptr=np.concatenate([[0], np.cumsum(column["cells"])]),
        months=column["month"].astype(np.int16, copy=False),
        counts=column["n"],
        followers=column["followers"],
        tags={},
        last_days=tuple(known["last_days"]),
    )


def beside(place: Path) -> Path:
    """Give the place of the creators that go with a table's cells."""
    return place.with_name(place.name.replace("monthly-", "monthly-creators-"))


def _metadata(place: Path) -> dict[str, Any]:
    import pyarrow.parquet as pq

    written = pq.ParquetFile(place).schema_arrow.metadata or {}
    names = ("platforms", "last_days", "files", "added")
    return {name: json.loads(written[name.encode()]) for name in names if name.encode() in written}


def whole_numbers(**columns: npt.NDArray[np.integer]) -> "pa.Table":
    """Make a table of whole numbers."""
    import pyarrow as pa

    return pa.Table.from_arrays([whole_array(column) for column in columns.values()], names=list(columns))
