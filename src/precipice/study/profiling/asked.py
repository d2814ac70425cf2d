"""What every section of a profile is asked with, and what it answers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from precipice.archive import Progress
from precipice.cohorts import Cohort
from precipice.display import Plot, Shown
from precipice.errors import InputError
from precipice.panel import Panel
from precipice.study.settings import Study

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Asked:
    """A study opened for profiling."""

    folder: Path
    """The study's folder; its archive lies in `opening.ARCHIVE` below."""
    study: Study
    """The settings."""
    panel: Panel
    """Creators and months, of the platforms and the sample that the study asks for."""
    cohorts: tuple[Cohort, ...]
    """Seniors and juniors by the study's cutoff."""
    files: Path | None = None
    """Folder of the user's own files, for sections that read such."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the command was given for single sections, by name of the option."""
    progress: Progress = lambda step, share: None
    """Called with each step in words, and its share done where that is known."""


class Answer(Protocol):
    """What a section gives: rows to print, a table, a dictionary for JSON, and words."""

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Give the plain rows that the command prints; all have the same columns."""

    def table(self) -> "pa.Table":
        """Give the rows as an Arrow table."""

    def chart(self) -> "alt.TopLevelMixin":
        """Draw it."""

    def as_dict(self) -> dict[str, Any]:
        """Give everything, as JSON takes it."""

    def summary(self) -> str:
        """Say in plain words what was found and what it does not show, a sentence or more a line."""


class NoneLinkedError(InputError):
    """Say that none of the user's files is of an upload that the archive knows."""


@dataclass(frozen=True)
class LeftOut(Shown):
    """The answer of a section that was not asked for by name, and had nothing to measure."""

    plot = Plot("nothing", "nothing")

    words: str
    """Why."""

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Give no rows."""
        return iter(())

    def table(self) -> "pa.Table":
        """Give a table without rows."""
        import pyarrow as pa

        return pa.table({})

    def as_dict(self) -> dict[str, Any]:
        """Give why there is nothing."""
        return {"left_out": self.words}

    def summary(self) -> str:
        """Say why there is nothing."""
        return self.words


Section = Callable[[Asked], Answer]
"""One section of a profile: a function of a file of its own."""
