"""Tables from anyone: CSV, JSON Lines and Parquet with a column map.

The door only reads a header and writes the query; the archive's engine reads the rows.
"""

import csv
import difflib
import gzip
import io
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from precipice.errors import InputError
from precipice.records import Intake
from precipice.sources import spark_tables
from precipice.sources.queries import problems, text, without_names
from precipice.sources.table_rows import Shape, rows_of

if TYPE_CHECKING:
    import pyarrow as pa

REQUIRED = ("id", "creator", "published")
OPTIONAL = ("kind", "tags", "declared_ai", "opt_out", "reactions", "followers", "followers_read", "state", "updated")
KNOWN = ("platform", *REQUIRED, *OPTIONAL)

# What people call these columns; used to suggest a map, never to guess one.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("item_id", "post_id", "work_id", "upload_id", "token_id", "url", "hash_id"),
    "creator": ("creator_id", "artist", "artist_id", "author", "author_id", "user", "user_id", "username", "uploader"),
    "published": ("date", "timestamp", "published_at", "created_at", "time", "datetime", "upload_date", "uploaded"),
}

ENDINGS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "json", ".ndjson": "json", ".json": "json", ".parquet": "parquet"}
PACKED = (".gz", ".zst")
LOOKED_AT = 1_000  # lines of JSON whose keys are collected: not every record has every key

ZONED = r"(Z|UTC|GMT|[+-]\d\d(:?\d\d)?)$"
DAY_ONLY = r"^\d{4}-\d\d-\d\d$"
NAIVE = r"^\d{4}-\d\d?-\d\d?[T ]\d"

# Absolute numbers of seconds or milliseconds, a bare day (taken as that day in UTC), or text with a zone.
MOMENT = """CASE WHEN regexp_full_match({text}, '\\d{{13}}') THEN make_timestamp_ms({text}::BIGINT)
     WHEN regexp_full_match({text}, '\\d{{9,10}}(\\.\\d+)?') THEN make_timestamp(({text}::DOUBLE * 1000000)::BIGINT)
     WHEN regexp_matches({text}, '{zoned}') OR regexp_matches({text}, '{day}')
     THEN make_timestamp(epoch_us(try_cast({text} AS TIMESTAMPTZ)))
     ELSE {naive} END"""

JUDGED = """
SELECT file, row, text, moment IS NULL AND NOT naive AS bad, moment IS NULL AND naive AS naive,
       moment IS NOT NULL AND NOT naive AS aware
FROM (SELECT file, row, published AS text, {moment} AS moment, coalesce(
          try_cast(published AS TIMESTAMP) IS NOT NULL AND regexp_matches(published, '{looks_naive}')
          AND NOT regexp_matches(published, '{zoned}'), false) AS naive
      FROM (SELECT *, row_number() OVER () AS row FROM ({relation})))
"""

SELECT = """
SELECT lower(coalesce(platform, {platform})) AS platform, id, creator AS creators, {published} AS published,
       'published' AS clock, NULL::TIMESTAMP AS source_published, kind, {tags} AS tags,
       try_cast(declared_ai AS BOOLEAN) AS declared_ai, try_cast(opt_out AS BOOLEAN) AS opt_out,
       {reactions} AS reactions, {followers} AS followers, {followers_read} AS followers_read,
       coalesce(lower(state), 'shown') AS state, {updated} AS updated
FROM ({relation})
"""
WHOLE = "try_cast(round(try_cast({0} AS DOUBLE)) AS BIGINT)"  # '141.0' is a whole number to the tools that wrote it


@dataclass(frozen=True)
class TableOptions:
    """What the user said about a table."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our name → the file's column; a column of our own name needs no entry."""
    platform: str | None = None
    """Platform of every row, where the table has no column of that name."""
    timezone: str | None = None
    """Zone of dates that say none."""
    on_bad: Literal["stop", "drop"] = "stop"
    """Whether a date that is none stops the ingest or is dropped and counted."""


def parse_columns(text: str) -> dict[str, str]:
    """Read a column map such as `creator=creator_id,published=timestamp,id=item_id`.

    Raises:
        InputError: a part is no pair, or its left side is not one of ours.
    """
    found = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, sign, column = (piece.strip() for piece in part.partition("="))
        if not sign or not column or name not in KNOWN:
            close = difflib.get_close_matches(name, KNOWN, n=1)
            raise InputError(
                f"cannot read '{part}' in the column map",
                where="--columns",
                why=f"the left side is one of {', '.join(KNOWN)}",
                fix=(f"did you mean '{close[0]}'?  " if close else "")
                + "write it like:  creator=artist,published=date",
            )
        found[name] = column
    return found


def intake(files: tuple[Path, ...], options: TableOptions) -> Intake:
    """Make the query that reads tables of one layout.

    Raises:
        InputError: a column is missing, the kind of file is not known, or a file is empty or broken.
    """
    kinds = {kind_of(path) for path in files}
    if len(kinds) != 1:
        raise InputError(
            "these files are of different kinds" if kinds else "there is no file",
            why=f"there are {', '.join(sorted(kinds)) or 'none'}",
            fix="ingest each kind on its own" if kinds else "name the files",
        )
    kind = kinds.pop()
    layouts = {path: layout_of(path, kind) for path in files}
    columns = _map(files[0], [*layouts[files[0]]], options)
    for path, layout in layouts.items():
        for name, column in columns.items():
            if column not in layout:
                raise _missing(path, [*layout], name, column)
    relation = rows_of(layouts, columns, kind, drop=options.on_bad == "drop")
    # The engine stops at a line of JSON that is none before anyone can say where it stands.
    lenient = rows_of(layouts, columns, kind, drop=options.on_bad == "drop" or kind == "json")
    moment = _moment("published", options.timezone)
    judged = JUDGED.format(relation=lenient, moment=moment, looks_naive=NAIVE, zoned=ZONED)
    return Intake(
        kind="table",
        files=files,
        options={
            "columns": ",".join(f"{name}={column}" for name, column in sorted(columns.items())),
            "platform": options.platform or "",
            "timezone": options.timezone or "",
            "on_bad": options.on_bad,
        },
        select=_select(options, relation),
        problems=problems(judged),
        spark=spark_tables.query(
            layouts, columns, kind, _headers(files, kind), platform=options.platform, timezone=options.timezone
        ),
        check_first=True,
        date_column=columns["published"],
        on_bad=options.on_bad,
    )


def kind_of(path: Path) -> str:
    """Tell a table's kind by its name's ending, packed or not.

    Raises:
        InputError: the ending is not known.
    """
    bare = path.with_suffix("") if path.suffix in PACKED else path
    if bare.suffix.lower() not in ENDINGS:
        raise InputError(
            f"'{path.name}' is no table precipice knows",
            where=str(path),
            why=f"tables end in {', '.join(ENDINGS)}, packed with gzip or zstandard or not",
            fix="rename it, or convert it to CSV, JSON Lines or Parquet",
        )
    return ENDINGS[bare.suffix.lower()]


def layout_of(path: Path, kind: str) -> dict[str, Shape]:
    """Read the names of a table's columns, in order, with what lies in them.

    Raises:
        InputError: the file is empty or broken.
    """
    try:
        if kind == "parquet":
            return _parquet_layout(path)
        with closing(_open(path)) as file:
            first = file.readline()
            if not first.strip("\ufeff \t\r\n"):
                raise InputError(
                    "the file is empty, or its first line is",
                    where=f"{path.name}:1",
                    fix="export it again; nothing was changed",
                )
            if kind == "json":
                return _json_layout(path, first, file)
            return dict.fromkeys(_header(path, first, file, "\t" if kind == "tsv" else ","), "text")
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise InputError(
            "the file is not UTF-8",
            where=path.name,
            why=str(error),
            fix=f"convert it:  iconv -f WINDOWS-1252 -t UTF-8 {path.name} > new-{path.name};  nothing was changed",
        ) from error
    except (EOFError, OSError, ValueError, csv.Error) as error:
        raise InputError(
            "the file is broken at its start",
            where=f"{path.name}:1",
            why=f"{type(error).__name__}: {error}".splitlines()[0],
            fix="export it again; nothing was changed",
        ) from error


def _parquet_layout(path: Path) -> dict[str, Shape]:
    import pyarrow.parquet as pq
    from pyarrow import types

    def shape(kind: "pa.DataType") -> Shape:
        if types.is_list(kind) or types.is_large_list(kind):
            return "list"
        if types.is_timestamp(kind) and kind.tz is not None:
            return "zoned"
        return "float" if types.is_floating(kind) else "text"

    return {str(field.name): shape(field.type) for field in pq.read_schema(path)}


def _json_layout(path: Path, first: str, file: IO[str]) -> dict[str, Shape]:
    if first.startswith("\ufeff"):
        raise InputError(
            "the file begins with a byte-order mark",
            where=f"{path.name}:1",
            why="JSON has none, and the engine does not read past it",
            fix=f"take its three bytes away:  tail -c +4 {path.name} > new-{path.name}",
        )
    if first.lstrip().startswith("["):
        raise InputError(
            "the file is one JSON array",
            where=f"{path.name}:1",
            why="a table in JSON has a record a line (JSON Lines)",
            fix=f"write it so:  jq -c '.[]' {path.name} > {path.stem}.jsonl",
        )
    layout: dict[str, Shape] = {}
    for line in (first, *islice(file, LOOKED_AT)):
        try:
            record = json.loads(line) if line.strip() else {}
        except ValueError:
            if line is first:
                raise
            continue  # the engine says where it is
        layout |= dict.fromkeys(record if isinstance(record, dict) else (), "json")
    return layout


def _header(path: Path, first: str, file: IO[str], delimiter: str) -> list[str]:
    """Read a header, which may hold line ends within quotes; no two columns may share a name."""
    rows = csv.reader(chain([first.lstrip("\ufeff")], file), delimiter=delimiter)
    header = [name.strip() for name in next(rows)]
    if len(header) == 1 and any(sign in header[0] for sign in ";\t,"):
        raise InputError(
            "the columns are parted by another sign",
            where=f"{path.name}:1",
            why=f"its first line is: {header[0][:100]}",
            fix="export it with commas as .csv, or with tabs as .tsv",
        )
    twice = [name for name, number in Counter(name.lower() for name in header).items() if number > 1]
    if twice:
        raise InputError(
            f"there are two columns '{twice[0]}'",
            where=f"{path.name}:1",
            why=f"the header has: {', '.join(header)}",
            fix="rename one of them",
        )
    return header


def _headers(files: tuple[Path, ...], kind: str) -> dict[Path, str]:
    """Give the first line of each file of text, as it stands there."""
    found = {}
    for path in files if kind in ("csv", "tsv") else ():
        with closing(_open(path)) as file:
            found[path] = file.readline().lstrip("\ufeff").rstrip("\r\n")
    return found


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    if path.suffix == ".zst":
        import pyarrow as pa

        return io.TextIOWrapper(pa.CompressedInputStream(str(path), "zstd"), "utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _map(path: Path, header: list[str], options: TableOptions) -> dict[str, str]:
    columns = {name: options.columns.get(name, name) for name in KNOWN}
    found = {name: column for name, column in columns.items() if column in header or name in options.columns}
    for name in REQUIRED:
        if name not in found:
            raise _missing(path, header, name, name)
    if "platform" not in found and not options.platform:
        raise InputError(
            "the platform is not known",
            where=f"{path.name}:1",
            why=f"there is no column 'platform'; the header has: {', '.join(header)}",
            fix="name it:  --platform artstation   or map its column:  --columns platform=site",
        )
    return found


def _missing(path: Path, header: list[str], name: str, column: str) -> InputError:
    likely = [known for known in header if known.lower() in ALIASES.get(name, ())]
    likely += difflib.get_close_matches(column, header, n=1, cutoff=0.6)
    example = likely[0] if likely else "NAME"
    return InputError(
        f"column '{column}' is missing",
        where=f"{path.name}:1",
        why=f"the header has: {', '.join(header)}",
        fix=f"rename '{example}' to '{name}', or map it:  --columns {name}={example}"
        f'   or in precipice.toml:  [columns] {name} = "{example}"',
    )


def _select(options: TableOptions, relation: str) -> str:
    moments = {name: _moment(name, options.timezone or "UTC") for name in ("followers_read", "updated")}
    return SELECT.format(
        platform=text(options.platform.strip() if options.platform else "unknown"),
        published=_moment("published", options.timezone),
        tags=without_names("tags", "creator"),
        reactions=WHOLE.format("reactions"),
        followers=WHOLE.format("followers"),
        relation=relation,
        **moments,
    )


def _moment(column: str, timezone: str | None) -> str:
    naive = f"timezone({text(timezone)}, try_cast({column} AS TIMESTAMP))" if timezone else "NULL::TIMESTAMPTZ"
    naive = f"make_timestamp(epoch_us({naive}))"
    return MOMENT.format(text=column, zoned=ZONED, day=DAY_ONLY, naive=naive)
