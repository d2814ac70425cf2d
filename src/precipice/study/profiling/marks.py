"""The section `marks`: what the user's files carry, and whose uploads they are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from precipice.cohorts import everyone
from precipice.display import Plot, Shown
from precipice.errors import InputError
from precipice.marks import MarksFound, read_marks, write_marks
from precipice.profiles.marked import MarkedShare, share_marked
from precipice.study.profiling.asked import Asked
from precipice.study.profiling.linking import Linked, link

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "marks"
"""Below the study's folder: the ledger, and a row a file."""


@dataclass(frozen=True, eq=False)
class MarksProfile(Shown):
    """Marks of the user's files, by platform and cohort where their uploads are known."""

    plot = Plot("share", "measure", kind="bars")

    found: MarksFound
    linked: Linked
    shares: tuple[MarkedShare, ...]
    """For each platform with linked files and each measure: seniors, juniors and all."""
    written: tuple[Path, ...]
    """Where the rows of single files lie; they are not for publication."""

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Give a row for each share, or for each answer where no file is of a known upload."""
        if self.shares:
            yield from (share.as_dict() for share in self.shares)
            return
        for answer, files in self.found.count("answer").items():
            yield {"answer": answer, "files": files}

    def table(self) -> "pa.Table":
        """Give the rows as a table; single files are in `found.table()`."""
        import pyarrow as pa

        return pa.Table.from_pylist([dict(row) for row in self.rows()])

    def as_dict(self) -> dict[str, Any]:
        """Give counts, shares, and a record a file."""
        linked = {"files": self.linked.files, "linked": self.linked.linked, "outside_sample": self.linked.others}
        return {**self.found.as_dict(), "linked": linked, "shares": [share.as_dict() for share in self.shares]}

    def summary(self) -> str:
        """Say what was found, what that does not mean, and whose the files are."""
        places = " and ".join(str(path) for path in self.written)
        return "\n".join((self.found.summary(), self.linked.summary(), f"A row a file: {places}"))


def profile_marks(asked: Asked) -> MarksProfile:
    """Read the marks of the user's files and count them by cohort.

    Raises:
        InputError: no folder of files was named, or there is no file in it.
    """
    files = files_of(asked, "marks")
    found = read_marks(files, keep=asked.folder / FOLDER, progress=asked.progress)
    written = write_marks(found, asked.folder / FOLDER)
    linked = link(asked, files, [record.path for record in found.files])
    said = {
        "made with a model": np.array([record.model_use != "not said" for record in found.files], np.bool_),
        "training not allowed": np.array([record.training == "not allowed" for record in found.files], np.bool_),
    }
    panel = asked.panel
    shares = tuple(
        share_marked(panel, cohort, platform, measure, creator=linked.creator, marked=marked[linked.file])
        for platform in panel.platforms
        if panel.on(platform)[linked.creator].any()
        for measure, marked in said.items()
        for cohort in (*asked.cohorts, *everyone(panel))
    )
    return MarksProfile(found, linked, shares, written)


def files_of(asked: Asked, section: str) -> Path:
    """Give the folder of the user's files.

    Raises:
        InputError: none was named.
    """
    if asked.files is None:
        raise InputError(
            f"the section '{section}' needs files",
            where="--files",
            why="it reads pictures that you have; the archive holds none",
            fix=f"name their folder:  precipice profile {asked.folder} --by {section} --files FOLDER",
        )
    return asked.files
