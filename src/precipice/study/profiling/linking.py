"""Which upload each of the user's files is of: by its name, or by a map beside the files.

A file named after its upload needs no map: `FOLDER/12345.png`, `FOLDER/12345_p0.png` (a page of it), or
`FOLDER/pixiv/12345.png` where identifiers of several platforms could be the same.  Any other names need a map,
`FOLDER/files.csv`, with the columns `file` (relative to the folder), `id` and, if wanted, `platform`; with a map,
names count for nothing.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from precipice.archive import link_files
from precipice.errors import InputError
from precipice.panel import Panel
from precipice.study.opening import ARCHIVE, limits_of
from precipice.study.profiling.asked import Asked

MAP = "files.csv"
PAGE = re.compile(r"(.+?)_p\d{1,4}")
LIKE = (
    "name files after their uploads (12345.png, pixiv/12345.png), or write files.csv with the columns file,platform,id"
)

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Linked:
    """Files and the creators of the study that uploaded them, a row for each creator of each file."""

    file: Whole
    """Index among the files, rising, shape (links,)."""
    creator: Whole
    """Index among the panel's creators, shape (links,)."""
    month: Whole
    """Month of the upload, shape (links,)."""
    files: int
    """Files that there are."""
    others: int
    """Files of uploads by creators who are not in the study's sample."""

    @property
    def linked(self) -> int:
        """Files that are of an upload by a creator of the study."""
        return len(np.unique(self.file))

    def summary(self) -> str:
        """Say how many files are of uploads that the study knows."""
        left = self.files - self.linked - self.others
        words = f"{self.linked:,} of {self.files:,} files are of uploads in the archive"
        words += f", {self.others:,} of creators outside of the sample" if self.others else ""
        return words + (f"; {left:,} are of none that is known: {LIKE}." if left else ".")


def link(asked: Asked, files: Path, paths: Sequence[str]) -> Linked:
    """Find the creators and months of files.

    Args:
        asked: the study.
        files: the folder of files.
        paths: of the files, relative to it, with `/`.

    Raises:
        InputError: the map cannot be read, or a file's identifier is that of uploads on several platforms.
    """
    asked.progress("find the uploads that files are of", None)
    place = files / MAP
    wanted = _mapped(place, paths) if place.is_file() else _named(paths, asked.panel.platforms)
    study = asked.study
    found = link_files(asked.folder / ARCHIVE, wanted, clock=study.study.clock, limits=limits_of(study, asked.folder))
    _check_one_platform(paths, found.file, found.platform)
    creator = _rows(asked.panel, found.platform, found.creator)
    inside = creator >= 0
    outside = np.setdiff1d(found.file[~inside], found.file[inside])
    return Linked(found.file[inside], creator[inside], found.month[inside], len(paths), len(outside))


def _named(paths: Sequence[str], platforms: Sequence[str]) -> list[tuple[int, str | None, str]]:
    wanted: list[tuple[int, str | None, str]] = []
    for index, path in enumerate(paths):
        *folders, name = path.split("/")
        platform = folders[0].lower() if folders and folders[0].lower() in platforms else None
        stem = name.rpartition(".")[0] or name
        page = PAGE.fullmatch(stem)
        wanted += [(index, platform, identifier) for identifier in ({stem, page[1]} if page else {stem})]
    return wanted


def _mapped(place: Path, paths: Sequence[str]) -> list[tuple[int, str | None, str]]:
    known = {path: index for index, path in enumerate(paths)}
    try:
        with place.open(newline="", encoding="utf-8-sig") as opened:
            rows = csv.DictReader(opened)
            header = rows.fieldnames or ()
            if not {"file", "id"} <= set(header):
                raise InputError(
                    "the map of files lacks a column",
                    where=f"{place}:1",
                    why=f"the header has: {', '.join(header) or 'nothing'}",
                    fix="write the columns file,platform,id; platform may be left out",
                )
            return [
                (known[row["file"]], (row.get("platform") or "").strip().lower() or None, row["id"].strip())
                for row in rows
                if row["file"] in known and row["id"]
            ]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            "the map of files cannot be read", where=str(place), why=str(error), fix="write it as CSV in UTF-8"
        ) from error


def _check_one_platform(paths: Sequence[str], file: Whole, platform: npt.NDArray[np.str_]) -> None:
    """Check that no file is of uploads on two platforms."""
    twice = np.flatnonzero((file[1:] == file[:-1]) & (platform[1:] != platform[:-1]))
    if len(twice):
        at = int(twice[0])
        raise InputError(
            "a file could be of uploads on several platforms",
            where=paths[int(file[at])],
            why=f"{platform[at]} and {platform[at + 1]} both have an upload with this identifier",
            fix=f"put it into a folder named after its platform ({platform[at]}/), or write {MAP}: file,platform,id",
        )


def _rows(panel: Panel, platform: npt.NDArray[np.str_], creator: Whole) -> Whole:
    """Give the index of each creator among the panel's, −1 where they are not in it."""
    found = np.full(len(creator), -1, np.int64)
    for index, name in enumerate(panel.platforms):
        here = np.flatnonzero(platform == name)
        low, high = np.searchsorted(panel.platform, [index, index + 1])
        known = panel.creators[low:high]
        at = np.minimum(np.searchsorted(known, creator[here]), max(len(known) - 1, 0))
        same = known[at] == creator[here] if len(known) else np.zeros(len(here), np.bool_)
        found[here[same]] = low + at[same]
    return found
