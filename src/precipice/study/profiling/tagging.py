"""Themes and diversity for a report: tags are counted once for both."""

from precipice.archive import TagCounts, UntaggedError
from precipice.study.profiling.asked import Asked
from precipice.study.profiling.diversity import DiversityProfile, diversity_of
from precipice.study.profiling.themes import ThemesProfile, open_tags, themes_of


def count_tags(asked: Asked) -> TagCounts | None:
    """Count a study's tags; None where it has none, or where its settings leave them out of the report.

    Raises:
        InputError: a file of rules for tags cannot be read.
    """
    if not asked.study.tags.report:
        return None
    try:
        return open_tags(asked)
    except UntaggedError:
        return None


def profile_tags(asked: Asked, counts: TagCounts | None) -> tuple[ThemesProfile | None, DiversityProfile | None]:
    """Profile a study's tags; nothing where there are none."""
    return (None, None) if counts is None else (themes_of(asked, counts), diversity_of(asked, counts))
