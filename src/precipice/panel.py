"""The panel: uploads counted by creator and month, as sparse arrays.

Everything right of the archive is read off this one noun: any cutoff, cap or placebo date is a fresh look at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from precipice.display import Plot, Shown
from precipice.errors import InputError
from precipice.months import month_text

if TYPE_CHECKING:
    import pyarrow as pa

Int = npt.NDArray[np.integer]
Bool = npt.NDArray[np.bool_]

UNKNOWN = -1
"""Stands in integer attributes for a value that no source gave."""


@dataclass(frozen=True)
class Window:
    """The months in which one platform was observed, both ends included."""

    first: int
    """First month with an upload."""
    last: int
    """Last month observed."""
    truncated_first: bool = True
    """True unless the history is known to begin there: earlier uploads may exist and not be in the archive, so a
    creator seen in the first month need not be new."""
    unfinished_last: bool = True
    """True unless observation is known to reach the end of the last month."""

    @property
    def last_complete(self) -> int:
        """The last month that was observed to its end."""
        return self.last - self.unfinished_last

    def __str__(self) -> str:
        """Give the months in words, with what is unsure about the ends."""
        notes = [
            word
            for word, true in (
                ("first month truncated", self.truncated_first),
                ("last month unfinished", self.unfinished_last),
            )
            if true
        ]
        return f"{month_text(self.first)} to {month_text(self.last)}" + (f" ({', '.join(notes)})" if notes else "")


@dataclass(frozen=True, eq=False)
class Panel(Shown):
    """Uploads by creator and month, in compressed sparse rows (creators × months, zeros not stored).

    Creators of one platform lie together, in the order of `platforms`, and by pseudonym within.  A creator belongs
    to one platform: the same name on two platforms is two creators.
    """

    plot = Plot("month", "uploads", by="platform")

    platforms: tuple[str, ...]
    """Names of the platforms, sorted."""
    creators: npt.NDArray[np.int64]
    """Pseudonyms, shape (n,)."""
    platform: npt.NDArray[np.int16]
    """Index into `platforms`, shape (n,), never falling."""
    start: int
    """First month of the window (see `precipice.months`); month offsets count from it."""
    end: int
    """Last month of the window, included."""
    indptr: npt.NDArray[np.int64]
    """Row limits, shape (n + 1,): creator i's cells are `indptr[i]:indptr[i + 1]`."""
    month: npt.NDArray[np.int16]
    """Month of each cell as an offset from `start`, shape (cells,), rising within a creator."""
    count: npt.NDArray[np.int32]
    """Uploads of each cell, at least 1, shape (cells,)."""
    first: npt.NDArray[np.int32]
    """Month of each creator's first upload over the whole history, shape (n,)."""
    followers: npt.NDArray[np.int64]
    """Followers when last read, `UNKNOWN` where no source says, shape (n,)."""
    windows: tuple[Window, ...]
    """Observation window of each platform, in the order of `platforms`."""
    tags: Mapping[str, Bool] = field(default_factory=dict)
    """For each tag that was asked for: whether the creator ever used it, shape (n,)."""
    origin: str = "archive"
    """Where the counts are from; `simulated` panels say so on every figure."""

    def __len__(self) -> int:
        """Number of creators."""
        return len(self.creators)

    @property
    def n_months(self) -> int:
        """Months in the window."""
        return self.end - self.start + 1

    @property
    def last(self) -> npt.NDArray[np.int32]:
        """Month of each creator's last upload, shape (n,)."""
        return (self.start + self.month[self.indptr[1:] - 1]).astype(np.int32)

    @property
    def uploads(self) -> npt.NDArray[np.int64]:
        """Uploads of each creator over the whole history, shape (n,)."""
        return np.add.reduceat(self.count, self.indptr[:-1], dtype=np.int64) if len(self) else np.zeros(0, np.int64)

    @property
    def row(self) -> npt.NDArray[np.int32]:
        """Creator's index of each cell, shape (cells,)."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.indptr))

    def summary(self) -> str:
        """Say of how many creators, uploads and months it is, and what of these was observed."""
        simulated = "Simulated, not measured. " if self.origin == "simulated" else ""
        told = [
            f"{name}: {int(self.on(name).sum()):,} creators, {window}"
            for name, window in zip(self.platforms, self.windows, strict=True)
        ]
        uploads = int(self.count.sum(dtype=np.int64))
        return f"{simulated}{uploads:,} uploads of {len(self):,} creators by month.\n" + "\n".join(told)

    def table(self) -> "pa.Table":
        """Give a row for each platform and month: uploads, and creators with one."""
        import pyarrow as pa

        key = self.platform[self.row].astype(np.int64) * self.n_months + self.month
        size = len(self.platforms) * self.n_months
        months = [month_text(month) for month in range(self.start, self.end + 1)]
        return pa.table(
            {
                "platform": np.repeat(self.platforms, self.n_months).tolist(),
                "month": months * len(self.platforms),
                "uploads": np.bincount(key, self.count, size).astype(np.int64),
                "creators": np.bincount(key, minlength=size),
            }
        )

    def window(self, platform: str) -> Window:
        """Observation window of one platform."""
        return self.windows[self._index(platform)]

    def on(self, platform: str) -> Bool:
        """Creators of one platform, shape (n,)."""
        return np.asarray(self.platform == self._index(platform))

    def only(self, platform: str) -> "Panel":
        """Give the panel of one platform alone."""
        index = self._index(platform)
        if len(self.platforms) == 1:
            return self
        # Creators of one platform lie together: nothing that is as long as the cells need be copied.
        low, high = np.searchsorted(self.platform, [index, index + 1])
        rows, cells = slice(low, high), slice(self.indptr[low], self.indptr[high])
        return replace(
            self,
            platforms=(platform,),
            windows=(self.windows[index],),
            creators=self.creators[rows],
            platform=np.zeros(high - low, np.int16),
            indptr=self.indptr[low : high + 1] - self.indptr[low],
            month=self.month[cells],
            count=self.count[cells],
            first=self.first[rows],
            followers=self.followers[rows],
            tags={tag: used[rows] for tag, used in self.tags.items()},
        )

    def keep(self, chosen: Bool) -> "Panel":
        """Give the panel of the creators where `chosen`, shape (n,), is true."""
        cells = np.repeat(chosen, np.diff(self.indptr))
        lengths = np.diff(self.indptr)[chosen]
        return replace(
            self,
            creators=self.creators[chosen],
            platform=self.platform[chosen],
            indptr=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            month=self.month[cells],
            count=self.count[cells],
            first=self.first[chosen],
            followers=self.followers[chosen],
            tags={tag: used[chosen] for tag, used in self.tags.items()},
        )

    def _index(self, platform: str) -> int:
        if platform not in self.platforms:
            raise InputError(
                f"there is no platform '{platform}' in this panel",
                why=f"it holds {', '.join(self.platforms) or 'none'}",
                fix="name one of those",
            )
        return self.platforms.index(platform)


def panel_of(  # noqa: PLR0913  the columns of a table of cells, and what is known of it
    platforms: tuple[str, ...],
    platform: Int,
    creators: Int,
    months: Int,
    counts: Int,
    *,
    windows: Mapping[str, Window] | None = None,
    followers: Mapping[tuple[int, int], int] | None = None,
    origin: str = "archive",
) -> Panel:
    """Build a panel from cells in any order.

    Args:
        platforms: names, to which `platform` holds indices.
        platform, creators, months, counts: one entry a cell, each of shape (cells,); months as in
            `precipice.months`; several cells of one creator and month are added up.
        windows: what is known of each platform's observation; where absent, first to last upload with both ends unsure.
        followers: by (index of the platform, pseudonym).
        origin: where the counts are from.

    Raises:
        InputError: no cells, or counts below 1.
    """
    if len(counts) == 0:
        raise InputError("the panel is empty", why="no upload has a known creator", fix="ingest uploads first")
    if int(np.min(counts)) < 1:
        raise InputError("a count is below 1", why="months without uploads have no cell", fix="leave the zeros out")
    order = np.lexsort((months, creators, platform))
    platform, creators, months, counts = (np.asarray(a)[order] for a in (platform, creators, months, counts))
    new_creator = np.concatenate([[True], (np.diff(creators) != 0) | (np.diff(platform) != 0)])
    new_cell = new_creator | np.concatenate([[True], np.diff(months) != 0])
    counts = np.add.reduceat(counts, np.flatnonzero(new_cell))
    platform, creators, months, new_creator = (a[new_cell] for a in (platform, creators, months, new_creator))
    starts = np.flatnonzero(new_creator)
    return sorted_panel(
        platforms, platform[starts], creators[starts], np.append(starts, len(counts)), months, counts,
        windows=windows, followers=followers, origin=origin,
    )  # fmt: skip


def sorted_panel(  # noqa: PLR0913  the arrays of a sparse matrix, and what is known of it
    platforms: tuple[str, ...],
    platform: Int,
    creators: Int,
    indptr: Int,
    months: Int,
    counts: Int,
    *,
    windows: Mapping[str, Window] | None = None,
    followers: Mapping[tuple[int, int], int] | Int | None = None,
    origin: str = "archive",
) -> Panel:
    """Build a panel from rows that already lie in order, without copying them about.

    Args:
        platforms: names, to which `platform` holds indices.
        platform, creators: one entry a creator, shape (n,), sorted by platform and pseudonym.
        indptr: row limits, shape (n + 1,).
        months, counts: one entry a cell, shape (cells,), months rising within a creator.
        windows, origin: as in `panel_of`.
        followers: by (platform, pseudonym), or an array of shape (n,).
    """
    start, end = int(months.min()), int(months.max())
    known = dict(windows or {})
    limits = np.searchsorted(platform, np.arange(len(platforms) + 1))
    for index, name in enumerate(platforms):
        cells = months[indptr[limits[index]] : indptr[limits[index + 1]]]
        if name not in known and len(cells):
            known[name] = Window(int(cells.min()), int(cells.max()))
        elif name not in known:
            known[name] = Window(start, start)
    start = min(start, *(window.first for window in known.values()))
    end = max(end, *(window.last for window in known.values()))
    return Panel(
        platforms=platforms,
        creators=creators.astype(np.int64, copy=False),
        platform=platform.astype(np.int16, copy=False),
        start=start,
        end=end,
        indptr=indptr.astype(np.int64, copy=False),
        month=(months - start).astype(np.int16, copy=False),
        count=counts.astype(np.int32, copy=False),
        first=months[indptr[:-1]].astype(np.int32),
        followers=_followers(followers, platform, creators),
        windows=tuple(known[name] for name in platforms),
        origin=origin,
    )


def _followers(
    known: Mapping[tuple[int, int], int] | Int | None, platform: Int, creators: Int
) -> npt.NDArray[np.int64]:
    if known is None:
        return np.full(len(creators), UNKNOWN, np.int64)
    if isinstance(known, Mapping):
        pairs = zip(platform.tolist(), creators.tolist(), strict=True)
        return np.array([known.get(pair, UNKNOWN) for pair in pairs], np.int64)
    return known.astype(np.int64, copy=False)
