"""Polars, streaming: an engine where it costs nothing to be one.  It keeps to no limit of memory."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from precipice.archive.engine import Limits, told_plainly
from precipice.archive.engines.protocol import Columns, Engine, Frame, Numbers, arrow_table, lazy, numbers_of, rows_of
from precipice.errors import MissingExtraError


class Streaming:
    """Polars in this process."""

    def uploads(self, files: Sequence[Path]) -> Frame:
        """Give the uploads of an archive's files."""
        import polars as pl

        return lazy(pl.scan_parquet([str(path) for path in files], glob=False))

    def table(self, columns: Columns) -> Frame:
        """Give a small table to the engine."""
        import polars as pl

        return lazy(pl.LazyFrame(pl.from_arrow(arrow_table(columns))))

    def stored(self, frame: Frame) -> Frame:
        """Have a query worked out once."""
        return lazy(_collect(frame).lazy())

    def numbers(self, frame: Frame) -> Numbers:
        """Fetch columns of whole numbers, none of them null."""
        return numbers_of(_collect(frame).to_arrow())

    def rows(self, frame: Frame) -> list[tuple[Any, ...]]:
        """Fetch a few rows."""
        return rows_of(_collect(frame).to_arrow())

    def batches(self, frame: Frame, size: int) -> Iterator[Numbers]:
        """Fetch columns of whole numbers, all at once: this engine holds them in memory anyway."""
        yield self.numbers(frame)


def _collect(frame: Frame) -> Any:  # noqa: ANN401  a frame of Polars
    return frame.to_native().collect(engine="streaming")


@contextmanager
def open_polars(limits: Limits, folder: Path) -> Iterator[Engine]:
    """Open Polars, if it is installed."""
    if find_spec("polars") is None:
        raise MissingExtraError("polars", "polars")
    with told_plainly(folder):
        yield Streaming()
