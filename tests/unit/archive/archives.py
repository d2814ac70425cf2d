"""Archives that fit on fingers, and what lies in them."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from precipice.archive import Limits, Monthly, Source, ingest, pseudonym, read_manifest
from precipice.months import month_text
from precipice.records import FIELDS, Dropped, Intake, Upload
from precipice.sources import tables
from precipice.sources.dumps import DUMPS

NOW = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
KEY = bytes(range(32))
SMALL = Limits(threads=1)
HEADER = "platform,id,creator,published\n"
NOON = "2023-01-31T12:00:00Z"
Bad = Literal["stop", "drop"]


def key_file(folder: Path) -> Path:
    """Lay the key that all these archives share beside them."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = folder.with_name(folder.name + ".key")
    if not place.exists():
        place.write_text(KEY.hex())
    return place


def take(folder: Path, intake: Intake, limits: Limits = SMALL) -> Source:
    source = ingest(folder, intake, now=NOW, version="1", limits=limits, key_place=key_file(folder))
    source.check()
    return source


def take_table(folder: Path, *files: Path, limits: Limits = SMALL, **options: Any) -> Source:
    return take(folder, tables.intake(files, tables.TableOptions(**options)), limits)


def take_dump(folder: Path, *files: Path, kind: str = "danbooru2023", **options: Any) -> Source:
    return take(folder, DUMPS[kind](files, **options))


def take_uploads(
    folder: Path, uploads: Iterable[Upload | Dropped], name: str = "a stream", on_bad: Bad = "stop"
) -> Source:
    """Take uploads one by one; `name` tells one stream from another."""
    return take(
        folder, Intake(kind="gallery-dl", files=(), options={"stream": name}, uploads=iter(uploads), on_bad=on_bad)
    )


def rows(folder: Path) -> list[dict[str, Any]]:
    """Give the uploads of an archive that count, by platform and id."""
    held = [str(folder / file.name) for file in read_manifest(folder).files]
    if not held:
        return []
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT * FROM read_parquet($1) WHERE len(creators) > 0 ORDER BY platform, id", [held]
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def digest(folder: Path) -> object:
    """Give the number of uploads that count and a hash of them, whatever their order and their files."""
    held = [str(folder / file.name) for file in read_manifest(folder).files]
    with duckdb.connect() as connection:
        return connection.execute(
            f"SELECT count(*), bit_xor(hash({', '.join(FIELDS)})) FROM read_parquet($1) WHERE len(creators) > 0", [held]
        ).fetchone()


def who(platform: str, *names: str) -> list[int]:
    """Give the pseudonyms of creators."""
    return [pseudonym(KEY, platform, name) for name in names]


def contents(folder: Path) -> dict[str, str]:
    """Give every file of an archive with the hash of its bytes; the lock, which is empty, apart."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def cells(reduced: Monthly) -> Counter[tuple[str, int, str]]:
    """Give the monthly table as (platform, pseudonym, month) → uploads."""
    found: Counter[tuple[str, int, str]] = Counter()
    for row, creator in enumerate(reduced.creators.tolist()):
        for cell in range(int(reduced.indptr[row]), int(reduced.indptr[row + 1])):
            platform = reduced.platforms[int(reduced.platform[row])]
            found[platform, creator, month_text(int(reduced.months[cell]))] = int(reduced.counts[cell])
    return found


def upload(number: object, *names: str, at: str = NOON, **fields: Any) -> Upload:
    """Make an upload; times are ISO 8601 with an offset."""
    moments: dict[str, Any] = {
        name: datetime.fromisoformat(fields.pop(name))
        for name in ("updated", "source_published", "followers_read")
        if name in fields
    }
    return Upload(
        platform=fields.pop("platform", "site"),
        id=str(number),
        creators=names,
        published=datetime.fromisoformat(at),
        **moments,
        **fields,
    )
