"""Keeps what a collection brings in: spooled page by page, taken into the archive batch by batch."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from precipice.archive import Limits, Served, Source, ingest, pseudonym, pseudonym_text
from precipice.records import Intake
from precipice.sources.collection.frames import Candidate
from precipice.sources.collection.ledger import Entry
from precipice.sources.collection.protocol import Result, Task
from precipice.sources.collection.spool import Spool, read_batches
from precipice.sources.collection.walk import Walk
from precipice.sources.gallery_dl import PLATFORMS

KIND = "collect"
ENOUGH = 5_000  # records to an ingest: one costs about a tenth of a second, and a file of the archive
LONG = 600.0  # seconds; names lie in the spool for no longer than that, if the run is not killed


@dataclass
class Keeper:
    """The way from a page to the archive."""

    folder: Path
    """The archive's."""
    spool: Spool
    key: bytes
    key_place: Path | None
    limits: Limits
    now: Callable[[], datetime]
    version: str
    keeps_all: frozenset[str] = frozenset()
    """Platforms of which the archive holds uploads by another door: there a post keeps all its creators."""
    wanted: set[tuple[str, int]] = field(default_factory=set)
    """Platform and pseudonym of those who are asked."""
    sources: list[Source] = field(default_factory=list)
    served: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Site and artist → posts served in a re-check."""
    checked: list[Served] = field(default_factory=list)
    """Of whom a re-check found out what is still there."""
    _since: float = field(default_factory=time.monotonic)

    def name(self, candidate: Candidate) -> str:
        """Give the pseudonym of the name that an artist is asked for by; it differs from that of a creator."""
        return pseudonym_text(pseudonym(self.key, candidate.site, f"\0name\0{candidate.artist.casefold()}"))

    def creator(self, site: str, identifier: str) -> str:
        """Give the pseudonym of a creator, as in the archive."""
        number = pseudonym(self.key, site, identifier)
        self.wanted.add((site, number))
        return pseudonym_text(number)

    def page(self, walk: Walk, candidate: Candidate, task: Task, said: Mapping[str, Any]) -> None:
        """Put a page on disk."""
        if said.get("creator"):
            self.wanted.add((walk.site.name, pseudonym(self.key, walk.site.name, said["creator"])))
        self.spool.add(walk.site.name, walk.site.kind, said["records"])
        if walk.wish.mode == "recheck":
            identity = PLATFORMS[walk.site.kind].identity
            found = self.served.setdefault((walk.site.name, self.name(candidate)), set())
            found.update(str(identity(record)[1]) for record in said["records"])

    def judged(self, walk: Walk, candidate: Candidate, task: Task, result: Result, entry: Entry) -> None:
        """Take note that an artist is done with; in a re-check, of what the platform still shows."""
        if walk.wish.mode != "recheck" or task.do != "collect" or not entry.creator:
            return
        nothing = result.gone and not result.seen
        if entry.state == "complete" or nothing:
            ids = frozenset() if nothing else frozenset(self.served.get((entry.site, entry.artist), ()))
            self.checked.append(Served(entry.site, int(entry.creator, 16), ids))

    def tick(self) -> None:
        """Take in what has gathered, once it is enough or has lain for long."""
        if self.spool.waiting >= ENOUGH or (self.spool.waiting and time.monotonic() - self._since >= LONG):
            self.take_in()

    def take_in(self) -> None:
        """Take everything in the spool into the archive, and empty the spool."""
        self._since = time.monotonic()
        batches = self.spool.batches()
        if batches:
            uploads = read_batches(batches, self._is_wanted)
            intake = Intake(kind=KIND, files=batches, uploads=uploads, on_bad="drop")
            here = replace(self.limits, engine="duckdb")  # some thousand records are no cluster's work
            source = ingest(self.folder, intake, now=self.now(), version=self.version, limits=here,
                            key_place=self.key_place)  # fmt: skip
            self.sources.append(source)
        self.spool.clear(batches)

    def _is_wanted(self, platform: str, name: str) -> bool:
        return platform in self.keeps_all or (platform, pseudonym(self.key, platform, name)) in self.wanted
