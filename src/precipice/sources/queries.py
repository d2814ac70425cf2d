"""Pieces of query that several doors share: file names as text, names kept out of tags, problems by file."""

import re
from pathlib import Path

GLOB = re.compile(r"([*?\[])")

# Creators become hashes, so their names may not come along as tags: 'somebody', 'hero_(somebody)', 'artist:somebody'.
# Few uploads have a tag with a name in it, and one look at all tags together spares the others the search.
NAMELESS = """
CASE WHEN len(list_filter({names}, lambda name: contains(lower(array_to_string({tags}, ' ')), lower(name)))) > 0
     THEN list_filter({tags}, lambda tag: tag <> '' AND len(list_filter({names}, lambda name: lower(tag) = lower(name)
          OR suffix(lower(tag), '(' || lower(name) || ')') OR suffix(lower(tag), ':' || lower(name)))) = 0)
     ELSE {tags} END
"""

PROBLEMS = """
WITH judged AS ({judged}),
by_file AS (
    SELECT file, count(*) AS rows, min(row) AS head, count(*) FILTER (bad) AS bad, min(row) FILTER (bad) AS first_bad,
           arg_min(coalesce(text, ''), row) FILTER (bad) AS text,
           count(*) FILTER (naive) AS naive, count(*) FILTER (aware) AS aware
    FROM judged GROUP BY file
)
SELECT sum(rows), sum(bad), arg_min(first_bad - head + 1, first_bad), arg_min(text, first_bad), sum(naive), sum(aware),
       arg_min(file, first_bad)
FROM by_file
"""


def text(value: str) -> str:
    """Write a value as SQL text."""
    return "'" + value.replace("'", "''") + "'"


def column(name: str) -> str:
    """Write a column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def paths(files: tuple[Path, ...]) -> str:
    """Write files as a list in SQL; `*`, `?` and `[` stand for themselves and never for other files."""
    return "[" + ", ".join(text(GLOB.sub(r"[\1]", str(path))) for path in files) + "]"


def without_names(tags: str, names: str) -> str:
    """Give the tags of a list that are no name of a creator and end in none; `tags` and `names` are SQL lists."""
    return NAMELESS.format(tags=tags, names=names)


def problems(judged: str) -> str:
    """Give the query that `Intake.problems` asks for, and as a seventh column the file of the first bad row.

    Args:
        judged: a query of every row: file, row (1, 2, … over all files, one file after the other), text, bad, naive,
            aware.
    """
    return PROBLEMS.format(judged=judged)
