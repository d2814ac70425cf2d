"""Marks and styles of the user's own files together, for the main job: what cannot be measured leaves a word."""

from dataclasses import dataclass, replace
from pathlib import Path

from precipice.study.profiling.asked import Asked, NoneLinkedError
from precipice.study.profiling.marks import MarksProfile, profile_marks
from precipice.study.profiling.styles import StylesProfile, profile_styles


@dataclass(frozen=True)
class OwnFiles:
    """What is asked of the user's own files."""

    folder: Path
    embedder: str | None = None
    """Name of what makes vectors of pictures; None for the built-in one."""
    works: bool = True
    """Whether single works are shown as small pictures."""

    def asked(self, study: Asked) -> Asked:
        """Ask a study's sections for these files."""
        return replace(study, files=self.folder, options={"embedder": self.embedder, "works": self.works})


@dataclass(frozen=True, eq=False)
class FilesProfile:
    """What the user's files carry and show."""

    marks: MarksProfile
    styles: StylesProfile | None
    """None where no picture is of a known upload."""
    no_styles: str = ""
    """Why not."""


def profile_files(asked: Asked) -> FilesProfile:
    """Read the marks of the user's files and measure the styles of the pictures among them.

    Raises:
        InputError: there is no such folder, no file in it, or no such embedder.
    """
    marks = profile_marks(asked)
    try:
        return FilesProfile(marks, profile_styles(asked))
    except NoneLinkedError as error:
        return FilesProfile(marks, None, f"{error.what[0].upper()}{error.what[1:]}: {error.why}.")
