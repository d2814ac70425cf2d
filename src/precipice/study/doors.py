"""Ingest into a study: which door a kind of file comes in by."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Literal

from precipice.archive import Progress, Source, ingest
from precipice.errors import InputError
from precipice.records import Dropped, Intake, Upload
from precipice.sources import gallery_dl, tables
from precipice.sources.dumps import DUMPS
from precipice.study.opening import ARCHIVE, limits_of
from precipice.study.settings import Study

KINDS = ("danbooru2023", "gallery-dl", "table")


def take_in(  # noqa: PLR0913  all but the first four are options of the command
    folder: Path,
    files: tuple[Path, ...],
    kind: str,
    study: Study,
    *,
    now: datetime,
    version: str,
    columns: Mapping[str, str] | None = None,
    platform: str | None = None,
    unit: Literal["artist", "uploader"] | None = None,
    timezone: str | None = None,
    on_bad: Literal["stop", "drop"] = "stop",
    progress: Progress = lambda step, share: None,
) -> Source:
    """Take files into the archive of the study at `folder`.

    Args:
        folder: the study's folder, made if it is not there.
        files: what to read.
        kind: one of `KINDS`.
        study: its settings; options given here come before them.
        now, version: for the manifest.
        columns: for tables: our name → the file's column.
        platform: name of the platform, where the files do not say.
        unit: who counts as the creator of a Danbooru post.
        timezone: zone of dates that say none (tables).
        on_bad: stop at what cannot be read, or drop and count it.
        progress: called with each step in words, and its share done where that is known.

    Raises:
        InputError: a file is not there or cannot be read, or the kind is not known.
    """
    for path in files:
        if not path.exists():
            raise InputError("there is no such file", where=str(path), fix="check the name")
    unit = unit or study.study.unit
    mapped = {**study.columns.model_dump(exclude_none=True), **(columns or {})}
    if kind == "table":
        options = tables.TableOptions(mapped, platform, timezone or study.study.timezone, on_bad)
        intake = tables.intake(files, options)
    elif kind == "gallery-dl":
        intake = Intake(kind=kind, files=files, options={"unit": unit, "on_bad": on_bad}, on_bad=on_bad,
                        uploads=_each(files, unit, on_bad))  # fmt: skip
    elif kind in DUMPS:
        intake = DUMPS[kind](files, unit=unit, on_bad=on_bad, **({"platform": platform} if platform else {}))
    else:
        raise InputError(f"there is no door '{kind}'", why=f"there are {', '.join(KINDS)}", fix="name one of those")
    key = folder / study.archive.key if study.archive.key else None
    return ingest(
        folder / ARCHIVE,
        intake,
        now=now,
        version=version,
        limits=limits_of(study, folder),
        key_place=key,
        progress=progress,
    )


def _each(
    files: tuple[Path, ...], unit: Literal["artist", "uploader"], on_bad: Literal["stop", "drop"]
) -> Iterator[Upload | Dropped]:
    return chain.from_iterable(gallery_dl.read(path, unit=unit, on_bad=on_bad) for path in files)
