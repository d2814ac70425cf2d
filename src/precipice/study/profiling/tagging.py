"""Themes and diversity for a report: tags are counted once for both."""

from precipice.archive import UntaggedError
from precipice.study.profiling.asked import Asked
from precipice.study.profiling.diversity import DiversityProfile, diversity_of
from precipice.study.profiling.themes import ThemesProfile, open_tags, themes_of


def profile_tags(asked: Asked) -> tuple[ThemesProfile | None, DiversityProfile | None]:
    """Profile a study's tags; nothing where it has none, or where its settings leave them out of the report.

    Raises:
        InputError: a file of rules for tags cannot be read.
    """
    if not asked.study.tags.report:
        return None, None
    try:
        counts = open_tags(asked)
    except UntaggedError:
        return None, None
    return themes_of(asked, counts), diversity_of(asked, counts)
