"""Engines: what runs the archive's queries, each behind the same few verbs; one module a member.

The queries are narwhals expressions and stay the same.  DuckDB is embedded and the default; the others come as extras,
and are imported when they are asked for.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from precipice.archive.engine import Limits
from precipice.archive.engines.protocol import Columns, Engine, Frame
from precipice.archive.manifest import Manifest
from precipice.errors import InputError

Opener = Callable[[Limits, Path], AbstractContextManager[Engine]]


def _duckdb(limits: Limits, folder: Path) -> AbstractContextManager[Engine]:
    from precipice.archive.engines.duckdb import open_duckdb

    return open_duckdb(limits, folder)


def _polars(limits: Limits, folder: Path) -> AbstractContextManager[Engine]:
    from precipice.archive.engines.polars import open_polars

    return open_polars(limits, folder)


def _spark(limits: Limits, folder: Path) -> AbstractContextManager[Engine]:
    from precipice.archive.engines.spark import open_spark

    return open_spark(limits, folder)


def _bigquery(limits: Limits, folder: Path) -> AbstractContextManager[Engine]:
    from precipice.archive.engines.warehouse import open_bigquery

    return open_bigquery(limits, folder)


def _trino(limits: Limits, folder: Path) -> AbstractContextManager[Engine]:
    from precipice.archive.engines.warehouse import open_trino

    return open_trino(limits, folder)


ENGINES: Mapping[str, Opener] = {
    "duckdb": _duckdb,
    "polars": _polars,
    "spark": _spark,
    "bigquery": _bigquery,
    "trino": _trino,
}
"""Name → function from limits and the archive's folder to an open engine."""


@contextmanager
def open_engine(limits: Limits | None, folder: Path) -> Iterator[Engine]:
    """Open the engine that the limits name.

    Args:
        limits: which engine, where, and what it may use; None for the embedded one.
        folder: the archive's folder, where it may spill.

    Raises:
        InputError: there is no such engine, or it cannot be reached.
        MissingExtraError: its library is not installed.
    """
    limits = limits or Limits()
    if limits.engine not in ENGINES:
        raise InputError(
            f"there is no engine '{limits.engine}'",
            where="[engine] name",
            why=f"there are {', '.join(ENGINES)}",
            fix='leave it out for the embedded one, or write:  name = "spark"',
        )
    with ENGINES[limits.engine](limits, folder) as engine:
        yield engine


def stored_files(folder: Path, manifest: Manifest) -> tuple[Path, ...]:
    """Give the archive's Parquet files."""
    return tuple(folder / file.name for file in manifest.files)


__all__ = ["ENGINES", "Columns", "Engine", "Frame", "open_engine", "stored_files"]
