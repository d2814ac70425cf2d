"""Warehouses, BigQuery and Trino, through Ibis: a table of the warehouse holds what the archive's files hold.

`master` names it: `project.dataset.table` for BigQuery, `trino://user@host:8080/catalog/schema/table` for Trino.
Their SQL is held against golden files and was never run on the services themselves.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from precipice.archive.engine import Limits
from precipice.archive.engines.addresses import without_secrets
from precipice.archive.engines.protocol import (
    Columns,
    Engine,
    Frame,
    Numbers,
    arrow_table,
    lazy,
    numbers_of,
    rows_of,
    see_to_rows,
)
from precipice.errors import InputError, MissingExtraError, SourceError

RELOAD = "load the archive's Parquet files into the table anew, all of them and nothing else"
BIGQUERY = 'name = "bigquery"   master = "project.dataset.table"'
TRINO = 'name = "trino"   master = "trino://user@host:8080/catalog/schema/table"'


class Warehouse:
    """A backend of Ibis and its table of uploads."""

    def __init__(self, backend: Any, posts: Any, place: str) -> None:  # noqa: ANN401  a backend and a table of Ibis
        """Take a connection and a table with the columns of `records.FIELDS`."""
        self.backend, self.posts, self.place = backend, posts, place

    def uploads(self, files: Sequence[Path]) -> Frame:
        """Give the warehouse's uploads, which must be as many as the archive's files hold.

        Raises:
            InputError: they are not.
        """
        there = int(self.backend.to_pyarrow(self.posts.count()).as_py())
        see_to_rows(there, files, self.place, RELOAD)
        return lazy(self.posts)

    def table(self, columns: Columns) -> Frame:
        """Give a table to the engine."""
        import ibis

        return lazy(ibis.memtable(arrow_table(columns)))

    def stored(self, frame: Frame) -> Frame:
        """Have a query worked out once, and what it gives sent back as a small table."""
        import ibis

        return lazy(ibis.memtable(self._fetched(frame)))

    def numbers(self, frame: Frame) -> Numbers:
        """Fetch columns of whole numbers, none of them null."""
        return numbers_of(self._fetched(frame))

    def rows(self, frame: Frame) -> list[tuple[Any, ...]]:
        """Fetch a few rows."""
        return rows_of(self._fetched(frame))

    def batches(self, frame: Frame, size: int) -> Iterator[Numbers]:
        """Fetch columns of whole numbers as they come."""
        import pyarrow as pa

        for batch in self.backend.to_pyarrow_batches(frame.to_native(), chunk_size=size):
            yield numbers_of(pa.Table.from_batches([batch]))

    def _fetched(self, frame: Frame) -> Any:  # noqa: ANN401  an Arrow table
        return self.backend.to_pyarrow(frame.to_native())


@contextmanager
def open_bigquery(limits: Limits, folder: Path) -> Iterator[Engine]:
    """Open BigQuery with the credentials that Google's own tools use.

    Raises:
        InputError: the table is not named.
        MissingExtraError: Ibis or Google's client is not installed.
        SourceError: BigQuery refuses.
    """
    need("google.cloud.bigquery", "bigquery")
    parts = (limits.master or "").split(".")
    if len(parts) != 3:
        raise _unnamed(limits.master, BIGQUERY)
    import ibis
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError

    with told_of("BigQuery", str(limits.master), (GoogleAPIError, GoogleAuthError)):
        backend = ibis.bigquery.connect(project_id=parts[0], dataset_id=parts[1])
        yield Warehouse(backend, backend.table(parts[2]), str(limits.master))


@contextmanager
def open_trino(limits: Limits, folder: Path) -> Iterator[Engine]:
    """Open Trino.

    Raises:
        InputError: the table is not named.
        MissingExtraError: Ibis or Trino's client is not installed.
        SourceError: Trino refuses.
    """
    need("trino", "trino")
    address = urlsplit(limits.master or "")
    parts = [part for part in address.path.split("/") if part]
    if address.scheme not in ("trino", "trino+https") or len(parts) != 3 or not address.hostname:
        raise _unnamed(limits.master, TRINO)
    import ibis
    from requests import RequestException
    from trino.exceptions import Error

    words = {"user": unquote(address.username or "precipice"), "host": address.hostname, "port": address.port or 8080,
             "database": parts[0], "schema": parts[1], "timezone": "UTC"}  # fmt: skip
    if address.scheme == "trino+https":
        words |= {"http_scheme": "https"}
    if address.password:
        words |= {"auth": unquote(address.password)}
    place = without_secrets(limits.master)
    with told_of("Trino", place, (Error, RequestException)):
        backend = ibis.trino.connect(**words)
        yield Warehouse(backend, backend.table(parts[2]), place)


def need(module: str, extra: str) -> None:
    """See to it that Ibis and a warehouse's client are there.

    Raises:
        MissingExtraError: one is not.
    """
    for name in ("ibis", module.partition(".")[0], module):
        try:
            there = find_spec(name) is not None
        except ModuleNotFoundError:
            there = False
        if not there:
            raise MissingExtraError("ibis-framework" if name == "ibis" else module, extra)


@contextmanager
def told_of(name: str, place: str, failures: tuple[type[Exception], ...]) -> Iterator[None]:
    """Turn a warehouse's refusal into one clear error."""
    from ibis.common.exceptions import IbisError

    try:
        yield
    except (*failures, IbisError, OSError) as error:
        words = without_secrets(str(error)).splitlines() or [type(error).__name__]
        raise SourceError(
            f"{name} did not answer as it should",
            where=place,
            why=words[0][:300],
            fix="check [engine] master, and that you may read that table; nothing was changed",
        ) from error


def _unnamed(master: str | None, example: str) -> InputError:
    return InputError(
        "the warehouse's table is not named",
        where="[engine] master",
        why=f"it is {without_secrets(master)!r}" if master else "it is left out",
        fix=f"write it like:  {example}",
    )
