"""What every engine can do: hand out uploads as a lazy frame, and fetch what queries on it give."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from precipice.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

Frame = nw.LazyFrame[Any]
Numbers = dict[str, npt.NDArray[Any]]
"""Columns of whole numbers by name, each of shape (rows,)."""
Columns = Mapping[str, tuple[str, Sequence[object] | npt.NDArray[Any]]]
"""A table to hand over: name → SQL type (VARCHAR, SMALLINT, INTEGER, BIGINT) and values, null as None."""

WIDTHS = {"VARCHAR": "string", "SMALLINT": "int16", "INTEGER": "int32", "BIGINT": "int64"}


class Engine(Protocol):
    """An open engine.  Times are naive UTC on every one."""

    def uploads(self, files: Sequence[Path]) -> Frame:
        """Give the uploads of an archive's files (`records.FIELDS`)."""

    def table(self, columns: Columns) -> Frame:
        """Give a table to the engine, to join with; arrays where it may be long."""

    def stored(self, frame: Frame) -> Frame:
        """Have a query worked out once that others ask more than once."""

    def numbers(self, frame: Frame) -> Numbers:
        """Fetch columns of whole numbers, none of them null, in no order."""

    def rows(self, frame: Frame) -> list[tuple[Any, ...]]:
        """Fetch a few rows, in no order; times as `datetime` without a zone."""

    def batches(self, frame: Frame, size: int) -> Iterator[Numbers]:
        """Fetch columns of whole numbers as `numbers` does, about `size` rows at a time where there are many."""


def lazy(native: Any) -> Frame:  # noqa: ANN401  a lazy frame of any engine
    """Give a native lazy frame the words in which the queries are written."""
    frame: Frame = nw.from_native(native)
    return frame


def whole_array(values: npt.NDArray[np.integer]) -> "pa.Array":
    """Make an Arrow array of whole numbers by its buffer; other ways import pandas wherever that is, over a second."""
    import pyarrow as pa

    buffer = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, buffer])


def arrow_table(columns: Columns) -> "pa.Table":
    """Make an Arrow table of columns."""
    import pyarrow as pa

    def column(kind: str, values: Any) -> "pa.Array":  # noqa: ANN401  a list or an array
        if isinstance(values, np.ndarray):
            return whole_array(values.astype(WIDTHS[kind], copy=False))
        return pa.array(values, pa.type_for_alias(WIDTHS[kind]))

    return pa.Table.from_arrays([column(*given) for given in columns.values()], names=list(columns))


def numbers_of(table: "pa.Table") -> Numbers:
    """Give the columns of an Arrow table of whole numbers as arrays; DLPack, since `to_numpy` imports pandas."""
    return {name: np.from_dlpack(table[name].combine_chunks()) for name in table.column_names}


def rows_of(table: "pa.Table") -> list[tuple[Any, ...]]:
    """Give the rows of a small Arrow table."""
    return [*zip(*(table[name].to_pylist() for name in table.column_names), strict=True)]


def see_to_rows(there: int, files: Sequence[Path], where: str, fix: str) -> None:
    """See to it that an engine elsewhere sees the archive's rows: some give none for a file that they do not find.

    Raises:
        InputError: it sees more or fewer.
    """
    from pyarrow import parquet

    held = sum(parquet.read_metadata(path).num_rows for path in files)
    if there != held:
        raise InputError(
            "the engine does not see this archive",
            where=where,
            why=f"it sees {there:,} rows, the archive's files have {held:,}",
            fix=fix,
        )
