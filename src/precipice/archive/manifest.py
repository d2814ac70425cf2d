"""The archive's manifest: which files belong to it, where their rows are from, and what was dropped by which rule."""

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from precipice.display import Plot, Shown
from precipice.errors import CheckError, InputError

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "manifest.json"
SCHEMA = 1


@dataclass(frozen=True)
class StoredFile:
    """One immutable Parquet file of uploads."""

    name: str
    rows: int
    """Uploads that count: with an id, a date and a creator."""
    set_aside: int
    """Rows that stand in the file and count nowhere (no creator), because writing around them costs a second pass."""
    bytes: int
    first: str
    """Earliest publication, UTC, ISO 8601."""
    last: str
    """Latest publication, UTC, ISO 8601."""


@dataclass(frozen=True)
class InputFile:
    """One file that was read; its name without the folder, which is nobody's business."""

    name: str
    bytes: int
    sha256: str
    sampled: bool = False
    """Whether the hash is of 4,096 blocks of 16 KiB spread evenly over the file and its length (files over 1 GiB: a
    whole 9 GB dump would cost a seventh of its ingest again), or of the whole file."""


@dataclass(frozen=True)
class Source(Shown):
    """One ingest: what was read, kept and dropped."""

    plot = Plot("rows", "what", kind="bars")

    kind: str
    files: tuple[InputFile, ...]
    options: Mapping[str, str]
    ingested: str
    """When, UTC, ISO 8601."""
    version: str
    """Version of precipice."""
    read: int
    """Rows read."""
    kept: int
    """Uploads kept by this ingest."""
    dropped: Mapping[str, int]
    """Rows not kept, by rule (see `records.DROP_RULES`)."""
    replaced: int = 0
    """Uploads kept that took the place of an older record of the same upload."""

    def rows(self) -> Iterator[dict[str, object]]:
        """Give a plain row for what became of the rows read: those kept, and those dropped by each rule."""
        yield {"what": "kept", "rows": self.kept}
        yield from ({"what": rule, "rows": rows} for rule, rows in sorted(self.dropped.items()))

    def table(self) -> "pa.Table":
        """Give the rows as a table."""
        import pyarrow as pa

        return pa.Table.from_pylist(list(self.rows()))

    def summary(self) -> str:
        """Say what was read, kept and dropped."""
        lost = ", ".join(f"{rows:,} {rule}" for rule, rows in sorted(self.dropped.items()) if rows)
        names = ", ".join(file.name for file in self.files)
        replaced = f" ({self.replaced:,} in the place of an older record)" if self.replaced else ""
        return f"{self.kind}, {names}: {self.read:,} rows read, {self.kept:,} kept{replaced}, dropped: {lost or 'none'}"

    def check(self) -> None:
        """Check that every row read is kept or dropped under a rule.

        Raises:
            CheckError: the sum does not come out.
        """
        if self.read != self.kept + sum(self.dropped.values()):
            raise CheckError(
                "rows are unaccounted for",
                where=", ".join(file.name for file in self.files),
                why=f"{self.read} read, {self.kept} kept, {dict(self.dropped)} dropped",
                fix="nothing was changed; please report this with the file's first lines",
            )


@dataclass(frozen=True)
class Manifest:
    """All of an archive but its rows."""

    archive: str = field(default_factory=lambda: str(uuid.uuid4()))
    """Identifier of the archive; names its key."""
    schema: int = SCHEMA
    key_check: str = ""
    """Tells the archive's key from another (see `pseudonyms.check_value`); empty before the first ingest."""
    files: tuple[StoredFile, ...] = ()
    sources: tuple[Source, ...] = ()
    collection: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """For each site that was collected from: how its frame became a sample, how it was asked, until when it is kept."""
    excluded: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Platform → pseudonyms whose uploads are kept out of the archive, whichever door they come by."""

    @property
    def rows(self) -> int:
        """Uploads in the archive."""
        return sum(file.rows for file in self.files)

    def with_change(self, files: tuple[StoredFile, ...], source: Source) -> "Manifest":
        """Give the manifest after one more ingest."""
        return replace(self, files=files, sources=(*self.sources, source))


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an archive.

    Raises:
        InputError: there is none, or it cannot be read.
    """
    place = folder / NAME
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        return Manifest(
            archive=found["archive"],
            schema=found["schema"],
            key_check=found.get("key_check", ""),
            files=tuple(StoredFile(**file) for file in found["files"]),
            sources=tuple(
                Source(**{**source, "files": tuple(InputFile(**file) for file in source["files"])})
                for source in found["sources"]
            ),
            collection=found.get("collection", {}),
            excluded={platform: tuple(who) for platform, who in found.get("excluded", {}).items()},
        )
    except FileNotFoundError as error:
        raise InputError(
            "there is no archive here",
            where=str(folder),
            why="it has no manifest.json",
            fix="make one:  precipice ingest FILE --as table FOLDER   or:  precipice init FOLDER --example openmoji",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            "the archive's manifest cannot be read",
            where=str(place),
            why=f"{type(error).__name__}: {error}",
            fix="restore manifest.json from a copy; the Parquet files beside it are untouched",
        ) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in place in one step: whoever reads sees the old one or the new one."""
    write_atomically(folder / NAME, json.dumps(asdict(manifest), indent=1, ensure_ascii=False) + "\n")


def write_atomically(place: Path, text: str) -> None:
    """Write text to a file in one step."""
    part = place.with_name(place.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(place)
