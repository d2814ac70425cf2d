"""Marks and styles of the user's own files together, for the main job: what cannot be measured leaves a word."""

from dataclasses import dataclass

from precipice.errors import InputError
from precipice.study.profiling.asked import Asked
from precipice.study.profiling.marks import MarksProfile, profile_marks
from precipice.study.profiling.styles import StylesProfile, profile_styles


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
    if not marks.linked.linked:
        return FilesProfile(marks, None, marks.linked.summary())
    try:
        return FilesProfile(marks, profile_styles(asked))
    except InputError as error:
        if error.where == "--embedder":
            raise
        return FilesProfile(marks, None, f"{error.what}: {error.why}")
