"""What every engine that takes uploads in can do, in the order in which an ingest asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from precipice.archive.manifest import Manifest, StoredFile
from precipice.archive.progress import Progress
from precipice.errors import InputError
from precipice.records import Intake


@dataclass(frozen=True)
class Tally:
    """The rows that are staged."""

    rows: int
    kept: int
    """With an id, a date and a creator."""
    unreadable: int
    """With neither an id nor a date."""
    no_id: int
    bad_date: int
    no_creator: int


@dataclass(frozen=True)
class Settled:
    """What came of settling."""

    dropped: Mapping[str, int]
    """Incoming rows dropped: `repeated`, `already_held`."""
    replaced: int
    """Held uploads that give way to newer records."""
    gone: frozenset[str]
    """Names of the held files that were written anew without those."""


class Taker(Protocol):
    """An engine at work on one ingest; what it writes ends in `.part` until it is stored."""

    def stage(self, intake: Intake, progress: Progress) -> Mapping[str, int]:
        """Write all rows of an intake, creators as pseudonyms; give the rows that the door itself dropped, by rule.

        Raises:
            InputError: a file cannot be read, or dates are none or say no zone where that must stop an ingest.
        """

    def tally(self) -> Tally:
        """Count the staged rows."""

    def explain(self, intake: Intake) -> InputError:
        """Make the error for staged rows without a readable date."""

    def leave_out(self, excluded: Mapping[str, tuple[str, ...]]) -> None:
        """Take creators out of the staged rows: platform → pseudonyms, as hexadecimal digits."""

    def settle(self, manifest: Manifest) -> Settled:
        """Drop what is repeated or held already, and write held files anew without what gives way."""

    def store(self, number: int) -> tuple[StoredFile, ...]:
        """Give all that was written its names for good: of the ingest of this number."""
