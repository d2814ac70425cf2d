"""Words of uploads, as numbers, sorted and counted: a block of rows at a time, so that memory does not grow with them.

A word is one whole number, its row and its code; equal numbers lie side by side once they are sorted.  Where there is
more than one block, words wait on disk until all have come.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

Integer = npt.NDArray[np.integer]

CODES = 65_536
"""Codes are below this, and take two bytes."""
BLOCK = 4_000_000
"""Words sorted at a time, 8 bytes each."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Words counted by row and code, in order of both."""

    lengths: Integer
    """Codes of each row, shape (rows,)."""
    code: npt.NDArray[np.uint16]
    """Of each cell, rising within a row, shape (cells,)."""
    count: Integer
    """Words of each cell, shape (cells,)."""


def block_limits(words: Integer, block: int | None = None) -> npt.NDArray[np.int64]:
    """Part rows into blocks of about as many words.

    Args:
        words: of each row, at most, shape (rows,).
        block: words of a block, but where one row has more.

    Returns:
        Rows at which blocks begin, and their number, rising; shape (blocks + 1,).
    """
    before = np.cumsum(words) - words
    starts = np.searchsorted(before, np.arange(0, max(int(words.sum()), 1), block or BLOCK))
    return np.unique(np.append(starts, len(words))).astype(np.int64)


class Words:
    """Words that have come so far, by block."""

    def __init__(self, folder: Path, limits: npt.NDArray[np.int64]) -> None:
        """Keep words in memory where there is one block, else in `folder`.

        Args:
            folder: for what waits.
            limits: rows at which blocks begin (see `block_limits`).
        """
        self.limits = limits
        self._held: list[npt.NDArray[np.int64]] = []
        self._came = 0
        self._place: TemporaryDirectory[str] | None = None
        if len(limits) > 2:
            folder.mkdir(parents=True, exist_ok=True)
            self._place = TemporaryDirectory(prefix="words-", dir=folder)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing behind on disk."""
        if self._place is not None:
            self._place.cleanup()

    @contextmanager
    def dropped_on_failure(self) -> Iterator[None]:
        """Leave nothing behind on disk where what brings words fails; else they are kept, to be counted."""
        with ExitStack() as stack:
            stack.push(self)
            yield
            stack.pop_all()

    def add(self, row: Integer, code: Integer) -> None:
        """Take words in, shape (n,) each."""
        words: npt.NDArray[np.int64] = (row.astype(np.int64) << 16) | code
        self._came += len(words)  # more than the tags of uploads, where a tag says others along with itself
        if self._place is None:
            self._held.append(words)
            return
        words.sort()
        cuts = np.searchsorted(words, self.limits << 16)
        for block in np.flatnonzero(np.diff(cuts)).tolist():
            with self._file(block).open("ab") as file:
                file.write(words[cuts[block] : cuts[block + 1]].data)

    def counted(self) -> Counted:
        """Count all words that came."""
        most = self._came
        code, count = np.empty(most, np.uint16), np.empty(most, np.uint16)  # pages that stay untouched take no memory
        lengths, filled = np.zeros(int(self.limits[-1]), np.int64), 0
        for block, (low, high) in enumerate(zip(self.limits[:-1].tolist(), self.limits[1:].tolist(), strict=True)):
            words = self._taken(block)
            if not len(words):
                continue
            words.sort()
            starts = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1]]))
            times = np.diff(starts, append=len(words))
            words = words[starts]
            if count.dtype == np.uint16 and times.max() >= CODES:
                count = count.astype(np.uint32)
            lengths[low:high] = np.bincount((words >> 16) - low, minlength=high - low)
            code[filled : filled + len(words)] = words & (CODES - 1)
            count[filled : filled + len(words)] = times
            filled += len(words)
        return Counted(lengths, code[:filled], count[:filled])

    def _file(self, block: int) -> Path:
        return Path(self._place.name if self._place else "") / f"{block}.words"

    def _taken(self, block: int) -> npt.NDArray[np.int64]:
        """Give the words of a block and let go of them."""
        if self._place is None:
            held, self._held = self._held, []
            return np.concatenate([*held, np.zeros(0, np.int64)])
        file = self._file(block)
        if not file.exists():
            return np.zeros(0, np.int64)
        words = np.fromfile(file, np.int64)
        file.unlink()
        return words
