"""Doors for public dumps: one module a data set, each giving a query that the archive's engine runs."""

from collections.abc import Callable, Mapping

from precipice.records import Intake
from precipice.sources.dumps import danbooru2023, foundation

DUMPS: Mapping[str, Callable[..., Intake]] = {
    "danbooru2023": danbooru2023.intake,
    "foundation": foundation.intake,
}
"""Name of a dump → the function that makes its intake."""
