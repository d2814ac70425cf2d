"""The door for gallery-dl's output and for platforms' own answers.

Every message, record or element that a file holds is one row, and every row comes out: as an `Upload`, or as a
`Dropped` with its rule.  Of the messages of `gallery-dl -j`, the first that carries a post's record (its directory
message, type 2) is the upload; the address messages (type 3) and the directory messages of further pictures are
`asset_of_project`; queued addresses (type 6), errors (type -1) and other messages are `message`, and so are records
that are no upload (profiles, avatars, status lines, `info.json`).  So one upload is a project, never an asset.

A platform is a module here and a line in `PLATFORMS`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from precipice.errors import InputError
from precipice.records import Dropped, Upload
from precipice.sources.gallery_dl import artstation, danbooru, deviantart, pixiv
from precipice.sources.gallery_dl.contract import Platform, Unit
from precipice.sources.gallery_dl.fields import BadDateError, Record, UnreadableError
from precipice.sources.gallery_dl.forms import Raw, Row, rows

__all__ = ["PLATFORMS", "Platform", "read"]

PLATFORMS: Mapping[str, Platform] = {
    artstation.NAME: artstation.PLATFORM,
    deviantart.NAME: deviantart.PLATFORM,
    danbooru.DANBOORU: danbooru.PLATFORM,
    danbooru.E621: danbooru.PLATFORM_E621,
    pixiv.NAME: pixiv.PLATFORM,
}
"""Name of a platform → how its records are read."""

ENDINGS = tuple(
    ending + packed for ending in (".json", ".jsonl", ".ndjson", ".xml") for packed in ("", ".gz")
)  # the files of a folder that are read; pictures and archives beside them are not
DATES = frozenset({"published_at", "published_time", "create_date", "created_at", "date"})

Key = tuple[str, str]
OnBad = Literal["stop", "drop"]


def read(path: Path, *, unit: Unit = "artist", on_bad: OnBad = "stop") -> Iterator[Upload | Dropped]:
    """Read uploads from a file, or from all JSON and XML files of a folder and the folders in it, by name.

    Of two records of one upload that say when they were last changed, a later one is given out again (the archive
    keeps the newer) and an earlier one is `repeated`; so is a post that a platform's listings name twice.

    Args:
        path: a file in one of the forms of `forms.FORMS`, or a folder of such files.
        unit: who is the creator of a post on Danbooru and kin: each tagged artist, or the account that posted.
        on_bad: what happens to rows and dates that cannot be read: `stop` raises, `drop` gives them out as
            `unreadable` or `bad_date`; the rest of a file that breaks off is one `unreadable`.

    Raises:
        InputError: there is no such file, it is in no form that is understood, or (`stop`) a row cannot be read.
    """
    return _read(_files(Path(path)), unit, on_bad)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(f"there is no {path}", where=str(path), fix="give a file or a folder that exists")
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.name.lower().endswith(ENDINGS) and file.is_file())
    if not found:
        raise InputError(
            f"{path} holds nothing to read",
            where=str(path),
            why=f"no file in it ends in {', '.join(ENDINGS)}",
            fix="write records beside the pictures with gallery-dl --write-metadata",
        )
    return found


def _read(files: list[Path], unit: Unit, on_bad: OnBad) -> Iterator[Upload | Dropped]:
    posts = _Posts(unit)
    for file in files:
        for number, row in enumerate(rows(file)):
            try:
                taken = posts.take(row)
            except (BadDateError, UnreadableError) as bad:
                if on_bad == "stop":
                    bad.why = f"{bad.why}; {number} rows of the file were read before it".removeprefix("; ")
                    raise
                taken = posts.drop(row, bad)
            yield taken


class _Posts:
    """The posts given out so far, and those that were refused, by platform and id."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.kept: dict[Key, datetime | None] = {}
        self.refused: set[Key] = set()

    def take(self, row: Row) -> Upload | Dropped:
        """Decide about one row.

        Raises:
            BadDateError, UnreadableError: it cannot be read.
        """
        if isinstance(row, UnreadableError):
            raise row
        if isinstance(row, Dropped):
            return row
        platform = _platform(row.record, row.where)
        if platform is None or platform.is_other(row.record):
            return Dropped("message", row.where)
        name, post = platform.identity(row.record)
        if post is None:
            return Dropped("no_id", row.where)
        parsed = platform.parse(row.record, row.where, self.unit)
        return self._refuse((name, post), parsed) if isinstance(parsed, Dropped) else self._keep(parsed, row)

    def drop(self, row: Row, bad: InputError) -> Dropped:
        """Drop a row that cannot be read; of a post, only the first such row counts as a bad date."""
        if not (isinstance(bad, BadDateError) and isinstance(row, Raw)):
            return Dropped("unreadable", bad.where)
        platform = _platform(row.record, row.where)
        name, post = platform.identity(row.record) if platform else ("", None)
        return self._refuse((name, post or ""), Dropped("bad_date", row.where))

    def _keep(self, upload: Upload, row: Raw) -> Upload | Dropped:
        key = (upload.platform, upload.id)
        held = self.kept.get(key)
        newer = held is not None and upload.updated is not None and upload.updated > held
        if key in self.kept and not newer:
            older = held is not None and upload.updated is not None and upload.updated < held
            return Dropped("repeated" if older or row.listed else "asset_of_project", row.where)
        self.kept[key] = upload.updated
        return upload

    def _refuse(self, key: Key, dropped: Dropped) -> Dropped:
        if key in self.kept or key in self.refused:
            return Dropped("asset_of_project", dropped.where)
        self.refused.add(key)
        return dropped


def _platform(record: Record, where: str) -> Platform | None:
    """Find whose record it is; None for what gallery-dl writes of a page as a whole (`info.json`)."""
    for platform in PLATFORMS.values():
        if platform.recognises(record):
            return platform
    if {"category", "subcategory"} <= record.keys() and not DATES & record.keys():
        return None
    said = f"its category is {record['category']!r}" if "category" in record else "it names no category"
    raise UnreadableError(
        "a record is of no platform that is understood",
        where=where,
        why=f"{said}, its fields are {', '.join(list(record)[:8]) or 'none'}{', …' if len(record) > 8 else ''}",
        fix=f"leave it out, or drop such records with on_bad='drop'; understood are {', '.join(PLATFORMS)}",
    )
