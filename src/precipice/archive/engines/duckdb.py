"""The embedded engine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy as np

from precipice.archive.engine import Limits, connect, quoted
from precipice.archive.engines.protocol import Columns, Engine, Frame, Numbers, arrow_table


class Embedded:
    """DuckDB in this process."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take an open connection."""
        self.connection = connection
        self._numbers = count()

    def uploads(self, files: Sequence[Path]) -> Frame:
        """Give the uploads of an archive's files."""
        listed = ", ".join(map(quoted, files))
        return self._view(f"SELECT * FROM read_parquet([{listed}])")

    def table(self, columns: Columns) -> Frame:
        """Give a table to the engine; one list a column, as row by row takes 180 times as long.

        Stored, so that the engine knows its size, and does not take it for larger than what it is joined with.
        """
        name = self._name()
        if all(isinstance(values, np.ndarray) for _, values in columns.values()):
            self.connection.register(f"{name}_given", arrow_table(columns))
            self.connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}_given")
            self.connection.unregister(f"{name}_given")
        else:
            lists = enumerate(columns.items(), 1)
            chosen = ", ".join(f"unnest(${at}::{kind}[]) AS {key}" for at, (key, (kind, _)) in lists)
            self.connection.execute(
                f"CREATE TEMP TABLE {name} AS SELECT {chosen}", [list(values) for _, values in columns.values()]
            )
        return nw.from_native(self.connection.table(name))

    def stored(self, frame: Frame) -> Frame:
        """Have a query worked out once."""
        view, name = self._registered(frame), self._name()
        self.connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {view}")
        return nw.from_native(self.connection.table(name))

    def numbers(self, frame: Frame) -> Numbers:
        """Fetch columns of whole numbers, none of them null."""
        found = self.connection.execute(f"SELECT * FROM {self._registered(frame)}").fetchnumpy()
        return {name: np.ma.getdata(values) for name, values in found.items()}

    def rows(self, frame: Frame) -> list[tuple[Any, ...]]:
        """Fetch a few rows."""
        return self.connection.execute(f"SELECT * FROM {self._registered(frame)}").fetchall()

    def batches(self, frame: Frame, size: int) -> Iterator[Numbers]:
        """Fetch columns of whole numbers as they come."""
        for batch in self.connection.sql(f"SELECT * FROM {self._registered(frame)}").to_arrow_reader(size):
            yield {name: np.from_dlpack(batch[name]) for name in batch.schema.names}

    def _name(self) -> str:
        return f"made_{next(self._numbers)}"

    def _view(self, query: str) -> Frame:
        name = self._name()
        self.connection.execute(f"CREATE TEMP VIEW {name} AS {query}")
        return nw.from_native(self.connection.table(name))

    def _registered(self, frame: Frame) -> str:
        name = self._name()
        self.connection.register(name, frame.to_native())
        return name


@contextmanager
def open_duckdb(limits: Limits, folder: Path) -> Iterator[Engine]:
    """Open DuckDB with its limits; what it raises is told in our words."""
    with connect(limits, folder / "spill") as connection:
        yield Embedded(connection)
