"""The ledger: what was asked of whom and what came of it, a line a step, never written over.

It holds pseudonyms and numbers, no names.  A line that a kill cut short is left out when it is read; what it would
have said is asked for again, and comes to the same.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from precipice.errors import InputError
from precipice.sources.collection.completeness import State

NAME = "ledger.jsonl"


@dataclass(frozen=True)
class Entry:
    """How far one artist has come."""

    site: str
    artist: str
    """Pseudonym of the name asked for, 16 hexadecimal digits."""
    state: State
    why: str = ""
    creator: str = ""
    """Pseudonym of the platform's own id, as in the archive: a renamed artist stays one creator."""
    followers: int | None = None
    uploads: int | None = None
    kind: str | None = None
    latest: str | None = None
    """Publication of the newest upload when candidates were screened by it, ISO 8601 in UTC."""
    read: str | None = None
    """When these were read, ISO 8601."""
    pages: int = 0
    last: str | None = None
    """The lowest post id reached."""
    newest: str | None = None
    """Publication of the newest post served, ISO 8601."""
    post: str | None = None
    """A post by which a renamed artist is found again."""
    stated: int | None = None
    seen: int = 0
    deleted: int = 0
    hidden: int = 0
    outside: int = 0
    requests: int = 0
    tries: int = 0
    """Times that the artist was begun and refused or broke off."""
    since: str | None = None
    until: str | None = None
    details: bool = False
    at: str = ""
    """When this line was written, ISO 8601."""
    notes: tuple[str, ...] = field(default=())

    @property
    def profile(self) -> Mapping[str, Any]:
        """What a profile said."""
        known = {"followers": self.followers, "uploads": self.uploads, "kind": self.kind, "read": self.read}
        return {**known, "last": self.latest}


class Ledger:
    """The entries of all artists, the latest of each, and the file that they stand in."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.entries: dict[tuple[str, str], Entry] = {}
        for entry in _read(place):
            self.entries[entry.site, entry.artist] = entry

    def get(self, site: str, artist: str) -> Entry | None:
        """Give the latest entry of an artist."""
        return self.entries.get((site, artist))

    def of(self, site: str) -> Iterator[Entry]:
        """Give the latest entries of a site's artists."""
        return (entry for entry in self.entries.values() if entry.site == site)

    def write(self, entry: Entry) -> None:
        """Append an entry; when this returns it is on disk."""
        self.place.parent.mkdir(parents=True, exist_ok=True)
        append_lines(self.place, [asdict(entry)])
        self.entries[entry.site, entry.artist] = entry

    def change(self, site: str, artist: str, **fields: Any) -> Entry:  # noqa: ANN401  fields of an entry
        """Append an artist's entry with some fields changed."""
        entry = replace(self.entries.get((site, artist)) or Entry(site, artist, "begun"), **fields)
        self.write(entry)
        return entry


def append_lines(place: Path, rows: list[Any]) -> None:
    """Append rows to a file of JSON Lines in one write, after whatever stands whole in it."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    with place.open("ab") as file:
        mend_tail(place)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def mend_tail(place: Path) -> None:
    """Take away a last line that a kill cut short."""
    if not place.exists():
        return
    with place.open("r+b") as file:
        size = file.seek(0, 2)
        if not size:
            return
        file.seek(size - 1)
        if file.read(1) == b"\n":
            return
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def _read(place: Path) -> Iterator[Entry]:
    if not place.exists():
        return
    for number, line in enumerate(place.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True), 1):
        if not line.endswith("\n"):
            return  # cut short
        try:
            said = json.loads(line)
            yield Entry(**{**said, "notes": tuple(said.get("notes", ()))})
        except (ValueError, TypeError) as error:
            raise InputError(
                "the collection's ledger cannot be read",
                where=f"{place.name}:{number}",
                why=f"{type(error).__name__}: {error}"[:200],
                fix="restore it from a copy; the archive beside it is whole",
            ) from error
