"""The embedded engine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import narwhals.stable.v2 as nw
import numpy as np

from precipice.archive.engine import Limits, connect
from precipice.archive.engines.protocol import Columns, Engine, Frame, Numbers


class Embedded:
    """DuckDB in this process."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take an open connection."""
        self.connection = connection
        self._numbers = count()

    def uploads(self, files: Sequence[Path]) -> Frame:
        """Give the uploads of an archive's files."""
        listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
        return self._view(f"SELECT * FROM read_parquet([{listed}])")

    def table(self, columns: Columns) -> Frame:
        """Give a small table to the engine; one list a column, as row by row takes 180 times as long."""
        name = self._name()
        chosen = ", ".join(f"unnest(${i}::{kind}[]) AS {key}" for i, (key, (kind, _)) in enumerate(columns.items(), 1))
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

    def gathered(self, frame: Frame, by: Sequence[str], lists: Sequence[str]) -> Any:  # noqa: ANN401  an Arrow table
        """Fetch one row a group, with lists."""
        chosen = ", ".join([*by, *(f"list({name}) AS {name}" for name in lists)])
        query = f"SELECT {chosen} FROM {self._registered(frame)} GROUP BY ALL"
        return self.connection.sql(query).to_arrow_table()

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
