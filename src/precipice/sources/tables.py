"""Tables from anyone: CSV, JSON Lines and Parquet with a column map.

The door only reads a header and writes the query; the archive's engine reads the rows.
"""

import csv
import difflib
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from precipice.errors import InputError
from precipice.records import Intake

REQUIRED = ("id", "creator", "published")
OPTIONAL = ("kind", "tags", "declared_ai", "opt_out", "reactions", "followers", "followers_read", "state", "updated")
KNOWN = ("platform", *REQUIRED, *OPTIONAL)

# What people call these columns; used to suggest a map, never to guess one.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("item_id", "post_id", "work_id", "upload_id", "token_id", "url", "hash_id"),
    "creator": ("creator_id", "artist", "artist_id", "author", "author_id", "user", "user_id", "username", "uploader"),
    "published": ("date", "timestamp", "published_at", "created_at", "time", "datetime", "upload_date", "uploaded"),
}

READERS = {"csv": "read_csv", "tsv": "read_csv", "json": "read_json", "parquet": "read_parquet"}
ENDINGS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "json", ".ndjson": "json", ".json": "json", ".parquet": "parquet"}
PACKED = (".gz", ".zst")

ZONED = r"(Z|UTC|GMT|[+-]\d\d(:?\d\d)?)$"
DAY_ONLY = r"^\d{4}-\d\d-\d\d$"

# Absolute numbers of seconds or milliseconds, a bare day (taken as that day in UTC), or text with a zone.
MOMENT = """CASE WHEN regexp_full_match({text}, '\\d{{13}}') THEN make_timestamp_ms({text}::BIGINT)
     WHEN regexp_full_match({text}, '\\d{{9,10}}(\\.\\d+)?') THEN make_timestamp(({text}::DOUBLE * 1000000)::BIGINT)
     WHEN regexp_matches({text}, '{zoned}') OR regexp_matches({text}, '{day}')
     THEN make_timestamp(epoch_us(try_cast({text} AS TIMESTAMPTZ)))
     ELSE {naive} END"""

PROBLEMS = """
WITH numbered AS (SELECT row_number() OVER () AS row, trim({column}::VARCHAR) AS text FROM {relation}),
judged AS (
    SELECT row, text, {moment} AS moment,
           text IS NOT NULL AND try_cast(text AS TIMESTAMP) IS NOT NULL AND NOT regexp_matches(text, '{zoned}')
               AND NOT regexp_matches(text, '{day}') AND NOT regexp_full_match(text, '\\d+(\\.\\d+)?') AS naive
    FROM numbered
)
SELECT count(*), count(*) FILTER (moment IS NULL AND NOT coalesce(naive, false)),
       min(row) FILTER (moment IS NULL AND NOT coalesce(naive, false)) + {header},
       arg_min(text, row) FILTER (moment IS NULL AND NOT coalesce(naive, false)),
       count(*) FILTER (naive AND moment IS NULL), count(*) FILTER (NOT coalesce(naive, false) AND moment IS NOT NULL)
FROM judged
"""


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
        InputError: a column is missing, the kind of file is not known, or the file is empty or broken.
    """
    kinds = {kind_of(path) for path in files}
    if len(kinds) > 1:
        raise InputError(
            "these files are of different kinds",
            why=f"there are {', '.join(sorted(kinds))}",
            fix="ingest each kind on its own",
        )
    kind = kinds.pop()
    headers = [header_of(path, kind) for path in files]
    columns = _map(files[0], headers[0], options)
    for path, header in zip(files, headers, strict=True):
        for name, column in columns.items():
            if column not in header:
                raise _missing(path, header, name, column)
    relation = _relation(files, kind)
    moment = _moment(f"trim({_name(columns['published'])}::VARCHAR)", options.timezone)
    problems = PROBLEMS.format(
        column=_name(columns["published"]), relation=relation, zoned=ZONED, day=DAY_ONLY,
        moment=_moment("text", options.timezone), header=1 if kind in ("csv", "tsv") else 0,
    )  # fmt: skip
    return Intake(
        kind="table",
        files=files,
        options={
            "columns": ",".join(f"{name}={column}" for name, column in sorted(columns.items())),
            "platform": options.platform or "",
            "timezone": options.timezone or "",
            "on_bad": options.on_bad,
        },
        select=_select(columns, options, moment, relation),
        problems=problems,
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


def header_of(path: Path, kind: str) -> list[str]:
    """Read the names of a table's columns.

    Raises:
        InputError: the file is empty or broken.
    """
    try:
        if kind == "parquet":
            import pyarrow.parquet as pq

            return [str(name) for name in pq.read_schema(path).names]
        with _open(path) as file:
            line = file.readline()
        if not line.strip():
            raise InputError("the file is empty", where=f"{path.name}:1", fix="export it again; nothing was changed")
        if kind == "json":
            return [str(name) for name in json.loads(line)]
        return next(csv.reader([line.lstrip("\ufeff")], delimiter="\t" if kind == "tsv" else ","))
    except (EOFError, OSError, ValueError, AttributeError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise InputError(
            "the file is broken at its start",
            where=f"{path.name}:1",
            why=f"{type(error).__name__}: {error}".splitlines()[0],
            fix="export it again; nothing was changed",
        ) from error


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    if path.suffix == ".zst":
        import pyarrow as pa

        return _first_line(pa.CompressedInputStream(str(path), "zstd").read(1 << 16))
    return path.open(encoding="utf-8")


def _first_line(start: bytes) -> IO[str]:
    import io

    return io.StringIO(start.split(b"\n")[0].decode("utf-8"))


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


def _relation(files: tuple[Path, ...], kind: str) -> str:
    paths = "[" + ", ".join(_text(str(path)) for path in files) + "]"
    if kind == "parquet":
        return f"read_parquet({paths})"
    if kind == "json":
        return f"read_json({paths}, format = 'newline_delimited')"
    delimiter = "\\t" if kind == "tsv" else ","
    return f"read_csv({paths}, header = true, all_varchar = true, delim = '{delimiter}', strict_mode = true)"


def _select(columns: Mapping[str, str], options: TableOptions, moment: str, relation: str) -> str:
    def text(name: str) -> str:
        return f"nullif(trim({_name(columns[name])}::VARCHAR), '')" if name in columns else "NULL::VARCHAR"

    def number(name: str) -> str:  # '141.0' is a whole number to the tools that wrote it
        return f"try_cast({text(name)} AS DOUBLE)::BIGINT"

    def when(name: str) -> str:
        return _moment(text(name), options.timezone or "UTC") if name in columns else "NULL::TIMESTAMP"

    platform = f"coalesce({text('platform')}, {_text(options.platform or 'unknown')})"
    tags = f"CASE WHEN {text('tags')} IS NULL THEN [] ELSE string_split({text('tags')}, '|') END"
    return f"""
        SELECT lower({platform}) AS platform, {text("id")} AS id,
               CASE WHEN {text("creator")} IS NULL THEN [] ELSE [{text("creator")}] END AS creators,
               {moment} AS published, 'published' AS clock, NULL::TIMESTAMP AS source_published,
               {text("kind")} AS kind, {tags} AS tags, try_cast({text("declared_ai")} AS BOOLEAN) AS declared_ai,
               try_cast({text("opt_out")} AS BOOLEAN) AS opt_out, {number("reactions")} AS reactions,
               {number("followers")} AS followers, {when("followers_read")} AS followers_read,
               coalesce({text("state")}, 'shown') AS state, {when("updated")} AS updated
        FROM {relation}"""


def _moment(text: str, timezone: str | None) -> str:
    naive = f"timezone({_text(timezone)}, try_cast({text} AS TIMESTAMP))" if timezone else "NULL::TIMESTAMPTZ"
    naive = f"make_timestamp(epoch_us({naive}))"
    return MOMENT.format(text=text, zoned=ZONED, day=DAY_ONLY, naive=naive)


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
