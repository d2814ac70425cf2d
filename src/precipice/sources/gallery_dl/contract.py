"""What a platform's module gives: how its records are told apart, and how one becomes an upload."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from precipice.records import Dropped, Upload
from precipice.sources.gallery_dl.fields import Record

Unit = Literal["artist", "uploader"]
"""Who counts as creator where the two differ (Danbooru and kin): the tagged artists, or the account that posted."""


class Parse(Protocol):
    """Turn one raw record into an upload."""

    def __call__(self, record: Record, where: str, unit: Unit = "artist") -> Upload | Dropped:
        """Give the upload, or the rule under which the record is dropped.

        Raises:
            BadDateError: the publication date cannot be read.
        """
        ...


@dataclass(frozen=True)
class Platform:
    """One platform's way of writing records; a file of this folder and a line in `PLATFORMS`."""

    recognises: Callable[[Record], bool]
    """Whether the record was written by (or about) this platform; at most one platform says yes."""
    is_other: Callable[[Record], bool]
    """Whether a record of the platform is no upload at all: a profile, an avatar, a status line."""
    identity: Callable[[Record], tuple[str, str | None]]
    """Name of the platform and identifier of the post or project (None where it has none): the key of an upload."""
    parse: Parse
