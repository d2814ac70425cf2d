"""Spark: a cluster's engine, or a whole machine's.  Classic sessions by a master's address, and Spark Connect.

`master` is `local[4]`, `spark://host:7077`, `yarn`, `k8s://…` (needs Java 17), or `sc://host:15002` for Spark Connect
(needs none).  `sail` starts Sail, a Spark Connect server in this process that needs no Java either.  Without a master a
session that is there already is used, as notebooks of clusters have one, else this machine.
"""

import os
import re
import socket
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from precipice.archive.engine import Limits, bytes_of
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
from precipice.archive.engines.spark_failures import SHARE, told_in_our_words
from precipice.errors import MissingExtraError

LEAST_MEMORY = 1_000  # megabytes; Spark itself takes 300 of them
CONNECT_PORT = 15002  # where Spark Connect listens unless told otherwise
KNOCK = 10.0  # seconds
SIGNS = re.compile(r"[*?{}\[\]\\]")
TYPES = {"string": "string", "int16": "smallint", "int32": "int", "int64": "bigint"}


def address_of(path: Path, *, sail: bool = False) -> str:
    """Write a path as Spark reads it: one whose name has signs of a pattern in it stands for itself all the same."""
    place = path.resolve()
    if not SIGNS.search(str(place)):
        return str(place)
    return place.as_uri() if sail else SIGNS.sub(r"\\\g<0>", str(place))


def is_sail(session: Any) -> bool:  # noqa: ANN401  a session, classic or remote
    """Tell Sail, which gives its own version, from Spark, which adds the commit that it was built from."""
    (row,) = session.sql("SELECT version() AS version").toArrow().to_pylist()
    return " " not in row["version"]


class Spark:
    """A session of Spark; results come to this process as Arrow."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401  a session, classic or remote
        """Take a session whose times are in UTC."""
        self.session = session
        self.sail = is_sail(session)

    def uploads(self, files: Sequence[Path]) -> Frame:
        """Give the uploads of an archive's files, which every worker must be able to read under the same paths.

        Raises:
            InputError: they do not.
        """
        posts = self.session.read.parquet(*(address_of(path, sail=self.sail) for path in files))
        see_to_rows(posts.count(), files, str(files[0].parent), SHARE)
        return lazy(posts)

    def table(self, columns: Columns) -> Frame:
        """Give a small table to the engine."""
        return lazy(self._given(arrow_table(columns)))

    def stored(self, frame: Frame) -> Frame:
        """Have a query worked out once, and what it gives sent back as a small table."""
        return lazy(self._given(frame.to_native().toArrow()))

    def numbers(self, frame: Frame) -> Numbers:
        """Fetch columns of whole numbers, none of them null."""
        return numbers_of(frame.to_native().toArrow())

    def rows(self, frame: Frame) -> list[tuple[Any, ...]]:
        """Fetch a few rows."""
        return rows_of(frame.to_native().toArrow())

    def batches(self, frame: Frame, size: int) -> Iterator[Numbers]:
        """Fetch columns of whole numbers, all at once; Arrow takes six bytes a word."""
        yield self.numbers(frame)

    def _given(self, table: Any) -> Any:  # noqa: ANN401  an Arrow table in, a frame of Spark out
        if table.num_rows:
            return self.session.createDataFrame(table)
        # Without a row it would not know the types.
        return self.session.createDataFrame([], ", ".join(f"{one.name} {TYPES[str(one.type)]}" for one in table.schema))


@contextmanager
def open_spark(limits: Limits, folder: Path) -> Iterator[Engine]:
    """Open a session by the master's address; it stays open until this process ends, as starting one takes seconds.

    Raises:
        InputError: nothing answers at that address, or Java is missing.
        MissingExtraError: PySpark or Sail is not installed.
    """
    with opened(limits, folder) as session:
        yield Spark(session)


@contextmanager
def opened(limits: Limits, folder: Path) -> Iterator[Any]:
    """Open a session; what it raises is told in our words.

    Raises:
        InputError: nothing answers at that address, or Java is missing.
        MissingExtraError: PySpark or Sail is not installed.
    """
    if find_spec("pyspark") is None:
        raise MissingExtraError("pyspark", "spark")
    _leave_forks_alone()
    with quiet(), named_program(), told_in_our_words(limits.master, folder):
        yield session_of(limits, folder)


def session_of(limits: Limits, folder: Path) -> Any:  # noqa: ANN401  a session, classic or remote
    """Give a session of its own whose times are in UTC."""
    master = limits.master
    if master == "sail":
        master = _sail()
    if master is not None and master.startswith("sc://"):
        session = _remote(master)
    else:
        session = _classic(master, limits, folder).newSession()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


@cache
def _remote(address: str) -> Any:  # noqa: ANN401  a remote session
    # Not SparkSession.builder: that one refuses where a classic session is up in the same process.
    with named_program():
        from pyspark.sql.connect.session import SparkSession

    _knock(address)
    return SparkSession.builder.remote(address).create()


def _knock(address: str) -> None:
    """See whether anything listens there: the client itself would try for ten minutes before it says that nothing does.

    Raises:
        ValueError: the address is none.
        OSError: nothing listens.
    """
    place = urlsplit(address)
    if not place.hostname:
        raise ValueError(f"INVALID_CONNECT_URL: {address}")
    with socket.create_connection((place.hostname, place.port or CONNECT_PORT), timeout=KNOCK):
        pass


@cache
def _sail() -> str:
    """Start Sail on loopback, once a process, and give its address."""
    if find_spec("pysail") is None:
        raise MissingExtraError("pysail", "sail")
    from pysail.spark import SparkConnectServer

    os.environ.setdefault("RUST_LOG", "error")  # else it tells standard error of every session
    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    _SERVERS.append(server)
    return f"sc://127.0.0.1:{server.listening_address[1]}"


_SERVERS: list[Any] = []  # kept, since a server without a reference to it stops


def _classic(master: str | None, limits: Limits, folder: Path) -> Any:  # noqa: ANN401  a classic session
    from pyspark.sql import SparkSession

    there = SparkSession.getActiveSession()
    if there is not None and (master is None or there.sparkContext.master == master):
        return there
    builder = SparkSession.builder.appName("precipice").master(master or f"local[{limits.threads or '*'}]")
    for key, value in _settings(master, limits, folder).items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def _settings(master: str | None, limits: Limits, folder: Path) -> dict[str, str]:
    """Give what a new session is started with; a cluster's own settings are left alone."""
    shared = {
        "spark.driver.maxResultSize": "0",  # the monthly table may be a gigabyte, and that is what was asked for
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    if master is not None and not master.startswith("local"):
        return shared
    spill = limits.spill or folder / "spill"
    return shared | {
        "spark.driver.memory": f"{max(int(bytes_of(limits.memory) / 1e6), LEAST_MEMORY)}m",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(spill.resolve()),
        "spark.sql.shuffle.partitions": str(limits.threads or 8),  # 200, the default, costs more than it is worth here
    }


@contextmanager
def named_program() -> Iterator[None]:
    """Give the running program the name of a file, where it has none, as `python -c` or a worker of a test run.

    PySpark takes such a program for its own doctests, looks for the whole of Spark, and without it ends the process.
    """
    main: Any = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = "precipice"
    try:
        yield
    finally:
        del main.__file__


@cache
def _leave_forks_alone() -> None:
    """Import gRPC so that it leaves forks of this process alone, unless its user has said what it is to do.

    What it does in a child ended one of thirteen before it became the program that it was forked for, Spark's Java too.
    """
    name = "GRPC_ENABLE_FORK_SUPPORT"  # read once, at the import
    told = os.environ.get(name)
    os.environ.setdefault(name, "false")
    try:
        import_module("grpc")
    except ImportError:
        pass  # a classic session needs none
    finally:
        if told is None:
            del os.environ[name]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep PySpark's word on pandas 3 to ourselves: nothing here goes through pandas."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*pandas.*", category=FutureWarning)
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        yield
