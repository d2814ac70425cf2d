"""Profiles of a study: sections by name, a file each, all asked with one noun and answering in one shape.

To add a section: a module beside `ai.py` with a function of `Asked` that gives an `Answer`, and a line in `SECTIONS`;
its options are options of `cli/profile.py` that are handed on by name.
"""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from precipice.archive import Progress, UntaggedError
from precipice.cohorts import draw_by_cutoff
from precipice.display import Shown
from precipice.errors import InputError
from precipice.study.opening import draw_creators, open_panel
from precipice.study.profiling.asked import Answer, Asked, LeftOut, NoneLinkedError, Section
from precipice.study.settings import Study

if TYPE_CHECKING:
    import altair as alt
    import pyarrow as pa

SECTIONS: Mapping[str, tuple[str, str]] = {
    "ai": ("precipice.study.profiling.ai", "profile_ai"),
    "diversity": ("precipice.study.profiling.diversity", "profile_diversity"),
    "marks": ("precipice.study.profiling.marks", "profile_marks"),
    "styles": ("precipice.study.profiling.styles", "profile_styles"),
    "themes": ("precipice.study.profiling.themes", "profile_themes"),
}
"""Every section: its module and its function, imported when it is asked for."""

FROM_FILES = ("marks", "styles")
"""Sections that read files of the user's own; without such they are asked only by name."""


@dataclass(frozen=True, eq=False)
class Profile(Shown):
    """The sections of one profile, in the order in which they were asked for."""

    sections: Mapping[str, Answer]

    def as_dict(self) -> dict[str, Any]:
        """Give every section, as JSON takes it."""
        return {name: answer.as_dict() for name, answer in self.sections.items()}

    def main(self) -> Answer:
        """Give the first section that found something, or the first."""
        found = (answer for answer in self.sections.values() if not isinstance(answer, LeftOut))
        return next(found, next(iter(self.sections.values())))

    def table(self) -> "pa.Table":
        """Give the table of the first section that found something; others are `sections[name].table()`."""
        return self.main().table()

    def chart(self) -> "alt.TopLevelMixin":
        """Draw the first section that found something."""
        return self.main().chart()

    def summary(self) -> str:
        """Say in plain words what the sections found, one after the other."""
        return "\n\n".join(answer.summary() for answer in self.sections.values())


def section(name: str) -> Section:
    """Import a section by its name.

    Raises:
        InputError: there is no such section.
    """
    if name not in SECTIONS:
        raise InputError(
            f"there is no section '{name}'", where="--by", why=f"there are {', '.join(SECTIONS)}",
            fix="name one of those",
        )  # fmt: skip
    module, function = SECTIONS[name]
    found: Section = getattr(importlib.import_module(module), function)
    return found


def profile_study(
    folder: Path,
    study: Study,
    by: Sequence[str] = (),
    *,
    files: Path | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress = lambda step, share: None,
) -> Profile:
    """Profile a study's cohorts.

    Args:
        folder: the study's folder.
        study: its settings.
        by: names of sections; empty for all that can be asked.
        files: folder of the user's own files, for sections that read such.
        options: options of single sections by name.
        progress: called with each step in words, and its share done where that is known.

    Raises:
        InputError: no such section, the cutoff lies outside the data, or there is no archive.
    """
    chosen = {name: section(name) for name in by or sections_for(files)}
    progress("reduce uploads to a panel", None)
    panel, _ = draw_creators(open_panel(folder, study), study)
    cohorts = draw_by_cutoff(panel, study.study.cutoff)
    asked = Asked(folder, study, panel, cohorts, files, dict(options or {}), progress)
    return Profile({name: _answer(name, function, asked, by) for name, function in chosen.items()})


def _answer(name: str, function: Section, asked: Asked, by: Sequence[str]) -> Answer:
    """Ask a section; one that was not named may be left out where there is nothing that it could be asked of."""
    try:
        return function(asked)
    except (NoneLinkedError, UntaggedError) as error:
        if name in by:
            raise
        return LeftOut(f"{name}: {error.what}; {error.fix}")


def sections_for(files: Path | None) -> tuple[str, ...]:
    """Name the sections that can be asked with or without a folder of files."""
    return tuple(name for name in SECTIONS if files is not None or name not in FROM_FILES)


__all__ = ["SECTIONS", "Answer", "Asked", "LeftOut", "Profile", "Section", "profile_study", "section"]
