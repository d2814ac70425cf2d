"""Engines that take uploads in, each behind the same few verbs; one module a member.

What an engine is to do is said once (`protocol`, `precipice.archive.intake`), how it reads and settles in its own SQL.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from precipice.archive.engine import Limits
from precipice.archive.takers.protocol import Settled, Taker, Tally
from precipice.errors import InputError

Opener = Callable[[Limits, Path, bytes], AbstractContextManager[Taker]]


def _embedded(limits: Limits, folder: Path, key: bytes) -> AbstractContextManager[Taker]:
    from precipice.archive.takers.embedded import open_embedded

    return open_embedded(limits, folder, key)


def _spark(limits: Limits, folder: Path, key: bytes) -> AbstractContextManager[Taker]:
    from precipice.archive.takers.spark import open_spark_taker

    return open_spark_taker(limits, folder, key)


TAKERS: Mapping[str, Opener] = {"duckdb": _embedded, "spark": _spark}
"""Name of an engine → function from limits, the archive's folder and its key to an open taker."""


def see_to_takers(limits: Limits | None) -> None:
    """See to it that the engine that the limits name takes uploads in.

    Raises:
        InputError: it does not.
    """
    name = (limits or Limits()).engine
    if name not in TAKERS:
        raise InputError(
            f"'{name}' takes no uploads in",
            where="[engine] name",
            why=f"the engines that ingest are {', '.join(TAKERS)}; any engine reads what they write",
            fix="ingest with another one:  --engine duckdb   or   --engine spark=MASTER",
        )


def open_taker(limits: Limits | None, folder: Path, key: bytes) -> AbstractContextManager[Taker]:
    """Open the engine that the limits name, to take uploads into an archive.

    Args:
        limits: which engine, where, and what it may use; None for the embedded one.
        folder: the archive's folder.
        key: what its pseudonyms are made with.

    Raises:
        InputError: it takes nothing in, or cannot be reached.
        MissingExtraError: its library is not installed.
    """
    see_to_takers(limits)
    limits = limits or Limits()
    return TAKERS[limits.engine](limits, folder, key)


__all__ = ["TAKERS", "Settled", "Taker", "Tally", "open_taker", "see_to_takers"]
