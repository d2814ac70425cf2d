"""Taking uploads out of an archive again: of creators who are to be left out, and what is no longer on its platform.

Files are rewritten without them and change places in one step, as at an ingest.  Who is excluded stays in the manifest
as a pseudonym, so that no later ingest, by whichever door, brings them back.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from precipice.archive.engine import Limits, connect, one_row, quoted
from precipice.archive.intake import alone, swept
from precipice.archive.manifest import Manifest, read_manifest, write_manifest
from precipice.archive.pseudonyms import pseudonym_text
from precipice.archive.storing import COPY_OPTIONS, store
from precipice.archive.takers.settling import without_excluded
from precipice.records import FIELDS

COLUMNS = ", ".join(FIELDS)

GONE = """
CREATE TEMP TABLE gone AS
SELECT DISTINCT held.platform, held.id
FROM (SELECT platform, id, unnest(creators) AS creator FROM read_parquet($1)) AS held
     JOIN asked USING (platform, creator)
     ANTI JOIN served ON held.platform = served.platform AND held.creator = served.creator AND held.id = served.id
"""

HELD = """
CREATE TEMP TABLE theirs AS
SELECT list_filter(creators, lambda creator: list_contains($3::BIGINT[], creator)) AS who,
       len(who) = len(creators) AS own
FROM read_parquet($1) WHERE platform = $2 AND list_has_any(creators, $3::BIGINT[])
"""


@dataclass(frozen=True)
class Served:
    """What a platform still shows of one creator."""

    platform: str
    creator: int
    """Pseudonym."""
    ids: frozenset[str]


@dataclass(frozen=True)
class Standing:
    """What some creators have in an archive."""

    creators: frozenset[int]
    """Pseudonyms of those who have anything."""
    alone: int
    """Uploads by nobody else."""
    shared: int
    """Uploads that others made too."""


def standing(folder: Path, platform: str, who: Iterable[int], limits: Limits | None = None) -> Standing:
    """Look up what some creators of a platform have in an archive.

    Args:
        folder: the archive's folder.
        platform: theirs.
        who: pseudonyms.
        limits: what the engine may use.
    """
    files = [str(folder / file.name) for file in read_manifest(folder).files]
    if not files:
        return Standing(frozenset(), 0, 0)
    with connect(limits or Limits(), folder / "spill") as connection:
        connection.execute(HELD, [files, platform, sorted(who)])
        alone, shared = one_row(connection, "SELECT count(*) FILTER (own), count(*) FILTER (NOT own) FROM theirs")
        there = connection.execute("SELECT DISTINCT unnest(who) FROM theirs").fetchall()
    return Standing(frozenset(int(number) for (number,) in there), int(str(alone)), int(str(shared)))


def platforms_of(folder: Path, limits: Limits | None = None) -> tuple[str, ...]:
    """Give the platforms of an archive's uploads, in order."""
    files = [str(folder / file.name) for file in read_manifest(folder).files]
    if not files:
        return ()
    with connect(limits or Limits(), folder / "spill") as connection:
        found = connection.execute("SELECT DISTINCT platform FROM read_parquet($1) ORDER BY ALL", [files]).fetchall()
    return tuple(str(name) for (name,) in found)


def exclude(folder: Path, who: Mapping[str, Iterable[int]], limits: Limits | None = None) -> int:
    """Take creators out of an archive, now and for good.

    Args:
        folder: the archive's folder.
        who: platform → pseudonyms.
        limits: what the engine may use.

    Returns:
        Uploads that were taken out; of one by several creators, only the excluded are, and the upload stays.
    """
    with alone(folder), swept(folder):
        manifest = read_manifest(folder)
        known = {platform: set(held) for platform, held in manifest.excluded.items()}
        new = {platform: {pseudonym_text(number) for number in numbers} - known.get(platform, set())
               for platform, numbers in who.items()}  # fmt: skip
        if not any(new.values()):
            return 0
        joint = {
            platform: tuple(sorted(known.get(platform, set()) | new.get(platform, set())))
            for platform in sorted({*known, *new})
        }
        manifest = replace(manifest, excluded={platform: held for platform, held in joint.items() if held})
        before = manifest.rows
        with connect(limits or Limits(), folder / "spill") as connection:
            manifest = _rewritten(connection, folder, manifest, lambda path: _exclude(connection, path, manifest))
        write_manifest(folder, manifest)
        _forget(folder)
        return before - manifest.rows


def remove_unserved(folder: Path, served: Iterable[Served], limits: Limits | None = None) -> int:
    """Take out the uploads of some creators that their platform no longer shows.

    Args:
        folder: the archive's folder.
        served: for each creator who was read to the end, what is still there.
        limits: what the engine may use.

    Returns:
        Uploads that were taken out.
    """
    listed = list(served)
    with alone(folder), swept(folder):
        manifest = read_manifest(folder)
        if not listed or not manifest.files:
            return 0
        before = manifest.rows
        with connect(limits or Limits(), folder / "spill") as connection:
            _teach(connection, listed)
            connection.execute(GONE, [[str(folder / file.name) for file in manifest.files]])
            if not int(str(one_row(connection, "SELECT count(*) FROM gone")[0])):
                return 0
            manifest = _rewritten(connection, folder, manifest, lambda path: _remove(connection, path))
        write_manifest(folder, manifest)
        _forget(folder)
        return before - manifest.rows


def _teach(connection: duckdb.DuckDBPyConnection, served: list[Served]) -> None:
    asked = "CREATE TEMP TABLE asked AS SELECT unnest($1::VARCHAR[]) AS platform, unnest($2::BIGINT[]) AS creator"
    connection.execute(asked, [[one.platform for one in served], [one.creator for one in served]])  # fmt: skip
    rows = [(one.platform, one.creator, post) for one in served for post in sorted(one.ids)]
    columns: list[list[object]] = [[row[at] for row in rows] for at in range(3)]
    connection.execute(
        "CREATE TEMP TABLE served AS SELECT unnest($1::VARCHAR[]) AS platform, unnest($2::BIGINT[]) AS creator, "
        "unnest($3::VARCHAR[]) AS id", columns,
    )  # fmt: skip


def _rewritten(
    connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest, work: Callable[[Path], Path | None]
) -> Manifest:
    files = []
    for file in manifest.files:
        part = work(folder / file.name)
        if part is None:
            files.append(file)
            continue
        stored = store(connection, folder, part, len(manifest.sources))
        if stored.rows or stored.set_aside:
            files.append(stored)
    return replace(manifest, files=tuple(files))


def _exclude(connection: duckdb.DuckDBPyConnection, path: Path, manifest: Manifest) -> Path | None:
    part = path.with_suffix(".parquet.part")
    return part if without_excluded(connection, path, part, manifest.excluded, COPY_OPTIONS) else None


def _remove(connection: duckdb.DuckDBPyConnection, path: Path) -> Path | None:
    struck = "SELECT count(*) FROM read_parquet($1) SEMI JOIN gone USING (platform, id)"
    if not int(str(one_row(connection, struck, [str(path)])[0])):
        return None
    part = path.with_suffix(".parquet.part")
    left = f"SELECT {COLUMNS} FROM read_parquet({quoted(path)}) ANTI JOIN gone USING (platform, id)"
    connection.execute(f"COPY ({left}) TO {quoted(part)} {COPY_OPTIONS}")
    return part


def _forget(folder: Path) -> None:
    """Remove the tables of counts, in which whoever was taken out still stands."""
    for stale in [*folder.glob("monthly-*"), *folder.glob("labels-*.parquet")]:
        stale.unlink(missing_ok=True)
