"""Settle incoming uploads with each other and with those the archive holds: an upsert by platform and id.

Of two records of one upload the newer `updated` wins, a known one over an unknown.  Among incoming records that agree
in it the later `published` wins; those that agree in both and name different creators are one upload of all of them (a
table with a row a creator).  Against a record held, where `updated` does not decide, what comes in later stands in its
place: a table that is exported anew corrects itself.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from precipice.archive.engine import one_row, quoted
from precipice.archive.manifest import Manifest
from precipice.archive.takers.protocol import Settled
from precipice.records import FIELDS

COLUMNS = ", ".join(FIELDS)


def _written(name: str, kind: str) -> str:
    """Write a column as text that is the same on every engine."""
    if kind == "TIMESTAMP":
        return f"coalesce(epoch_us({name})::VARCHAR, '')"
    return f"coalesce(array_to_string({name}, chr(30)), '')" if "[]" in kind else f"coalesce({name}::VARCHAR, '')"


# Distinct 64-bit hashes instead of distinct keys: a third of the memory; a collision only costs the careful path.
UNIQUE = "SELECT count(*) - count(DISTINCT hash(platform, id)) FROM read_parquet($1) WHERE len(creators) > 0"

RECORD = f"hash({COLUMNS})"

# Between records of one time the same one wins on every engine, by a hash that they all know.
TIE = f"md5(concat_ws(chr(31), {', '.join(_written(name, kind) for name, kind in FIELDS.items())}))"

REPEATS = f"""
CREATE TEMP TABLE repeats AS
WITH keyed AS (
    SELECT *, file_row_number AS line FROM read_parquet($1, file_row_number = true) WHERE len(creators) > 0
), again AS (SELECT platform, id FROM keyed GROUP BY ALL HAVING count(*) > 1),
repeated AS (
    SELECT platform, id, line, creators, updated, published, {TIE} AS record
    FROM keyed SEMI JOIN again USING (platform, id)
),
ranked AS (
    SELECT *, row_number() OVER newest AS place, first_value(line) OVER newest AS winner,
           updated IS NOT DISTINCT FROM first_value(updated) OVER newest
               AND published = first_value(published) OVER newest AS equal
    FROM repeated
    WINDOW newest AS (PARTITION BY platform, id ORDER BY updated DESC NULLS LAST, published DESC, record, line)
)
SELECT winner, list(line) FILTER (place > 1) AS losers, first(creators) FILTER (place = 1) AS own,
       list_sort(list_distinct(flatten(list(creators) FILTER (equal)))) AS others,
       own || list_filter(others, lambda creator: NOT list_contains(own, creator)) AS creators
FROM ranked GROUP BY winner
"""

# A record that says the same as the one held is not news.
OVERLAP = f"""
CREATE TEMP TABLE overlap AS
WITH incoming AS (
    SELECT platform, id, updated, {RECORD} AS record FROM read_parquet($1) WHERE len(creators) > 0
), held AS (
    SELECT platform, id, updated, {RECORD} AS record, filename
    FROM read_parquet($2, filename = true) WHERE len(creators) > 0
)
SELECT platform, id, held.filename AS file,
       CASE WHEN incoming.record = held.record THEN false
            WHEN incoming.updated IS NULL THEN held.updated IS NULL
            ELSE coalesce(incoming.updated >= held.updated, true) END AS newer
FROM incoming JOIN held USING (platform, id)
"""


LEFT_OUT = """
SELECT * EXCLUDE (before) FROM (
    SELECT * REPLACE (list_filter(creators, lambda creator: NOT list_contains(
        coalesce(map_extract_value(getvariable('excluded'), platform), []::BIGINT[]), creator)) AS creators),
        coalesce(len(creators), 0) AS before
    FROM read_parquet({path})) WHERE before = 0 OR len(creators) > 0
"""


def without_excluded(
    connection: duckdb.DuckDBPyConnection, path: Path, part: Path, excluded: Mapping[str, tuple[str, ...]], options: str
) -> int:
    """Write a file of uploads anew without excluded creators, if there are any in it.

    Args:
        connection: the engine.
        path, part: the file, and the one to write; may be the same.
        excluded: platform → pseudonyms, as hexadecimal digits.
        options: how Parquet is written.

    Returns:
        Uploads in which an excluded creator stands; nothing is written where there are none.
    """
    if not excluded:
        return 0
    numbers = [[int(word, 16) for word in who] for who in excluded.values()]
    connection.execute("SET VARIABLE excluded = map($1::VARCHAR[], $2::BIGINT[][])", [list(excluded), numbers])
    struck = (
        "SELECT count(*) FROM read_parquet($1) WHERE list_has_any(creators, "
        "coalesce(map_extract_value(getvariable('excluded'), platform), []::BIGINT[]))"
    )
    found = int(str(one_row(connection, struck, [str(path)])[0]))
    if found:
        fresh = part.with_name("rewritten.parquet.part")
        rows = LEFT_OUT.format(path=quoted(path))
        connection.execute(f"COPY (SELECT {COLUMNS} FROM ({rows})) TO {quoted(fresh)} {options}")
        fresh.replace(part)
    return found


def settle(
    connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest, staged: Path, options: str
) -> tuple[Settled, tuple[Path, ...]]:
    """Drop from the staged file what is repeated or held already, and from held files what gives way.

    Args:
        connection: the engine.
        folder: the archive's folder.
        manifest: what the archive holds.
        staged: the file of incoming rows, written anew in place where something goes.
        options: how Parquet is written.

    Returns:
        What came of it, and the held files that were written anew.
    """
    repeated = _drop_repeats(connection, staged, options)
    held = [str(folder / file.name) for file in manifest.files]
    if not held:
        return Settled({"repeated": repeated, "already_held": 0}, 0, frozenset()), ()
    connection.execute(OVERLAP, [str(staged), held])
    known, replaced = (
        int(str(number))
        for number in one_row(connection, "SELECT count(*) FILTER (NOT newer), count(*) FILTER (newer) FROM overlap")
    )
    if known:
        _rewrite(connection, staged, staged, "ANTI JOIN (FROM overlap WHERE NOT newer) USING (platform, id)", options)
    parts, gone = [], []
    for (name,) in connection.execute("SELECT DISTINCT file FROM overlap WHERE newer ORDER BY file").fetchall():
        old = Path(name)
        part = old.with_suffix(".parquet.part")
        _rewrite(connection, old, part, "ANTI JOIN (FROM overlap WHERE newer) USING (platform, id)", options)
        parts.append(part)
        gone.append(old.name)
    return Settled({"repeated": repeated, "already_held": known}, replaced, frozenset(gone)), tuple(parts)


def _drop_repeats(connection: duckdb.DuckDBPyConnection, staged: Path, options: str) -> int:
    if not int(str(one_row(connection, UNIQUE, [str(staged)])[0])):
        return 0
    connection.execute(REPEATS, [str(staged)])
    (losers,) = one_row(connection, "SELECT coalesce(sum(len(losers)), 0)::BIGINT FROM repeats")
    fresh = staged.with_name("settled.parquet.part")
    columns = ", ".join(
        f"coalesce(repeats.creators, rows.{c}) AS {c}" if c == "creators" else f"rows.{c}" for c in FIELDS
    )
    connection.execute(f"""
        COPY (SELECT {columns} FROM read_parquet({quoted(staged)}, file_row_number = true) AS rows
              ANTI JOIN (SELECT unnest(losers) AS line FROM repeats) AS lost ON rows.file_row_number = lost.line
              LEFT JOIN repeats ON rows.file_row_number = repeats.winner)
        TO {quoted(fresh)} {options}""")
    fresh.replace(staged)
    return int(str(losers))


def _rewrite(connection: duckdb.DuckDBPyConnection, old: Path, new: Path, join: str, options: str) -> None:
    """Write a file anew with fewer rows, in one step even where old and new are the same."""
    fresh = new.with_name("rewritten.parquet.part")
    connection.execute(f"COPY (SELECT {COLUMNS} FROM read_parquet({quoted(old)}) {join}) TO {quoted(fresh)} {options}")
    fresh.replace(new)
